//! What exporters write beside the graph: names of classes, sizes, the task.

use super::graph::Graph;

/// Metadata as Ultralytics writes it; older exports of YOLOv5 have a part of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Metadata {
    /// By class number.
    pub(super) names: Option<Vec<String>>,
    /// Height and width that the model was exported for.
    pub(super) size: Option<[u32; 2]>,
    /// What sides must be a multiple of.
    pub(super) stride: Option<u32>,
    /// `detect`, `segment` …
    pub(super) task: Option<String>,
    /// Words about the model.
    pub(super) description: String,
}

impl Metadata {
    pub(super) fn of(graph: &Graph) -> Self {
        let text = |key: &str| graph.metadata.get(key).map(String::as_str);
        let numbers = |key: &str| text(key).map(whole_numbers).unwrap_or_default();
        let size = match numbers("imgsz")[..] {
            [side] => Some([side, side]),
            [height, width] => Some([height, width]),
            _ => None,
        };
        Self {
            names: text("names").and_then(names),
            size,
            stride: numbers("stride").into_iter().max(),
            task: text("task").map(|task| task.trim().to_owned()),
            description: text("description").unwrap_or_default().to_owned(),
        }
    }
}

/// All whole numbers in a text.
fn whole_numbers(text: &str) -> Vec<u32> {
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    words.filter_map(|word| word.trim_end_matches(".0").parse().ok()).collect()
}

/// Names by their numbers, out of a Python or JSON literal: a mapping of
/// numbers to texts, or a list of texts. `None` when it is neither, or a number
/// is missing or given twice.
pub(super) fn names(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    let (inner, is_mapping) = match (text.chars().next()?, text.chars().last()?) {
        ('{', '}') => (&text[1..text.len() - 1], true),
        ('[', ']') | ('(', ')') => (&text[1..text.len() - 1], false),
        _ => return None,
    };
    let mut rest = inner.trim_start();
    let mut found: Vec<(usize, String)> = Vec::new();
    while !rest.is_empty() {
        let number = if is_mapping {
            let (key, after) = rest.split_once(':')?;
            rest = after.trim_start();
            key.trim().trim_matches(['"', '\'']).parse().ok()?
        } else {
            found.len()
        };
        let (name, after) = literal(rest)?;
        found.push((number, name));
        rest = match after.trim_start().strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if after.trim().is_empty() => "",
            None => return None,
        };
    }
    found.sort_by_key(|(number, _)| *number);
    let dense = found.iter().enumerate().all(|(place, (number, _))| place == *number);
    (dense && !found.is_empty()).then(|| found.into_iter().map(|(_, name)| name).collect())
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
        assert_eq!(names(text).unwrap_or_default(), expected, "{text}");
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
    fn what_are_no_names_is_none() {
        for text in [
            "",
            "{",
            "{}",
            "{0: person}",
            "{0: 'a', 2: 'b'}",
            "{0: 'a', 0: 'b'}",
            "{0: 'a",
            "{0: 'a' 1: 'b'}",
        ] {
            assert_eq!(names(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_are_read_with_and_without_brackets() {
        assert_eq!(whole_numbers("[640, 416]"), [640, 416]);
        assert_eq!(whole_numbers("32"), [32]);
        assert_eq!(whole_numbers("[8.0, 16.0, 32.0]"), [8, 16, 32]);
    }
}
