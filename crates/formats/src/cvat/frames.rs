//! A video's pictures, by the number at the end of their names, and what the
//! tracks show in each.

use super::tracks::Track;
use crate::{
    FaultKind, FormatError,
    intake::{Intake, Numbers, RawBox},
    tool_images::{ImageFiles, ToolBoxes, ToolImage},
};
use domain::dataset::Split;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// The pictures of a task.
pub(super) struct Frames<'a> {
    pub(super) file: &'a Path,
    pub(super) images: &'a ImageFiles,
    /// Numbers of the task's first and last frame, where the file says them.
    pub(super) first: u64,
    pub(super) last: Option<u64>,
    pub(super) split: Option<Split>,
}

impl Frames<'_> {
    /// Each picture becomes an image with what the tracks show in its frame.
    ///
    /// # Errors
    /// Tracks of several tasks: their frames have the same numbers.
    pub(super) fn take_in(
        &self,
        tracks: &[Track],
        tasks: &BTreeSet<String>,
        intake: &mut Intake<'_>,
    ) -> Result<(), FormatError> {
        if tracks.is_empty() {
            return Ok(());
        }
        if tasks.len() > 1 {
            let why = "its tracks are of several tasks, whose frames have the same numbers: export each task by itself";
            return Err(FormatError::malformed(self.file, "", why));
        }
        let pictures = self.pictures();
        self.report_missing(tracks, &pictures, intake);
        intake.expect(pictures.len());
        for (frame, candidates) in &pictures {
            let Some(picture) = one_of(candidates) else {
                self.report_several(*frame, candidates.len(), tracks, intake);
                continue;
            };
            let mut boxes = ToolBoxes::default();
            for track in tracks {
                let Some(key) = track.at(*frame) else { continue };
                let (numbers, is_reduced) = key.shape.upright();
                let place = format!("{}, frame {frame}", track.place);
                let (label, numbers, ignore) = (track.label.clone(), Numbers::Pixels(numbers), key.ignore);
                let raw = RawBox { place: place.as_str().into(), label, numbers, ignore };
                boxes.take(Ok((vec![raw], is_reduced)), self.file, &place, intake);
            }
            let names = vec![picture.to_string_lossy().into_owned()];
            let (file, place, split) = (self.file, format!("frame {frame}"), self.split);
            self.images.add(ToolImage { file, place, names, declared: None, split, boxes }, intake);
        }
        Ok(())
    }

    fn is_in_task(&self, frame: u64) -> bool {
        (self.first..=self.last.unwrap_or(u64::MAX)).contains(&frame)
    }

    /// Pictures by the number at the end of their name, as `frame_000012.png`.
    fn pictures(&self) -> BTreeMap<u64, Vec<&Path>> {
        let mut pictures: BTreeMap<u64, Vec<&Path>> = BTreeMap::new();
        for path in self.images.all() {
            let stem = path.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
            let digits: String = stem.chars().rev().take_while(char::is_ascii_digit).collect();
            let number: String = digits.chars().rev().collect();
            if let Some(frame) = number.parse().ok().filter(|frame| self.is_in_task(*frame)) {
                pictures.entry(frame).or_default().push(path);
            }
        }
        pictures
    }

    /// Frames without a picture: their boxes cannot be taken in. Those between
    /// keyframes are not listed, which may be thousands of millions.
    fn report_missing(
        &self,
        tracks: &[Track],
        pictures: &BTreeMap<u64, Vec<&Path>>,
        intake: &mut Intake<'_>,
    ) {
        let visible = || tracks.iter().flat_map(Track::visible_frames);
        let is_missing = |frame: &u64| self.is_in_task(*frame) && !pictures.contains_key(frame);
        let missing: BTreeSet<u64> = visible().filter(is_missing).collect();
        let Some(first) = missing.first() else { return };
        let shown: Vec<String> = missing.iter().take(10).map(u64::to_string).collect();
        let more = missing.len() - shown.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let message = format!(
            "there is no picture of the frames {}{more}, named as frame_{first:06}.png; left out with their boxes",
            shown.join(", ")
        );
        intake.log.error(FaultKind::MissingImage, self.file, "tracks", message);
        intake.left_out.images += missing.len() as u64;
        intake.left_out.boxes += visible().filter(is_missing).count() as u64;
    }

    fn report_several(&self, frame: u64, pictures: usize, tracks: &[Track], intake: &mut Intake<'_>) {
        let message = format!("{pictures} pictures have the number {frame}; left out with its boxes");
        intake.log.error(FaultKind::AmbiguousName, self.file, format!("frame {frame}"), message);
        intake.leave_out(tracks.iter().filter(|track| track.at(frame).is_some()).count());
    }
}

/// The only picture of a number, or the only one that is called as CVAT calls
/// frames.
fn one_of<'a>(candidates: &[&'a Path]) -> Option<&'a Path> {
    let is_frame =
        |path: &&Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("frame_"));
    let frames: Vec<&Path> = candidates.iter().copied().filter(is_frame).collect();
    match (candidates, frames.as_slice()) {
        ([one], _) | (_, [one]) => Some(one),
        _ => None,
    }
}
