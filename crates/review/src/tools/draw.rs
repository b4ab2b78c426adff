//! Draws a box from one corner to the opposite one.

use super::{
    ToolSpec,
    two_points::{Shape, TwoPoints},
};
use crate::{
    bounds::{self, Snap},
    space::ImagePoint,
};
use domain::geometry::{Rect, Size};

pub(super) const SPEC: ToolSpec = ToolSpec {
    name: "Draw",
    help: "Drag from corner to corner, or click both corners; Alt does not snap to the image's edge.",
    key: "D",
    icon: "M2.5 4h11v8h-11z",
    edits_boxes: true,
};

pub(super) type Draw = TwoPoints<Corners>;

#[derive(Clone, Debug, Default)]
pub(super) struct Corners;

impl Shape for Corners {
    fn rect(first: ImagePoint, second: ImagePoint, size: Size, snap: Snap) -> Option<Rect> {
        bounds::drawn(first, second, size, snap)
    }
}
