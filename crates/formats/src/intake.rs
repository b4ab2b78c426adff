//! What all formats have in common: an image file is looked at, its boxes are
//! checked against it, and what is sound is taken in.

mod end;
mod finding;
mod size;

pub(crate) use crate::raw::{Location, Numbers, RawBox, RawImage};

use crate::{
    FaultKind, ImportedImage, LeftOut, Options, Progress, Sizes, SplitChoice,
    declared::{self, Fit},
    fault::FaultLog,
    files::Files,
    folder,
    labels::Labels,
};
use domain::{
    dataset::{Annotation, Split},
    geometry::{Rect, Size},
};
use imaging::Probe;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fs,
    path::Path,
    sync::Arc,
};

/// How far, in pixels, rounding in a file may push a box over the border
/// without a word.
const ROUNDING_PX: f64 = 0.01;

/// A quarter of the SHA-256 of an image's bytes: of a million files, two that
/// differ have the same with a chance of one to forty million.
type Content = u64;

fn content_of(bytes: &[u8]) -> Content {
    let hash = imaging::content_hash(bytes);
    hash.get(..16).and_then(|quarter| u64::from_str_radix(quarter, 16).ok()).unwrap_or_default()
}

/// Takes images in, one by one: what readers give images, boxes, labels and
/// faults to.
pub struct Intake<'a> {
    /// The folder that image names are relative to.
    pub(crate) folder: &'a Path,
    pub(crate) files: Files,
    pub(crate) log: FaultLog,
    pub(crate) labels: Labels,
    pub(crate) left_out: LeftOut,
    /// Of the boxes left out, those whose loss changes nothing: without
    /// extent, outside the image, or there twice.
    pub(crate) harmless: u64,
    pub(crate) options: &'a Options,
    images: Vec<ImportedImage>,
    seen: HashSet<Arc<Path>>,
    /// Image files of which some annotation should speak.
    listed: Vec<Arc<Path>>,
    /// The first image of the bytes with this hash.
    contents: HashMap<Content, u32>,
    /// The same bytes in two splits: the first image, and the first of another
    /// split.
    leaks: BTreeMap<u32, u32>,
    notes: BTreeSet<String>,
    problems: Vec<String>,
    scaled: u64,
    progress: &'a mut dyn FnMut(Progress),
    done: u64,
    total: u64,
}

impl<'a> Intake<'a> {
    pub(crate) fn new(folder: &'a Path, options: &'a Options, progress: &'a mut dyn FnMut(Progress)) -> Self {
        let mut files = Files::new(options.choices.encoding);
        files.allow(folder);
        Self {
            folder,
            files,
            log: FaultLog::default(),
            labels: Labels::default(),
            left_out: LeftOut::default(),
            harmless: 0,
            options,
            images: Vec::new(),
            seen: HashSet::new(),
            listed: Vec::new(),
            contents: HashMap::new(),
            leaks: BTreeMap::new(),
            notes: BTreeSet::new(),
            problems: Vec::new(),
            scaled: 0,
            progress,
            done: 0,
            total: 0,
        }
    }

    /// So many more images will come.
    pub(crate) fn expect(&mut self, images: usize) {
        self.total += images as u64;
        // Growing by doubling would take half as much again; growing one by one, for ever.
        if images >= self.images.len() {
            self.images.reserve_exact(images);
            self.seen.reserve(images);
            self.contents.reserve(images);
        }
        (self.progress)(Progress { done: self.done, total: self.total });
    }

    /// An expected image was not even found.
    pub(crate) fn leave_out(&mut self, boxes: usize) {
        self.left_out.images += 1;
        self.left_out.boxes += boxes as u64;
        self.advance();
    }

    /// Something was decided, and why; a sentence that people read once.
    pub(crate) fn note(&mut self, sentence: impl Into<String>) {
        self.notes.insert(sentence.into());
    }

    /// The import would not be what the files say; the part of a sentence.
    pub(crate) fn problem(&mut self, why: impl Into<String>) {
        self.problems.push(why.into());
    }

    /// A box that is left out although nothing is lost by it.
    pub(crate) fn leave_out_harmless_box(&mut self) {
        self.left_out.boxes += 1;
        self.harmless += 1;
    }

    /// Takes in one image with what is sound of its boxes.
    pub(crate) fn add(&mut self, raw: RawImage<'_>) {
        let given = raw.boxes.len() + raw.lost;
        let Some((probe, content)) = self.look_at(&raw) else { return self.leave_out(raw.boxes.len()) };
        let Some(fit) = self.fit(&raw, &probe) else { return self.leave_out(raw.boxes.len()) };
        let mut annotations = Vec::with_capacity(raw.boxes.len());
        for given in raw.boxes {
            let numbers = match given.numbers {
                Numbers::Pixels(numbers) => fit.scaled(numbers),
                Numbers::Shares(_) => given.numbers.in_pixels(probe.size),
            };
            match self.sound_box(raw.file, &given.place, numbers, fit.room(&probe)) {
                Some(rect) => {
                    let rect = fit.upright(rect, &probe);
                    annotations.push(Annotation { label: given.label, rect, ignore: given.ignore });
                }
                None => self.left_out.boxes += 1,
            }
        }
        if annotations.is_empty() && given > 0 {
            let filename = folder::last_part(&raw.path);
            let message = format!(
                "none of the {given} boxes of {filename} can be kept; it is left out, for it is no image without objects"
            );
            self.log.error(FaultKind::LostLabels, raw.file, &raw.place, message);
            return self.leave_out(0);
        }
        let split = match self.options.split {
            SplitChoice::All(split) => Some(split),
            SplitChoice::FromFile => raw.split,
        };
        self.look_for_leak(content, split);
        annotations.shrink_to_fit();
        self.images.push(ImportedImage { path: raw.path, size: probe.size, split, annotations });
        self.advance();
    }

