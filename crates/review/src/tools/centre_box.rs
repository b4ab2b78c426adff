//! Draws a box from its centre outwards: the first point is the centre, the
//! second one a corner.

use super::{
    ToolSpec,
    two_points::{Shape, TwoPoints},
};
use crate::{
    bounds::{MIN_SIDE, Snap},
    space::ImagePoint,
};
use domain::geometry::{Rect, Size};

pub(super) const SPEC: ToolSpec = ToolSpec {
    name: "Box from its centre",
    help: "Drag from the centre to a corner, or click both; Alt does not snap to the image's edge.",
    key: "B",
    icon: "M2.5 4h11v8h-11zM8 6.5v3M6.5 8h3",
    edits_boxes: true,
};

pub(super) type CentreBox = TwoPoints<FromCentre>;

#[derive(Clone, Debug, Default)]
pub(super) struct FromCentre;

impl Shape for FromCentre {
    fn rect(first: ImagePoint, second: ImagePoint, size: Size, snap: Snap) -> Option<Rect> {
        let half_w = half_side(first.x, second.x, f64::from(size.width), snap)?;
        let half_h = half_side(first.y, second.y, f64::from(size.height), snap)?;
        let (x, y) = (first.x - half_w, first.y - half_h);
        Rect::new(x, y, 2.0 * half_w, 2.0 * half_h).ok()?.clamp_to(size)
    }
}

/// Half a side of the box around `centre`, in image pixels. It ends at the
/// nearer edge of the image, so that the centre stays where it was put, and
/// snaps to that edge; `None` where the least side does not fit.
fn half_side(centre: f64, corner: f64, limit: f64, snap: Snap) -> Option<f64> {
    let most = centre.min(limit - centre);
    let half = (corner - centre).abs().max(MIN_SIDE / 2.0);
    let half = if half >= most - snap.0 { most } else { half };
    (half >= MIN_SIDE / 2.0).then_some(half)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(first: (f64, f64), second: (f64, f64), snap: Snap, expected: Option<(f64, f64, f64, f64)>) {
        let size = Size::new(100, 80).expect("a size");
        let point = |(x, y)| ImagePoint::new(x, y);
        let rect = FromCentre::rect(point(first), point(second), size, snap);
        assert_eq!(rect.map(|r| (r.x(), r.y(), r.w(), r.h())), expected);
    }

    #[test]
    fn the_first_point_is_the_centre_whichever_way_the_second_lies() {
        for second in [(60.0, 50.0), (40.0, 50.0), (60.0, 30.0), (40.0, 30.0)] {
            check((50.0, 40.0), second, Snap::OFF, Some((40.0, 30.0, 20.0, 20.0)));
        }
    }

    #[test]
    fn a_side_ends_at_the_nearer_edge_and_the_centre_stays() {
        check((10.0, 40.0), (90.0, 50.0), Snap::OFF, Some((0.0, 30.0, 20.0, 20.0)));
    }

    #[test]
    fn a_side_near_the_edge_snaps_to_it() {
        check((10.0, 40.0), (18.0, 50.0), Snap(3.0), Some((0.0, 30.0, 20.0, 20.0)));
        check((10.0, 40.0), (18.0, 50.0), Snap::OFF, Some((2.0, 30.0, 16.0, 20.0)));
    }

    #[test]
    fn on_the_edge_of_the_image_there_is_no_room_for_a_box() {
        check((0.0, 40.0), (50.0, 50.0), Snap::OFF, None);
    }
}
