//! What is wrong with JSON that was sent, in words for whoever sent it: which
//! field, what it is, and what is wanted. No word of a parser gets out.

use super::problem::{Problem, shortened};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// A mark that some programs write before a text (U+FEFF in UTF-8).
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Begins what is said of JSON that is not all there.
pub(super) const ENDS_TOO_EARLY: &str = "The JSON ends too early";

/// The bytes without a byte order mark at their beginning.
#[must_use]
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
}

/// Reads a value; `what` names the text as a whole: `body`, `metadata`.
///
/// # Errors
/// Names the field, what it is and what is wanted.
pub(super) fn read<T: DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T, Problem> {
    let mut parser = serde_json::Deserializer::from_slice(without_mark(bytes));
    let value = serde_path_to_error::deserialize(&mut parser).map_err(|error| {
        let path = error.path().to_string();
        // serde takes a list for an object, field by field in their order.
        if path.starts_with('[') && !std::any::type_name::<T>().starts_with("alloc::vec::Vec<") {
            return of_field(what, what, "invalid type: sequence, expected struct with fields");
        }
        problem(what, &path, error.inner())
    })?;
    parser.end().map_err(|error| problem(what, ".", &error))?;
    Ok(value)
}

/// Reads a value that is JSON already.
///
/// # Errors
/// As [`read`].
pub(super) fn read_value<T: DeserializeOwned>(what: &str, value: serde_json::Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        problem(what, &path, error.inner())
    })
}

/// A fault at a path of [`read`].
fn problem(what: &str, path: &str, error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Io | Category::Eof => {
            let message = format!("{ENDS_TOO_EARLY}, at line {line}, column {column}: send all of it.");
            Problem::invalid(what, message)
        }
        Category::Syntax => Problem::invalid(what, syntax(&error.to_string(), line, column)),
        Category::Data => {
            let text = error.to_string();
            // The place in the text says less than the field.
            let text = text.split(" at line ").next().unwrap_or(&text);
            let at = if matches!(path, "." | "" | "?") { what.to_owned() } else { path.to_owned() };
            of_field(&at, what, text)
        }
    }
}

fn syntax(text: &str, line: usize, column: usize) -> String {
    let place = format!("line {line}, column {column}");
    if text.starts_with("trailing characters") {
        return format!(
            "There is more behind the end of the JSON, from {place} on: send one value, or one a line as application/x-ndjson."
        );
    }
    if text.starts_with("recursion limit") {
        return format!("The JSON is nested too deeply, at {place}.");
    }
    let numbers = "Write numbers like 0.5, without NaN, Infinity or a comma";
    let why = if text.starts_with("invalid number") || text.starts_with("expected value") {
        format!("no value can be read there. {numbers}, and texts in double quotes")
    } else if text.starts_with("invalid unicode") || text.contains("surrogate") || text.contains("escape") {
        "a text has an escape that stands for no character".to_owned()
    } else if text.starts_with("control character") {
        "a text has a control character: write it as an escape, like \\n".to_owned()
    } else if text.starts_with("trailing comma") {
        "there is a comma too many".to_owned()
    } else if text.starts_with("key must be a string") {
        "the names of fields must be in double quotes".to_owned()
    } else if text.starts_with("number out of range") {
        "the number is too large".to_owned()
    } else {
        "a comma, a colon or a bracket is missing or wrong".to_owned()
    };
    format!("This is no JSON at {place}: {why}.")
}

/// A fault of a field, out of serde's words about it.
pub(super) fn of_field(at: &str, what: &str, text: &str) -> Problem {
    if let Some(name) = between(text, "missing field `", "`") {
        let place = if at == what { name.to_owned() } else { format!("{at}.{name}") };
        return Problem::invalid(&place, format!("The field {place} is missing."));
    }
    if let Some(name) = between(text, "duplicate field `", "`") {
        return Problem::invalid(name, format!("The field {name} is there twice."));
    }
    if let Some(name) = between(text, "unknown field `", "`") {
        return Problem::invalid(&shortened(at), unknown(name, text));
    }
    if let Some(name) = between(text, "unknown variant `", "`") {
        let known = text.split_once("expected ").map_or("", |(_, known)| known).replace('`', "\"");
        return Problem::invalid(
            at,
            format!("{at} is {:?}; one of these is wanted: {known}.", shortened(name)),
        );
    }
    for begins in ["invalid type: ", "invalid value: ", "invalid length "] {
        if let Some((is, wanted)) = text.strip_prefix(begins).and_then(|rest| rest.rsplit_once(", expected "))
        {
            let message = format!("{at} is {}; {} is wanted.", in_words(is), wanted_in_words(wanted));
            return Problem::invalid(at, message);
        }
    }
    Problem::invalid(at, shortened(&format!("{at}: {text}.")))
}

