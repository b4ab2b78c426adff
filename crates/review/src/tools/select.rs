//! Selects boxes by a click or by an area, moves them, resizes the one that is
//! selected alone, and takes a model's box. A finger beside every box moves
//! the image.

use super::{CanvasTool, Release, Sketch, ToolSpec, pan::Pan, snap};
use crate::{
    bounds::{group_shift, hull, resized, translated},
    boxes::BoxId,
    editor::Editor,
    handle::Handle,
    history::Act,
    hit::{Hit, Reach},
    input::{Pointer, PointerKind},
    notice::Notice,
    scene::{Cursor, Primitive},
    space::{ImagePoint, ScreenPoint, contains},
};
use domain::geometry::Rect;
use std::collections::BTreeSet;

pub(super) const SPEC: ToolSpec = ToolSpec {
    name: "Select",
    help: "Click a box, or drag around some; drag a box to move it, its handles to resize it.",
    key: "V",
    icon: "M4 2.5v9.5l2.6-2.4 1.7 3.9 1.7-.7-1.7-3.9h3.5z",
    edits_boxes: false,
};

#[derive(Clone, Debug, Default)]
pub(super) enum Select {
    /// Nothing is pressed, or nothing follows from it.
    #[default]
    Idle,
    /// Pressed, not yet moved.
    Pressed(Press),
    /// Boxes follow the pointer.
    Moving(Moving),
    /// One box follows one of its handles.
    Resizing(Resizing),
    /// A rectangle selects what lies within.
    Area(Area),
    /// The image follows the finger.
    Panning(Pan),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Press {
    pointer: Pointer,
    on: Option<Hit>,
}

#[derive(Clone, Debug)]
pub(super) struct Moving {
    /// The image point that was grabbed.
    grab: ImagePoint,
    /// Boxes and where they were, by rising id.
    originals: Vec<(BoxId, Rect)>,
    /// The rectangle around all of them.
    hull: Rect,
    /// Boxes and where they are now, by rising id.
    preview: Vec<(BoxId, Rect)>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Resizing {
    id: BoxId,
    handle: Handle,
    original: Rect,
    /// From the pointer to the handle, in CSS pixels: it stays the same, so
    /// that a handle grabbed beside its middle does not jump.
    offset: ScreenPoint,
    preview: Rect,
}

#[derive(Clone, Debug)]
pub(super) struct Area {
    anchor: ImagePoint,
    to: ImagePoint,
    /// What was selected before, for cancelling.
    before: BTreeSet<BoxId>,
    /// Adds to what was selected.
    adds: bool,
}

impl CanvasTool for Select {
    fn down(&mut self, editor: &mut Editor, pointer: Pointer) {
        *self = Self::Pressed(Press { pointer, on: self.hover(editor, pointer) });
    }

    fn moved(&mut self, editor: &mut Editor, pointer: Pointer) {
        if let Self::Pressed(press) = self {
            if !pointer.is_dragged_from(press.pointer.at) {
                return;
            }
            *self = press.drag(editor);
        }
        match self {
            Self::Moving(moving) => moving.follow(editor, pointer),
            Self::Resizing(resizing) => resizing.follow(editor, pointer),
            Self::Area(area) => area.follow(editor, pointer),
            Self::Panning(pan) => pan.moved(editor, pointer),
            Self::Idle | Self::Pressed(_) => {}
        }
    }

    fn up(&mut self, editor: &mut Editor, _pointer: Pointer) -> Release {
        Release::Ends(match self {
            Self::Pressed(press) => press.click(editor),
            Self::Moving(moving) => Some(editor.place(Act::Move, &moving.preview)),
            Self::Resizing(resizing) => Some(editor.place(Act::Resize, &[(resizing.id, resizing.preview)])),
            Self::Idle | Self::Area(_) | Self::Panning(_) => None,
        })
    }

    fn cancel(&mut self, editor: &mut Editor) {
        if let Self::Area(area) = self {
            editor.selection.set(area.before.iter().copied());
        }
    }

    fn cursor(&self, editor: &Editor) -> Cursor {
        match self {
            Self::Moving(_) => Cursor::Move,
            Self::Resizing(resizing) => resizing.handle.into(),
            Self::Panning(pan) => pan.cursor(editor),
            Self::Idle | Self::Pressed(_) | Self::Area(_) => over(editor),
        }
    }

    fn draw(&self, editor: &Editor) -> Sketch {
        let area = match self {
            Self::Area(area) => area.rect(),
            _ => None,
        };
        let guides = area.map(|rect| Primitive::marquee(editor.viewport.rect_to_screen(&rect)));
        Sketch { guides: guides.into_iter().collect(), ..Sketch::default() }
    }

    fn hover(&self, editor: &Editor, pointer: Pointer) -> Option<Hit> {
        editor.hit_test(pointer.at, Reach::of(pointer.kind))
    }

