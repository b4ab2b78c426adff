use crate::support::*;
use review::*;

fn with_shadow() -> Editor {
    let shadow = vec![
        seen("WBC", 0.9, 102.0, 101.0, 118.0, 100.0),
        seen("WBC", 0.7, 302.0, 100.0, 78.0, 80.0),
        seen("RBC", 0.6, 20.0, 380.0, 60.0, 60.0),
        seen("RBC", 0.05, 500.0, 20.0, 60.0, 60.0),
    ];
    Editor::open(Opening { shadow: Some(shadow), ..opening(cells()) }, canvas())
}

fn source(side: Side, index: u32) -> Source {
    Source { side, index }
}

#[test]
fn a_review_starts_from_the_champions_boxes_at_the_threshold() {
    let editor = open_cells();
    assert_eq!(editor.len(), 3);
    assert!(editor.boxes().all(|b| !b.touched && b.score.is_some()));
    assert_eq!(editor.hidden_candidates(), 1);
    assert!(editor.candidates().is_empty(), "ghosts are out of the range until it is lowered");
}

#[test]
fn a_ghost_enters_by_a_click_and_leaves_by_undo() {
    let mut editor = open_cells();
    editor.set_score_range(ScoreRange::new(0.05, 1.0));
    assert_eq!(editor.candidates().len(), 1);
    assert_eq!(hand(&mut editor).click(340.0, 340.0), Some(Notice::Done(Act::Take, 1)));
    assert_eq!((editor.len(), editor.candidates().len()), (4, 0));
    let taken = editor.boxes().last().expect("the ghost");
    assert_eq!((taken.source, taken.touched), (Some(source(Side::Champion, 3)), true));
    editor.execute(Command::Undo);
    assert_eq!((editor.len(), editor.candidates().len()), (3, 1));
}

#[test]
fn a_drag_that_begins_on_a_ghost_takes_nothing() {
    let mut editor = open_cells();
    editor.set_score_range(ScoreRange::new(0.05, 1.0));
    hand(&mut editor).drag((340.0, 340.0), (360.0, 380.0));
    assert_eq!(editor.len(), 3);
}

#[test]
fn a_deleted_box_of_the_start_does_not_come_back_as_a_ghost() {
    let mut editor = open_cells();
    hand(&mut editor).click(160.0, 150.0);
    editor.execute(Command::Delete);
    assert!(editor.candidates().is_empty());
}

#[test]
fn hidden_boxes_are_counted_saved_and_out_of_reach() {
    let mut editor = open_cells();
    editor.execute(Command::SelectAll);
    editor.set_score_range(ScoreRange::new(0.6, 0.9));
    assert_eq!(editor.hidden_but_saved(), 2);
    assert_eq!(editor.selected().count(), 1, "what is hidden is no longer selected");
    editor.toggle_eye(LabelIndex(0));
    assert_eq!(editor.hidden_but_saved(), 3);
    assert_eq!(hand(&mut editor).click(340.0, 140.0), None);
    assert_eq!(editor.selected().count(), 0);
    assert_eq!(editor.outcome().boxes.len(), 3);
    hand(&mut editor).draw((10.0, 10.0), (60.0, 60.0));
    assert_eq!(editor.selected().count(), 1, "the eye of a label that is drawn opens");
}

#[test]
fn comparing_tells_agreed_differing_and_lonely_boxes() {
    let editor = with_shadow();
    assert_eq!(editor.tally(), Tally { agreed: 1, differing: 1, only_champion: 1, only_shadow: 1 });
}

#[test]
fn at_exactly_one_half_of_overlap_two_boxes_are_one_object() {
    let one = |x| vec![seen("RBC", 0.9, x, 0.0, 30.0, 30.0)];
    let compared = compare(&one(0.0), &one(10.0), score(0.25));
    assert_eq!(tally(&compared), Tally { agreed: 1, ..Tally::default() });
    let compared = compare(&one(0.0), &one(10.1), score(0.25));
    assert_eq!(tally(&compared), Tally { only_champion: 1, only_shadow: 1, ..Tally::default() });
}

#[test]
fn a_click_in_compare_takes_a_box_and_the_other_models_makes_way() {
    let mut editor = with_shadow();
    editor.execute(Command::View(View::Compare));
    assert_eq!(hand(&mut editor).click(50.0, 410.0), Some(Notice::Done(Act::Take, 1)));
    assert_eq!(editor.len(), 4);
    assert_eq!(hand(&mut editor).click(340.0, 140.0), Some(Notice::Done(Act::Take, 2)));
    assert_eq!(editor.len(), 4, "one object, one box");
    let sources: Vec<Source> = editor.boxes().filter_map(|b| b.source).collect();
    assert!(sources.contains(&source(Side::Shadow, 1)) && !sources.contains(&source(Side::Champion, 1)));
    assert_eq!(editor.execute(Command::Delete), Notice::NotWhileComparing);
}

