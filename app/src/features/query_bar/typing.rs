//! A query while it is being written: what to colour, what is wrong, what could
//! come next, and what taking an offer makes of it. Places are bytes; the
//! browser counts UTF-16 units. Pure.

use query::{
    Candidate, CandidateKind, Highlight, HighlightKind, KnownValues, QueryError, Span, complete, highlight,
    parse_lenient,
};

/// A stretch of the query that looks the same all along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TextSpan {
    pub(super) text: String,
    pub(super) class: &'static str,
}

/// The text in stretches, all of it: coloured by what they are, underlined
/// where they are wrong. What is missing is an empty stretch of its own.
pub(super) fn parts(text: &str, errors: &[QueryError]) -> Vec<TextSpan> {
    let kinds = highlight(text);
    let mut borders: Vec<usize> = kinds.iter().flat_map(|h| [h.span.start, h.span.end]).collect();
    borders.extend(errors.iter().flat_map(|e| [e.span.start, e.span.end]));
    borders.extend([0, text.len()]);
    borders.sort_unstable();
    borders.dedup();
    let missing = |at: usize| errors.iter().any(|e| e.span.start == at && e.span.end == at);
    let gap = |at: usize| missing(at).then(|| TextSpan { text: String::new(), class: "q-missing" });
    let stretches = borders.windows(2).filter_map(|pair| {
        let &[start, end] = pair else { return None };
        let text = text.get(start..end)?.to_owned();
        let wrong = errors.iter().any(|e| e.span.start <= start && end <= e.span.end);
        Some((start, TextSpan { text, class: class(kind_at(&kinds, start), wrong) }))
    });
    let mut parts: Vec<TextSpan> =
        stretches.flat_map(|(at, part)| gap(at).into_iter().chain([part])).collect();
    parts.extend(gap(text.len()));
    parts
}

fn kind_at(kinds: &[Highlight], at: usize) -> Option<HighlightKind> {
    kinds.iter().find(|h| h.span.start <= at && at < h.span.end).map(|h| h.kind)
}

fn class(kind: Option<HighlightKind>, wrong: bool) -> &'static str {
    use HighlightKind::{Date, Field, Function, Number, Origin, Text, UnknownField, Word};
    match (kind, wrong) {
        (_, true) => "q-wrong",
        (Some(Field | Function | Origin), _) => "q-field",
        (Some(UnknownField), _) => "q-unknown",
        (Some(Text | Word), _) => "q-text",
        (Some(Number | Date), _) => "q-number",
        _ => "q-joint",
    }
}

/// What is wrong, but for what is only unfinished: an error that the caret
/// touches may be mended by the next key.
pub(super) fn errors_away_from(text: &str, caret: usize) -> Vec<QueryError> {
    let mut errors = parse_lenient(text).1;
    errors.retain(|e| caret < e.span.start || e.span.end < caret);
    errors
}

/// All that is wrong.
pub(super) fn errors(text: &str) -> Vec<QueryError> {
    parse_lenient(text).1
}

/// What could be written at a place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Offers {
    /// What taking one replaces.
    pub(super) span: Span,
    pub(super) candidates: Vec<Candidate>,
    /// The one that Enter takes; none until an arrow was pressed.
    pub(super) chosen: Option<usize>,
}

impl Offers {
    /// What could stand at `caret`, unless it stands there already.
    pub(super) fn at(text: &str, caret: usize, known: &KnownValues) -> Option<Self> {
        let completion = complete(text, caret, known);
        let written = completion.span.of(text);
        let mut candidates = completion.candidates;
        candidates.retain(|candidate| candidate.text != written);
        candidates.truncate(SHOWN);
        (!candidates.is_empty()).then_some(Self { span: completion.span, candidates, chosen: None })
    }

    /// Chooses the next one, or the one before; past the ends, none.
    pub(super) fn step(&mut self, forward: bool) {
        let count = self.candidates.len();
        self.chosen = match (self.chosen, forward) {
            (None, true) => Some(0),
            (None, false) => count.checked_sub(1),
            (Some(at), true) => Some(at + 1).filter(|at| *at < count),
            (Some(at), false) => at.checked_sub(1),
        };
    }

    /// The text with the offer at `index` taken, and where the caret is then.
    pub(super) fn take(&self, text: &str, index: usize) -> Option<(String, usize)> {
        let candidate = self.candidates.get(index)?;
        let (before, after) = (text.get(..self.span.start)?, text.get(self.span.end..)?);
        let closes = matches!(candidate.text.as_str(), ")" | ",");
        let before = if closes { before.trim_end() } else { before };
        let mut taken = format!("{before}{}", candidate.text);
        let mut caret = taken.len();
        if wants_a_space(candidate) {
            if after.starts_with(' ') {
                caret += 1;
            } else {
                taken.push(' ');
                caret = taken.len();
            }
        }
        taken.push_str(after);
        Some((taken, caret))
    }
}

