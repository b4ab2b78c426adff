//! From pointer events to gestures: pressing begins one, moving shapes it,
//! releasing finishes it, and anything unexpected cancels it.

use crate::{
    command::Notice,
    editor::{Editor, Tool},
    event::Event,
    gesture::{
        Button, DRAG_PX, DrawPhase, Drawing, Gesture, Modifiers, Pointer, PointerKind, Press, PressedOn,
        Touch,
    },
    hit::{Hit, Reach},
    space::{ScreenPoint, ScreenRect},
};

/// What a click with the zoom tool, or a key, multiplies the zoom by.
pub const ZOOM_STEP: f64 = 1.5;

impl Editor {
    /// Takes one event; says what a command did.
    pub fn handle(&mut self, event: Event) -> Option<Notice> {
        match event {
            Event::Down(pointer) => return self.pointer_down(pointer),
            Event::Move(pointer) => self.pointer_move(pointer),
            Event::Up(pointer) => return self.pointer_up(pointer),
            Event::Cancel { id } => self.pointer_cancel(id),
            Event::Leave => {
                self.hover = None;
                if self.gesture == Gesture::Idle {
                    self.pointer = None;
                }
            }
            Event::Wheel { at, delta_x, delta_y, keys } => self.wheel(at, delta_x, delta_y, keys),
            Event::Pinch { at, factor } => {
                self.viewport.zoom_at(at, factor);
                self.follow_viewport();
            }
            Event::HoldPan(held) => self.held_pan = held,
            Event::Resize(canvas) => self.viewport.set_canvas(canvas),
            Event::Command(command) => return Some(self.execute(command)),
        }
        None
    }

    /// Ends the gesture without a trace; says whether there was one.
    pub fn cancel_gesture(&mut self) -> bool {
        self.owner = None;
        let gesture = self.take_gesture();
        if let Gesture::Marquee(marquee) = &gesture {
            self.selection.set(marquee.before.iter().copied());
        }
        gesture != Gesture::Idle
    }

    pub(crate) fn set_gesture(&mut self, gesture: Gesture) {
        self.gesture = gesture;
        self.gesture_revision += 1;
    }

    pub(crate) fn take_gesture(&mut self) -> Gesture {
        if self.gesture != Gesture::Idle {
            self.gesture_revision += 1;
        }
        std::mem::replace(&mut self.gesture, Gesture::Idle)
    }

    /// Brings a gesture up to date after the image moved under the pointer.
    fn follow_viewport(&mut self) {
        if let Some(at) = self.pointer
            && let Some(id) = self.owner
        {
            self.shape_gesture(Pointer { id, at, ..Pointer::default() });
        }
    }

    fn wheel(&mut self, at: ScreenPoint, delta_x: f64, delta_y: f64, keys: Modifiers) {
        if keys.shift {
            self.viewport.pan_by(-delta_y - delta_x, 0.0);
        } else {
            self.viewport.wheel(at, delta_y);
        }
        self.follow_viewport();
    }

    fn pointer_down(&mut self, pointer: Pointer) -> Option<Notice> {
        if !pointer.at.is_finite() {
            return None;
        }
        self.pointer = Some(pointer.at);
        if pointer.kind == PointerKind::Touch {
            self.touches.retain(|touch| touch.id != pointer.id);
            self.touches.push(Touch { id: pointer.id, at: pointer.at });
            if self.touches.len() > 1 {
                self.cancel_gesture();
                self.set_gesture(Gesture::Pinching);
                return None;
            }
        }
        if self.owner.is_some() {
            return None;
        }
        if pointer.button == Button::Secondary {
            return None;
        }
        self.begin_gesture(pointer);
        None
    }

    fn begin_gesture(&mut self, pointer: Pointer) {
        let pans = pointer.button == Button::Middle || self.held_pan || self.tool == Tool::Pan;
        if pans && self.gesture.awaits_second_click() {
            // The image moves under a drawing that waits for its second click.
            return;
        }
        let gesture = if pans {
            Gesture::Panning { last: pointer.at }
        } else if self.tool == Tool::Zoom {
            Gesture::Pressed(Press { pointer, on: PressedOn::Zoom })
        } else if self.tool == Tool::Draw && self.is_editable() {
            self.begin_drawing(pointer)
        } else {
            let hit = self.hit_test(pointer.at, reach(pointer.kind));
            Gesture::Pressed(Press { pointer, on: PressedOn::Canvas(hit) })
        };
        self.owner = Some(pointer.id);
        self.set_gesture(gesture);
    }

    fn begin_drawing(&mut self, pointer: Pointer) -> Gesture {
        match self.take_gesture() {
            Gesture::Drawing(drawing) if drawing.phase == DrawPhase::AwaitingSecond => {
                let drawing = Drawing { phase: DrawPhase::SecondPressed, ..drawing };
                Gesture::Drawing(self.drawn_to(drawing, pointer))
            }
            _ => Gesture::Drawing(Drawing {
                anchor: self.viewport.to_image(pointer.at),
                pressed_at: pointer.at,
                phase: DrawPhase::Pressed,
                preview: None,
            }),
        }
    }

