//! Why detections are wrong and truths are missed, as TIDE counts them.
//!
//! Source: Bolya, Foley, Hays, Hoffman, "TIDE: A General Toolbox for
//! Identifying Object Detection Errors", ECCV 2020, section 2.2, with its
//! thresholds 0.5 and 0.1, and its program `tidecv` where the paper is silent.
//! Two differences: boxes that lie in an ignored region are left out, and a
//! category without truth leaves the mean of AP (as in COCO).

mod correcting;

pub use correcting::ap50_gained;

use super::coco::{DetectedBox, TruthBox, overlap};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// IoU from which a detection has found a true box.
pub const FOREGROUND: f64 = 0.5;
/// IoU up to which a detection has nothing to do with a true box.
pub const BACKGROUND: f64 = 0.1;

/// Why something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// In the right place, with another label (IoU ≥ 0.5 with a true box of
    /// another class).
    Classification,
    /// The right label, not in the right place (IoU from 0.1 to 0.5 with a
    /// true box of the class).
    Localisation,
    /// Neither the label nor the place: whatever is of no other kind.
    Both,
    /// A true box that a surer detection has found already.
    Duplicate,
    /// Nothing is there (IoU ≤ 0.1 with all true boxes).
    Background,
    /// A true box that no detection found, and none would by another label or
    /// a better place.
    Missed,
}

impl ErrorKind {
    /// All six, in TIDE's order.
    pub const ALL: [Self; 6] = [
        Self::Classification,
        Self::Localisation,
        Self::Both,
        Self::Duplicate,
        Self::Background,
        Self::Missed,
    ];

    /// Its word: stored and relied on, so never changed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Classification => "classification",
            Self::Localisation => "localisation",
            Self::Both => "both",
            Self::Duplicate => "duplicate",
            Self::Background => "background",
            Self::Missed => "missed",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Classification => "Classification",
            Self::Localisation => "Localisation",
            Self::Both => "Both",
            Self::Duplicate => "Duplicate",
            Self::Background => "Background",
            Self::Missed => "Missed",
        }
    }
}

