//! The arithmetic of edits: what moving, resizing and drawing make of a
//! rectangle, kept inside the image and above a least size. Pixels of the
//! image throughout; no boxes, no screen.

use crate::space::ImagePoint;
use domain::geometry::{Rect, Size};

/// The least side, in image pixels, that a gesture gives a box. Smaller ones
/// that a model drew stay as they are until they are resized.
pub const MIN_SIDE: f64 = 1.0;

/// How near to the image's edge, in image pixels, an edge snaps to it;
/// 0 switches snapping off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Snap(pub(crate) f64);

impl Snap {
    /// Snapping switched off.
    pub(crate) const OFF: Self = Self(0.0);

    fn coordinate(self, v: f64, limit: f64) -> f64 {
        if v <= self.0 {
            0.0
        } else if v >= limit - self.0 {
            limit
        } else {
            v
        }
    }
}

/// Which edges of a rectangle are held: −1 the left or upper one, 1 the right
/// or lower one, 0 none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeldEdges {
    /// On the x axis.
    pub(crate) x: i8,
    /// On the y axis.
    pub(crate) y: i8,
}

fn width(size: Size) -> f64 {
    f64::from(size.width)
}

fn height(size: Size) -> f64 {
    f64::from(size.height)
}

/// `rect` shifted into the image; what is larger than the image is cut.
pub(crate) fn contain(rect: &Rect, size: Size) -> Option<Rect> {
    let (w, h) = (rect.w().min(width(size)), rect.h().min(height(size)));
    let x = rect.x().clamp(0.0, width(size) - w);
    let y = rect.y().clamp(0.0, height(size) - h);
    Rect::new(x, y, w, h).ok()?.clamp_to(size)
}

/// `rect` moved, and kept inside the image.
pub(crate) fn translated(rect: &Rect, dx: f64, dy: f64, size: Size) -> Rect {
    if dx == 0.0 && dy == 0.0 {
        return *rect;
    }
    Rect::new(rect.x() + dx, rect.y() + dy, rect.w(), rect.h())
        .ok()
        .and_then(|moved| contain(&moved, size))
        .unwrap_or(*rect)
}

/// The smallest rectangle around all of them.
pub(crate) fn hull<'a>(rects: impl IntoIterator<Item = &'a Rect>) -> Option<Rect> {
    rects.into_iter().fold(None, |hull: Option<Rect>, rect| match hull {
        None => Some(*rect),
        Some(hull) => Rect::from_corners(
            hull.x().min(rect.x()),
            hull.y().min(rect.y()),
            hull.right().max(rect.right()),
            hull.bottom().max(rect.bottom()),
        ),
    })
}

/// How far a group with this `hull` may move when `dx`, `dy` is wanted: not
/// out of the image, and onto its edge when near.
pub(crate) fn group_shift(hull: &Rect, dx: f64, dy: f64, size: Size, snap: Snap) -> (f64, f64) {
    let axis = |start: f64, end: f64, shift: f64, limit: f64| {
        let (least, most) = ((-start).min(0.0), (limit - end).max(0.0));
        let shift = shift.clamp(least, most);
        if shift != 0.0 && shift - least <= snap.0 {
            least
        } else if shift != 0.0 && most - shift <= snap.0 {
            most
        } else {
            shift
        }
    };
    (axis(hull.x(), hull.right(), dx, width(size)), axis(hull.y(), hull.bottom(), dy, height(size)))
}

/// `rect` with the held edges brought to `to`. The other edges stay where
/// they are; an edge that passes its opposite flips the box; the least side
/// is [`MIN_SIDE`].
pub(crate) fn resized(rect: &Rect, held: HeldEdges, to: ImagePoint, size: Size, snap: Snap) -> Rect {
    let x = resized_axis(rect.x(), rect.right(), held.x, to.x, width(size), snap);
    let y = resized_axis(rect.y(), rect.bottom(), held.y, to.y, height(size), snap);
    Rect::from_corners(x.0, y.0, x.1, y.1).and_then(|r| r.clamp_to(size)).unwrap_or(*rect)
}

