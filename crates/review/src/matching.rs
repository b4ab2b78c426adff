//! Which rectangle of one list is which of another: one to one, by overlap.
//! Class-agnostic; labels are the caller's affair.

use crate::order::sort;
use domain::geometry::Rect;

/// The least overlap at which two boxes can be the same object.
pub const SAME_OBJECT_IOU: f64 = 0.5;

/// Two rectangles that belong together: places in the two lists, and their
/// intersection over union.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Place in the first list.
    pub left: usize,
    /// Place in the second list.
    pub right: usize,
    /// In [`SAME_OBJECT_IOU`, 1].
    pub iou: f64,
}

/// Pairs rectangles greedily, greatest overlap first, each at most once, at
/// an IoU of at least [`SAME_OBJECT_IOU`]. Equal overlaps go to the pair that
/// `prefer` says yes to, then to the earlier places.
#[must_use]
pub fn match_by_iou(left: &[Rect], right: &[Rect], prefer: impl Fn(usize, usize) -> bool) -> Vec<Match> {
    let mut candidates = overlapping(left, right);
    sort(&mut candidates, |a, b| {
        let preferred = |m: &Match| prefer(m.left, m.right);
        b.iou
            .total_cmp(&a.iou)
            .then_with(|| preferred(b).cmp(&preferred(a)))
            .then_with(|| (a.left, a.right).cmp(&(b.left, b.right)))
    });
    let mut left_free = vec![true; left.len()];
    let mut right_free = vec![true; right.len()];
    candidates.retain(|m| {
        let (Some(l), Some(r)) = (left_free.get_mut(m.left), right_free.get_mut(m.right)) else {
            return false;
        };
        let free = *l && *r;
        if free {
            (*l, *r) = (false, false);
        }
        free
    });
    candidates
}

/// All pairs that overlap enough, found by a sweep over the left edges.
fn overlapping(left: &[Rect], right: &[Rect]) -> Vec<Match> {
    let mut by_x: Vec<(usize, &Rect)> = right.iter().enumerate().collect();
    sort(&mut by_x, |a, b| a.1.x().total_cmp(&b.1.x()));
    let mut pairs = Vec::new();
    for (l, rect) in left.iter().enumerate() {
        // At an IoU of one half a partner is at most twice as wide, so it
        // begins at most that far to the left.
        let first = by_x.partition_point(|(_, other)| other.x() < rect.x() - 2.0 * rect.w());
        let reachable = by_x.iter().skip(first).take_while(|(_, other)| other.x() <= rect.right());
        for (r, other) in reachable {
            let iou = rect.iou(other);
            if iou >= SAME_OBJECT_IOU {
                pairs.push(Match { left: l, right: *r, iou });
            }
        }
    }
    pairs
}
