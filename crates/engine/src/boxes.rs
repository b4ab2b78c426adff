//! Boxes before they are known to be the only ones there.

/// Left, top, right, bottom in input pixels.
pub type Corners = [f32; 4];

/// A box with one label, of which there may be others for the same object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Index into the labels.
    pub class: usize,
    /// Confidence.
    pub score: f32,
    /// Where it is.
    pub corners: Corners,
}

/// When a better box makes another one superfluous.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Covering {
    /// Overlap (intersection over union) above which it does.
    pub iou: f32,
    /// Whether only among boxes of one label.
    pub per_class: bool,
    /// Classes are this many pixels apart while boxes are compared. 0 compares
    /// exactly. What programs that shift boxes compute differs from it by the
    /// rounding of large numbers: with their shift, the same boxes stay.
    pub class_shift: f32,
    /// Most boxes that stay.
    pub most: usize,
}

/// Intersection over union; 0 for empty boxes.
#[must_use]
#[inline]
pub fn iou(a: &Corners, b: &Corners) -> f32 {
    let [ax0, ay0, ax1, ay1] = *a;
    let [bx0, by0, bx1, by1] = *b;
    let w = (ax1.min(bx1) - ax0.max(bx0)).max(0.0);
    let h = (ay1.min(by1) - ay0.max(by0)).max(0.0);
    let both = w * h;
    let either =
        (ax1 - ax0).max(0.0) * (ay1 - ay0).max(0.0) + (bx1 - bx0).max(0.0) * (by1 - by0).max(0.0) - both;
    if both > 0.0 && either > 0.0 { both / either } else { 0.0 }
}

/// Greedy non-maximum suppression: of candidates, best first, those that no
/// better one covers.
#[must_use]
pub fn suppress(candidates: impl IntoIterator<Item = Candidate>, covering: &Covering) -> Vec<Candidate> {
    let mut survivors: Vec<(Candidate, Corners)> = Vec::new();
    for candidate in candidates {
        let shift = candidate.class as f32 * covering.class_shift;
        let place = candidate.corners.map(|corner| corner + shift);
        let covered = survivors.iter().any(|(better, other)| {
            (!covering.per_class || better.class == candidate.class) && iou(other, &place) > covering.iou
        });
        if !covered {
            survivors.push((candidate, place));
            if survivors.len() == covering.most {
                break;
            }
        }
    }
    survivors.into_iter().map(|(candidate, _)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Covering = Covering { iou: 0.65, per_class: true, class_shift: 0.0, most: 300 };

    fn boxes(count: usize) -> Vec<Candidate> {
        let mut state = 7u32;
        let mut next = move |most: f32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 16_777_216.0 * most
        };
        let mut all: Vec<Candidate> = (0..count)
            .map(|_| {
                let (x, y) = (next(200.0), next(200.0));
                let corners = [x, y, x + 5.0 + next(60.0), y + 5.0 + next(60.0)];
                Candidate { class: next(2.99) as usize, score: next(1.0), corners }
            })
            .collect();
        all.sort_by(|a, b| b.score.total_cmp(&a.score));
        all
    }

    #[test]
    fn suppression_keeps_the_best_and_nothing_that_it_covers() {
        let all = boxes(250);
        let survivors = suppress(all.clone(), &USUAL);
        assert_eq!(survivors[0], all[0]);
        for (index, a) in survivors.iter().enumerate() {
            assert!(all.contains(a));
            for b in &survivors[index + 1..] {
                assert!(a.score >= b.score);
                assert!(a.class != b.class || iou(&a.corners, &b.corners) <= USUAL.iou);
            }
        }
        // What is gone is covered by something better that stayed.
        for gone in all.iter().filter(|c| !survivors.contains(c)) {
            assert!(survivors.iter().any(|k| k.class == gone.class
                && k.score >= gone.score
                && iou(&k.corners, &gone.corners) > USUAL.iou));
        }
    }

    #[test]
    fn suppressing_twice_changes_nothing() {
        let once = suppress(boxes(400), &USUAL);
        assert_eq!(suppress(once.clone(), &USUAL), once);
    }

    #[test]
    fn no_more_boxes_stay_than_asked_for() {
        let grid = (0..40).flat_map(|y| (0..40).map(move |x| (x as f32 * 10.0, y as f32 * 10.0)));
        let all = grid.map(|(x, y)| Candidate { class: 0, score: 0.5, corners: [x, y, x + 8.0, y + 8.0] });
        assert_eq!(suppress(all, &USUAL).len(), USUAL.most);
    }

    #[test]
    fn boxes_of_other_labels_cover_only_when_asked_to() {
        let corners = [0.0, 0.0, 10.0, 10.0];
        let two = [0, 1].map(|class| Candidate { class, score: 0.5, corners });
        assert_eq!(suppress(two, &USUAL).len(), 2);
        assert_eq!(suppress(two, &Covering { per_class: false, ..USUAL }).len(), 1);
    }
}