fn resized_axis(start: f64, end: f64, held: i8, to: f64, limit: f64, snap: Snap) -> (f64, f64) {
    let fixed = match held {
        -1 => end,
        1 => start,
        _ => return (start, end),
    };
    let moving = apart(fixed, snap.coordinate(to.clamp(0.0, limit), limit), f64::from(held), limit);
    (fixed.min(moving), fixed.max(moving))
}

/// `moving`, at least [`MIN_SIDE`] away from `fixed`, on its own side of it
/// when there is room, on the other when not.
fn apart(fixed: f64, moving: f64, direction: f64, limit: f64) -> f64 {
    let least = MIN_SIDE.min(limit);
    if (moving - fixed).abs() >= least {
        return moving;
    }
    let side = if moving == fixed { direction } else { (moving - fixed).signum() };
    let wanted = fixed + side * least;
    if (0.0..=limit).contains(&wanted) { wanted } else { (fixed - side * least).clamp(0.0, limit) }
}

/// The rectangle drawn from `anchor` to `to`, at least [`MIN_SIDE`] on a side.
pub(crate) fn drawn(anchor: ImagePoint, to: ImagePoint, size: Size, snap: Snap) -> Option<Rect> {
    let (a, b) = (anchor.clamp_to(size), to.clamp_to(size));
    let ax = snap.coordinate(a.x, width(size));
    let ay = snap.coordinate(a.y, height(size));
    let bx = apart(ax, snap.coordinate(b.x, width(size)), 1.0, width(size));
    let by = apart(ay, snap.coordinate(b.y, height(size)), 1.0, height(size));
    Rect::from_corners(ax, ay, bx, by)?.clamp_to(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(x: f64, y: f64, w: f64, h: f64) -> Rect {
        Rect::new(x, y, w, h).expect("a rectangle")
    }

    fn size() -> Size {
        Size::new(100, 80).expect("a size")
    }

    #[test]
    fn a_box_pushed_over_the_edge_stops_there_with_its_size() {
        assert_eq!(translated(&rect(90.0, 10.0, 8.0, 8.0), 50.0, -50.0, size()), rect(92.0, 0.0, 8.0, 8.0));
    }

    #[test]
    fn a_held_edge_that_passes_its_opposite_flips_the_box() {
        let held = HeldEdges { x: 1, y: 0 };
        let flipped =
            resized(&rect(40.0, 10.0, 20.0, 20.0), held, ImagePoint::new(25.0, 70.0), size(), Snap::OFF);
        assert_eq!(flipped, rect(25.0, 10.0, 15.0, 20.0));
    }

    #[test]
    fn a_box_is_never_squeezed_below_the_least_side() {
        let held = HeldEdges { x: 1, y: 1 };
        let squeezed =
            resized(&rect(99.5, 10.0, 0.5, 20.0), held, ImagePoint::new(99.6, 10.0), size(), Snap::OFF);
        assert!(squeezed.w() >= MIN_SIDE && squeezed.h() >= MIN_SIDE, "{squeezed:?}");
        assert!(squeezed.is_inside(size(), 0.0));
    }

    #[test]
    fn an_edge_near_the_border_snaps_to_it() {
        let drawn = drawn(ImagePoint::new(2.0, 20.0), ImagePoint::new(97.5, 60.0), size(), Snap(3.0));
        assert_eq!(drawn, Some(rect(0.0, 20.0, 100.0, 40.0)));
    }

    #[test]
    fn a_group_moves_as_far_as_its_hull_may() {
        let hull = hull([&rect(10.0, 10.0, 5.0, 5.0), &rect(60.0, 20.0, 30.0, 5.0)]).expect("two boxes");
        assert_eq!(group_shift(&hull, 40.0, -3.0, size(), Snap::OFF), (10.0, -3.0));
        assert_eq!(group_shift(&hull, 8.0, 0.0, size(), Snap(3.0)), (10.0, 0.0));
    }
}
