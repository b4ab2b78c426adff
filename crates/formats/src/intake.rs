//! What all formats have in common: an image file is looked at, its boxes are
//! checked against it, and what is sound is taken in.

use crate::{
    FaultKind, FormatError, Import, ImportedImage, LeftOut, Options, Progress, SplitChoice, fault::FaultLog,
    files::Files, folder, labels::Labels,
};
use domain::{
    dataset::{Annotation, Split},
    geometry::{Rect, Size},
    name::Label,
};
use imaging::Probe;
use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

/// How far, in pixels, rounding in a file may push a box over the border
/// without a word.
const ROUNDING_PX: f64 = 0.01;

/// A box as a file has it.
#[derive(Clone, Debug)]
pub(crate) struct RawBox {
    /// A line or an id.
    pub(crate) place: String,
    pub(crate) label: Label,
    pub(crate) numbers: Numbers,
    pub(crate) ignore: bool,
}

/// Where a box is, in the file's own way.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Numbers {
    /// `x, y, w, h` in pixels.
    Pixels([f64; 4]),
    /// Centre and extent in shares of the upright image.
    Shares([f64; 4]),
}

/// An image as a file has it.
#[derive(Clone, Debug)]
pub(crate) struct RawImage<'a> {
    /// The file that speaks of it, and where.
    pub(crate) file: &'a Path,
    pub(crate) place: String,
    /// Where the image is.
    pub(crate) path: PathBuf,
    /// Width and height as the file has them.
    pub(crate) declared: Option<(u32, u32)>,
    pub(crate) split: Option<Split>,
    pub(crate) boxes: Vec<RawBox>,
}

/// Takes images in, one by one.
pub(crate) struct Intake<'a> {
    /// The folder that image names are relative to.
    pub(crate) folder: &'a Path,
    pub(crate) files: Files,
    pub(crate) log: FaultLog,
    pub(crate) labels: Labels,
    pub(crate) left_out: LeftOut,
    options: &'a Options,
    images: Vec<ImportedImage>,
    seen: HashSet<PathBuf>,
    progress: &'a mut dyn FnMut(Progress),
    done: u64,
    total: u64,
}

impl<'a> Intake<'a> {
    pub(crate) fn new(folder: &'a Path, options: &'a Options, progress: &'a mut dyn FnMut(Progress)) -> Self {
        let mut files = Files::default();
        files.allow(folder);
        Self {
            folder,
            files,
            log: FaultLog::default(),
            labels: Labels::default(),
            left_out: LeftOut::default(),
            options,
            images: Vec::new(),
            seen: HashSet::new(),
            progress,
            done: 0,
            total: 0,
        }
    }

    /// So many more images will come.
    pub(crate) fn expect(&mut self, images: usize) {
        self.total += images as u64;
        (self.progress)(Progress { done: self.done, total: self.total });
    }

    /// An expected image was not even found.
    pub(crate) fn leave_out(&mut self, boxes: usize) {
        self.left_out.images += 1;
        self.left_out.boxes += boxes as u64;
        self.advance();
    }

    /// Takes in one image with what is sound of its boxes.
    pub(crate) fn add(&mut self, raw: RawImage<'_>) {
        let Some(probe) = self.look_at(&raw) else { return self.leave_out(raw.boxes.len()) };
        let turn = self.turns_boxes(&raw, &probe);
        let mut annotations = Vec::with_capacity(raw.boxes.len());
        for given in raw.boxes {
            let numbers = given.numbers.in_pixels(probe.size);
            let room = if turn { probe.stored } else { probe.size };
            match self.sound_box(raw.file, &given.place, numbers, room) {
                Some(rect) => {
                    let upright = if turn { probe.orientation.turn_rect(&rect, probe.stored) } else { None };
                    let rect = upright.unwrap_or(rect);
                    annotations.push(Annotation { label: given.label, rect, ignore: given.ignore });
                }
                None => self.left_out.boxes += 1,
            }
        }
        let split = match self.options.split {
            SplitChoice::All(split) => Some(split),
            SplitChoice::FromFile => raw.split,
        };
        let filename = folder::last_part(&raw.path);
        self.images.push(ImportedImage { path: raw.path, filename, size: probe.size, split, annotations });
        self.advance();
    }

    /// All that was taken in.
    pub(crate) fn finish(mut self) -> Result<Import, FormatError> {
        let without = self.images.iter().filter(|image| image.split.is_none()).count();
        if without > 0 && without < self.images.len() {
            let message = format!("{without} images are in no split, while others are");
            self.log.warning(FaultKind::NoSplit, self.folder, "", message);
        }
        let total = self.log.total();
        if let Some(first) = self.log.kept.first().filter(|_| self.options.strict) {
            return Err(FormatError::Strict { total, first: Box::new(first.clone()), faults: self.log.kept });
        }
        Ok(Import {
            labels: self.labels.into_list(),
            images: self.images,
            faults: self.log.kept,
            fault_counts: self.log.counts,
            left_out: self.left_out,
        })
    }

