//! A box that two points of the image make, given by a drag or by two clicks.
//! How the points make the box is the tool's: see `draw` and `centre_box`.

use super::{CanvasTool, Release, Sketch, snap};
use crate::{
    bounds::Snap,
    command::Command,
    editor::Editor,
    input::Pointer,
    notice::Notice,
    scene::{Cursor, Primitive, Role, Style},
    space::{ImagePoint, ScreenPoint},
};
use domain::geometry::{Rect, Size};
use std::{fmt, marker::PhantomData};

/// A side between the points below this many CSS pixels was a slip of the hand.
const LEAST_DRAWN_PX: f64 = 2.0;

/// How two points make a box.
pub(super) trait Shape: Clone + Default + fmt::Debug + Send + Sync + 'static {
    /// The box inside an image of `size`; `None` where there is none.
    fn rect(first: ImagePoint, second: ImagePoint, size: Size, snap: Snap) -> Option<Rect>;
}

/// How far the drawing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The first press, not yet moved.
    Pressed,
    /// By drag.
    Dragging,
    /// The first click is done, the second point follows the free pointer.
    AwaitingSecond,
    /// The second press.
    SecondPressed,
}

#[derive(Clone, Copy, Debug)]
struct Drawing {
    first: ImagePoint,
    pressed_at: ScreenPoint,
    phase: Phase,
    /// `None` until there is something to see.
    rect: Option<Rect>,
}

/// The tool that draws boxes of this shape.
#[derive(Clone, Debug, Default)]
pub(super) struct TwoPoints<S> {
    drawing: Option<Drawing>,
    shape: PhantomData<S>,
}

impl<S: Shape> CanvasTool for TwoPoints<S> {
    fn down(&mut self, editor: &mut Editor, pointer: Pointer) {
        match &mut self.drawing {
            Some(drawing) => {
                drawing.phase = Phase::SecondPressed;
                self.moved(editor, pointer);
            }
            None => {
                let first = editor.viewport.to_image(pointer.at);
                let phase = Phase::Pressed;
                self.drawing = Some(Drawing { first, pressed_at: pointer.at, phase, rect: None });
            }
        }
    }

    fn moved(&mut self, editor: &mut Editor, pointer: Pointer) {
        let Some(drawing) = &mut self.drawing else { return };
        if drawing.phase == Phase::Pressed && pointer.is_dragged_from(drawing.pressed_at) {
            drawing.phase = Phase::Dragging;
        }
        if drawing.phase != Phase::Pressed {
            let first = editor.viewport.to_screen(drawing.first);
            let slip = drawing.phase == Phase::SecondPressed && !pointer.is_dragged_from(first);
            drawing.rect = if slip { None } else { between::<S>(editor, drawing.first, pointer) };
        }
    }

    fn up(&mut self, editor: &mut Editor, _pointer: Pointer) -> Release {
        match &mut self.drawing {
            Some(drawing) if drawing.phase == Phase::Pressed => {
                drawing.phase = Phase::AwaitingSecond;
                Release::AwaitsClick
            }
            Some(drawing) => {
                Release::Ends(Some(drawing.rect.map_or(Notice::TooSmall, |rect| editor.add(rect))))
            }
            None => Release::Ends(None),
        }
    }

    /// A label key labels the box being drawn, and not what is selected.
    fn key(&mut self, editor: &mut Editor, command: Command) -> Option<Notice> {
        match command {
            Command::Relabel(label) => Some(editor.choose_label(label)),
            _ => None,
        }
    }

    fn cursor(&self, _editor: &Editor) -> Cursor {
        Cursor::Crosshair
    }

    fn draw(&self, editor: &Editor) -> Sketch {
        Sketch {
            new_box: self.drawing.and_then(|drawing| drawing.rect),
            guides: editor.pointer.map(|at| crosshair(editor, at)).into_iter().collect(),
        }
    }
}

/// The box between the first point and the pointer, unless it is a slip of
/// the hand.
fn between<S: Shape>(editor: &Editor, first: ImagePoint, pointer: Pointer) -> Option<Rect> {
    let size = editor.size();
    let second = editor.viewport.to_image(pointer.at);
    let (a, b) = (first.clamp_to(size), second.clamp_to(size));
    let least_px = (a.x - b.x).abs().min((a.y - b.y).abs()) * editor.viewport.zoom();
    if least_px < LEAST_DRAWN_PX { None } else { S::rect(a, b, size, snap(editor, pointer)) }
}

/// Lines through the pointer, from edge to edge of the canvas.
fn crosshair(editor: &Editor, at: ScreenPoint) -> Primitive {
    let canvas = editor.viewport.canvas();
    let lines = vec![
        (ScreenPoint::new(at.x, 0.0), ScreenPoint::new(at.x, canvas.height())),
        (ScreenPoint::new(0.0, at.y), ScreenPoint::new(canvas.width(), at.y)),
    ];
    Primitive::Lines { style: Style::line(Role::Guide, 1.0), lines }
}
