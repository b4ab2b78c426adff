use crate::support::*;
use review::*;

fn empty() -> Editor {
    Editor::open(opening(vec![]), canvas())
}

fn one(x: f64, y: f64, w: f64, h: f64) -> (Editor, BoxId) {
    let mut editor = Editor::open(opening(vec![seen("RBC", 0.9, x, y, w, h)]), canvas());
    let id = only(&editor).id;
    editor.execute(Command::Select(id));
    (editor, id)
}

#[test]
fn dragging_with_the_draw_tool_draws_a_box_with_the_current_label() {
    let mut editor = empty();
    editor.execute(Command::Relabel(LabelIndex(1)));
    let id = hand(&mut editor).draw((150.0, 200.0), (50.0, 120.0));
    let drawn = only(&editor);
    assert_close(&drawn.rect, 50.0, 120.0, 100.0, 80.0);
    assert_eq!((drawn.id, drawn.label, drawn.score, drawn.source), (id, LabelIndex(1), None, None));
}

#[test]
fn two_clicks_draw_a_box_and_escape_between_them_draws_none() {
    let mut editor = empty();
    editor.execute(Command::Tool(Tool::Draw));
    let mut person = hand(&mut editor);
    person.click(100.0, 100.0);
    person.move_to(180.0, 150.0);
    assert!(person.editor.is_empty(), "the first click alone draws nothing");
    person.click(200.0, 160.0);
    assert_close(&only(&editor).rect, 100.0, 100.0, 100.0, 60.0);

    let mut person = hand(&mut editor);
    person.click(300.0, 300.0);
    person.move_to(380.0, 350.0);
    person.editor.execute(Command::Cancel);
    person.move_to(400.0, 400.0);
    assert_eq!(editor.len(), 1);
}

#[test]
fn a_label_key_between_two_clicks_labels_the_box_being_drawn_only() {
    let mut editor = empty();
    let first = hand(&mut editor).draw((10.0, 10.0), (60.0, 60.0));
    editor.execute(Command::Tool(Tool::Draw));
    let mut person = hand(&mut editor);
    person.click(100.0, 100.0);
    person.editor.execute(Command::Relabel(LabelIndex(2)));
    person.click(200.0, 160.0);
    assert_eq!(editor.get(first).expect("the first").label, LabelIndex(0));
    assert_eq!(editor.boxes().last().expect("the second").label, LabelIndex(2));
}

#[test]
fn a_slip_of_the_hand_draws_nothing() {
    let mut editor = empty();
    editor.execute(Command::Tool(Tool::Draw));
    hand(&mut editor).drag((100.0, 100.0), (180.0, 100.2));
    assert!(editor.is_empty());
    assert_eq!(editor.can_undo(), None);
}

#[test]
fn drawing_out_of_the_image_stops_at_its_edge() {
    let mut editor = empty();
    hand(&mut editor).draw((600.0, 440.0), (900.0, 900.0));
    assert_close(&only(&editor).rect, 600.0, 440.0, 40.0, 40.0);
}

#[test]
fn dragging_a_box_moves_it_and_leaves_its_size() {
    let (mut editor, id) = one(100.0, 100.0, 120.0, 90.0);
    hand(&mut editor).drag((160.0, 150.0), (200.0, 180.0));
    assert_close(&editor.get(id).expect("it").rect, 140.0, 130.0, 120.0, 90.0);
}

#[test]
fn a_box_dragged_over_the_edge_stays_whole_inside() {
    let (mut editor, id) = one(100.0, 100.0, 120.0, 90.0);
    hand(&mut editor).drag((160.0, 150.0), (-500.0, 2_000.0));
    assert_close(&editor.get(id).expect("it").rect, 0.0, 390.0, 120.0, 90.0);
}

#[test]
fn a_press_that_does_not_move_selects_and_moves_nothing() {
    let mut editor = open_cells();
    let before = content(&editor);
    hand(&mut editor).click(340.0, 140.0);
    assert_eq!(editor.selected().count(), 1);
    assert_eq!(content(&editor), before);
    assert_eq!(editor.can_undo(), None);
    hand(&mut editor).click(20.0, 20.0);
    assert_eq!(editor.selected().count(), 0, "a click beside everything selects nothing");
}