    fn advance(&mut self) {
        self.done += 1;
        self.total = self.total.max(self.done);
        (self.progress)(Progress { done: self.done, total: self.total });
    }

    /// Reads the image's head and walks to its end.
    fn look_at(&mut self, raw: &RawImage<'_>) -> Option<Probe> {
        let name = folder::last_part(&raw.path);
        if !self.seen.insert(fs::canonicalize(&raw.path).unwrap_or_else(|_| raw.path.clone())) {
            let message = format!("the image {name} was there before; left out with its boxes");
            self.log.error(FaultKind::Duplicate, raw.file, &raw.place, message);
            return None;
        }
        let bytes = match self.bytes_of(&raw.path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let message = format!("the image {name} cannot be read ({error}); left out with its boxes");
                let is_refused = error.kind() == std::io::ErrorKind::InvalidInput;
                let kind = if is_refused { FaultKind::UnsafePath } else { FaultKind::MissingImage };
                self.log.error(kind, raw.file, &raw.place, message);
                return None;
            }
        };
        let probed = imaging::probe(&bytes, &self.options.limits);
        match probed.and_then(|probe| imaging::check_complete(&bytes).map(|()| probe)) {
            Ok(probe) => Some(probe),
            Err(error) => {
                let message = format!("the image {name} is left out with its boxes: {error}");
                self.log.error(FaultKind::BrokenImage, raw.file, &raw.place, message);
                None
            }
        }
    }

    /// At most one byte more than the limit: enough to see that it is passed.
    fn bytes_of(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        use std::io::Read;
        let mut bytes = Vec::new();
        let limit = self.options.limits.max_bytes.saturating_add(1);
        fs::File::open(self.files.resolve(path)?)?.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Whether the boxes were drawn on the image as stored.
    fn turns_boxes(&mut self, raw: &RawImage<'_>, probe: &Probe) -> bool {
        let Some((width, height)) = raw.declared else { return false };
        let declared = Size { width, height };
        if declared == probe.size {
            return false;
        }
        let name = folder::last_part(&raw.path);
        let Size { width: real_width, height: real_height } = probe.size;
        if declared == probe.stored {
            let message = format!(
                "{name} stands upright at {real_width}×{real_height}, but {width}×{height} is given: \
                 its boxes were drawn on the image as stored, and are turned"
            );
            self.log.warning(FaultKind::TurnedBoxes, raw.file, &raw.place, message);
            return true;
        }
        let message = format!(
            "{name} has {real_width}×{real_height} pixels, not {width}×{height}; its boxes are kept as they are"
        );
        self.log.warning(FaultKind::SizeMismatch, raw.file, &raw.place, message);
        false
    }

    /// The part of a box inside an image of `size`.
    fn sound_box(&mut self, file: &Path, place: &str, [x, y, w, h]: [f64; 4], size: Size) -> Option<Rect> {
        if ![x, y, w, h].into_iter().all(f64::is_finite) {
            self.log.error(FaultKind::NotABox, file, place, "the box is not four finite numbers; left out");
            return None;
        }
        let Ok(rect) = Rect::new(x, y, w, h) else {
            let message = format!("the box has no extent ({w} by {h}); left out");
            self.log.error(FaultKind::EmptyBox, file, place, message);
            return None;
        };
        if rect.is_inside(size, 0.0) {
            return Some(rect);
        }
        let Size { width, height } = size;
        let clamped = rect.clamp_to(size);
        if clamped.is_none() {
            let message =
                format!("the box {x}, {y}, {w}, {h} is outside the image of {width}×{height}; left out");
            self.log.error(FaultKind::BoxOutside, file, place, message);
        } else if !rect.is_inside(size, ROUNDING_PX) {
            let message = format!(
                "the box {x}, {y}, {w}, {h} reaches outside the image of {width}×{height}; only what is inside is kept"
            );
            self.log.warning(FaultKind::BoxOutside, file, place, message);
        }
        clamped
    }
}

impl Numbers {
    /// `x, y, w, h` in pixels of an upright image of `size`.
    fn in_pixels(self, size: Size) -> [f64; 4] {
        match self {
            Self::Pixels(numbers) => numbers,
            Self::Shares([cx, cy, w, h]) => {
                let (width, height) = (f64::from(size.width), f64::from(size.height));
                [(cx - w / 2.0) * width, (cy - h / 2.0) * height, w * width, h * height]
            }
        }
    }
}
