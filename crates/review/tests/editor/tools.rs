//! What the list of tools says of each, and the tools that have no file of
//! gestures of their own.

use crate::support::*;
use review::*;
use std::collections::BTreeSet;

#[test]
fn every_tool_has_a_name_a_key_an_icon_and_a_sentence_of_its_own() {
    let specs: Vec<&ToolSpec> = Tool::ALL.iter().map(|tool| tool.spec()).collect();
    let texts: [fn(&ToolSpec) -> &'static str; 4] =
        [|spec| spec.name, |spec| spec.key, |spec| spec.icon, |spec| spec.help];
    for text in texts {
        let different: BTreeSet<&str> =
            specs.iter().map(|spec| text(spec)).filter(|t| !t.is_empty()).collect();
        assert_eq!(different.len(), specs.len(), "{different:?}");
    }
    assert!(specs.iter().all(|spec| spec.help.ends_with('.')));
}

#[test]
fn every_tool_is_chosen_by_its_key_and_stands_on_the_sheet() {
    let (keys, labels) = (Keymap::default(), LabelSet::new([]));
    assert_eq!(keys.conflicts(), []);
    let sheet = keys.sheet(&labels);
    let section = sheet.iter().find(|section| section.title == "Tools").expect("a section of tools");
    let rows: Vec<&str> = section.rows.iter().map(|row| row.text.as_str()).collect();
    assert_eq!(rows, Tool::ALL.iter().map(|tool| tool.spec().name).collect::<Vec<_>>());
    for tool in Tool::ALL {
        let chord = tool.spec().key.parse().expect("a chord");
        assert_eq!(keys.lookup(&chord), Some(Action::Edit(Command::Tool(*tool))), "{tool:?}");
    }
}

#[test]
fn keys_that_were_stored_still_name_their_tool() {
    let words = Tool::ALL.iter().map(|tool| serde_json::to_string(tool).expect("a word"));
    assert_eq!(
        words.collect::<Vec<_>>(),
        ["\"select\"", "\"draw\"", "\"centre_box\"", "\"pan\"", "\"zoom\""]
    );
}

#[test]
fn where_boxes_can_only_be_looked_at_a_tool_that_edits_them_selects() {
    for tool in Tool::ALL.iter().filter(|tool| tool.spec().edits_boxes) {
        let mut editor = Editor::open(Opening { shadow: Some(vec![]), ..opening(cells()) }, canvas());
        editor.execute(Command::Tool(*tool));
        assert_eq!(editor.cursor(), Cursor::Crosshair, "{tool:?}");
        editor.execute(Command::View(View::Compare));
        let count = editor.len();
        hand(&mut editor).drag((10.0, 10.0), (90.0, 60.0));
        assert_eq!((editor.len(), editor.cursor()), (count, Cursor::Default), "{tool:?}");
    }
}

fn from_centre() -> Editor {
    let mut editor = Editor::open(opening(vec![]), canvas());
    editor.execute(Command::Tool(Tool::CentreBox));
    editor
}

#[test]
fn dragging_from_the_centre_draws_a_box_around_it_whichever_way_one_drags() {
    for (x, y) in [(260.0, 230.0), (140.0, 230.0), (260.0, 170.0), (140.0, 170.0)] {
        let mut editor = from_centre();
        editor.execute(Command::Relabel(LabelIndex(2)));
        let notice = hand(&mut editor).drag((200.0, 200.0), (x, y));
        assert_eq!(notice, Some(Notice::Done(Act::Draw, 1)));
        let drawn = only(&editor);
        assert_close(&drawn.rect, 140.0, 170.0, 120.0, 60.0);
        assert_eq!((drawn.label, drawn.source, drawn.touched), (LabelIndex(2), None, true));
        assert!(editor.is_selected(only(&editor).id));
        editor.execute(Command::Undo);
        assert!(editor.is_empty());
    }
}

#[test]
fn two_clicks_draw_a_box_from_its_centre_and_escape_between_them_draws_none() {
    let mut editor = from_centre();
    let mut person = hand(&mut editor);
    person.click(200.0, 200.0);
    person.move_to(230.0, 220.0);
    assert!(person.editor.is_empty(), "the centre alone draws nothing");
    person.click(240.0, 230.0);
    assert_close(&only(&editor).rect, 160.0, 170.0, 80.0, 60.0);

    let mut person = hand(&mut editor);
    person.click(400.0, 300.0);
    person.editor.execute(Command::Cancel);
    person.move_to(440.0, 330.0);
    assert_eq!(editor.len(), 1);
}

#[test]
fn a_box_from_its_centre_stays_inside_the_image_with_its_centre_where_it_was_put() {
    let mut editor = from_centre();
    hand(&mut editor).with(ALT).drag((600.0, 100.0), (900.0, 150.0));
    assert_close(&only(&editor).rect, 560.0, 50.0, 80.0, 100.0);
}

#[test]
fn a_slip_of_the_hand_from_the_centre_draws_nothing() {
    let mut editor = from_centre();
    hand(&mut editor).drag((100.0, 100.0), (180.0, 100.2));
    assert!(editor.is_empty());
    assert_eq!(editor.can_undo(), None);
}
