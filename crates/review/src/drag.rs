//! What each kind of drag does with the pointer's place, and what it leaves
//! behind when it ends.

use crate::{
    bounds::{Snap, drawn, group_shift, hull, resized, translated},
    boxes::{BoxId, ReviewBox},
    command::Notice,
    document::Change,
    editor::Editor,
    gesture::{
        DRAG_PX, DrawPhase, Drawing, Gesture, Marquee, Moving, Pointer, PointerKind, Press, PressedOn,
        Resizing,
    },
    history::Act,
    hit::{Handle, Hit},
    space::{ImagePoint, ScreenPoint, contains},
};
use domain::geometry::Rect;

/// How near to the image's edge, in CSS pixels, an edge snaps to it.
const SNAP_PX: f64 = 6.0;
/// A drawn side below this many CSS pixels was a slip of the hand.
const LEAST_DRAWN_PX: f64 = 2.0;

impl Editor {
    fn snap(&self, pointer: Pointer) -> Snap {
        if pointer.keys.alt { Snap::OFF } else { Snap(SNAP_PX / self.viewport.zoom()) }
    }

    /// The gesture that a press becomes when the pointer moves.
    pub(crate) fn begin_drag(&mut self, press: &Press) -> Gesture {
        let Pointer { at, keys, kind, .. } = press.pointer;
        match press.on {
            PressedOn::Zoom => Gesture::ZoomArea { anchor: at, to: at },
            PressedOn::Canvas(Some(Hit::Handle(id, handle))) => self.begin_resizing(id, handle, at),
            PressedOn::Canvas(Some(Hit::Edge(id) | Hit::Interior(id))) if self.is_editable() => {
                if !self.selection.contains(id) {
                    if keys.shift || keys.ctrl {
                        self.selection.add(id);
                    } else {
                        self.selection.set([id]);
                    }
                }
                self.begin_moving(at)
            }
            PressedOn::Canvas(_) if kind == PointerKind::Touch => Gesture::Panning { last: at },
            PressedOn::Canvas(_) => {
                let anchor = self.viewport.to_image(at);
                let before = self.selection.ids().clone();
                Gesture::Marquee(Marquee { anchor, to: anchor, before, adds: keys.shift || keys.ctrl })
            }
        }
    }

    fn begin_moving(&self, at: ScreenPoint) -> Gesture {
        let originals: Vec<(BoxId, Rect)> = self.unlocked_selection().map(|b| (b.id, b.rect)).collect();
        match hull(originals.iter().map(|(_, rect)| rect)) {
            Some(hull) => Gesture::Moving(Moving {
                grab: self.viewport.to_image(at),
                preview: originals.clone(),
                originals,
                hull,
            }),
            None => Gesture::Idle,
        }
    }

    fn begin_resizing(&self, id: BoxId, handle: Handle, at: ScreenPoint) -> Gesture {
        let Some(held) = self.document.get(id) else { return Gesture::Idle };
        let place = self.viewport.to_screen(handle.on(&held.rect));
        Gesture::Resizing(Resizing {
            id,
            handle,
            original: held.rect,
            offset: ScreenPoint::new(place.x - at.x, place.y - at.y),
            preview: held.rect,
        })
    }

    pub(crate) fn moved_to(&self, moving: Moving, pointer: Pointer) -> Moving {
        let p = self.viewport.to_image(pointer.at);
        let (dx, dy) = (p.x - moving.grab.x, p.y - moving.grab.y);
        let (dx, dy) = group_shift(&moving.hull, dx, dy, self.size(), self.snap(pointer));
        let preview =
            moving.originals.iter().map(|(id, rect)| (*id, translated(rect, dx, dy, self.size()))).collect();
        Moving { preview, ..moving }
    }

    pub(crate) fn resized_to(&self, resizing: Resizing, pointer: Pointer) -> Resizing {
        let at = ScreenPoint::new(pointer.at.x + resizing.offset.x, pointer.at.y + resizing.offset.y);
        let to = self.viewport.to_image(at);
        let held = resizing.handle.held();
        let preview = resized(&resizing.original, held, to, self.size(), self.snap(pointer));
        Resizing { preview, ..resizing }
    }

    pub(crate) fn drawn_to(&self, drawing: Drawing, pointer: Pointer) -> Drawing {
        let moved = drawing.pressed_at.distance(pointer.at) >= DRAG_PX;
        let phase = match drawing.phase {
            DrawPhase::Pressed if moved => DrawPhase::Dragging,
            phase => phase,
        };
        let to = self.viewport.to_image(pointer.at);
        let preview = (phase != DrawPhase::Pressed)
            .then(|| self.sizeable(drawing.anchor, to, self.snap(pointer)))
            .flatten();
        Drawing { phase, preview, ..drawing }
    }

    /// The rectangle between two points, unless it is a slip of the hand.
    fn sizeable(&self, anchor: ImagePoint, to: ImagePoint, snap: Snap) -> Option<Rect> {
        let (a, b) = (anchor.clamp_to(self.size()), to.clamp_to(self.size()));
        let least = (a.x - b.x).abs().min((a.y - b.y).abs()) * self.viewport.zoom();
        if least < LEAST_DRAWN_PX { None } else { drawn(anchor, to, self.size(), snap) }
    }

    pub(crate) fn selected_to(&mut self, marquee: Marquee, pointer: Pointer) -> Marquee {
        let marquee = Marquee { to: self.viewport.to_image(pointer.at), ..marquee };
        let mut within = Vec::new();
        if let Some(rect) = marquee.rect() {
            self.document.index().query(&rect, |id, inner| {
                if contains(&rect, inner) && self.document.get(id).is_some_and(|b| self.shows(b)) {
                    within.push(id);
                }
            });
        }
        let kept = marquee.before.iter().copied().filter(|_| marquee.adds);
        self.selection.set(within.into_iter().chain(kept));
        marquee
    }

    pub(crate) fn finish_moving(&mut self, moving: &Moving) -> Notice {
        self.place(Act::Move, &moving.preview)
    }

    pub(crate) fn finish_resizing(&mut self, resizing: &Resizing) -> Notice {
        self.place(Act::Resize, &[(resizing.id, resizing.preview)])
    }

    pub(crate) fn finish_drawing(&mut self, drawing: Drawing) -> Option<Notice> {
        if drawing.phase == DrawPhase::Pressed {
            self.set_gesture(Gesture::Drawing(Drawing { phase: DrawPhase::AwaitingSecond, ..drawing }));
            return None;
        }
        drawing.preview.map(|rect| self.add(rect))
    }

    /// Adds a person's box with the current label, and selects it.
    pub(crate) fn add(&mut self, rect: Rect) -> Notice {
        let id = self.document.fresh_id();
        let label = self.current_label;
        if !self.filter.is_open(label) {
            self.filter.toggle_eye(label);
        }
        let added = ReviewBox {
            id,
            label,
            rect,
            score: None,
            source: None,
            ignore: false,
            locked: false,
            touched: true,
        };
        let notice = self.commit(Act::Draw, vec![Change::insert(added)]);
        self.selection.set([id]);
        notice
    }
}