#[test]
fn dragging_a_corner_past_its_opposite_flips_the_box() {
    let (mut editor, id) = one(200.0, 200.0, 100.0, 80.0);
    hand(&mut editor).drag((300.0, 280.0), (150.0, 120.0));
    assert_close(&editor.get(id).expect("it").rect, 150.0, 120.0, 50.0, 80.0);
}

#[test]
fn each_of_the_eight_handles_moves_its_edges_and_no_other() {
    let expected = [
        (Handle::NorthWest, (210.0, 205.0, 90.0, 75.0)),
        (Handle::North, (200.0, 205.0, 100.0, 75.0)),
        (Handle::NorthEast, (200.0, 205.0, 110.0, 75.0)),
        (Handle::East, (200.0, 200.0, 110.0, 80.0)),
        (Handle::SouthEast, (200.0, 200.0, 110.0, 85.0)),
        (Handle::South, (200.0, 200.0, 100.0, 85.0)),
        (Handle::SouthWest, (210.0, 200.0, 90.0, 85.0)),
        (Handle::West, (210.0, 200.0, 90.0, 80.0)),
    ];
    for (handle, (x, y, w, h)) in expected {
        let (mut editor, id) = one(200.0, 200.0, 100.0, 80.0);
        let from = handle.on(&editor.get(id).expect("it").rect);
        hand(&mut editor).drag((from.x, from.y), (from.x + 10.0, from.y + 5.0));
        assert_close(&editor.get(id).expect("it").rect, x, y, w, h);
    }
}

#[test]
fn at_any_zoom_the_held_corner_stays_under_the_pointer_and_the_others_stay_put() {
    for factor in [0.05, 0.3, 1.0, 7.0, 40.0] {
        let (mut editor, id) = one(200.0, 200.0, 100.0, 80.0);
        editor.viewport_mut().zoom_at(on_screen(500.0, 400.0), factor / 1.6);
        editor.viewport_mut().look_at(ImagePoint::new(300.0, 280.0));
        let corner = editor.viewport().to_screen(ImagePoint::new(300.0, 280.0));
        let zoom = editor.viewport().zoom();
        let target = on_screen(corner.x + (200.0 * zoom).min(60.0), corner.y - (40.0 * zoom).min(20.0));
        // A box of a few pixels is resized from outside of it.
        let outside = if 80.0 * zoom < 12.0 { 4.0 } else { 0.0 };
        let pointer = |at: ScreenPoint| {
            let at = on_screen(at.x + outside, at.y + outside);
            Pointer { at, keys: ALT, ..Pointer::default() }
        };
        editor.handle(Event::Down(pointer(corner)));
        editor.handle(Event::Move(pointer(target)));
        editor.handle(Event::Up(pointer(target)));
        let rect = editor.get(id).expect("it").rect;
        let held = editor.viewport().to_screen(ImagePoint::new(rect.right(), rect.bottom()));
        assert!(held.distance(target) < 1e-6, "zoom {zoom}: {held:?} is not {target:?}");
        assert_eq!((rect.x(), rect.y()), (200.0, 200.0), "zoom {zoom}");
    }
}

#[test]
fn a_handle_grabbed_beside_its_middle_does_not_jump() {
    let (mut editor, id) = one(200.0, 200.0, 100.0, 80.0);
    hand(&mut editor).drag((301.5, 281.0), (311.5, 291.0));
    assert_close(&editor.get(id).expect("it").rect, 200.0, 200.0, 110.0, 90.0);
}

#[test]
fn turning_the_wheel_while_dragging_keeps_the_box_under_the_pointer() {
    let (mut editor, id) = one(100.0, 100.0, 120.0, 90.0);
    let mut person = hand(&mut editor);
    person.press(160.0, 150.0);
    person.move_to(200.0, 180.0);
    let at = person.at(200.0, 180.0).at;
    person.editor.handle(Event::Wheel { at, delta_x: 0.0, delta_y: -400.0, keys: Modifiers::default() });
    person.release(200.0, 180.0);
    assert_close(&editor.get(id).expect("it").rect, 140.0, 130.0, 120.0, 90.0);
}

