//! A key as a keyboard reports it, whatever its layout: what is written with
//! it, and where it lies. Keys of commands are Latin letters and digits; who
//! writes Cyrillic, Greek or Arabic has none of these letters, and who writes
//! French or Czech gets the digits with Shift only.

use crate::keys::Chord;

/// A key that went down or up, with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PressedKey<'a> {
    /// What it writes or is called (`KeyboardEvent.key`).
    pub key: &'a str,
    /// Where it lies, named after a US keyboard (`KeyboardEvent.code`).
    pub code: &'a str,
    /// Control, or the Mac's command key.
    pub ctrl: bool,
    /// Alt.
    pub alt: bool,
    /// Shift.
    pub shift: bool,
}

impl PressedKey<'_> {
    /// What it may mean: the first that does something is meant. Empty for a
    /// modifier alone.
    pub fn chords(self) -> impl Iterator<Item = Chord> {
        let typed = self.chord_of(self.key);
        let placed = self.placed().and_then(|key| self.chord_of(key));
        // Nobody has a digit row of which one key is no digit: "-" on a French
        // keyboard is the sixth of nine.
        let digit = placed.is_some() && digit(self.code).is_some();
        let order = if digit { [placed, typed] } else { [typed, placed] };
        order.into_iter().flatten()
    }

    /// The chord under which a command is remembered: by place where the
    /// layout has no such letter, so that it holds for every layout of this
    /// keyboard.
    #[must_use]
    pub fn chord_to_keep(self) -> Option<Chord> {
        self.placed().and_then(|key| self.chord_of(key)).or_else(|| self.chord_of(self.key))
    }

    fn chord_of(self, key: &str) -> Option<Chord> {
        Chord::new(key, self.ctrl, self.alt, self.shift)
    }

    /// What a US keyboard has in its place, letters as capitals, where that is
    /// what is meant.
    #[must_use]
    pub fn placed(self) -> Option<&'static str> {
        if let Some(digit) = digit(self.code) {
            let writes_one = self.key.chars().all(|c| c.is_ascii_digit());
            return (!self.shift && !self.ctrl && !self.alt && !writes_one && is_written(self.key))
                .then_some(digit);
        }
        if !is_foreign(self.key) {
            return None;
        }
        let letter = self.code.strip_prefix("Key").and_then(|letter| at(LETTERS, letter.as_bytes().first()?));
        letter
            .or_else(|| MARKS.iter().find(|(code, _)| *code == self.code && !self.shift).map(|(_, key)| *key))
    }
}

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
const MARKS: [(&str, &str); 5] =
    [("Comma", ","), ("Period", "."), ("Minus", "-"), ("Equal", "="), ("Slash", "/")];

fn at(all: &'static str, one: &u8) -> Option<&'static str> {
    let index = all.bytes().position(|letter| letter == *one)?;
    all.get(index..=index)
}

/// The digit of a key of the row above the letters.
fn digit(code: &str) -> Option<&'static str> {
    at(DIGITS, code.strip_prefix("Digit")?.as_bytes().first()?)
}

/// Whether a key writes one character.
fn is_written(key: &str) -> bool {
    let mut chars = key.chars();
    chars.next().is_some() && chars.next().is_none()
}

