//! What holds for any hand: laws over random sequences of gestures and
//! commands.

use crate::support::*;
use domain::{
    geometry::{Rect, Size},
    prediction::PredictedBox,
};
use proptest::prelude::*;
use review::*;

/// One thing a person may do.
#[derive(Clone, Debug)]
enum Deed {
    Drag { tool: Tool, from: (f64, f64), to: (f64, f64), keys: Modifiers },
    Click { tool: Tool, at: (f64, f64), keys: Modifiers },
    Cancelled { from: (f64, f64), to: (f64, f64) },
    Wheel { at: (f64, f64), delta: f64 },
    Say(Command),
    Range(f64, f64),
    Eye(u16),
}

fn place() -> impl Strategy<Value = (f64, f64)> {
    (-50.0..1050.0, -50.0..850.0)
}

fn modifiers() -> impl Strategy<Value = Modifiers> {
    (any::<bool>(), any::<bool>()).prop_map(|(shift, alt)| Modifiers { shift, ctrl: false, alt })
}

fn tool() -> impl Strategy<Value = Tool> {
    prop_oneof![2 => Just(Tool::Select), 3 => prop::sample::select(Tool::ALL)]
}

fn command() -> impl Strategy<Value = Command> {
    let step = -700..700_i32;
    let source = (any::<bool>(), 0..8_u32).prop_map(|(champion, index)| Source {
        side: if champion { Side::Champion } else { Side::Shadow },
        index,
    });
    prop_oneof![
        4 => (step.clone(), step.clone()).prop_map(|(dx, dy)| Command::Nudge { dx, dy }),
        4 => (step.clone(), step).prop_map(|(dx, dy)| Command::ResizeBy { dx, dy }),
        4 => Just(Command::SelectNext),
        2 => Just(Command::SelectAll),
        2 => Just(Command::Delete),
        2 => Just(Command::Duplicate),
        2 => (0..4_u16).prop_map(|l| Command::Relabel(LabelIndex(l))),
        1 => Just(Command::ToggleIgnore),
        1 => Just(Command::ToggleLock),
        1 => Just(Command::Copy),
        2 => Just(Command::Paste),
        2 => Just(Command::AddAtCentre),
        3 => source.prop_map(Command::Take),
        1 => prop_oneof![Just(StartedFrom::Empty), Just(StartedFrom::Shadow), Just(StartedFrom::Champion)]
            .prop_map(Command::StartFrom),
        2 => prop_oneof![Just(View::Champion), Just(View::Shadow), Just(View::Compare)].prop_map(Command::View),
        2 => Just(Command::Undo),
        1 => Just(Command::Redo),
        1 => Just(Command::ZoomIn),
        1 => Just(Command::Fit),
        1 => Just(Command::ToggleLabels),
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        6 => (tool(), place(), place(), modifiers())
            .prop_map(|(tool, from, to, keys)| Deed::Drag { tool, from, to, keys }),
        3 => (tool(), place(), modifiers()).prop_map(|(tool, at, keys)| Deed::Click { tool, at, keys }),
        1 => (place(), place()).prop_map(|(from, to)| Deed::Cancelled { from, to }),
        2 => (place(), -1_000.0..1_000.0).prop_map(|(at, delta)| Deed::Wheel { at, delta }),
        8 => command().prop_map(Deed::Say),
        1 => (0.0..1.0, 0.0..1.0).prop_map(|(a, b)| Deed::Range(a, b)),
        1 => (0..4_u16).prop_map(Deed::Eye),
    ]
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    prop::collection::vec(deed(), 1..30)
}

fn pointer(at: (f64, f64), keys: Modifiers) -> Pointer {
    Pointer { id: 7, at: on_screen(at.0, at.1), keys, ..Pointer::default() }
}

fn middle(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0)
}