#[test]
fn a_drag_that_is_cancelled_leaves_no_trace() {
    let (mut editor, _) = one(100.0, 100.0, 120.0, 90.0);
    let before = content(&editor);
    let mut person = hand(&mut editor);
    person.press(160.0, 150.0);
    person.move_to(300.0, 300.0);
    person.editor.handle(Event::Cancel { id: 1 });
    person.release(300.0, 300.0);
    assert_eq!(content(&editor), before);
    assert_eq!(editor.can_undo(), None);
}

#[test]
fn undo_in_the_middle_of_a_drag_only_ends_the_drag() {
    let mut editor = empty();
    hand(&mut editor).draw((100.0, 100.0), (200.0, 200.0));
    let before = content(&editor);
    let mut person = hand(&mut editor);
    person.press(150.0, 150.0);
    person.move_to(300.0, 300.0);
    assert_eq!(person.editor.execute(Command::Undo), Notice::Cancelled);
    person.release(300.0, 300.0);
    assert_eq!(content(&editor), before);
}

#[test]
fn a_rectangle_selects_what_lies_within_and_the_group_moves_together() {
    let mut editor = open_cells();
    hand(&mut editor).drag((60.0, 60.0), (420.0, 240.0));
    assert_eq!(editor.selected().count(), 2);
    hand(&mut editor).drag((340.0, 140.0), (350.0, 160.0));
    let places: Vec<(f64, f64)> = editor.boxes().map(|b| (b.rect.x(), b.rect.y())).collect();
    assert_eq!(places, [(110.0, 120.0), (310.0, 120.0), (500.0, 300.0)]);
    editor.execute(Command::Undo);
    assert_eq!(editor.boxes().next().expect("a box").rect.x(), 100.0, "one step moves them all back");
}

#[test]
fn shift_adds_to_the_selection_and_takes_away() {
    let mut editor = open_cells();
    hand(&mut editor).click(160.0, 150.0);
    hand(&mut editor).with(SHIFT).click(340.0, 140.0);
    assert_eq!(editor.selected().count(), 2);
    hand(&mut editor).with(SHIFT).click(160.0, 150.0);
    assert_eq!(editor.selected().count(), 1);
    hand(&mut editor).with(SHIFT).drag((480.0, 280.0), (560.0, 360.0));
    assert_eq!(editor.selected().count(), 2);
}

#[test]
fn the_smaller_of_two_boxes_is_hit_and_an_edge_before_an_inside() {
    let champion =
        vec![seen("RBC", 0.9, 100.0, 100.0, 300.0, 300.0), seen("WBC", 0.8, 200.0, 200.0, 60.0, 60.0)];
    let editor = Editor::open(opening(champion), canvas());
    let hit = |x, y| editor.hit_test(editor.viewport().to_screen(ImagePoint::new(x, y)), Reach::Fine);
    assert_eq!(hit(230.0, 230.0), Some(Hit::Interior(BoxId(1))));
    assert_eq!(hit(130.0, 130.0), Some(Hit::Interior(BoxId(0))));
    assert_eq!(hit(200.5, 230.0), Some(Hit::Edge(BoxId(1))));
    assert_eq!(hit(100.0, 300.0), Some(Hit::Edge(BoxId(0))));
    assert_eq!(hit(20.0, 20.0), None);
}

#[test]
fn an_edge_near_the_border_of_the_image_snaps_to_it_unless_alt_is_held() {
    let (mut editor, id) = one(200.0, 200.0, 100.0, 80.0);
    hand(&mut editor).drag((300.0, 240.0), (638.0, 240.0));
    assert_eq!(editor.get(id).expect("it").rect.right(), 640.0);
    hand(&mut editor).with(ALT).drag((640.0, 240.0), (638.0, 240.0));
    assert_close(&editor.get(id).expect("it").rect, 200.0, 200.0, 438.0, 80.0);
}