    fn preview(&self, id: BoxId) -> Option<Rect> {
        match self {
            Self::Moving(moving) => {
                let index = moving.preview.binary_search_by_key(&id, |(id, _)| *id).ok()?;
                moving.preview.get(index).map(|(_, rect)| *rect)
            }
            Self::Resizing(resizing) => (resizing.id == id).then_some(resizing.preview),
            _ => None,
        }
    }
}

/// The cursor over what lies under a free pointer.
fn over(editor: &Editor) -> Cursor {
    match editor.hover {
        None => Cursor::Default,
        Some(Hit::Handle(_, handle)) => handle.into(),
        Some(Hit::Candidate(_)) => Cursor::Pointer,
        Some(Hit::Edge(id) | Hit::Interior(id)) => {
            let locked = editor.document.get(id).is_none_or(|b| b.locked);
            if locked { Cursor::Default } else { Cursor::Move }
        }
    }
}

impl Press {
    fn adds(&self) -> bool {
        self.pointer.keys.shift || self.pointer.keys.ctrl
    }

    /// What it becomes when the pointer moves.
    fn drag(&self, editor: &mut Editor) -> Select {
        let at = self.pointer.at;
        match self.on {
            Some(Hit::Handle(id, handle)) => Resizing::of(editor, id, handle, at),
            Some(Hit::Edge(id) | Hit::Interior(id)) if editor.is_editable() => {
                if !editor.selection.contains(id) {
                    if self.adds() {
                        editor.selection.add(id);
                    } else {
                        editor.selection.set([id]);
                    }
                }
                Moving::of_selection(editor, at)
            }
            _ if self.pointer.kind == PointerKind::Touch => {
                let mut pan = Pan::default();
                pan.down(editor, self.pointer);
                Select::Panning(pan)
            }
            _ => {
                let anchor = editor.viewport.to_image(at);
                let before = editor.selection.ids().clone();
                Select::Area(Area { anchor, to: anchor, before, adds: self.adds() })
            }
        }
    }

    /// What it did when the pointer did not move.
    fn click(&self, editor: &mut Editor) -> Option<Notice> {
        match self.on {
            Some(Hit::Candidate(source)) => return Some(editor.take(source)),
            Some(Hit::Edge(id) | Hit::Interior(id)) if self.adds() => editor.selection.toggle(id),
            Some(hit) if !self.adds() => {
                editor.click_box(self.pointer.at, Reach::of(self.pointer.kind), hit);
            }
            None if !self.adds() => editor.selection.set([]),
            Some(_) | None => {}
        }
        None
    }
}

impl Moving {
    fn of_selection(editor: &Editor, at: ScreenPoint) -> Select {
        let originals: Vec<(BoxId, Rect)> = editor.unlocked_selection().map(|b| (b.id, b.rect)).collect();
        match hull(originals.iter().map(|(_, rect)| rect)) {
            Some(hull) => {
                let grab = editor.viewport.to_image(at);
                Select::Moving(Self { grab, preview: originals.clone(), originals, hull })
            }
            None => Select::Idle,
        }
    }

    fn follow(&mut self, editor: &Editor, pointer: Pointer) {
        let (p, size) = (editor.viewport.to_image(pointer.at), editor.size());
        let (dx, dy) = (p.x - self.grab.x, p.y - self.grab.y);
        let (dx, dy) = group_shift(&self.hull, dx, dy, size, snap(editor, pointer));
        let moved = |(id, rect): &(BoxId, Rect)| (*id, translated(rect, dx, dy, size));
        self.preview = self.originals.iter().map(moved).collect();
    }
}

impl Resizing {
    fn of(editor: &Editor, id: BoxId, handle: Handle, at: ScreenPoint) -> Select {
        let Some(held) = editor.document.get(id) else { return Select::Idle };
        let middle = editor.viewport.to_screen(handle.on(&held.rect));
        let offset = ScreenPoint::new(middle.x - at.x, middle.y - at.y);
        Select::Resizing(Self { id, handle, original: held.rect, offset, preview: held.rect })
    }

    fn follow(&mut self, editor: &Editor, pointer: Pointer) {
        let at = ScreenPoint::new(pointer.at.x + self.offset.x, pointer.at.y + self.offset.y);
        let (to, edges) = (editor.viewport.to_image(at), self.handle.held());
        self.preview = resized(&self.original, edges, to, editor.size(), snap(editor, pointer));
    }
}

impl Area {
    fn rect(&self) -> Option<Rect> {
        Rect::from_corners(self.anchor.x, self.anchor.y, self.to.x, self.to.y)
    }

    /// Selects what lies within, as it grows and shrinks.
    fn follow(&mut self, editor: &mut Editor, pointer: Pointer) {
        self.to = editor.viewport.to_image(pointer.at);
        let mut ids = Vec::new();
        if let Some(rect) = self.rect() {
            editor.document.index().query(&rect, |id, inner| {
                if contains(&rect, inner) && editor.document.get(id).is_some_and(|b| editor.shows(b)) {
                    ids.push(id);
                }
            });
        }
        let former = self.before.iter().copied().filter(|_| self.adds);
        editor.selection.set(ids.into_iter().chain(former));
    }
}
