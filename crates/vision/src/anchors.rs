//! The pixels of the maps as points of the input, and boxes around them.

use crate::{
    kernels::activation::exp,
    net::{BINS, STRIDES},
};

pub(crate) use engine::{Corners, iou};

/// The centre of a map's pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Anchor {
    /// In input pixels.
    pub(crate) x: f32,
    /// In input pixels.
    pub(crate) y: f32,
    /// Of its map.
    pub(crate) stride: f32,
}

/// All pixels of all maps for an input of `width × height`, finest map first,
/// row by row.
pub(crate) fn anchors(width: usize, height: usize) -> Vec<Anchor> {
    STRIDES
        .iter()
        .flat_map(|stride| {
            let side = *stride as f32;
            let centre = move |i: usize| (i as f32 + 0.5) * side;
            (0..height / stride).flat_map(move |y| {
                (0..width / stride).map(move |x| Anchor { x: centre(x), y: centre(y), stride: side })
            })
        })
        .collect()
}

/// Softmax of `logits` into `shares`, and their mean: a distance in strides.
pub(crate) fn distance(logits: &[f32], shares: &mut [f32; BINS]) -> f32 {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    shares.iter_mut().zip(logits).for_each(|(share, logit)| *share = exp(logit - top));
    let sum: f32 = shares.iter().sum();
    let mut mean = 0.0;
    for (bin, share) in shares.iter_mut().enumerate() {
        *share /= sum;
        mean += *share * bin as f32;
    }
    mean
}

/// The box that `4 · BINS` logits at an anchor mean.
pub(crate) fn decode(anchor: Anchor, logits: &[f32]) -> Corners {
    let mut shares = [0.0; BINS];
    let mut distances = [0.0; 4];
    for (to, logits) in distances.iter_mut().zip(logits.chunks_exact(BINS)) {
        *to = distance(logits, &mut shares) * anchor.stride;
    }
    let [left, top, right, bottom] = distances;
    [anchor.x - left, anchor.y - top, anchor.x + right, anchor.y + bottom]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_the_centres_of_all_map_pixels() {
        let all = anchors(64, 32);
        assert_eq!(all.len(), 8 * 4 + 4 * 2 + 2);
        assert_eq!(all[0], Anchor { x: 4.0, y: 4.0, stride: 8.0 });
        assert_eq!(all[9], Anchor { x: 12.0, y: 12.0, stride: 8.0 });
        assert_eq!(all[41], Anchor { x: 48.0, y: 16.0, stride: 32.0 });
    }

    #[test]
    fn a_sure_distribution_is_its_bin() {
        let mut logits = vec![0.0; 4 * BINS];
        for (side, bin) in [(0, 2), (1, 3), (2, 1), (3, 0)] {
            logits[side * BINS + bin] = 50.0;
        }
        let corners = decode(Anchor { x: 100.0, y: 80.0, stride: 8.0 }, &logits);
        assert_eq!(corners, [84.0, 56.0, 108.0, 80.0]);
    }
}
