//! Images as the network will see them, kept in memory as far as they fit.

use crate::loss::Truth;
use domain::{
    dataset::Split,
    geometry::{Rect, Size},
    name::Label,
    training::{TrainError, TrainImage},
};
use imaging::{Letterbox, Limits};
use std::{
    collections::HashMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Bytes of letterboxed images kept; what is beyond is decoded each time.
const CACHE_BYTES: u64 = 1 << 30;

/// A letterboxed image and its true boxes in the same pixels.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// `[height, width, 3]` of the network's input.
    pub(crate) rgb: Arc<[u8]>,
    /// In input pixels.
    pub(crate) truths: Vec<Truth>,
    /// Leads back to the image.
    pub(crate) transform: Letterbox,
    /// Of the upright image.
    pub(crate) size: Size,
}

/// The images of some splits.
pub(crate) struct Source<'a> {
    images: Vec<&'a TrainImage>,
    /// Places of the images that a pass shows, in no order.
    shown: Vec<usize>,
    classes: HashMap<&'a Label, usize>,
    input: Size,
    kept: Vec<OnceLock<Sample>>,
    kept_bytes: AtomicU64,
    /// Microseconds that reading took.
    reading: AtomicU64,
    /// Microseconds that varying what was read took.
    varying: AtomicU64,
}

impl<'a> Source<'a> {
    /// The images of the splits that `wanted` names, for an input of `input`.
    pub(crate) fn new(images: &'a [TrainImage], labels: &'a [Label], wanted: &[Split], input: Size) -> Self {
        let images: Vec<_> = images.iter().filter(|image| wanted.contains(&image.split)).collect();
        let kept = images.iter().map(|_| OnceLock::new()).collect();
        let classes = labels.iter().enumerate().map(|(index, label)| (label, index)).collect();
        let shown = (0..images.len()).collect();
        let [kept_bytes, reading, varying] = [0; 3].map(AtomicU64::new);
        Self { images, shown, classes, input, kept, kept_bytes, reading, varying }
    }

    /// The same, of which a pass shows the images at these places: some more
    /// than once, maybe.
    pub(crate) fn showing(self, shown: Vec<usize>) -> Self {
        Self { shown, ..self }
    }

    /// What a pass shows.
    pub(crate) fn shown(&self) -> &[usize] {
        &self.shown
    }

    /// How many images there are.
    pub(crate) fn len(&self) -> usize {
        self.images.len()
    }

    /// The class of a label.
    pub(crate) fn class(&self, label: &Label) -> Option<usize> {
        self.classes.get(label).copied()
    }

    /// The image itself.
    pub(crate) fn image(&self, index: usize) -> Option<&TrainImage> {
        self.images.get(index).copied()
    }

    /// Decodes and letterboxes, or remembers.
    pub(crate) fn sample(&self, index: usize) -> Result<Sample, TrainError> {
        let missing = || TrainError::Failed(format!("there is no image {index}"));
        let kept = self.kept.get(index).ok_or_else(missing)?;
        if let Some(sample) = kept.get() {
            return Ok(sample.clone());
        }
        let begun = Instant::now();
        let sample = self.read(self.images.get(index).copied().ok_or_else(missing)?)?;
        count(&self.reading, begun);
        let bytes = sample.rgb.len() as u64;
        if self.kept_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes <= CACHE_BYTES {
            return Ok(kept.get_or_init(|| sample).clone());
        }
        self.kept_bytes.fetch_sub(bytes, Ordering::Relaxed);
        Ok(sample)
    }

    /// Counts what went since `begun` as varying.
    pub(crate) fn varied(&self, begun: Instant) {
        count(&self.varying, begun);
    }

    /// What was done with the images, and how long it took in all.
    pub(crate) fn took(&self) -> [(&'static str, Duration); 2] {
        let time = |sum: &AtomicU64| Duration::from_micros(sum.load(Ordering::Relaxed));
        [("reading pictures", time(&self.reading)), ("varying them", time(&self.varying))]
    }

    fn read(&self, image: &TrainImage) -> Result<Sample, TrainError> {
        let fail = |reason: String| TrainError::Failed(format!("{}: {reason}", image.path.display()));
        let bytes = std::fs::read(&image.path).map_err(|error| fail(error.to_string()))?;
        let pixels = imaging::decode(&bytes, &Limits::default()).map_err(|error| fail(error.to_string()))?;
        let boxed = imaging::letterbox(&pixels, self.input);
        let truths = image
            .annotations
            .iter()
            .filter_map(|annotation| {
                let class = self.class(&annotation.label)?;
                let rect = boxed.transform.to_input(&annotation.rect.clamp_to(pixels.size())?)?;
                Some(Truth { class, corners: corners(&rect), ignore: annotation.ignore })
            })
            .collect();
        Ok(Sample { rgb: boxed.rgb.into(), truths, transform: boxed.transform, size: pixels.size() })
    }
}

fn count(sum: &AtomicU64, begun: Instant) {
    sum.fetch_add(begun.elapsed().as_micros() as u64, Ordering::Relaxed);
}

fn corners(rect: &Rect) -> [f32; 4] {
    [rect.x() as f32, rect.y() as f32, rect.right() as f32, rect.bottom() as f32]
}