#[test]
fn the_shadows_view_offers_the_shadows_boxes() {
    let mut editor = with_shadow();
    editor.execute(Command::View(View::Shadow));
    assert_eq!(editor.candidates().len(), 3);
    assert_eq!(open_cells().execute(Command::View(View::Shadow)), Notice::Nothing);
}

#[test]
fn beginning_again_from_the_shadow_is_remembered_and_can_be_undone() {
    let mut editor = with_shadow();
    let before = content(&editor);
    editor.execute(Command::StartFrom(StartedFrom::Shadow));
    assert_eq!((editor.len(), editor.outcome().started_from), (3, StartedFrom::Shadow));
    assert_eq!(editor.statistics().untouched, 3);
    editor.execute(Command::Undo);
    assert_eq!((content(&editor), editor.started_from()), (before, StartedFrom::Champion));
}

#[test]
fn a_blind_review_shows_nothing_of_the_models_until_it_is_revealed() {
    let opening = Opening { blind: true, shadow: Some(cells()), ..opening(cells()) };
    let mut editor = Editor::open(opening, canvas());
    editor.set_score_range(ScoreRange::new(0.0, 1.0));
    assert!(editor.is_empty() && editor.candidates().is_empty());
    assert_eq!(editor.score_histogram(10), vec![0; 10]);
    assert_eq!(editor.tally(), Tally::default());
    for command in [
        Command::View(View::Compare),
        Command::StartFrom(StartedFrom::Champion),
        Command::Take(source(Side::Champion, 0)),
    ] {
        assert_eq!(editor.execute(command), Notice::Blind);
    }
    assert_eq!(editor.outcome().started_from, StartedFrom::Empty);
    editor.reveal();
    assert_eq!(editor.candidates().len(), 4);
    assert_eq!(editor.tally().agreed, 3);
}

#[test]
fn the_list_is_grouped_by_label_and_describes_each_box_in_words() {
    let mut editor = open_cells();
    hand(&mut editor).draw((10.0, 400.0), (60.0, 460.0));
    editor.execute(Command::SetIgnore(true));
    let groups = editor.groups();
    let names: Vec<(&str, usize)> = groups.iter().map(|g| (g.name.as_str(), g.rows.len())).collect();
    assert_eq!(names, [("RBC", 2), ("WBC", 1), ("Platelets", 1)]);
    let rbc = groups.first().expect("a group");
    let words: Vec<String> = rbc.rows.iter().map(|row| row.description(&rbc.name)).collect();
    assert_eq!(
        words,
        [
            "RBC, 80 by 80 pixels, 300 from the left, 100 from the top, confidence 0.80",
            "RBC, 50 by 60 pixels, 10 from the left, 400 from the top, drawn by hand, ignored",
        ]
    );
    assert_eq!(rbc.rows.first().map(BoxRow::place).as_deref(), Some("300, 100 · 80×80"));
}

#[test]
fn the_histogram_counts_every_stored_box_of_the_viewed_model() {
    let editor = open_cells();
    assert_eq!(editor.score_histogram(4), [1, 0, 1, 2]);
}

#[test]
fn an_editor_may_live_in_a_shared_signal() {
    fn shared<T: Send + Sync + Clone + 'static>(value: &T) -> &T {
        value
    }
    assert_eq!(shared(&open_cells()).len(), 3);
}

#[test]
fn what_a_view_does_not_show_is_no_longer_selected() {
    let mut editor = with_shadow();
    hand(&mut editor).draw((10.0, 10.0), (60.0, 60.0));
    editor.execute(Command::SelectAll);
    editor.execute(Command::View(View::Compare));
    assert_eq!(editor.selected().count(), 1, "only the box drawn by hand is on the canvas");
}

#[test]
fn a_box_that_was_moved_elsewhere_does_not_make_way() {
    let mut editor = with_shadow();
    hand(&mut editor).drag((340.0, 140.0), (340.0, 440.0));
    editor.execute(Command::Take(source(Side::Shadow, 1)));
    assert_eq!(editor.len(), 4);
    editor.execute(Command::Take(source(Side::Shadow, 0)));
    assert_eq!(editor.len(), 4, "the champion's box for the same cell made way");
}
