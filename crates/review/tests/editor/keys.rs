use proptest::prelude::*;
use review::*;

fn chord(text: &str) -> Chord {
    text.parse().expect("a chord")
}

#[test]
fn the_default_keys_do_what_the_handbook_says() {
    let keys = Keymap::default();
    let expected = [
        ("V", Action::Edit(Command::Tool(Tool::Select))),
        ("D", Action::Edit(Command::Tool(Tool::Draw))),
        ("1", Action::Edit(Command::Relabel(LabelIndex(0)))),
        ("9", Action::Edit(Command::Relabel(LabelIndex(8)))),
        ("ArrowLeft", Action::Edit(Command::Nudge { dx: -1, dy: 0 })),
        ("Shift+ArrowDown", Action::Edit(Command::Nudge { dx: 0, dy: 10 })),
        ("Delete", Action::Edit(Command::Delete)),
        ("Ctrl+Z", Action::Edit(Command::Undo)),
        ("Ctrl+Shift+Z", Action::Edit(Command::Redo)),
        ("A", Action::Page(PageAction::AcceptAndNext)),
        ("J", Action::Page(PageAction::Next)),
        ("K", Action::Page(PageAction::Previous)),
        ("Space", Action::Page(PageAction::HoldPan)),
        ("R", Action::Edit(Command::Fit)),
        ("?", Action::Page(PageAction::Help)),
    ];
    for (text, action) in expected {
        assert_eq!(keys.lookup(&chord(text)), Some(action), "{text}");
    }
    assert_eq!(keys.conflicts(), []);
}

#[test]
fn a_question_mark_is_a_question_mark_with_or_without_shift_and_letters_ignore_caps_lock() {
    assert_eq!(Chord::new("?", false, false, true), Chord::new("?", false, false, false));
    assert_eq!(Chord::new("A", false, false, false), Some(chord("A")));
    assert_eq!(Chord::new("Z", true, false, true), Some(chord("Ctrl+Shift+Z")));
    assert_eq!(Chord::new("Shift", false, false, true), None);
}

#[test]
fn a_key_given_to_a_second_action_is_shown_as_a_conflict_until_it_is_settled() {
    let mut keys = Keymap::default();
    let (fit, draw) = (Action::Edit(Command::Fit), Action::Edit(Command::Tool(Tool::Draw)));
    keys.rebind(fit, [chord("D")]);
    let conflicts = keys.conflicts();
    let [conflict] = conflicts.as_slice() else { panic!("{conflicts:?}") };
    assert_eq!(conflict.chord, chord("D"));
    assert!(conflict.actions.contains(&fit) && conflict.actions.contains(&draw));
    assert_eq!(keys.lookup(&chord("R")), None);
    keys.rebind(draw, [chord("X"), chord("Ctrl++")]);
    assert_eq!(keys.conflicts(), []);
    assert_eq!(keys.lookup(&chord("Ctrl++")), Some(draw));
    assert_eq!(keys.lookup(&chord("D")), Some(fit));
}

#[test]
fn changed_keys_survive_being_stored() {
    let mut keys = Keymap::default();
    keys.rebind(Action::Page(PageAction::Skip), [chord("Alt+X")]);
    let text = serde_json::to_string(&keys).expect("text");
    assert_eq!(serde_json::from_str::<Keymap>(&text).expect("keys"), keys);
}

#[test]
fn the_sheet_tells_every_action_once_with_all_its_keys() {
    let labels = LabelSet::new(["RBC", "WBC"].map(crate::support::label));
    let keys = Keymap::default();
    let sheet = keys.sheet(&labels);
    let rows: Vec<&SheetRow> = sheet.iter().flat_map(|section| &section.rows).collect();
    let written = |text: &str| -> Vec<String> {
        let found: Vec<&&SheetRow> = rows.iter().filter(|row| row.text == text).collect();
        assert_eq!(found.len(), 1, "{text}");
        found[0].chords.iter().map(Chord::to_string).collect()
    };
    assert_eq!(written("Delete"), ["Delete", "Backspace"]);
    assert_eq!(written("Redo"), ["Ctrl+Shift+Z", "Ctrl+Y"]);
    assert_eq!(written("Label WBC"), ["2"]);
    assert_eq!(written("Move left 10 px"), ["Shift+ArrowLeft"]);
    assert_eq!(written("Lower right corner down 1 px"), ["Ctrl+ArrowDown"]);
    let told: usize = rows.iter().map(|row| row.chords.len()).sum();
    assert_eq!(told, keys.bindings().len() - 7, "seven of the nine label keys have no label");
}

proptest! {
    #[test]
    fn a_chord_reads_back_as_it_was_written(
        key in prop_oneof![
            "[a-zA-Z0-9?.,+ /-]", "F[1-9]", Just("ArrowLeft".to_owned()), Just("Delete".to_owned()), "[äßжñ]",
        ],
        ctrl: bool, alt: bool, shift: bool,
    ) {
        let chord = Chord::new(&key, ctrl, alt, shift).expect("a chord");
        prop_assert_eq!(chord.to_string().parse::<Chord>().expect("readable"), chord);
    }
}
