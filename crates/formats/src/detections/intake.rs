//! What readers of detections give, checked: sizes, moments, boxes.

use super::{DetectedImage, DetectionReport, DetectionSource, Give};
use crate::{
    FormatError,
    fault::{FaultKind, FaultLog},
    files::Files,
    labels::label_of,
    tool_images::ImageNames,
};
use domain::{
    geometry::{Rect, Score, Size},
    prediction::PredictedBox,
    time::Timestamp,
};
use std::{fs::File, io::Read as _, path::Path};

/// Where a box is, in the source's own way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Corners {
    /// `x, y, w, h` in pixels.
    Pixels([f64; 4]),
    /// `x, y, w, h` in shares of the image.
    Shares([f64; 4]),
}

/// A box before it is checked.
#[derive(Clone, Debug)]
pub(super) struct RawDetection {
    pub(super) place: String,
    pub(super) label: String,
    pub(super) score: f64,
    pub(super) corners: Corners,
}

/// An image before it is checked.
#[derive(Clone, Debug, Default)]
pub(super) struct RawDetected {
    pub(super) filename: String,
    pub(super) place: String,
    pub(super) size: Option<(u32, u32)>,
    pub(super) time: Option<String>,
    pub(super) latency_ms: Option<f64>,
    pub(super) boxes: Vec<RawDetection>,
}

/// Checks what readers give, and gives it on.
pub(super) struct DetectionIntake<'a, 'g> {
    pub(super) files: Files,
    pub(super) log: FaultLog,
    pub(super) report: DetectionReport,
    pub(super) images: Option<ImageNames>,
    pub(super) give: &'a mut Give<'g>,
    pub(super) total: u64,
    pub(super) next_index: u64,
    pub(super) stopped: bool,
}

/// Bytes of an image that tell its size: heads with large EXIF blocks and
/// colour profiles are some hundred thousand.
const HEAD_BYTES: u64 = 2 << 20;

impl<'a, 'g> DetectionIntake<'a, 'g> {
    pub(super) fn new(source: &DetectionSource, give: &'a mut Give<'g>) -> Result<Self, FormatError> {
        let mut files = Files::default();
        let paths = [Some(&source.detections), source.images.as_ref(), source.image_list.as_ref()];
        for path in paths.into_iter().flatten() {
            files.allow(if path.is_dir() { path } else { path.parent().unwrap_or(path) });
        }
        let images = source.images.as_deref().map(ImageNames::list).transpose()?;
        let (log, report) = (FaultLog::default(), DetectionReport::default());
        Ok(Self { files, log, report, images, give, total: 0, next_index: 0, stopped: false })
    }

    /// Takes an image; false when reading should end.
    pub(super) fn take(&mut self, file: &Path, raw: RawDetected) -> bool {
        let index = self.next_index;
        self.next_index += 1;
        self.take_at(file, index, raw)
    }

    /// The same with its place in the order of the source.
    pub(super) fn take_at(&mut self, file: &Path, index: u64, raw: RawDetected) -> bool {
        let RawDetected { filename, place, size, time, latency_ms, boxes } = raw;
        let path = self.images.as_ref().and_then(|images| images.path_of(&filename));
        let declared = size.and_then(|(width, height)| Size::new(width, height));
        let Some(size) = declared.or_else(|| self.size_of(path.as_deref()?)) else {
            let message =
                "its width and height are not known: name the folder of the images with --images; left out";
            return self.leave_out(file, &place, FaultKind::MissingImage, message, boxes.len());
        };
        let time = match time.as_deref().map(moment) {
            Some(None) => {
                let message = "its time is neither RFC 3339 nor seconds or milliseconds since 1970; left out";
                return self.leave_out(file, &place, FaultKind::Unreadable, message, boxes.len());
            }
            Some(time) => time,
            None => None,
        };
        let boxes: Vec<PredictedBox> =
            boxes.into_iter().filter_map(|raw| self.sound_box(file, &raw, size)).collect();
        self.report.images += 1;
        self.report.boxes += boxes.len() as u64;
        let image = DetectedImage { filename, path, index, size, time, latency_ms, boxes };
        self.stopped |= !(self.give)(image, self.total);
        !self.stopped
    }

    fn leave_out(&mut self, file: &Path, place: &str, kind: FaultKind, message: &str, boxes: usize) -> bool {
        self.log.error(kind, file, place, message);
        self.report.left_out.0 += 1;
        self.report.left_out.1 += boxes as u64;
        !self.stopped
    }

    /// A box that the model may have given: what reaches outside is cut.
    fn sound_box(&mut self, file: &Path, raw: &RawDetection, size: Size) -> Option<PredictedBox> {
        let [x, y, w, h] = match raw.corners {
            Corners::Pixels(numbers) => numbers,
            Corners::Shares([x, y, w, h]) => {
                let (width, height) = (f64::from(size.width), f64::from(size.height));
                [x * width, y * height, w * width, h * height]
            }
        };
        let label = label_of(&raw.label).map_err(|why| (FaultKind::InvalidLabel, why));
        let score = Score::new(raw.score);
        let score =
            score.ok_or_else(|| (FaultKind::NotABox, format!("the score {} is not from 0 to 1", raw.score)));
        let rect = Rect::new(x, y, w, h).ok().and_then(|rect| rect.clamp_to(size));
        let rect = rect.ok_or_else(|| {
            (FaultKind::BoxOutside, format!("the box {x}, {y}, {w}, {h} has no extent in the image"))
        });
        let sound = label.and_then(|label| Ok(PredictedBox { label, score: score?, rect: rect? }));
        sound
            .map_err(|(kind, why)| {
                self.log.error(kind, file, &raw.place, format!("{why}; left out"));
                self.report.left_out.1 += 1;
            })
            .ok()
    }

    /// The size of an upright image, by its head.
    fn size_of(&self, path: &Path) -> Option<Size> {
        let mut head = Vec::new();
        let mut file = File::open(self.files.resolve(path).ok()?).ok()?.take(HEAD_BYTES);
        file.read_to_end(&mut head).ok()?;
        imaging::probe(&head, &imaging::Limits::default()).ok().map(|probe| probe.size)
    }

    pub(super) fn finish(self) -> DetectionReport {
        DetectionReport { faults: self.log.kept, fault_counts: self.log.counts, ..self.report }
    }
}

/// RFC 3339, a moment without zone (taken for UTC), or a number of seconds or
/// milliseconds since 1970.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        let seconds = if number.abs() >= 1e11 { number / 1000.0 } else { number };
        return Timestamp::from_seconds(seconds);
    }
    let with_t = text.replacen(' ', "T", 1);
    let candidates = [with_t.clone(), format!("{with_t}Z"), format!("{with_t}T00:00:00Z")];
    candidates.iter().find_map(|text| text.parse::<Timestamp>().ok()).and_then(Timestamp::in_range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_in_the_spellings_of_tools() {
        let expected = Some(Timestamp(1_767_268_800_000));
        for text in [
            "2026-01-01T12:00:00Z",
            "2026-01-01 12:00:00",
            "2026-01-01T14:00:00+02:00",
            "1767268800",
            "1767268800000",
        ] {
            assert_eq!(moment(text), expected, "{text}");
        }
        assert_eq!(moment("2026-01-01"), Some(Timestamp(1_767_225_600_000)));
        for text in ["", "yesterday", "-5", "NaN", "1e300"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
