//! From pointer events to the tool at work: pressing begins a gesture, moving
//! shapes it, releasing finishes it, and anything unexpected cancels it. What
//! each of these means is the tool's; pinching is no tool's.

use crate::{
    editor::Editor,
    event::Event,
    input::{Button, Modifiers, Pointer, PointerKind, Touch},
    notice::Notice,
    scene::Cursor,
    space::ScreenPoint,
    tools::{CanvasTool, Release, Sketch, Tool},
};

/// What a click with the zoom tool, or a key, multiplies the zoom by.
pub const ZOOM_STEP: f64 = 1.5;

impl Editor {
    /// Takes one event; says what a command did.
    pub fn handle(&mut self, event: Event) -> Option<Notice> {
        match event {
            Event::Down(pointer) => self.pointer_down(pointer),
            Event::Move(pointer) => self.pointer_move(pointer),
            Event::Up(pointer) => return self.pointer_up(pointer),
            Event::Cancel { id } => self.pointer_cancel(id),
            Event::Leave => {
                self.hover = None;
                if self.gesture.is_none() && !self.pinching {
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
        let pinched = std::mem::take(&mut self.pinching);
        let Some(mut tool) = self.take_gesture() else { return pinched };
        tool.cancel(self);
        true
    }

    /// What the pointer looks like now.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        match &self.gesture {
            _ if self.pinching => Cursor::Grabbing,
            Some(tool) => tool.cursor(self),
            None => self.pressed_tool(Button::Primary).start().cursor(self),
        }
    }

    /// What the tool shows over the boxes.
    pub(crate) fn sketch(&self) -> Sketch {
        match &self.gesture {
            Some(tool) => tool.draw(self),
            None => self.usable_tool().start().draw(self),
        }
    }

    /// The chosen tool, as far as this view allows it.
    fn usable_tool(&self) -> Tool {
        if self.tool.spec().edits_boxes && !self.is_editable() { Tool::Select } else { self.tool }
    }

    /// The tool that a press of this button uses.
    fn pressed_tool(&self, button: Button) -> Tool {
        if button == Button::Middle || self.held_pan { Tool::Pan } else { self.usable_tool() }
    }

    pub(crate) fn take_gesture(&mut self) -> Option<Box<dyn CanvasTool>> {
        self.gesture_revision += u64::from(self.gesture.is_some());
        self.gesture.take()
    }

    pub(crate) fn set_gesture(&mut self, tool: Box<dyn CanvasTool>) {
        self.gesture = Some(tool);
        self.gesture_revision += 1;
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

    fn pointer_down(&mut self, pointer: Pointer) {
        if !pointer.at.is_finite() {
            return;
        }
        self.pointer = Some(pointer.at);
        if pointer.kind == PointerKind::Touch {
            self.touches.retain(|touch| touch.id != pointer.id);
            self.touches.push(Touch { id: pointer.id, at: pointer.at });
            if self.touches.len() > 1 {
                self.cancel_gesture();
                self.pinching = true;
                return;
            }
        }
        if self.owner.is_none() && pointer.button != Button::Secondary {
            self.press(pointer);
        }
    }

    fn press(&mut self, pointer: Pointer) {
        let tool = self.pressed_tool(pointer.button);
        if tool == Tool::Pan && self.gesture.is_some() {
            // The image stays under a drawing that waits for its second click.
            return;
        }
        let mut tool = self.take_gesture().unwrap_or_else(|| tool.start());
        tool.down(self, pointer);
        self.owner = Some(pointer.id);
        self.set_gesture(tool);
    }

    fn pointer_move(&mut self, pointer: Pointer) {
        if !pointer.at.is_finite() {
            return;
        }
        if self.pinching {
            self.pinch_with(pointer);
        } else if self.owner.is_none_or(|owner| owner == pointer.id) {
            self.pointer = Some(pointer.at);
            if self.gesture.is_some() {
                self.shape_gesture(pointer);
            } else {
                self.hover = self.usable_tool().start().hover(self, pointer);
            }
        }
    }

    /// Moves the gesture on to where the pointer is.
    fn shape_gesture(&mut self, pointer: Pointer) {
        if let Some(mut tool) = self.take_gesture() {
            tool.moved(self, pointer);
            self.set_gesture(tool);
        }
    }

    fn pointer_up(&mut self, pointer: Pointer) -> Option<Notice> {
        self.touches.retain(|touch| touch.id != pointer.id);
        if self.pinching {
            self.pinching = self.touches.len() > 1;
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
        let mut tool = self.take_gesture()?;
        match tool.up(self, pointer) {
            Release::Ends(notice) => notice,
            Release::AwaitsClick => {
                self.set_gesture(tool);
                None
            }
        }
    }

    fn pointer_cancel(&mut self, id: i32) {
        self.touches.retain(|touch| touch.id != id);
        let pinched = self.pinching && self.touches.len() < 2;
        if pinched || self.owner == Some(id) {
            self.cancel_gesture();
        }
    }

    fn pinch_with(&mut self, pointer: Pointer) {
        let Some(index) = self.touches.iter().position(|touch| touch.id == pointer.id) else { return };
        let before = pair(&self.touches);
        if let Some(touch) = self.touches.get_mut(index) {
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