/// Whether a key writes a letter of another script, or an input method has it.
/// A letter with an accent is Latin: such a layout has the plain ones, too.
fn is_foreign(key: &str) -> bool {
    if matches!(key, "Process" | "Unidentified") {
        return true;
    }
    let latin = |c: char| matches!(u32::from(c), 0..=0x24F | 0x1E00..=0x1EFF);
    is_written(key) && !key.chars().all(latin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        boxes::LabelIndex,
        command::Command,
        keys::{Action, Keymap, PageAction},
        tools::Tool,
    };

    fn press<'a>(key: &'a str, code: &'a str) -> PressedKey<'a> {
        PressedKey { key, code, ctrl: false, alt: false, shift: false }
    }

    #[track_caller]
    fn means(pressed: PressedKey<'_>, expected: Option<Action>) {
        assert_eq!(Keymap::default().meaning(pressed.chords()), expected, "{pressed:?}");
    }

    const NEXT: Option<Action> = Some(Action::Page(PageAction::Next));

    fn label(digit: u16) -> Option<Action> {
        Some(Action::Edit(Command::Relabel(LabelIndex(digit - 1))))
    }

    #[test]
    fn where_the_layout_has_no_latin_letters_the_place_counts() {
        for key in ["о", "О", "ξ", "ت", "ח", "ㅓ", "ま", "ｊ", "Process"] {
            means(press(key, "KeyJ"), NEXT);
        }
        means(PressedKey { ctrl: true, ..press("я", "KeyZ") }, Some(Action::Edit(Command::Undo)));
        let redo = PressedKey { ctrl: true, shift: true, ..press("Я", "KeyZ") };
        means(redo, Some(Action::Edit(Command::Redo)));
        means(press("ю", "Period"), Some(Action::Edit(Command::SelectNext)));
        means(press("б", "Comma"), Some(Action::Edit(Command::SelectPrevious)));
    }

    #[test]
    fn a_latin_layout_goes_by_its_letters() {
        // Dvorak writes "d" with the key of "H", AZERTY "a" with that of "Q".
        means(press("d", "KeyH"), Some(Action::Edit(Command::Tool(Tool::Draw))));
        means(press("a", "KeyQ"), Some(Action::Page(PageAction::AcceptAndNext)));
        means(press("ö", "Semicolon"), None);
        means(press("ı", "KeyI"), None);
        means(press("m", "KeyJ"), None);
    }

    #[test]
    fn the_digit_row_is_a_row_of_digits_whatever_it_writes() {
        for (digit, key) in (1..=9).zip(["&", "é", "\"", "'", "(", "-", "è", "_", "ç"]) {
            means(press(key, &format!("Digit{digit}")), label(digit));
        }
        for (digit, key) in (1..=9).zip(["+", "ě", "š", "č", "ř", "ž", "ý", "á", "í"]) {
            means(press(key, &format!("Digit{digit}")), label(digit));
        }
        means(PressedKey { shift: true, ..press("6", "Digit6") }, label(6));
        means(press("6", "Digit6"), label(6));
        means(press("6", "Numpad6"), label(6));
        // What Shift writes there is meant as it is written.
        means(PressedKey { shift: true, ..press("!", "Digit1") }, None);
        means(PressedKey { shift: true, ..press("+", "Digit1") }, Some(Action::Edit(Command::ZoomIn)));
        means(PressedKey { shift: true, ..press("?", "Digit7") }, Some(Action::Page(PageAction::Help)));
        means(press("-", "Slash"), Some(Action::Edit(Command::ZoomOut)));
    }

    #[test]
    fn a_command_is_remembered_by_place_where_the_layout_has_no_such_letter() {
        let kept = |pressed: PressedKey<'_>| pressed.chord_to_keep().map(|chord| chord.to_string());
        assert_eq!(kept(press("о", "KeyJ")).as_deref(), Some("J"));
        assert_eq!(kept(press("é", "Digit2")).as_deref(), Some("2"));
        assert_eq!(kept(press("o", "KeyS")).as_deref(), Some("O"));
        assert_eq!(kept(press("ö", "Semicolon")).as_deref(), Some("Ö"));
        assert_eq!(kept(press("Shift", "ShiftLeft")), None);
    }

    #[test]
    fn a_key_of_another_script_that_was_given_a_command_keeps_it() {
        let mut keys = Keymap::default();
        let fit = Action::Edit(Command::Fit);
        keys.rebind(fit, Chord::new("о", false, false, false));
        assert_eq!(keys.meaning(press("о", "KeyJ").chords()), Some(fit));
    }
}