#[test]
fn locked_boxes_are_selected_but_neither_moved_nor_deleted() {
    let (mut editor, _) = one(100.0, 100.0, 120.0, 90.0);
    editor.execute(Command::ToggleLock);
    let before = content(&editor);
    hand(&mut editor).drag((160.0, 150.0), (260.0, 250.0));
    hand(&mut editor).drag((220.0, 190.0), (260.0, 250.0));
    assert_eq!(editor.execute(Command::Delete), Notice::Locked);
    assert_eq!(editor.execute(Command::Relabel(LabelIndex(2))), Notice::Locked);
    assert_eq!(content(&editor), before);
    editor.execute(Command::ToggleLock);
    assert_eq!(editor.execute(Command::Delete), Notice::Done(Act::Delete, 1));
}

#[test]
fn arrows_nudge_by_one_and_ten_pixels_and_stop_at_the_edge() {
    let (mut editor, id) = one(5.0, 100.0, 120.0, 90.0);
    editor.execute(Command::Nudge { dx: 1, dy: 0 });
    editor.execute(Command::Nudge { dx: 0, dy: -10 });
    assert_close(&editor.get(id).expect("it").rect, 6.0, 90.0, 120.0, 90.0);
    editor.execute(Command::Nudge { dx: -10, dy: 0 });
    assert_close(&editor.get(id).expect("it").rect, 0.0, 90.0, 120.0, 90.0);
    assert_eq!(editor.execute(Command::Nudge { dx: -10, dy: 0 }), Notice::Unchanged);
}

#[test]
fn keys_resize_a_box_down_to_the_least_side_without_flipping_it() {
    let (mut editor, id) = one(100.0, 100.0, 20.0, 30.0);
    editor.execute(Command::ResizeBy { dx: 5, dy: 0 });
    assert_close(&editor.get(id).expect("it").rect, 100.0, 100.0, 25.0, 30.0);
    editor.execute(Command::ResizeBy { dx: -100, dy: -100 });
    assert_close(&editor.get(id).expect("it").rect, 100.0, 100.0, 1.0, 1.0);
}

#[test]
fn copies_go_to_another_image_by_the_name_of_their_label() {
    let mut first = open_cells();
    first.execute(Command::SelectAll);
    assert_eq!(first.execute(Command::Copy), Notice::Copied(3));
    let text = serde_json::to_string(first.clipboard().expect("a clipboard")).expect("text");

    let elsewhere = Opening { labels: vec![label("Platelets"), label("RBC")], ..opening(vec![]) };
    let mut second = Editor::open(elsewhere, canvas());
    second.set_clipboard(Some(serde_json::from_str(&text).expect("a clipboard")));
    assert_eq!(second.execute(Command::Paste), Notice::Pasted { added: 2, skipped: 1 });
    let found: Vec<(LabelIndex, f64)> = second.boxes().map(|b| (b.label, b.rect.x())).collect();
    assert_eq!(found, [(LabelIndex(1), 300.0), (LabelIndex(0), 500.0)]);
    second.execute(Command::Paste);
    let xs: Vec<f64> = second.boxes().map(|b| b.rect.x()).collect();
    assert_eq!(xs, [300.0, 500.0, 308.0, 508.0], "a second paste lies beside the first");
}

#[test]
fn a_duplicate_lies_beside_its_original_and_is_a_persons() {
    let (mut editor, _) = one(100.0, 100.0, 120.0, 90.0);
    editor.execute(Command::Duplicate);
    let copy = editor.boxes().last().expect("a copy");
    assert_close(&copy.rect, 108.0, 108.0, 120.0, 90.0);
    assert_eq!((copy.source, copy.touched, editor.is_selected(copy.id)), (None, true, true));
}

