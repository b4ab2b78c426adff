//! Hands that tremble, boxes hardly larger than the pointer, and boxes that
//! lie on one another.

use crate::support::*;
use proptest::prelude::*;
use review::*;

fn boxes(rects: &[(f64, f64, f64, f64)]) -> Editor {
    let seen = rects.iter().map(|(x, y, w, h)| seen("RBC", 0.9, *x, *y, *w, *h)).collect();
    Editor::open(opening(seen), canvas())
}

fn place_of(editor: &Editor, id: u32) -> (f64, f64, f64, f64) {
    let rect = editor.get(BoxId(id)).expect("the box").rect;
    (rect.x(), rect.y(), rect.w(), rect.h())
}

fn selected(editor: &Editor) -> Vec<u32> {
    editor.selected().map(|id| id.0).collect()
}

/// Presses, moves and releases in CSS pixels around an image point.
fn tremble(editor: &mut Editor, at: (f64, f64), by_px: (f64, f64), kind: PointerKind) -> Option<Notice> {
    let from = editor.viewport().to_screen(ImagePoint::new(at.0, at.1));
    let pointer = |x: f64, y: f64| Pointer { id: 1, at: on_screen(x, y), kind, ..Pointer::default() };
    editor.handle(Event::Down(pointer(from.x, from.y)));
    editor.handle(Event::Move(pointer(from.x + by_px.0, from.y + by_px.1)));
    editor.handle(Event::Up(pointer(from.x + by_px.0, from.y + by_px.1)))
}

#[test]
fn a_click_of_a_trembling_hand_moves_nothing() {
    for (by, kind) in [
        ((3.0, 0.0), PointerKind::Mouse),
        ((-2.0, 2.0), PointerKind::Mouse),
        ((0.0, 3.0), PointerKind::Pen),
        ((5.0, -6.0), PointerKind::Touch),
    ] {
        let mut editor = open_cells();
        let before = content(&editor);
        tremble(&mut editor, (340.0, 140.0), by, kind);
        assert_eq!(editor.selected().count(), 1, "{by:?}");
        assert_eq!((content(&editor), editor.can_undo()), (before, None), "{by:?}");
    }
}

#[test]
fn a_click_of_a_trembling_hand_is_the_first_corner_and_no_box() {
    let mut editor = boxes(&[]);
    editor.execute(Command::Tool(Tool::Draw));
    tremble(&mut editor, (100.0, 100.0), (2.0, 2.0), PointerKind::Mouse);
    assert!(editor.is_empty());
    hand(&mut editor).click(200.0, 180.0);
    assert_close(&only(&editor).rect, 100.0, 100.0, 100.0, 80.0);
}

#[test]
fn what_is_too_small_to_be_a_box_is_refused_with_a_word() {
    for by in [(4.0, 1.0), (1.0, 60.0), (5.0, 0.0)] {
        let mut editor = boxes(&[]);
        editor.execute(Command::Tool(Tool::Draw));
        let notice = tremble(&mut editor, (100.0, 100.0), by, PointerKind::Mouse).expect("a word");
        assert!(editor.is_empty(), "{by:?}");
        assert!(notice.refuses() && notice.to_string().contains("too small"), "{notice}");
    }
    let mut editor = boxes(&[]);
    editor.execute(Command::Tool(Tool::Draw));
    hand(&mut editor).click(100.0, 100.0);
    assert_eq!(hand(&mut editor).click(101.0, 101.0), Some(Notice::TooSmall), "a double click is no box");
    assert!(editor.is_empty());
}

#[test]
fn a_box_dragged_by_its_middle_is_moved_however_small_it_is() {
    for side in [1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 20.0] {
        let mut editor = boxes(&[(200.0, 200.0, side, side)]);
        editor.execute(Command::Select(BoxId(0)));
        let middle = 200.0 + side / 2.0;
        hand(&mut editor).drag((middle, middle), (middle + 30.0, middle + 10.0));
        assert_eq!(place_of(&editor, 0), (230.0, 210.0, side, side));
    }
}

#[test]
fn a_small_box_is_resized_by_what_lies_outside_of_it() {
    let mut editor = boxes(&[(200.0, 200.0, 4.0, 4.0)]);
    editor.execute(Command::Select(BoxId(0)));
    hand(&mut editor).drag((205.5, 205.5), (225.5, 215.5));
    assert_eq!(place_of(&editor, 0), (200.0, 200.0, 24.0, 14.0));
}

#[test]
fn a_tiny_box_at_the_corner_of_the_selected_one_can_be_taken() {
    let mut editor = boxes(&[(100.0, 100.0, 300.0, 300.0), (397.0, 397.0, 6.0, 6.0)]);
    editor.execute(Command::Select(BoxId(0)));
    hand(&mut editor).drag((400.0, 400.0), (420.0, 420.0));
    assert_eq!(place_of(&editor, 0), (100.0, 100.0, 300.0, 300.0));
    assert_eq!(place_of(&editor, 1), (417.0, 417.0, 6.0, 6.0));
}