fn unknown(name: &str, text: &str) -> String {
    let known = text.split_once("expected ").map_or("", |(_, known)| known);
    let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    let near = known.iter().map(|known| (strsim::damerau_levenshtein(known, name), known)).min();
    let near = near.filter(|(steps, _)| *steps <= 2).map(|(_, known)| format!(" Did you mean {known}?"));
    let name = shortened(name);
    format!("There is no field {name:?}.{} There are: {}.", near.unwrap_or_default(), known.join(", "))
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(inner, _)| inner)
}

/// What is there: `string "x"`, `integer `5``, `map`.
fn in_words(is: &str) -> String {
    let (kind, value) = is.split_once(' ').unwrap_or((is, ""));
    let value = shortened(value.trim_matches('`'));
    match kind {
        "string" => format!("the text {value}"),
        "integer" | "floating" => format!("the number {}", value.trim_start_matches("point `")),
        "boolean" => value,
        "null" | "Option" | "unit" => "null".to_owned(),
        "map" => "an object".to_owned(),
        "sequence" => "a list".to_owned(),
        _ => shortened(is),
    }
}

/// What is wanted, without the names of types.
fn wanted_in_words(wanted: &str) -> String {
    match wanted {
        "f32" | "f64" => "a number".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0 on".to_owned(),
        "i8" | "i16" | "i32" | "i64" => "a whole number".to_owned(),
        "a string" | "a borrowed string" | "string" | "str" => "a text".to_owned(),
        "a boolean" | "bool" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        wanted if wanted.starts_with("struct ") => {
            "an object with the fields that the description lists".to_owned()
        }
        wanted if wanted.starts_with("internally tagged enum ") => "an object".to_owned(),
        wanted if wanted.starts_with("a UUID") || wanted.contains("UUID") => "an id (UUID)".to_owned(),
        wanted => wanted.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only ever read")]
    struct Inner {
        score: f64,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only ever read")]
    struct Outer {
        label: String,
        #[serde(default)]
        count: Option<u32>,
        #[serde(default)]
        boxes: Vec<Inner>,
    }

    #[track_caller]
    fn check(text: &str, place: &str, says: &str) {
        let refused = read::<Outer>("body", text.as_bytes()).expect_err(text);
        assert_eq!((refused.0.place.as_deref(), refused.0.message.as_str()), (Some(place), says));
    }

    #[test]
    fn a_fault_names_the_field_what_it_is_and_what_is_wanted() {
        check(
            r#"{"label":"a","boxes":[{"score":1},{"score":"0.9"}]}"#,
            "boxes[1].score",
            "boxes[1].score is the text \"0.9\"; a number is wanted.",
        );
        check(r#"{"label":5}"#, "label", "label is the number 5; a text is wanted.");
        check(
            r#"{"label":"a","count":-1}"#,
            "count",
            "count is the number -1; a whole number from 0 on is wanted.",
        );
        check(
            r#"{"label":"a","count":1.5}"#,
            "count",
            "count is the number 1.5; a whole number from 0 on is wanted.",
        );
        check(r#"{"label":"a","boxes":{}}"#, "boxes", "boxes is an object; a list is wanted.");
        check(r#"{"count":1}"#, "label", "The field label is missing.");
        check(r#"{"label":"a","boxes":[{}]}"#, "boxes[0].score", "The field boxes[0].score is missing.");
        check(
            "[1]",
            "body",
            "body is a list; an object with the fields that the description lists is wanted.",
        );
    }

    #[test]
    fn an_unknown_field_is_told_with_those_that_there_are() {
        let refused = read::<Outer>("body", br#"{"label":"a","conut":1}"#).expect_err("refused");
        let says = "There is no field \"conut\". Did you mean count? There are: label, count, boxes.";
        assert_eq!(refused.0.message, says);
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place_and_what_is_usual() {
        let says = |text: &str| read::<Outer>("body", text.as_bytes()).expect_err(text).0.message;
        assert!(says(r#"{"label":"a","count":NaN}"#).contains("without NaN"));
        assert!(says("{'label':1}").contains("double quotes"));
        assert!(says(r#"{"label":"a""#).contains("ends too early"));
        assert!(says(r#"{"label":"a"}{"label":"b"}"#).contains("application/x-ndjson"));
        assert!(
            says(&"[".repeat(100_000)).contains("too deeply")
                || says(&"[".repeat(100_000)).contains("a list")
        );
        assert!(says("").contains("ends too early"));
    }

    #[test]
    fn a_byte_order_mark_is_passed_over() {
        assert_eq!(read::<Outer>("body", b"\xEF\xBB\xBF{\"label\":\"a\"}").expect("read").label, "a");
    }
}