#[test]
fn the_keyboard_alone_adds_moves_labels_and_deletes() {
    let mut editor = empty();
    editor.execute(Command::AddAtCentre);
    editor.execute(Command::AddAtCentre);
    let places: Vec<_> = editor.boxes().map(|b| b.rect).collect();
    assert!(places.iter().all(|rect| rect.is_inside(editor.size(), 0.0)));
    assert_ne!(places.first(), places.last(), "the second does not hide the first");
    editor.execute(Command::Undo);
    editor.execute(Command::SelectNext);
    editor.execute(Command::Nudge { dx: 10, dy: 10 });
    editor.execute(Command::Relabel(LabelIndex(2)));
    assert_eq!(only(&editor).label, LabelIndex(2));
    editor.execute(Command::SelectNone);
    assert_eq!(editor.execute(Command::SelectNext), Notice::Selected(1));
    editor.execute(Command::Delete);
    assert!(editor.is_empty());
}

#[test]
fn next_and_previous_walk_the_list_round_and_bring_the_box_into_view() {
    let mut editor = open_cells();
    editor.viewport_mut().zoom_at(on_screen(0.0, 0.0), 20.0);
    let mut walked = Vec::new();
    for _ in 0..4 {
        editor.execute(Command::SelectNext);
        let id = editor.selected().next().expect("a box");
        assert!(editor.visible_ids().contains(&id));
        walked.push(id.0);
    }
    assert_eq!(walked, [1, 0, 2, 1], "by label, as the list shows them");
    editor.execute(Command::SelectPrevious);
    assert_eq!(editor.selected().collect::<Vec<_>>(), [BoxId(2)]);
}

#[test]
fn holding_space_or_the_middle_button_pans_with_any_tool() {
    for middle in [false, true] {
        let mut editor = open_cells();
        editor.execute(Command::Tool(Tool::Draw));
        editor.handle(Event::HoldPan(!middle));
        let button = if middle { Button::Middle } else { Button::Primary };
        let pointer = |x, y| Pointer { at: on_screen(x, y), button, ..Pointer::default() };
        let before = editor.viewport().to_screen(ImagePoint::new(0.0, 0.0));
        editor.handle(Event::Down(pointer(400.0, 400.0)));
        editor.handle(Event::Move(pointer(430.0, 380.0)));
        editor.handle(Event::Up(pointer(430.0, 380.0)));
        let after = editor.viewport().to_screen(ImagePoint::new(0.0, 0.0));
        assert_eq!((after.x - before.x, after.y - before.y), (30.0, -20.0));
        assert_eq!(editor.len(), 3, "nothing was drawn");
    }
}

#[test]
fn two_fingers_zoom_around_their_middle_and_draw_nothing() {
    let mut editor = open_cells();
    editor.execute(Command::Tool(Tool::Draw));
    let finger =
        |id, x, y| Pointer { id, at: on_screen(x, y), kind: PointerKind::Touch, ..Pointer::default() };
    let held = editor.viewport().to_image(on_screen(500.0, 400.0));
    let zoom = editor.viewport().zoom();
    editor.handle(Event::Down(finger(1, 450.0, 400.0)));
    editor.handle(Event::Down(finger(2, 550.0, 400.0)));
    editor.handle(Event::Move(finger(1, 400.0, 400.0)));
    editor.handle(Event::Move(finger(2, 600.0, 400.0)));
    editor.handle(Event::Up(finger(1, 400.0, 400.0)));
    editor.handle(Event::Up(finger(2, 600.0, 400.0)));
    assert!((editor.viewport().zoom() / zoom - 2.0).abs() < 1e-9);
    let at = editor.viewport().to_screen(held);
    assert!(at.distance(on_screen(500.0, 400.0)) < 1e-6, "{at:?}");
    assert_eq!(editor.len(), 3);
    hand(&mut editor).draw((10.0, 10.0), (60.0, 60.0));
    assert_eq!(editor.len(), 4, "drawing works again");
}

#[test]
fn the_zoom_tool_zooms_to_a_dragged_area() {
    let mut editor = open_cells();
    editor.execute(Command::Tool(Tool::Zoom));
    hand(&mut editor).drag((290.0, 90.0), (390.0, 170.0));
    let middle = editor.viewport().to_image(on_screen(500.0, 400.0));
    assert!((middle.x - 340.0).abs() < 1e-6 && (middle.y - 130.0).abs() < 1e-6, "{middle:?}");
    assert!((editor.viewport().zoom() - 10.0).abs() < 1e-6);
}