#[test]
fn clicking_again_goes_through_boxes_that_lie_on_one_another() {
    let mut editor =
        boxes(&[(100.0, 100.0, 60.0, 50.0), (100.0, 100.0, 60.0, 50.0), (101.0, 100.0, 60.0, 50.0)]);
    let mut seen = Vec::new();
    for _ in 0..4 {
        hand(&mut editor).click(130.0, 125.0);
        seen.extend(selected(&editor));
    }
    assert_eq!(seen, [2, 1, 0, 2]);
    hand(&mut editor).click(120.0, 115.0);
    assert_eq!(selected(&editor), [2], "another place begins at the top");
}

#[test]
fn the_box_that_was_reached_below_is_the_one_that_is_dragged() {
    let mut editor = boxes(&[(100.0, 100.0, 60.0, 50.0), (100.0, 100.0, 60.0, 50.0)]);
    hand(&mut editor).click(130.0, 125.0);
    hand(&mut editor).click(130.0, 125.0);
    assert_eq!(selected(&editor), [0]);
    hand(&mut editor).drag((140.0, 130.0), (240.0, 150.0));
    assert_eq!(place_of(&editor, 0), (200.0, 120.0, 60.0, 50.0));
    assert_eq!(place_of(&editor, 1), (100.0, 100.0, 60.0, 50.0));
}

#[test]
fn a_double_click_on_a_box_inside_another_stays_with_it() {
    let mut editor = boxes(&[(100.0, 100.0, 300.0, 300.0), (200.0, 200.0, 60.0, 60.0)]);
    hand(&mut editor).click(230.0, 230.0);
    hand(&mut editor).click(230.0, 230.0);
    assert_eq!(selected(&editor), [1]);
}

#[test]
fn the_small_box_inside_the_selected_one_is_hit() {
    let mut editor = boxes(&[(0.0, 0.0, 600.0, 400.0), (200.0, 200.0, 12.0, 12.0)]);
    hand(&mut editor).click(100.0, 100.0);
    assert_eq!(selected(&editor), [0]);
    hand(&mut editor).click(206.0, 206.0);
    assert_eq!(selected(&editor), [1]);
    editor.execute(Command::Select(BoxId(0)));
    hand(&mut editor).drag((206.0, 206.0), (226.0, 206.0));
    assert_eq!(place_of(&editor, 1), (220.0, 200.0, 12.0, 12.0));
}

#[test]
fn a_key_goes_through_all_boxes_below_and_says_which() {
    let mut editor =
        boxes(&[(100.0, 100.0, 300.0, 300.0), (200.0, 200.0, 60.0, 60.0), (210.0, 210.0, 30.0, 30.0)]);
    assert_eq!(editor.execute(Command::SelectBelow), Notice::NothingSelected);
    editor.execute(Command::Select(BoxId(2)));
    let mut walked = Vec::new();
    for _ in 0..3 {
        walked.push(editor.execute(Command::SelectBelow).to_string());
        walked.push(format!("{:?}", selected(&editor)));
    }
    let expected = [
        "box 2 of 3 here selected",
        "[1]",
        "box 3 of 3 here selected",
        "[0]",
        "box 1 of 3 here selected",
        "[2]",
    ];
    assert_eq!(walked, expected);
    let mut alone = boxes(&[(10.0, 10.0, 30.0, 30.0)]);
    alone.execute(Command::Select(BoxId(0)));
    assert_eq!(alone.execute(Command::SelectBelow), Notice::NothingBelow);
}

#[test]
fn the_key_begins_under_the_pointer() {
    let mut editor = boxes(&[(100.0, 100.0, 300.0, 300.0), (300.0, 300.0, 60.0, 60.0)]);
    hand(&mut editor).move_to(330.0, 330.0);
    editor.execute(Command::SelectBelow);
    assert_eq!(selected(&editor), [1]);
    editor.execute(Command::SelectBelow);
    assert_eq!(selected(&editor), [0]);
}

proptest! {
    #[test]
    fn no_handle_reaches_further_into_what_moves_a_box_than_that_is_wide(
        side_px in 0.5..80.0_f64, coarse in any::<bool>()
    ) {
        let mut editor = boxes(&[(300.0, 200.0, 40.0, 40.0)]);
        editor.execute(Command::Select(BoxId(0)));
        let middle = editor.viewport().to_screen(ImagePoint::new(320.0, 220.0));
        let zoom = editor.viewport().zoom();
        editor.viewport_mut().zoom_at(middle, side_px / (40.0 * zoom));
        let reach = if coarse { Reach::Coarse } else { Reach::Fine };
        // Along a diagonal through the middle, in steps of a tenth of a pixel.
        let hit = |step: i32| {
            let by = f64::from(step) / 10.0;
            editor.hit_test(on_screen(middle.x + by, middle.y + by), reach)
        };
        let steps = 0..1_000_i32;
        let moves = steps.clone().take_while(|step| !matches!(hit(*step), Some(Hit::Handle(..)) | None)).count();
        let resizes = steps.filter(|step| matches!(hit(*step), Some(Hit::Handle(..)))).count();
        prop_assert!(moves * 2 + 2 >= resizes, "{moves} move, {resizes} resize");
        prop_assert!(resizes >= 10, "a handle can be met: {resizes}");
    }
}
