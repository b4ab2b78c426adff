//! Names of classes, as programs write them into a text.

/// Names that a file gives its classes, in the order of their numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::onnx) struct ClassNames {
    pub(in crate::onnx) names: Vec<String>,
    /// The number of the first: 0 or 1.
    pub(in crate::onnx) first: usize,
    /// Whether they are words between commas, which may be words about anything
    /// else as well.
    pub(in crate::onnx) are_words: bool,
}

impl ClassNames {
    /// How many there are.
    pub(in crate::onnx) fn count(&self) -> usize {
        self.names.len()
    }
}

/// Names by their numbers: out of a Python or JSON literal, a list of texts or
/// a mapping between numbers and texts, whichever way round; or out of words
/// between commas or line breaks. Numbers count from 0 or from 1.
///
/// `None` when it is nothing of that, or a number is missing or given twice.
pub(super) fn names(text: &str) -> Option<ClassNames> {
    let text = text.trim();
    let (inner, is_mapping) = match (text.chars().next()?, text.chars().last()?) {
        ('{', '}') => (&text[1..text.len() - 1], true),
        ('[', ']') | ('(', ')') => (&text[1..text.len() - 1], false),
        _ => return words(text),
    };
    let mut rest = inner.trim_start();
    let mut entries: Vec<(usize, String)> = Vec::new();
    while !rest.is_empty() {
        let (entry, after) = if is_mapping { pair(rest)? } else { item(rest, entries.len())? };
        entries.push(entry);
        rest = match after.trim_start().strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if after.trim().is_empty() => "",
            None => return None,
        };
    }
    entries.sort_by_key(|(number, _)| *number);
    let first = entries.first().map(|(number, _)| *number).filter(|first| *first <= 1)?;
    let dense = entries.iter().zip(first..).all(|((number, _), place)| *number == place);
    let names = entries.into_iter().map(|(_, name)| name).collect();
    dense.then_some(ClassNames { names, first, are_words: false })
}

/// Two words or more, of which one at least is no number.
fn words(text: &str) -> Option<ClassNames> {
    if text.contains(['{', '[', '(']) {
        return None;
    }
    let words: Vec<String> = text.split([',', '\n']).map(|word| word.trim().to_owned()).collect();
    let are_names =
        words.iter().all(|word| !word.is_empty()) && words.iter().any(|word| word.parse::<f64>().is_err());
    (words.len() > 1 && are_names).then_some(ClassNames { names: words, first: 0, are_words: true })
}

type Entry<'a> = ((usize, String), &'a str);

fn item(text: &str, place: usize) -> Option<Entry<'_>> {
    let (name, after) = literal(text)?;
    Some(((place, name), after))
}

/// A number and its text, or a text and its number.
fn pair(text: &str) -> Option<Entry<'_>> {
    let (key, after) = token(text)?;
    let (value, rest) = token(after.trim_start().strip_prefix(':')?.trim_start())?;
    let number = |token: &Token| token.text.parse::<usize>().ok();
    // Of two that are both numbers, JSON has the key in quotes.
    let entry = match (number(&key), value.is_quoted, number(&value)) {
        (Some(number), true, _) => (number, value.text),
        (_, false, Some(number)) if key.is_quoted => (number, key.text),
        _ => return None,
    };
    Some((entry, rest))
}

struct Token {
    text: String,
    is_quoted: bool,
}

/// A text in quotes or a whole number, and what follows it.
fn token(text: &str) -> Option<(Token, &str)> {
    if let Some((text, rest)) = literal(text) {
        return Some((Token { text, is_quoted: true }, rest));
    }
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (!digits.is_empty()).then(|| (Token { text: digits.to_owned(), is_quoted: false }, rest))
}

/// A text between quotes, and what follows it.
fn literal(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => value.push(escaped(&mut characters)?),
            _ if character == quote => return Some((value, &text[at + 1..])),
            _ => value.push(character),
        }
    }
    None
}

/// What a backslash means, in Python and in JSON.
fn escaped(characters: &mut impl Iterator<Item = (usize, char)>) -> Option<char> {
    let (_, character) = characters.next()?;
    match character {
        'n' => Some('\n'),
        't' => Some('\t'),
        'x' => code_of(characters, 2),
        'u' => code_of(characters, 4),
        'U' => code_of(characters, 8),
        other => Some(other),
    }
}

fn code_of(characters: &mut impl Iterator<Item = (usize, char)>, digits: usize) -> Option<char> {
    let hex: String = characters.take(digits).map(|(_, digit)| digit).collect();
    char::from_u32(u32::from_str_radix(&hex, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(names(text).unwrap_or_default().names, expected, "{text}");
    }

    #[test]
    fn names_are_read_as_python_and_json_write_them() {
        check("{0: 'person', 1: 'traffic light'}", &["person", "traffic light"]);
        check(r#"{1: "dog's bed", 0: 'a, b: c'}"#, &["a, b: c", "dog's bed"]);
        check(r#"{"0": "Erythrozyt", "1": "Z\u00e4hler"}"#, &["Erythrozyt", "Zähler"]);
        check(r"{0: 'it\'s', 1: '\xe9', }", &["it's", "é"]);
        check("['a', 'b']", &["a", "b"]);
        check("{0: '人'}", &["人"]);
    }

    #[test]
    fn mappings_go_either_way_and_count_from_nought_or_one() {
        check(r#"{"dog": 1, "cat": 0}"#, &["cat", "dog"]);
        check(r#"{"1": "cat", "2": "dog"}"#, &["cat", "dog"]);
        check(r#"{"0": "7", "1": "8"}"#, &["7", "8"]);
        let first = |text| names(text).map(|names| names.first);
        assert_eq!(first("{1: 'cat', 2: 'dog'}"), Some(1));
        assert_eq!(first(r#"{"dog": 2, "cat": 1}"#), Some(1));
        assert_eq!(first("{0: 'cat', 1: 'dog'}"), Some(0));
        assert_eq!(first("['cat', 'dog']"), Some(0));
    }

    #[test]
    fn words_between_commas_or_line_breaks_are_names() {
        check("cat, hot dog", &["cat", "hot dog"]);
        check("cat\ndog\n", &["cat", "dog"]);
        let are_words = |text| names(text).map(|names| names.are_words);
        assert_eq!(["cat, dog", "['cat', 'dog']"].map(are_words), [Some(true), Some(false)]);
    }

    #[test]
    fn what_are_no_names_is_none() {
        for text in [
            "",
            "{",
            "{}",
            "[]",
            "80",
            "640, 640",
            "cat",
            "cat,,dog",
            "{0: person}",
            "{0: 'a', 2: 'b'}",
            "{2: 'a', 3: 'b'}",
            "{0: 'a', 0: 'b'}",
            "{0: 'a",
            "{0: 'a' 1: 'b'}",
            "{0: 1}",
            "{'a': 'b'}",
            r#"[{"name": "cat"}]"#,
        ] {
            assert_eq!(names(text), None, "{text}");
        }
    }
}