    /// Whether the next image has the bytes of one in another split.
    fn look_for_leak(&mut self, content: Content, split: Option<Split>) {
        let next = u32::try_from(self.images.len()).unwrap_or(u32::MAX);
        let first = *self.contents.entry(content).or_insert(next);
        let other_split = self.images.get(first as usize).is_some_and(|image| image.split != split);
        if other_split {
            self.leaks.entry(first).or_insert(next);
        }
    }

    fn advance(&mut self) {
        self.done += 1;
        self.total = self.total.max(self.done);
        (self.progress)(Progress { done: self.done, total: self.total });
    }

    /// Reads the image's head and walks to its end; gives the hash of its bytes
    /// besides.
    fn look_at(&mut self, raw: &RawImage<'_>) -> Option<(Probe, Content)> {
        let name = folder::last_part(&raw.path);
        if !self.seen.insert(raw.path.clone()) {
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
            Ok(probe) => Some((probe, content_of(&bytes))),
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

    /// How the boxes fit the image, by the size that is given for it.
    fn fit(&mut self, raw: &RawImage<'_>, probe: &Probe) -> Option<Fit> {
        let Some((width, height)) = raw.declared.filter(|(width, height)| *width > 0 && *height > 0) else {
            return Some(Fit::AS_IT_IS);
        };
        let sizes = self.options.choices.sizes;
        let fit = declared::fit(Size { width, height }, probe.size, probe.stored, sizes);
        let name = folder::last_part(&raw.path);
        let real = format!("{}×{}", probe.size.width, probe.size.height);
        match fit {
            Some(Fit { turn: true, .. }) => {
                let message = format!(
                    "{name} stands upright at {real}, but {width}×{height} is given: its boxes were drawn on the \
                     image as stored, and are turned"
                );
                self.log.warning(FaultKind::TurnedBoxes, raw.file, &raw.place, message);
            }
            Some(Fit { scale: [1.0, 1.0], .. }) if sizes == Sizes::Check => {}
            Some(fit) if fit != Fit::AS_IT_IS => {
                self.scaled += 1;
                let message = format!(
                    "{name} has {real} pixels, not {width}×{height}: its boxes are scaled by {:.3} and {:.3}",
                    fit.scale[0], fit.scale[1]
                );
                self.log.warning(FaultKind::ScaledBoxes, raw.file, &raw.place, message);
            }
            Some(_) => {}
            // Without boxes, nothing depends on it.
            None if raw.boxes.is_empty() => return Some(Fit::AS_IT_IS),
            None => {
                let message = format!(
                    "{name} has {real} pixels, not {width}×{height}, which is of another shape; left out with its \
                     boxes (--sizes ignore takes them as they are)"
                );
                self.log.error(FaultKind::SizeMismatch, raw.file, &raw.place, message);
            }
        }
        fit
    }

    /// The part of a box inside an image of `size`.
    fn sound_box(&mut self, file: &Path, at: &Location, [x, y, w, h]: [f64; 4], size: Size) -> Option<Rect> {
        if ![x, y, w, h].into_iter().all(f64::is_finite) {
            self.log.error(FaultKind::NotABox, file, at, "the box is not four finite numbers; left out");
            return None;
        }
        let Ok(rect) = Rect::new(x, y, w, h) else {
            // A negative extent is no extent, but somebody meant something by it.
            self.harmless += u64::from(w >= 0.0 && h >= 0.0);
            let message = format!("the box has no extent ({w} by {h}); left out");
            self.log.error(FaultKind::EmptyBox, file, at, message);
            return None;
        };
        if rect.is_inside(size, 0.0) {
            return Some(rect);
        }
        let Size { width, height } = size;
        let clamped = rect.clamp_to(size);
        if clamped.is_none() {
            self.harmless += 1;
            let message =
                format!("the box {x}, {y}, {w}, {h} is outside the image of {width}×{height}; left out");
            self.log.error(FaultKind::BoxOutside, file, at, message);
        } else if !rect.is_inside(size, ROUNDING_PX) {
            let message = format!(
                "the box {x}, {y}, {w}, {h} reaches outside the image of {width}×{height}; only what is inside is kept"
            );
            self.log.warning(FaultKind::BoxOutside, file, at, message);
        }
        clamped
    }
}