/// Every single event of the deed, so that a law can look between them.
fn events(deed: &Deed) -> Vec<Event> {
    match *deed {
        Deed::Drag { tool, from, to, keys } => vec![
            Event::Command(Command::Tool(tool)),
            Event::Move(pointer(from, keys)),
            Event::Down(pointer(from, keys)),
            Event::Move(pointer(middle(from, to), keys)),
            Event::Move(pointer(to, keys)),
            Event::Up(pointer(to, keys)),
        ],
        Deed::Click { tool, at, keys } => vec![
            Event::Command(Command::Tool(tool)),
            Event::Down(pointer(at, keys)),
            Event::Up(pointer(at, keys)),
        ],
        Deed::Cancelled { from, to } => vec![
            Event::Down(pointer(from, Modifiers::default())),
            Event::Move(pointer(to, Modifiers::default())),
            Event::Cancel { id: 7 },
        ],
        Deed::Wheel { at, delta } => vec![Event::Wheel {
            at: on_screen(at.0, at.1),
            delta_x: 0.0,
            delta_y: delta,
            keys: Modifiers::default(),
        }],
        Deed::Say(command) => vec![Event::Command(command)],
        Deed::Range(..) | Deed::Eye(_) => vec![],
    }
}

fn act(editor: &mut Editor, deed: &Deed) {
    match *deed {
        Deed::Range(low, high) => editor.set_score_range(ScoreRange::new(low, high)),
        Deed::Eye(label) => editor.toggle_eye(LabelIndex(label)),
        _ => {}
    }
    for event in events(deed) {
        editor.handle(event);
    }
}

fn predicted() -> impl Strategy<Value = Vec<PredictedBox>> {
    let one = (0..3_usize, 0.01..1.0_f64, -20.0..620.0_f64, -20.0..460.0_f64, 0.3..300.0_f64, 0.3..300.0_f64);
    prop::collection::vec(one, 0..8).prop_map(|boxes| {
        let names = ["RBC", "WBC", "Platelets"];
        boxes.into_iter().map(|(l, s, x, y, w, h)| seen(names[l], s, x, y, w, h)).collect()
    })
}