    fn pointer_move(&mut self, pointer: Pointer) {
        if !pointer.at.is_finite() {
            return;
        }
        if self.gesture == Gesture::Pinching {
            self.pinch_with(pointer);
        } else if self.owner == Some(pointer.id) || self.gesture.awaits_second_click() {
            self.pointer = Some(pointer.at);
            self.shape_gesture(pointer);
        } else if self.owner.is_none() {
            self.pointer = Some(pointer.at);
            let picks = self.tool == Tool::Select || (self.tool == Tool::Draw && !self.is_editable());
            self.hover = picks.then(|| self.hit_test(pointer.at, reach(pointer.kind))).flatten();
        }
    }

    /// Moves the gesture on to where the pointer is.
    fn shape_gesture(&mut self, pointer: Pointer) {
        let next = match self.take_gesture() {
            Gesture::Pressed(press) if press.pointer.at.distance(pointer.at) >= DRAG_PX => {
                let dragged = self.begin_drag(&press);
                self.set_gesture(dragged);
                if !matches!(self.gesture, Gesture::Pressed(_)) {
                    self.shape_gesture(pointer);
                }
                return;
            }
            Gesture::Moving(moving) => Gesture::Moving(self.moved_to(moving, pointer)),
            Gesture::Resizing(resizing) => Gesture::Resizing(self.resized_to(resizing, pointer)),
            Gesture::Drawing(drawing) => Gesture::Drawing(self.drawn_to(drawing, pointer)),
            Gesture::Marquee(marquee) => Gesture::Marquee(self.selected_to(marquee, pointer)),
            Gesture::Panning { last } => {
                self.viewport.pan_by(pointer.at.x - last.x, pointer.at.y - last.y);
                Gesture::Panning { last: pointer.at }
            }
            Gesture::ZoomArea { anchor, .. } => Gesture::ZoomArea { anchor, to: pointer.at },
            other => other,
        };
        if next != Gesture::Idle {
            self.set_gesture(next);
        }
    }

    fn pointer_up(&mut self, pointer: Pointer) -> Option<Notice> {
        self.touches.retain(|touch| touch.id != pointer.id);
        if self.gesture == Gesture::Pinching {
            if self.touches.len() < 2 {
                self.take_gesture();
            }
            return None;
        }
        if self.owner != Some(pointer.id) {
            return None;
        }
        if pointer.at.is_finite() {
            self.pointer = Some(pointer.at);
            self.shape_gesture(pointer);
        }
        self.owner = None;
        match self.take_gesture() {
            Gesture::Pressed(press) => self.click(&press),
            Gesture::Moving(moving) => Some(self.finish_moving(&moving)),
            Gesture::Resizing(resizing) => Some(self.finish_resizing(&resizing)),
            Gesture::Drawing(drawing) => self.finish_drawing(drawing),
            Gesture::ZoomArea { anchor, to } => {
                self.viewport.zoom_to(ScreenRect::between(anchor, to));
                None
            }
            Gesture::Idle | Gesture::Marquee(_) | Gesture::Panning { .. } | Gesture::Pinching => None,
        }
    }

    fn pointer_cancel(&mut self, id: i32) {
        self.touches.retain(|touch| touch.id != id);
        let pinched = self.gesture == Gesture::Pinching && self.touches.len() < 2;
        if pinched || self.owner == Some(id) {
            self.cancel_gesture();
        }
    }

    fn click(&mut self, press: &Press) -> Option<Notice> {
        let Pointer { at, keys, .. } = press.pointer;
        match press.on {
            PressedOn::Zoom => {
                let out = keys.shift || keys.alt;
                self.viewport.zoom_at(at, if out { 1.0 / ZOOM_STEP } else { ZOOM_STEP });
                None
            }
            PressedOn::Canvas(Some(Hit::Candidate(source))) => Some(self.take(source)),
            PressedOn::Canvas(Some(Hit::Edge(id) | Hit::Interior(id))) => {
                if keys.shift || keys.ctrl {
                    self.selection.toggle(id);
                } else {
                    self.selection.set([id]);
                }
                None
            }
            PressedOn::Canvas(Some(Hit::Handle(..))) => None,
            PressedOn::Canvas(None) => {
                if !(keys.shift || keys.ctrl) {
                    self.selection.set([]);
                }
                None
            }
        }
    }

    fn pinch_with(&mut self, pointer: Pointer) {
        let Some(moved) = self.touches.iter().position(|touch| touch.id == pointer.id) else { return };
        let before = pair(&self.touches);
        if let Some(touch) = self.touches.get_mut(moved) {
            touch.at = pointer.at;
        }
        let (Some((a, b)), Some((c, d))) = (before, pair(&self.touches)) else { return };
        let middle = |p: ScreenPoint, q: ScreenPoint| ScreenPoint::new((p.x + q.x) / 2.0, (p.y + q.y) / 2.0);
        let (from, to) = (middle(a, b), middle(c, d));
        if a.distance(b) > 1.0 && c.distance(d) > 1.0 {
            self.viewport.zoom_at(from, c.distance(d) / a.distance(b));
        }
        self.viewport.pan_by(to.x - from.x, to.y - from.y);
    }
}

fn pair(touches: &[Touch]) -> Option<(ScreenPoint, ScreenPoint)> {
    Some((touches.first()?.at, touches.get(1)?.at))
}

fn reach(kind: PointerKind) -> Reach {
    match kind {
        PointerKind::Touch => Reach::Coarse,
        PointerKind::Mouse | PointerKind::Pen => Reach::Fine,
    }
}
