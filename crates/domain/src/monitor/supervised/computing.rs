//! From reviewed images to figures.

use super::{
    Cell, ChangeFigures, CurvePoint, ErrorFigure, Period, ReviewedImages, Scope, SupervisedFigures,
    SupervisedImage,
};
use crate::{
    geometry::{Rect, Score},
    ids::PredictionId,
    lineage::Exclusions,
    name::Label,
    time::Timestamp,
};
use measures::metrics::{
    best_threshold::best_threshold,
    bootstrap::{Bootstrap, intervals},
    coco::{Accumulator, DetectedBox, ImageMatches, TruthBox, mean_of_defined},
    confusion::{ConfusionMatrix, ImagePairs},
    errors::{ErrorCounts, ErrorKind, ImageErrors, ap50_gained},
    operating_point::{OperatingCurves, at_threshold},
    review_changes::ReviewChanges,
};
use query::quote;
use std::collections::BTreeMap;

/// Images named behind one cell.
const NAMED: usize = 50;

/// Fewer images of a stretch of time would say nothing.
pub const LEAST_OF_PERIOD: usize = 20;
/// Stretches of time that a chart can tell apart.
const PERIODS: usize = 24;

/// What the figures are of.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// `model/number`.
    pub model: String,
    /// Of which reviews.
    pub scope: Scope,
    /// When.
    pub as_of: Timestamp,
    /// The deployment's.
    pub threshold: Score,
    /// The names of the categories' numbers.
    pub labels: BTreeMap<u32, Label>,
    /// How intervals are found.
    pub bootstrap: Bootstrap,
}

/// Computes the figures of the images that count and that the scope takes.
#[must_use]
pub fn figures(subject: Subject, reviewed: &ReviewedImages) -> SupervisedFigures {
    let scope = subject.scope;
    let images: Vec<&SupervisedImage> =
        reviewed.images.iter().filter(|image| scope.takes(image.started_from, image.picked)).collect();
    let excluded = reviewed.excluded.iter().filter(|review| scope.takes(review.started_from, review.picked));
    let left_out: Exclusions = excluded.map(|review| review.why).collect();
    let labels: Vec<Label> = subject.labels.values().cloned().collect();
    let place: BTreeMap<usize, usize> = subject.labels.keys().map(|n| *n as usize).zip(0..).collect();
    let index = |number: usize| place.get(&number).copied();
    let threshold = subject.threshold.get();
    let matches: Vec<ImageMatches> =
        images.iter().map(|image| image.matches.clone().with_categories(index)).collect();
    let by_image: Vec<&ImageMatches> = matches.iter().collect();
    let accumulator = Accumulator::new(labels.len(), &matches);
    let (overall, per_label) = at_threshold(labels.len(), &by_image, threshold, &subject.bootstrap);
    let (confusion, mut cells) = confused(&images, &labels, index, threshold);
    if left_out.total() > 0 {
        cells.iter_mut().for_each(|cell| name_images(cell, &images));
    }
    SupervisedFigures {
        coco: intervals(&accumulator, &subject.bootstrap),
        precision_recall: precision_recall(&accumulator),
        over_time: over_time(labels.len(), &images, &matches),
        curve: curve(labels.len(), &by_image),
        best_threshold: best_threshold(labels.len(), &matches, &subject.bootstrap),
        errors: wrong(&images, labels.len(), index, threshold),
        changes: changed(&images),
        images: images.len() as u64,
        left_out,
        model: subject.model,
        scope: subject.scope,
        as_of: subject.as_of,
        threshold,
        labels,
        overall,
        per_label,
        confusion,
        cells,
    }
}

fn precision_recall(accumulator: &Accumulator) -> Vec<f64> {
    let resampler = accumulator.resampler();
    let curves: Vec<_> = (0..resampler.categories()).map(|c| resampler.precision_curve(c, 0)).collect();
    let points = curves.iter().flatten().map(|curve| curve.len()).max().unwrap_or(0);
    let at = |point: usize| {
        let known: Vec<Option<f64>> =
            curves.iter().flatten().map(|curve| curve.get(point).copied()).collect();
        mean_of_defined(&known)
    };
    (0..points).filter_map(at).collect()
}

/// The latest images in as many equal parts as have enough of them; what is
/// left over is the oldest, and is left out.
fn over_time(categories: usize, images: &[&SupervisedImage], matches: &[ImageMatches]) -> Vec<Period> {
    let parts = (images.len() / LEAST_OF_PERIOD).min(PERIODS);
    let Some(size) = images.len().checked_div(parts) else { return Vec::new() };
    let first = images.len() - parts * size;
    let stretches = images[first..].chunks_exact(size).zip(matches[first..].chunks_exact(size));
    let defined = |value: f64| (value >= 0.0).then_some(value);
    stretches
        .filter_map(|(images, matches)| {
            let summary = Accumulator::new(categories, matches).evaluate(None).summary;
            Some(Period {
                from: images.first()?.id.made(),
                to: images.last()?.id.made(),
                images: images.len() as u64,
                AP: defined(summary.AP),
                AP50: defined(summary.AP50),
            })
        })
        .collect()
}

