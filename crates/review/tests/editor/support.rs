//! A hand for the tests: images, boxes, and what a person does with them.

#![allow(unreachable_pub, reason = "shared by the test files beside it")]

use domain::{
    geometry::{Rect, Score, Size},
    name::Label,
    prediction::PredictedBox,
};
use review::{
    BoxId, Button, CanvasSize, Command, Editor, Event, ImagePoint, Modifiers, Notice, Opening, Pointer,
    PointerKind, ReviewBox, ScreenPoint, Start, StartedFrom, Tool,
};

pub fn label(text: &str) -> Label {
    Label::new(text).expect("a label")
}

pub fn rect(x: f64, y: f64, w: f64, h: f64) -> Rect {
    Rect::new(x, y, w, h).expect("a rectangle")
}

pub fn score(v: f64) -> Score {
    Score::new(v).expect("a score")
}

pub fn seen(text: &str, v: f64, x: f64, y: f64, w: f64, h: f64) -> PredictedBox {
    PredictedBox { label: label(text), score: score(v), rect: rect(x, y, w, h) }
}

pub fn canvas() -> CanvasSize {
    CanvasSize::new(1000.0, 800.0)
}

/// An image of 640×480 with these boxes of the champion, threshold 0.25.
pub fn opening(champion: Vec<PredictedBox>) -> Opening {
    Opening {
        size: Size::new(640, 480).expect("a size"),
        labels: ["RBC", "WBC", "Platelets"].map(label).to_vec(),
        threshold: score(0.25),
        champion,
        shadow: None,
        start: Start::Fresh(StartedFrom::Champion),
        blind: false,
    }
}

/// Two cells side by side, a platelet, and one more below the threshold.
pub fn cells() -> Vec<PredictedBox> {
    vec![
        seen("WBC", 0.95, 100.0, 100.0, 120.0, 100.0),
        seen("RBC", 0.8, 300.0, 100.0, 80.0, 80.0),
        seen("Platelets", 0.5, 500.0, 300.0, 30.0, 30.0),
        seen("RBC", 0.1, 300.0, 300.0, 80.0, 80.0),
    ]
}

pub fn open_cells() -> Editor {
    Editor::open(opening(cells()), canvas())
}

/// A person with a mouse who thinks in image pixels.
pub struct Hand<'a> {
    pub editor: &'a mut Editor,
    pub keys: Modifiers,
    pub button: Button,
    pub kind: PointerKind,
}

pub fn hand(editor: &mut Editor) -> Hand<'_> {
    Hand { editor, keys: Modifiers::default(), button: Button::default(), kind: PointerKind::default() }
}

impl Hand<'_> {
    pub fn with(mut self, keys: Modifiers) -> Self {
        self.keys = keys;
        self
    }

    pub fn at(&self, x: f64, y: f64) -> Pointer {
        let at = self.editor.viewport().to_screen(ImagePoint::new(x, y));
        Pointer { id: 1, at, button: self.button, kind: self.kind, keys: self.keys }
    }

    pub fn press(&mut self, x: f64, y: f64) {
        let p = self.at(x, y);
        self.editor.handle(Event::Down(p));
    }

    pub fn move_to(&mut self, x: f64, y: f64) {
        let p = self.at(x, y);
        self.editor.handle(Event::Move(p));
    }

    pub fn release(&mut self, x: f64, y: f64) -> Option<Notice> {
        let p = self.at(x, y);
        self.editor.handle(Event::Up(p))
    }

    pub fn click(&mut self, x: f64, y: f64) -> Option<Notice> {
        self.press(x, y);
        self.release(x, y)
    }

    pub fn drag(&mut self, from: (f64, f64), to: (f64, f64)) -> Option<Notice> {
        self.press(from.0, from.1);
        self.move_to((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0);
        self.move_to(to.0, to.1);
        self.release(to.0, to.1)
    }

    pub fn draw(&mut self, from: (f64, f64), to: (f64, f64)) -> BoxId {
        self.editor.execute(Command::Tool(Tool::Draw));
        self.drag(from, to);
        self.editor.execute(Command::Tool(Tool::Select));
        self.editor.selected().next().expect("the drawn box is selected")
    }
}

pub const SHIFT: Modifiers = Modifiers { shift: true, ctrl: false, alt: false };
pub const ALT: Modifiers = Modifiers { shift: false, ctrl: false, alt: true };

pub fn only(editor: &Editor) -> &ReviewBox {
    let mut boxes = editor.boxes();
    let first = boxes.next().expect("a box");
    assert!(boxes.next().is_none(), "more than one box");
    first
}

pub fn content(editor: &Editor) -> Vec<ReviewBox> {
    editor.boxes().cloned().collect()
}

#[track_caller]
pub fn assert_close(found: &Rect, x: f64, y: f64, w: f64, h: f64) {
    let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
    assert!(
        near(found.x(), x) && near(found.y(), y) && near(found.w(), w) && near(found.h(), h),
        "{found:?} is not {x}, {y}, {w}, {h}"
    );
}

pub fn on_screen(x: f64, y: f64) -> ScreenPoint {
    ScreenPoint::new(x, y)
}
