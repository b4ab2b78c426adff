//! What a painter can draw: plain shapes in CSS pixels with colour roles. It
//! decides on colours, fonts and device pixels; this does not.

use crate::{
    compare::Verdict,
    labels::Slot,
    space::{ScreenPoint, ScreenRect},
};

/// What a colour is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// A label's colour.
    Label(Slot),
    /// What two models say of an object.
    Verdict(Verdict),
    /// The square of a handle: filled with the background, lined with the
    /// label's colour.
    Handle(Slot),
    /// Lines from the pointer to the edges.
    Guide,
    /// The rectangle that selects or zooms.
    Marquee,
    /// Lines between image pixels.
    PixelGrid,
    /// What the canvas shows, on the minimap.
    View,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dash {
    /// Without gaps: boxes of the review.
    Solid,
    /// Ghosts.
    Dashed,
    /// Ignored regions.
    Dotted,
}

/// How shapes look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// The colour.
    pub role: Role,
    /// Width of the line in CSS pixels; 0 for none.
    pub line_px: f64,
    /// Its gaps.
    pub dash: Dash,
    /// Opacity of the inside, from 0 to 1.
    pub fill: f64,
}

impl Style {
    /// A solid line without an inside.
    #[must_use]
    pub fn line(role: Role, line_px: f64) -> Self {
        Self { role, line_px, dash: Dash::Solid, fill: 0.0 }
    }
}

/// Where a text lies against its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Placement {
    /// On top of it: the point is the text's lower left corner.
    Above,
    /// Under it: the point is the text's upper left corner.
    Below,
}

/// One thing to paint.
#[derive(Clone, Debug, PartialEq)]
pub enum Primitive {
    /// The image.
    Image {
        /// The rectangle that the whole image fills.
        at: ScreenRect,
        /// Whether pixels blend; not when they are large enough to be seen.
        smooth: bool,
    },
    /// Rectangles that look alike.
    Rects {
        /// Colour, line and inside of each.
        style: Style,
        /// In CSS pixels of the canvas.
        rects: Vec<ScreenRect>,
    },
    /// Lines that look alike.
    Lines {
        /// Colour and width of each.
        style: Style,
        /// Both ends of each.
        lines: Vec<(ScreenPoint, ScreenPoint)>,
    },
    /// A text on a ground of the role's colour.
    Tag {
        /// A corner of the ground, see `placement`.
        at: ScreenPoint,
        /// On which side of the point.
        placement: Placement,
        /// What it says.
        text: String,
        /// The ground.
        role: Role,
    },
}

impl Primitive {
    /// The area that a tool selects or zooms to.
    pub(crate) fn marquee(area: ScreenRect) -> Self {
        let style = Style { dash: Dash::Dashed, fill: 0.08, ..Style::line(Role::Marquee, 1.0) };
        Self::Rects { style, rects: vec![area] }
    }
}
