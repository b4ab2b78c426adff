//! To how many independent images a window amounts.
//!
//! Images of one source that follow each other are alike: a scene lasts longer
//! than the pause between images that count. A test that takes them for
//! independent finds drift where there is only a long scene. So a window of n
//! images counts as n (1 − ρ) / (1 + ρ), where ρ is the correlation of
//! neighbours of one source. Source: Bayley and Hammersley, "The effective
//! number of independent observations in an autocorrelated time series", 1946;
//! ρ of ranks, so that no distribution is assumed, with the correction for its
//! bias by Marriott and Pope, Biometrika 1954.

use super::features::{Feature, ImageFeatures};
use std::collections::BTreeMap;

/// However alike neighbours are.
const MOST: f64 = 0.98;

/// To how many independent images a window amounts in a figure: `values` of
/// each image in the order of the window, `None` where it has none.
pub(super) fn of_numbers<F: Feature>(window: &[ImageFeatures<F>], values: &[Option<f64>]) -> f64 {
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    let ranks = values.iter().map(|value| value.map(|value| mid_rank(&known, value)));
    let series: Vec<Option<f64>> = ranks.collect();
    effective(known.len(), window, &[series])
}

/// The same of several figures of each image together.
pub(super) fn of_counts<F: Feature>(window: &[ImageFeatures<F>], counts: &[Vec<f64>]) -> f64 {
    let series: Vec<Vec<Option<f64>>> =
        counts.iter().map(|series| series.iter().copied().map(Some).collect()).collect();
    effective(window.len(), window, &series)
}

/// How many values lie below, and half of those that are equal.
fn mid_rank(values: &[f64], value: f64) -> f64 {
    values
        .iter()
        .map(|other| if *other < value { 1.0 } else { f64::from(u8::from(*other == value)) / 2.0 })
        .sum()
}

fn effective<F: Feature>(images: usize, window: &[ImageFeatures<F>], series: &[Vec<Option<f64>>]) -> f64 {
    let (mut products, mut squares, mut pairs, mut count) = (0.0, 0.0, 0usize, 0usize);
    for values in series {
        let known: Vec<f64> = values.iter().flatten().copied().collect();
        let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
        squares += known.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        count += known.len();
        let mut last: BTreeMap<&str, f64> = BTreeMap::new();
        for (image, value) in window.iter().zip(values) {
            let Some(value) = value else { continue };
            if let Some(before) = last.insert(image.source(), value - mean) {
                products += before * (value - mean);
                pairs += 1;
            }
        }
    }
    let n = images as f64;
    if pairs == 0 || squares <= 0.0 || n <= 6.0 {
        return n;
    }
    let observed = (products / pairs as f64) / (squares / count as f64);
    let correlation = ((observed + 1.0 / n) / (1.0 - 3.0 / n)).clamp(0.0, MOST);
    n * (1.0 - correlation) / (1.0 + correlation)
}