fn curve(categories: usize, images: &[&ImageMatches]) -> Vec<CurvePoint> {
    let mut curves = OperatingCurves::percents(categories);
    images.iter().for_each(|image| curves.add(image));
    let points = curves.thresholds.iter().zip(&curves.overall);
    points
        .map(|(threshold, counts)| CurvePoint {
            threshold: *threshold,
            precision: counts.precision(),
            recall: counts.recall(),
            f1: counts.f1(),
        })
        .collect()
}

/// True and detected boxes under the places of their labels.
fn placed(
    image: &SupervisedImage,
    index: impl Fn(usize) -> Option<usize>,
    least: f64,
) -> (Vec<TruthBox>, Vec<DetectedBox>) {
    let truths = image.truths.iter().filter_map(|truth| {
        let category = index(truth.category)?;
        Some(TruthBox { category, ..*truth })
    });
    let detections =
        image.detections.iter().filter(|detection| detection.score >= least).filter_map(|detection| {
            let category = index(detection.category)?;
            Some(DetectedBox { category, ..*detection })
        });
    (truths.collect(), detections.collect())
}

fn confused(
    images: &[&SupervisedImage],
    labels: &[Label],
    index: impl Fn(usize) -> Option<usize> + Copy,
    threshold: f64,
) -> (Vec<Vec<u64>>, Vec<Cell>) {
    let mut matrix = ConfusionMatrix::<PredictionId>::default();
    for image in images {
        let (truths, detections) = placed(image, index, 0.0);
        matrix.add(&image.id, &ImagePairs::new(&truths, &detections), threshold);
    }
    let name = |place: Option<usize>| place.and_then(|place| labels.get(place)).cloned();
    let cells = matrix.cells().map(|cell| {
        let (truth, predicted) = (name(cell.truth), name(cell.predicted));
        let query = behind(truth.as_ref(), predicted.as_ref());
        let images = cell.images.into_iter().take(NAMED).collect();
        Cell { truth, predicted, count: cell.count, images, query }
    });
    (matrix.counts(labels.len()), cells.collect())
}

/// Reviewed images that have such a true box and such a predicted one.
fn behind(truth: Option<&Label>, predicted: Option<&Label>) -> String {
    let quoted = |label: &Label| quote(label.as_str());
    let mut query = "reviewed = true".to_owned();
    if let Some(truth) = truth {
        query += &format!(" and count(review: label = {}) >= 1", quoted(truth));
    }
    if let Some(predicted) = predicted {
        query += &format!(" and has(label = {})", quoted(predicted));
    }
    query
}

/// Where images are left out, labels alone would select those, too: the cell's
/// query names its images by their arrival, where it knows all of them.
fn name_images(cell: &mut Cell, images: &[&SupervisedImage]) {
    if cell.images.len() == NAMED {
        return;
    }
    let of_cell = images.iter().filter(|image| cell.images.contains(&image.id));
    let arrivals: Vec<String> =
        of_cell.map(|image| image.received.to_string().trim_end_matches('Z').to_owned()).collect();
    if !arrivals.is_empty() {
        cell.query += &format!(" and received in ({})", arrivals.join(", "));
    }
}

fn wrong(
    images: &[&SupervisedImage],
    categories: usize,
    index: impl Fn(usize) -> Option<usize> + Copy,
    threshold: f64,
) -> Vec<ErrorFigure> {
    let judged: Vec<ImageErrors> = images
        .iter()
        .map(|image| {
            let (truths, detections) = placed(image, index, threshold);
            ImageErrors::new(&truths, &detections)
        })
        .collect();
    let mut counts = ErrorCounts::default();
    for (image, errors) in images.iter().zip(&judged) {
        counts.add(&image.id, errors);
    }
    let gained = ap50_gained(categories, &judged.iter().collect::<Vec<_>>());
    ErrorKind::ALL
        .into_iter()
        .map(|kind| ErrorFigure {
            kind,
            count: counts.of_kind(kind),
            ap50_gained: gained.get(&kind).copied().unwrap_or(0.0),
        })
        .collect()
}

fn changed(images: &[&SupervisedImage]) -> ChangeFigures {
    let mut changes = ReviewChanges::<usize>::default();
    let rect = |[x, y, w, h]: [f64; 4]| Rect::new(x, y, w, h).ok();
    for image in images.iter().filter(|image| image.shown) {
        let confident = image.detections.iter().filter(|detection| detection.score >= image.threshold);
        let shown: Vec<_> =
            confident.filter_map(|detection| Some((detection.category, rect(detection.bbox)?))).collect();
        let saved = image.truths.iter().filter_map(|truth| Some((truth.category, rect(truth.bbox)?)));
        changes.add(&shown, &saved.collect::<Vec<_>>());
    }
    ChangeFigures { reviews: changes.reviews, unchanged: changes.unchanged, all: changes.all() }
}
