//! What a turn of the wheel asks for. A notch of a mouse, a sweep on a
//! trackpad and two fingers that part all come as the same event, in pixels,
//! lines or pages; none of them may make the image jump.

use crate::{event::Event, input::Modifiers, space::ScreenPoint};

/// CSS pixels of a line, of which mice of some systems turn three a notch.
const LINE_PX: f64 = 40.0;
/// A page counts as one notch: nobody zooms by pages.
const PAGE_PX: f64 = 120.0;
/// How much one pixel of a pinch zooms, as a natural logarithm.
const PINCH_RATE: f64 = 0.01;
/// The most that one event of a pinch zooms. A notch of a mouse with control
/// comes as a pinch of 100 pixels or more, and two fingers never part as far
/// between two pictures of a screen.
const MOST_PINCH: f64 = 0.2;

/// What a browser counts a turn in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WheelUnit {
    /// CSS pixels.
    Pixels,
    /// Lines of text.
    Lines,
    /// Pages.
    Pages,
}

/// A turn as the browser tells it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WheelTurn {
    /// Where the pointer is.
    pub at: ScreenPoint,
    /// To the right.
    pub delta_x: f64,
    /// Towards the user.
    pub delta_y: f64,
    /// What both are counted in.
    pub unit: WheelUnit,
    /// Keys held. Browsers tell a pinch as a turn with control.
    pub keys: Modifiers,
}

impl WheelTurn {
    /// What the editor is told.
    #[must_use]
    pub fn event(self) -> Event {
        let px = match self.unit {
            WheelUnit::Pixels => 1.0,
            WheelUnit::Lines => LINE_PX,
            WheelUnit::Pages => PAGE_PX,
        };
        let (at, delta_y) = (self.at, self.delta_y * px);
        if self.keys.ctrl {
            return Event::Pinch { at, factor: (-delta_y * PINCH_RATE).clamp(-MOST_PINCH, MOST_PINCH).exp() };
        }
        Event::Wheel { at, delta_x: self.delta_x * px, delta_y, keys: self.keys }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{space::CanvasSize, viewport::Viewport};
    use domain::geometry::Size;

    /// What one event multiplies the zoom by.
    fn factor(delta_y: f64, unit: WheelUnit, ctrl: bool) -> f64 {
        let size = Size::new(640, 480).expect("a size");
        let mut viewport = Viewport::new(size, CanvasSize::new(800.0, 600.0));
        let before = viewport.zoom();
        let (at, keys) = (ScreenPoint::new(300.0, 200.0), Modifiers { ctrl, ..Modifiers::default() });
        match (WheelTurn { at, delta_x: 0.0, delta_y, unit, keys }).event() {
            Event::Wheel { at, delta_y, .. } => viewport.wheel(at, delta_y),
            Event::Pinch { at, factor } => viewport.zoom_at(at, factor),
            other => panic!("{other:?}"),
        }
        viewport.zoom() / before
    }

    #[test]
    fn a_notch_is_a_step_whichever_way_it_is_told() {
        let notches = [
            (-100.0, WheelUnit::Pixels),
            (-120.0, WheelUnit::Pixels),
            (-3.0, WheelUnit::Lines),
            (-1.0, WheelUnit::Pages),
        ];
        for (delta, unit) in notches {
            for ctrl in [false, true] {
                let (closer, away) = (factor(delta, unit, ctrl), factor(-delta, unit, ctrl));
                assert!((1.1..=1.25).contains(&closer), "{delta} {unit:?} {ctrl}: {closer}");
                assert!((closer * away - 1.0).abs() < 1e-9, "and back again");
            }
        }
    }

    #[test]
    fn however_far_one_event_turns_it_never_jumps() {
        for delta in [-5_000.0, -700.0, 700.0, 5_000.0] {
            for ctrl in [false, true] {
                let zoomed = factor(delta, WheelUnit::Pixels, ctrl);
                assert!((1.0 / 1.51..=1.51).contains(&zoomed), "{delta} {ctrl}: {zoomed}");
            }
        }
    }

    #[test]
    fn fingers_that_part_a_little_zoom_a_little() {
        assert!((factor(-2.0, WheelUnit::Pixels, true) - 1.02).abs() < 0.001);
        assert!((factor(-0.25, WheelUnit::Pixels, true) - 1.0025).abs() < 0.0001);
    }
}