/// An image's detections and what is wrong with them: kept beside the image.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImageErrors {
    /// Category of each true box that counts.
    truths: Vec<usize>,
    /// By falling score.
    detections: Vec<Judged>,
    /// Categories of missed true boxes.
    missed: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Judged {
    category: usize,
    score: f64,
    /// What is wrong; `None` when it found a true box.
    wrong: Option<Wrong>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Wrong {
    kind: ErrorKind,
    /// The category in which it would be right if this error were corrected.
    right_in: Option<usize>,
}

impl ImageErrors {
    /// Judges an image's detections. What is judged should be what people
    /// see: the boxes at or above the threshold.
    #[must_use]
    pub fn new(truths: &[TruthBox], detections: &[DetectedBox]) -> Self {
        let (regions, truths): (Vec<&TruthBox>, Vec<_>) = truths.iter().partition(|truth| truth.crowd);
        let mut ranked: Vec<&DetectedBox> = detections.iter().collect();
        ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
        let overlaps: Vec<Vec<f64>> =
            ranked.iter().map(|d| truths.iter().map(|truth| overlap(d, truth)).collect()).collect();
        let (matches, used) = find(&ranked, &truths, &overlaps);
        let mut usable = vec![false; truths.len()];
        let mut judged = Vec::new();
        for ((detection, overlaps), is_match) in ranked.iter().zip(&overlaps).zip(matches) {
            let in_region = |region: &&TruthBox| {
                region.category == detection.category && overlap(detection, region) > FOREGROUND
            };
            if !is_match && regions.iter().any(in_region) {
                continue;
            }
            let wrong = (!is_match).then(|| judge(detection, &truths, overlaps, &used, &mut usable));
            judged.push(Judged { category: detection.category, score: detection.score, wrong });
        }
        let left =
            truths.iter().zip(used.iter().zip(&usable)).filter(|(_, (used, usable))| !**used && !**usable);
        Self {
            missed: left.map(|(truth, _)| truth.category).collect(),
            truths: truths.iter().map(|truth| truth.category).collect(),
            detections: judged,
        }
    }

    /// Each error with the category it is counted under: the detection's, or
    /// the missed truth's.
    pub fn errors(&self) -> impl Iterator<Item = (ErrorKind, usize)> {
        let wrong = self.detections.iter().filter_map(|d| Some((d.wrong?.kind, d.category)));
        wrong.chain(self.missed.iter().map(|category| (ErrorKind::Missed, *category)))
    }
}

/// The place and the value of the greatest; the first of equals.
fn greatest(values: impl Iterator<Item = (usize, f64)>) -> Option<(usize, f64)> {
    values.reduce(|best, other| if other.1 > best.1 { other } else { best })
}

/// Which detections find a true box of their class, and which are found.
fn find(ranked: &[&DetectedBox], truths: &[&TruthBox], overlaps: &[Vec<f64>]) -> (Vec<bool>, Vec<bool>) {
    let mut used = vec![false; truths.len()];
    let matches = ranked.iter().zip(overlaps).map(|(detection, overlaps)| {
        let places = truths.iter().zip(overlaps).enumerate();
        let free = places.filter(|(place, (truth, _))| {
            truth.category == detection.category && used.get(*place) == Some(&false)
        });
        let best =
            greatest(free.map(|(place, (_, iou))| (place, *iou))).filter(|(_, iou)| *iou >= FOREGROUND);
        match best.and_then(|(place, _)| used.get_mut(place)) {
            Some(used) => {
                *used = true;
                true
            }
            None => false,
        }
    });
    (matches.collect(), used)
}

/// What is wrong with a detection that found nothing, in TIDE's order of
/// questions. The surest detection that would find a true box if corrected
/// makes that one `usable`: it is then no longer missed.
fn judge(
    detection: &DetectedBox,
    truths: &[&TruthBox],
    overlaps: &[f64],
    used: &[bool],
    usable: &mut [bool],
) -> Wrong {
    let best = |wanted: &dyn Fn(usize, &TruthBox) -> bool| {
        let places = truths.iter().zip(overlaps).enumerate();
        greatest(
            places.filter(|(place, (truth, _))| wanted(*place, truth)).map(|(place, (_, iou))| (place, *iou)),
        )
    };
    let same = best(&|_, truth| truth.category == detection.category);
    let other = best(&|_, truth| truth.category != detection.category);
    let is_used = |place: usize| used.get(place) == Some(&true);
    let taken = best(&|place, truth| truth.category == detection.category && is_used(place));
    let any = best(&|_, _| true).map_or(0.0, |(_, iou)| iou);
    let mut would_find = |kind, place: usize| {
        let category = truths.get(place).map(|truth| truth.category);
        let first =
            !is_used(place) && usable.get_mut(place).is_some_and(|usable| !std::mem::replace(usable, true));
        Wrong { kind, right_in: category.filter(|_| first) }
    };
    match (same, other, taken) {
        (Some((place, iou)), ..) if (BACKGROUND..=FOREGROUND).contains(&iou) => {
            would_find(ErrorKind::Localisation, place)
        }
        (_, Some((place, iou)), _) if iou >= FOREGROUND => would_find(ErrorKind::Classification, place),
        (.., Some((_, iou))) if iou >= FOREGROUND => Wrong { kind: ErrorKind::Duplicate, right_in: None },
        _ if any <= BACKGROUND => Wrong { kind: ErrorKind::Background, right_in: None },
        _ => Wrong { kind: ErrorKind::Both, right_in: None },
    }
}

/// Errors of many images, with the images behind them.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorCounts<K> {
    counts: BTreeMap<(ErrorKind, usize), (u64, Vec<K>)>,
}

impl<K> Default for ErrorCounts<K> {
    fn default() -> Self {
        Self { counts: BTreeMap::new() }
    }
}

impl<K: PartialEq + Clone> ErrorCounts<K> {
    /// Counts an image.
    pub fn add(&mut self, image: &K, errors: &ImageErrors) {
        for error in errors.errors() {
            let (count, images) = self.counts.entry(error).or_default();
            *count += 1;
            if images.last() != Some(image) {
                images.push(image.clone());
            }
        }
    }

    /// Adds what was counted of other images.
    pub fn merge(&mut self, other: Self) {
        for (error, (more, others)) in other.counts {
            let (count, images) = self.counts.entry(error).or_default();
            *count += more;
            images.extend(others);
        }
    }

    /// How many errors of a kind there are, in all categories.
    #[must_use]
    pub fn of_kind(&self, kind: ErrorKind) -> u64 {
        self.counts.iter().filter(|((other, _), _)| *other == kind).map(|(_, (count, _))| count).sum()
    }

    /// Kind, category, how many, and the images they are in.
    pub fn iter(&self) -> impl Iterator<Item = (ErrorKind, usize, u64, &[K])> {
        self.counts
            .iter()
            .map(|((kind, category), (count, images))| (*kind, *category, *count, images.as_slice()))
    }
}