#[test]
fn numbers_that_are_none_change_nothing() {
    let mut editor = open_cells();
    let (before, view) = (content(&editor), *editor.viewport());
    let nowhere = Pointer { at: on_screen(f64::NAN, 10.0), ..Pointer::default() };
    editor.handle(Event::Down(nowhere));
    editor.handle(Event::Move(nowhere));
    editor.handle(Event::Up(nowhere));
    editor.handle(Event::Wheel {
        at: on_screen(f64::INFINITY, 0.0),
        delta_x: 0.0,
        delta_y: f64::NAN,
        keys: Modifiers::default(),
    });
    editor.handle(Event::Pinch { at: on_screen(10.0, 10.0), factor: f64::NAN });
    assert_eq!((content(&editor), *editor.viewport()), (before, view));
}

#[test]
fn a_new_edit_after_undo_leaves_nothing_to_redo() {
    let (mut editor, _) = one(100.0, 100.0, 120.0, 90.0);
    editor.execute(Command::Nudge { dx: 5, dy: 0 });
    editor.execute(Command::Undo);
    assert_eq!((editor.can_undo(), editor.can_redo()), (None, Some(Act::Move)));
    editor.execute(Command::Delete);
    assert_eq!((editor.can_undo(), editor.can_redo()), (Some(Act::Delete), None));
    assert_eq!(editor.execute(Command::Redo), Notice::Nothing);
}

#[test]
fn the_wheel_towards_the_user_makes_the_image_smaller() {
    let mut editor = open_cells();
    let zoom = editor.viewport().zoom();
    let turn =
        |delta_y| Event::Wheel { at: on_screen(9.0, 9.0), delta_x: 0.0, delta_y, keys: Modifiers::default() };
    editor.handle(turn(100.0));
    assert!(editor.viewport().zoom() < zoom);
    editor.handle(turn(-200.0));
    assert!(editor.viewport().zoom() > zoom);
}

#[test]
fn boxes_from_a_larger_image_are_pasted_inside_this_one() {
    let mut editor = empty();
    let copied = |x, y, w, h| CopiedBox { label: label("WBC"), rect: rect(x, y, w, h), ignore: true };
    let boxes = vec![copied(3_000.0, 2_000.0, 50.0, 40.0), copied(-9.0, 10.0, 5_000.0, 30.0)];
    editor.set_clipboard(Some(Clipboard { boxes }));
    assert_eq!(editor.execute(Command::Paste), Notice::Pasted { added: 2, skipped: 0 });
    let found: Vec<_> = editor.boxes().map(|b| (b.rect, b.ignore)).collect();
    assert_eq!(found, [(rect(590.0, 440.0, 50.0, 40.0), true), (rect(0.0, 10.0, 640.0, 30.0), true)]);
}

#[test]
fn a_cancelled_selecting_rectangle_gives_the_old_selection_back() {
    let mut editor = open_cells();
    hand(&mut editor).click(515.0, 315.0);
    let before: Vec<BoxId> = editor.selected().collect();
    let mut person = hand(&mut editor);
    person.press(60.0, 60.0);
    person.move_to(420.0, 240.0);
    assert_eq!(person.editor.selected().count(), 2);
    person.editor.execute(Command::Cancel);
    assert_eq!(editor.selected().collect::<Vec<_>>(), before);
}

#[test]
fn a_group_pushed_against_the_edge_keeps_its_arrangement() {
    let mut editor = open_cells();
    editor.execute(Command::SelectAll);
    hand(&mut editor).drag((340.0, 140.0), (900.0, -700.0));
    let places: Vec<(f64, f64)> = editor.boxes().map(|b| (b.rect.x(), b.rect.y())).collect();
    assert_eq!(places, [(210.0, 0.0), (410.0, 0.0), (610.0, 200.0)]);
}