fn editors() -> impl Strategy<Value = Editor> {
    (predicted(), predicted()).prop_map(|(champion, shadow)| {
        Editor::open(Opening { shadow: Some(shadow), ..opening(champion) }, canvas())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn undoing_everything_gives_the_beginning_and_redoing_everything_the_end(
        mut editor in editors(), deeds in deeds()
    ) {
        let before = (content(&editor), editor.started_from());
        for deed in &deeds {
            act(&mut editor, deed);
        }
        editor.cancel_gesture();
        while editor.execute(Command::Redo) != Notice::Nothing {}
        let after = (content(&editor), editor.started_from());
        while editor.execute(Command::Undo) != Notice::Nothing {}
        prop_assert_eq!(&(content(&editor), editor.started_from()), &before);
        while editor.execute(Command::Redo) != Notice::Nothing {}
        prop_assert_eq!(&(content(&editor), editor.started_from()), &after);
    }

    #[test]
    fn undo_takes_back_exactly_the_last_deed(mut editor in editors(), deeds in deeds(), last in deed()) {
        for deed in &deeds {
            act(&mut editor, deed);
        }
        editor.cancel_gesture();
        let is_time_travel = matches!(last, Deed::Say(Command::Undo | Command::Redo));
        prop_assume!(!is_time_travel);
        let (before, revision) = (content(&editor), editor.revision());
        act(&mut editor, &last);
        if editor.revision() != revision {
            editor.cancel_gesture();
            editor.execute(Command::Undo);
        }
        prop_assert_eq!(content(&editor), before);
    }

    #[test]
    fn boxes_stay_inside_the_image_and_never_shrink_below_the_least_side(
        mut editor in editors(), deeds in deeds()
    ) {
        let mut least = editor.boxes().map(|b| b.rect.w().min(b.rect.h())).fold(MIN_SIDE, f64::min);
        editor.set_score_range(ScoreRange::new(0.0, 1.0));
        // A copy of a model's small box is as small, whichever model's it is.
        for view in [View::Shadow, View::Champion] {
            editor.execute(Command::View(view));
            least = editor.candidates().iter().map(|c| c.rect.w().min(c.rect.h())).fold(least, f64::min);
        }
        for deed in &deeds {
            act(&mut editor, deed);
            for b in editor.boxes() {
                prop_assert!(b.rect.is_inside(editor.size(), 0.0), "{:?} after {:?}", b.rect, deed);
                let floor = if b.source.is_some() { 0.0 } else { least - 1e-9 };
                prop_assert!(b.rect.w() > floor && b.rect.h() > floor, "{:?} after {:?}", b.rect, deed);
            }
        }
    }

    #[test]
    fn the_kept_scene_is_the_scene_built_anew_after_every_event(
        mut editor in editors(), deeds in deeds()
    ) {
        let mut cache = SceneCache::default();
        for deed in &deeds {
            if let Deed::Range(low, high) = *deed {
                editor.set_score_range(ScoreRange::new(low, high));
            }
            for event in events(deed) {
                editor.handle(event);
                let before = cache.scene().clone();
                let changed = cache.update(&editor);
                prop_assert_eq!(cache.scene(), &Scene::of(&editor), "after {:?}", event);
                for layer in Layer::ALL {
                    let differs = before.layer(layer) != cache.scene().layer(layer);
                    prop_assert_eq!(differs, changed.contains(layer), "{:?} after {:?}", layer, event);
                }
            }
        }
    }

    #[test]
    fn what_is_on_the_canvas_and_under_the_pointer_is_what_looking_at_every_box_finds(
        mut editor in editors(), deeds in deeds(), at in place(), turn in 0.0..3.0_f64, look in place()
    ) {
        for deed in &deeds {
            act(&mut editor, deed);
        }
        editor.cancel_gesture();
        editor.execute(Command::View(View::Champion));
        editor.execute(Command::SelectNone);
        editor.viewport_mut().zoom_at(on_screen(look.0, look.1), turn.exp());
        let region = editor.viewport().visible().expect("a canvas");
        let on_canvas = |b: &&ReviewBox| {
            let r = &b.rect;
            editor.shows(b)
                && r.x() <= region.right() && region.x() <= r.right()
                && r.y() <= region.bottom() && region.y() <= r.bottom()
        };
        let expected: Vec<BoxId> = editor.boxes().filter(on_canvas).map(|b| b.id).collect();
        prop_assert_eq!(editor.visible_ids(), expected);

        let at = on_screen(at.0, at.1);
        let p = editor.viewport().to_image(at);
        let slack = 4.0 / editor.viewport().zoom();
        let near = |b: &&ReviewBox| {
            let r = &b.rect;
            editor.shows(b)
                && p.x >= r.x() - slack && p.x <= r.right() + slack
                && p.y >= r.y() - slack && p.y <= r.bottom() + slack
        };
        let any = editor.boxes().any(|b| near(&b));
        match editor.hit_test(at, Reach::Fine) {
            Some(Hit::Candidate(_)) => {}
            Some(hit) => {
                let hit = editor.get(hit.id().expect("a box")).expect("a box");
                prop_assert!(near(&hit));
            }
            None => prop_assert!(!any),
        }
    }

    #[test]
    fn looking_changes_no_box(mut editor in editors(), low in 0.0..1.0, high in 0.0..1.0, eye in 0..3_u16) {
        let before = content(&editor);
        editor.set_score_range(ScoreRange::new(low, high));
        editor.toggle_eye(LabelIndex(eye));
        let hidden = editor.hidden_but_saved();
        prop_assert_eq!(content(&editor), before);
        let shown = editor.boxes().filter(|b| editor.shows(b)).count();
        prop_assert_eq!(shown + hidden, editor.len());
        prop_assert_eq!(editor.outcome().boxes.len(), editor.len());
    }

    #[test]
    fn a_draft_brings_back_the_same_review(mut editor in editors(), deeds in deeds()) {
        let mut fresh = editor.clone();
        for deed in &deeds {
            act(&mut editor, deed);
        }
        editor.cancel_gesture();
        let text = serde_json::to_string(&editor.draft(domain::time::Timestamp(5))).expect("text");
        let draft: Draft = serde_json::from_str(&text).expect("a draft");
        let before = content(&fresh);
        fresh.restore(&draft).expect("restored");
        // Text may cost a number its last digit.
        let sorted = |editor: &Editor| {
            let line = |b: &SavedBox| {
                let r = b.rect;
                format!("{} {:.6} {:.6} {:.6} {:.6} {} {:?}", b.label, r.x(), r.y(), r.w(), r.h(), b.ignore, b.source)
            };
            let mut lines: Vec<String> = editor.outcome().boxes.iter().map(line).collect();
            lines.sort();
            lines
        };
        prop_assert_eq!(sorted(&fresh), sorted(&editor));
        prop_assert_eq!(fresh.outcome().untouched, editor.outcome().untouched);
        prop_assert_eq!(fresh.statistics(), editor.statistics());
        fresh.execute(Command::Undo);
        prop_assert_eq!(content(&fresh), before, "taking a draft over can be undone");
    }
}

fn viewport() -> impl Strategy<Value = Viewport> {
    let turns = prop::collection::vec((place(), -3.0..3.0_f64), 0..12);
    ((1..5_000_u32, 1..5_000_u32), (1.0..3_000.0, 1.0..2_000.0), turns).prop_map(|(size, canvas, turns)| {
        let size = Size::new(size.0, size.1).expect("a size");
        let mut viewport = Viewport::new(size, CanvasSize::new(canvas.0, canvas.1));
        for (at, turn) in turns {
            viewport.zoom_at(on_screen(at.0, at.1), turn.exp());
        }
        viewport
    })
}

proptest! {
    #[test]
    fn overlaps_are_matched_as_by_trying_every_pair(
        left in prop::collection::vec((0..60_u8, 0..60_u8, 1..60_u8, 1..60_u8), 0..12),
        right in prop::collection::vec((0..60_u8, 0..60_u8, 1..60_u8, 1..60_u8), 0..12),
    ) {
        let rects = |list: Vec<(u8, u8, u8, u8)>| -> Vec<Rect> {
            list.into_iter().map(|(x, y, w, h)| rect(x.into(), y.into(), w.into(), h.into())).collect()
        };
        let (left, right) = (rects(left), rects(right));
        let found = match_by_iou(&left, &right, |_, _| false);
        let (mut free_left, mut free_right) = (vec![true; left.len()], vec![true; right.len()]);
        let mut expected = Vec::new();
        loop {
            let pairs = (0..left.len()).flat_map(|l| (0..right.len()).map(move |r| (l, r)));
            let open = pairs.filter(|(l, r)| free_left[*l] && free_right[*r]);
            let best = open.fold(None, |best: Option<Match>, (l, r)| {
                let iou = left[l].iou(&right[r]);
                if best.is_none_or(|best| iou > best.iou) { Some(Match { left: l, right: r, iou }) } else { best }
            });
            let Some(best) = best.filter(|best| best.iou >= SAME_OBJECT_IOU) else { break };
            (free_left[best.left], free_right[best.right]) = (false, false);
            expected.push(best);
        }
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn from_screen_to_image_and_back_is_the_same_place(viewport in viewport(), at in place()) {
        let at = on_screen(at.0, at.1);
        let back = viewport.to_screen(viewport.to_image(at));
        prop_assert!(back.distance(at) < 1e-6 * (1.0 + viewport.zoom()), "{:?} {:?}", at, back);
    }

    #[test]
    fn zooming_keeps_the_image_point_under_the_pointer(
        mut viewport in viewport(), at in place(), wheel in -5_000.0..5_000.0
    ) {
        let at = on_screen(at.0, at.1);
        let held = viewport.to_image(at);
        viewport.wheel(at, wheel);
        prop_assert!((MIN_ZOOM..=MAX_ZOOM).contains(&viewport.zoom()));
        prop_assert!(viewport.to_screen(held).distance(at) < 1e-6, "{:?}", viewport);
    }

    #[test]
    fn panning_never_loses_the_image(
        size in (1..3_000_u32, 1..3_000_u32), pans in prop::collection::vec((-9e3..9e3, -9e3..9e3), 1..10)
    ) {
        let size = Size::new(size.0, size.1).expect("a size");
        let mut viewport = Viewport::new(size, canvas());
        for (dx, dy) in pans {
            viewport.pan_by(dx, dy);
            let seen: Option<Rect> = viewport.visible().and_then(|seen| seen.clamp_to(size));
            prop_assert!(seen.is_some(), "{viewport:?}");
        }
    }
}
