use crate::support::*;
use domain::time::Timestamp;
use review::*;

fn edited() -> Editor {
    let mut editor = open_cells();
    hand(&mut editor).drag((160.0, 150.0), (170.0, 150.0));
    hand(&mut editor).click(340.0, 140.0);
    editor.execute(Command::Relabel(LabelIndex(1)));
    hand(&mut editor).draw((10.0, 400.0), (60.0, 460.0));
    editor
}

#[test]
fn the_statistics_tell_what_was_done_to_the_boxes_of_the_start() {
    let mut editor = edited();
    let expected =
        Statistics { kept: 1, moved: 1, relabelled: 1, deleted: 0, added: 1, untouched: 1, active_ms: 0 };
    assert_eq!(editor.statistics(), expected);
    editor.execute(Command::SelectAll);
    editor.execute(Command::Delete);
    assert_eq!(editor.statistics(), Statistics { deleted: 3, ..Statistics::default() });
}

#[test]
fn a_box_moved_away_and_back_is_kept_but_no_longer_untouched() {
    let mut editor = open_cells();
    hand(&mut editor).click(160.0, 150.0);
    editor.execute(Command::Nudge { dx: 10, dy: 0 });
    editor.execute(Command::Nudge { dx: -10, dy: 0 });
    assert_eq!((editor.statistics().kept, editor.statistics().untouched), (3, 2));
    editor.execute(Command::Undo);
    editor.execute(Command::Undo);
    assert_eq!(editor.statistics().untouched, 3, "what was undone was not done");
}

#[test]
fn selecting_and_locking_do_not_count_as_a_look_at_the_truth() {
    let mut editor = open_cells();
    editor.execute(Command::SelectAll);
    editor.execute(Command::ToggleLock);
    assert_eq!(editor.outcome().untouched.len(), 3);
}

#[test]
fn the_time_at_work_is_counted_without_pauses() {
    let mut editor = open_cells();
    for at in [0, 4_000, 9_000, 900_000, 901_000] {
        editor.note_activity(Timestamp(at));
    }
    assert_eq!(editor.outcome().statistics.active_ms, 10_000);
}

#[test]
fn a_saved_review_is_opened_with_what_was_touched_and_where_it_began() {
    let outcome = edited().outcome();
    let saved = SavedReview {
        revision: 1,
        started_from: outcome.started_from,
        boxes: outcome.boxes.clone(),
        untouched: outcome.untouched.clone(),
    };
    let editor = Editor::open(Opening { start: Start::Saved(saved), ..opening(cells()) }, canvas());
    let again = editor.outcome();
    assert_eq!(again, Outcome { base_revision: 1, ..outcome });
    assert!(!editor.is_dirty());
}

#[test]
fn boxes_saved_without_their_source_are_known_by_their_place_and_label() {
    let boxes = vec![
        SavedBox { label: label("RBC"), rect: rect(300.0, 100.0, 80.0, 80.0), ignore: false, source: None },
        SavedBox { label: label("Other"), rect: rect(1.0, 1.0, 20.0, 20.0), ignore: true, source: None },
    ];
    let saved = SavedReview { revision: 3, started_from: StartedFrom::Champion, boxes, untouched: vec![] };
    let editor = Editor::open(Opening { start: Start::Saved(saved), ..opening(cells()) }, canvas());
    let statistics = editor.statistics();
    assert_eq!((statistics.kept, statistics.deleted, statistics.added, statistics.untouched), (1, 2, 1, 0));
    assert_eq!(editor.labels().len(), 4, "a label the deployment does not know is kept");
}

#[test]
fn a_review_is_dirty_until_what_it_holds_is_saved() {
    let mut editor = open_cells();
    assert!(!editor.is_dirty());
    hand(&mut editor).draw((10.0, 400.0), (60.0, 460.0));
    assert!(editor.is_dirty());
    let sent = editor.outcome();
    editor.execute(Command::Nudge { dx: 5, dy: 0 });
    editor.mark_saved(1, sent.boxes);
    assert!(editor.is_dirty(), "edited while the save was under way");
    assert_eq!(editor.base_revision(), 1);
    editor.execute(Command::Undo);
    assert!(!editor.is_dirty());
}

#[test]
fn a_draft_of_another_image_format_or_revision_is_refused_and_changes_nothing() {
    let draft = edited().draft(Timestamp(1));
    let mut editor = open_cells();
    let before = content(&editor);
    let other_image = Draft { size: domain::geometry::Size::new(10, 10).expect("a size"), ..draft.clone() };
    assert!(matches!(editor.restore(&other_image), Err(DraftError::Size { .. })));
    assert!(matches!(
        editor.restore(&Draft { format: 9, ..draft.clone() }),
        Err(DraftError::Format { found: 9 })
    ));
    let stale = editor.restore(&Draft { base_revision: 4, ..draft.clone() });
    assert_eq!(stale, Err(DraftError::Stale { draft: 4, current: 0 }));
    assert_eq!(content(&editor), before);
    assert!(editor.restore(&draft).is_ok());
    assert_eq!(editor.outcome().boxes.len(), 4);
}

#[test]
fn a_draft_that_is_not_a_draft_is_an_error_and_no_panic() {
    let text = serde_json::to_string(&edited().draft(Timestamp(1))).expect("text");
    assert!(serde_json::from_str::<Draft>(&text[..text.len() / 2]).is_err());
    assert!(serde_json::from_str::<Draft>(&text.replace("\"w\":120.0", "\"w\":-1.0")).is_err());
}

#[test]
fn an_earlier_revision_is_taken_back_in_one_step() {
    let mut editor = edited();
    let before = content(&editor);
    let earlier = SavedReview {
        revision: 1,
        started_from: StartedFrom::Champion,
        boxes: vec![SavedBox {
            label: label("WBC"),
            rect: rect(5.0, 5.0, 9.0, 9.0),
            ignore: false,
            source: None,
        }],
        untouched: vec![],
    };
    editor.take_back(&earlier);
    assert_eq!(editor.saved_boxes(), earlier.boxes);
    editor.execute(Command::Undo);
    assert_eq!(content(&editor), before);
}

#[test]
fn a_draft_that_names_a_models_box_twice_gives_the_second_to_the_reviewer() {
    let mut draft = open_cells().draft(Timestamp(1));
    let twin = draft.boxes.first().cloned().expect("a box");
    draft.boxes.push(twin);
    let mut editor = open_cells();
    editor.restore(&draft).expect("restored");
    let statistics = editor.statistics();
    assert_eq!((statistics.kept, statistics.untouched, statistics.added), (3, 3, 1));
}
