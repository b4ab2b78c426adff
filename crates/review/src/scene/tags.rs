//! Where the texts of boxes lie, so that none lies on another one.

use super::primitive::Placement;
use crate::space::{ScreenPoint, ScreenRect};

/// As tall as a painter makes a tag.
const TAG_PX: f64 = 16.0;
/// As wide as a letter is at most, on average, and the ground at both ends.
/// Painters measure; this is on the safe side of it.
const LETTER_PX: f64 = 6.8;
const ENDS_PX: f64 = 8.0;

/// The room that tags have taken so far.
#[derive(Default)]
pub(super) struct TagRoom {
    taken: Vec<ScreenRect>,
}

impl TagRoom {
    /// Takes a place for `text` at a corner of its box: above it, inside at its
    /// upper edge, below it, inside at its lower edge, whichever is free first.
    /// `None` where none is: two texts on each other cannot be read.
    pub(super) fn place(&mut self, shown: &ScreenRect, text: &str) -> Option<(ScreenPoint, Placement)> {
        let w = text.chars().count() as f64 * LETTER_PX + ENDS_PX;
        let (x, lower) = (shown.x.max(0.0), shown.y + shown.h);
        let places = [
            (shown.y, Placement::Above),
            (shown.y.max(0.0), Placement::Below),
            (lower, Placement::Below),
            (lower, Placement::Above),
        ];
        let (area, at, placement) = places.into_iter().find_map(|(y, placement)| {
            let top = if placement == Placement::Above { y - TAG_PX } else { y };
            let area = ScreenRect { x, y: top, w, h: TAG_PX };
            (top >= 0.0 && self.is_free(&area)).then_some((area, ScreenPoint::new(x, y), placement))
        })?;
        self.taken.push(area);
        Some((at, placement))
    }

    fn is_free(&self, area: &ScreenRect) -> bool {
        let apart = |other: &ScreenRect| {
            other.x + other.w <= area.x
                || area.x + area.w <= other.x
                || other.y + other.h <= area.y
                || area.y + area.h <= other.y
        };
        self.taken.iter().all(apart)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_place_is_given_once() {
        let mut room = TagRoom::default();
        let shown = ScreenRect { x: 10.0, y: 40.0, w: 60.0, h: 50.0 };
        let placed: Vec<_> = (0..5).map(|_| room.place(&shown, "WBC 0.95")).collect();
        let at = |y| ScreenPoint::new(10.0, y);
        let wanted = [
            Some((at(40.0), Placement::Above)),
            Some((at(40.0), Placement::Below)),
            Some((at(90.0), Placement::Below)),
            Some((at(90.0), Placement::Above)),
            None,
        ];
        assert_eq!(placed, wanted);
    }

    #[test]
    fn a_box_at_the_upper_edge_bears_its_text_inside() {
        let shown = ScreenRect { x: -5.0, y: 4.0, w: 60.0, h: 50.0 };
        let placed = TagRoom::default().place(&shown, "RBC");
        assert_eq!(placed, Some((ScreenPoint::new(0.0, 4.0), Placement::Below)));
    }
}
