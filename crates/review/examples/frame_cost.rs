//! What the editor spends on one frame with 10,000 boxes: while dragging one
//! box, while panning, and for a hit test. The painter's time comes on top.
//!
//! `cargo run --release -p review --example frame_cost`

#![allow(clippy::print_stdout, reason = "printing is what it is for")]
#![allow(clippy::disallowed_methods, reason = "measuring needs a clock; the crate itself knows none")]

use domain::{
    geometry::{Rect, Score, Size},
    name::Label,
    prediction::PredictedBox,
};
use review::{
    CanvasSize, Command, Editor, Event, ImagePoint, Opening, Pointer, Reach, SceneCache, ScreenPoint, Start,
    StartedFrom, Surface, Tool,
};
use std::{error::Error, time::Instant};

const BOXES: u32 = 10_000;
const FRAMES: u32 = 300;

fn main() -> Result<(), Box<dyn Error>> {
    let mut editor = Editor::open(opening()?, CanvasSize::new(1280.0, 800.0));
    let mut cache = SceneCache::default();
    cache.update(&editor);
    println!("{BOXES} boxes, 4000×3000 image, 1280×800 canvas, {FRAMES} frames each");
    dragging_one(&mut editor, &mut cache);
    looking_around(&mut editor, &mut cache);
    asking(&mut editor);
    moving_all(&mut editor, &mut cache);
    Ok(())
}

fn at(p: ScreenPoint) -> Pointer {
    Pointer { at: p, ..Pointer::default() }
}

fn on_canvas(editor: &Editor, x: f64, y: f64) -> ScreenPoint {
    editor.viewport().to_screen(ImagePoint::new(x, y))
}

fn dragging_one(editor: &mut Editor, cache: &mut SceneCache) {
    let grabbed = on_canvas(editor, 2018.0, 1513.0);
    editor.handle(Event::Down(at(grabbed)));
    editor.handle(Event::Up(at(grabbed)));
    cache.update(editor);
    editor.handle(Event::Down(at(grabbed)));
    let mut repainted = false;
    let drag = frames(|i| {
        let p = ScreenPoint::new(grabbed.x + f64::from(i), grabbed.y + f64::from(i % 40));
        editor.handle(Event::Move(at(p)));
        repainted |= cache.update(editor).touches(Surface::Static);
    });
    print("dragging one box", &drag);
    println!("  the resting boxes were {}", if repainted { "repainted" } else { "never repainted" });
    let started = Instant::now();
    let said = editor.handle(Event::Up(at(ScreenPoint::new(grabbed.x + 300.0, grabbed.y))));
    let took = started.elapsed().as_secs_f64() * 1e3;
    println!("releasing it: {took:.4} ms ({})", said.map_or_else(String::new, |said| said.to_string()));
}

fn looking_around(editor: &mut Editor, cache: &mut SceneCache) {
    let grabbed = editor.viewport().canvas().centre();
    editor.execute(Command::SelectNone);
    editor.execute(Command::Tool(Tool::Pan));
    editor.handle(Event::Down(at(grabbed)));
    let pan = frames(|i| {
        let p = ScreenPoint::new(grabbed.x + f64::from(i % 50), grabbed.y + f64::from(i % 30));
        editor.handle(Event::Move(at(p)));
        cache.update(editor);
    });
    print("panning", &pan);
    editor.handle(Event::Up(at(grabbed)));
    let zoom = frames(|i| {
        let factor = if i % 20 < 10 { 1.2 } else { 1.0 / 1.2 };
        editor.handle(Event::Pinch { at: grabbed, factor });
        cache.update(editor);
    });
    print("zooming", &zoom);
}

fn asking(editor: &mut Editor) {
    editor.execute(Command::Fit);
    let hit = frames(|i| {
        let p = ScreenPoint::new(f64::from(i * 4), f64::from(i * 2));
        std::hint::black_box(editor.hit_test(p, Reach::Fine));
    });
    print("hit test", &hit);
    let visible = frames(|_| {
        std::hint::black_box(editor.visible_ids());
    });
    print("visible boxes", &visible);
}

fn moving_all(editor: &mut Editor, cache: &mut SceneCache) {
    editor.execute(Command::Tool(Tool::Select));
    editor.execute(Command::SelectAll);
    cache.update(editor);
    let grabbed = on_canvas(editor, 1218.0, 1513.0);
    editor.handle(Event::Down(at(grabbed)));
    let drag_all = frames(|i| {
        editor.handle(Event::Move(at(ScreenPoint::new(grabbed.x + f64::from(i % 50), grabbed.y))));
        cache.update(editor);
    });
    print("dragging all of them", &drag_all);
    editor.handle(Event::Cancel { id: 0 });
    let nudge = frames(|i| {
        editor.execute(Command::Nudge { dx: if i % 2 == 0 { 1 } else { -1 }, dy: 0 });
        cache.update(editor);
    });
    print("nudging all of them", &nudge);
}

fn opening() -> Result<Opening, Box<dyn Error>> {
    let labels: Vec<Label> = ["a", "b", "c", "d"].into_iter().map(Label::new).collect::<Result<_, _>>()?;
    let score = Score::new(0.9).ok_or("no score")?;
    let one = |i: u32| -> Result<PredictedBox, Box<dyn Error>> {
        let (column, row) = (i % 100, i / 100);
        let rect = Rect::new(f64::from(column) * 40.0, f64::from(row) * 30.0, 36.0, 26.0)?;
        let label = labels.get(i as usize % labels.len()).cloned().ok_or("no label")?;
        Ok(PredictedBox { label, score, rect })
    };
    let champion = (0..BOXES).map(one).collect::<Result<_, _>>()?;
    Ok(Opening {
        size: Size::new(4000, 3000).ok_or("no size")?,
        labels: labels.clone(),
        threshold: Score::new(0.25).ok_or("no score")?,
        champion,
        shadow: None,
        start: Start::Fresh(StartedFrom::Champion),
        blind: false,
    })
}

/// Milliseconds of each frame, sorted.
fn frames(mut frame: impl FnMut(u32)) -> Vec<f64> {
    let mut times: Vec<f64> = (0..FRAMES)
        .map(|i| {
            let started = Instant::now();
            frame(i);
            started.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times
}

fn print(what: &str, times: &[f64]) {
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or(0.0);
    println!("{what}: median {:.4} ms, p95 {:.4} ms", at(0.5), at(0.95));
}