/// More would be a list to read, not to choose from.
const SHOWN: usize = 12;

fn wants_a_space(candidate: &Candidate) -> bool {
    let open = candidate.text.ends_with('(');
    candidate.kind != CandidateKind::Function && !open
}

/// What kind of thing an offer is, in a word.
pub(super) fn kind_word(kind: CandidateKind) -> &'static str {
    match kind {
        CandidateKind::Field => "field",
        CandidateKind::Operator => "operator",
        CandidateKind::Value => "value",
        CandidateKind::Keyword => "word",
        CandidateKind::Function => "boxes",
        CandidateKind::Origin => "whose",
    }
}

/// The byte at which so many UTF-16 units lie before.
pub(super) fn byte_at(text: &str, units: usize) -> usize {
    let mut passed = 0;
    for (at, c) in text.char_indices() {
        if passed >= units {
            return at;
        }
        passed += c.len_utf16();
    }
    text.len()
}

/// The UTF-16 units before a byte.
pub(super) fn units_at(text: &str, byte: usize) -> usize {
    text.get(..byte).map_or(0, |before| before.chars().map(char::len_utf16).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coloured(text: &str) -> String {
        let written = |p: TextSpan| format!("{}[{}]", p.class.trim_start_matches("q-"), p.text);
        parts(text, &errors(text)).into_iter().map(written).collect::<Vec<_>>().join("")
    }

    #[test]
    fn every_stretch_is_coloured_by_what_it_is() {
        assert_eq!(
            coloured("objects > 5 and not has(label = \"car\")"),
            "field[objects]joint[ ]joint[>]joint[ ]number[5]joint[ ]joint[and]joint[ ]joint[not]joint[ ]\
             field[has]joint[(]field[label]joint[ ]joint[=]joint[ ]text[\"car\"]joint[)]"
        );
    }

    #[test]
    fn what_is_wrong_and_what_is_missing_is_marked_in_its_place() {
        assert_eq!(coloured("statsu = a"), "wrong[statsu]joint[ ]joint[=]joint[ ]text[a]");
        assert!(coloured("objects >").ends_with("missing[]"), "{}", coloured("objects >"));
    }

    #[test]
    fn the_stretches_are_the_text() {
        for text in ["", "  ", "has(", "é = \"ü\" and 🦀", "a)b((", "tag in (a, \"b c\")"] {
            let whole: String = parts(text, &errors(text)).into_iter().map(|p| p.text).collect();
            assert_eq!(whole, text);
        }
    }

    #[test]
    fn an_error_under_the_caret_waits() {
        assert_eq!(errors_away_from("statsu", 6).len(), 0);
        assert_eq!(errors_away_from("statsu = reviewed and ", 22).len(), 1);
    }

    fn accept(text: &str, pick: &str) -> (String, usize) {
        let known = KnownValues { labels: vec!["white cell".into()], ..KnownValues::default() };
        let offers = Offers::at(text, text.len(), &known).expect("something is offered");
        let at = offers.candidates.iter().position(|c| c.text == pick);
        offers.take(text, at.unwrap_or_else(|| panic!("{pick} in {offers:?}"))).expect("is taken")
    }

    #[test]
    fn a_query_is_written_by_taking_offers() {
        let mut text = "ha".to_owned();
        for pick in ["has(", "label", "=", "\"white cell\"", ")", "and", "objects", ">="] {
            (text, _) = accept(&text, pick);
        }
        assert_eq!(text, "has(label = \"white cell\") and objects >= ");
    }

    #[test]
    fn an_offer_takes_the_place_of_the_word_begun() {
        assert_eq!(accept("stat", "status"), ("status ".into(), 7));
    }

    #[test]
    fn what_stands_there_already_is_not_offered() {
        let offers = Offers::at("objects", 7, &KnownValues::default());
        assert!(offers.is_none_or(|o| o.candidates.iter().all(|c| c.text != "objects")));
    }

    #[test]
    fn arrows_go_round_by_way_of_none() {
        let mut offers = Offers::at("", 0, &KnownValues::default()).expect("fields");
        let count = offers.candidates.len();
        offers.step(false);
        assert_eq!(offers.chosen, Some(count - 1));
        offers.step(true);
        assert_eq!(offers.chosen, None);
        offers.step(true);
        assert_eq!(offers.chosen, Some(0));
    }

    #[test]
    fn places_are_the_same_in_bytes_and_in_units() {
        let text = "é🦀x";
        assert_eq!([0, 1, 3, 4].map(|u| byte_at(text, u)), [0, 2, 6, 7]);
        assert_eq!([0, 2, 6, 7].map(|b| units_at(text, b)), [0, 1, 3, 4]);
        assert_eq!(byte_at(text, 99), text.len());
    }
}
