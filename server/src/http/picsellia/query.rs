//! The SDK's queries in our language. Fields that both have under other names
//! are renamed, and what is in our language already stays: both work.

/// Other names of fields; a name that begins like another comes first.
const TAGS: [&str; 3] = ["data.tags.name", "tags.name", "tag.name"];
const LABELS: [&str; 2] = ["annotations.rectangles.label.name", "rectangles.label.name"];

/// `q` in our language.
pub(super) fn translated(q: &str) -> String {
    let (mut rest, mut out) = (q.trim(), String::with_capacity(q.len()));
    while let Some(first) = rest.chars().next() {
        if first == '"' || first == '\'' {
            let (text, behind) = quoted(rest);
            push_quoted(&mut out, text);
            rest = behind;
        } else if starts_word(&out)
            && let Some(field) = TAGS.iter().find(|field| is_word(rest, field))
        {
            out.push_str("tag");
            rest = rest.get(field.len()..).unwrap_or_default();
        } else if starts_word(&out)
            && let Some(field) = LABELS.iter().find(|field| is_word(rest, field))
        {
            let (condition, behind) = condition(rest.get(field.len()..).unwrap_or_default());
            out.push_str("has(label");
            out.push_str(&translated_condition(condition));
            out.push(')');
            rest = behind;
        } else if starts_word(&out) && is_word(rest, "status") {
            let (condition, behind) = condition(rest.get("status".len()..).unwrap_or_default());
            out.push_str("status");
            out.push_str(&status_words(condition));
            rest = behind;
        } else {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

/// `q` and a condition for each of these pairs of the metadata.
pub(super) fn with_metadata<'a>(q: &str, pairs: impl Iterator<Item = (&'a str, String)>) -> String {
    let mut parts = Vec::new();
    if !q.is_empty() {
        parts.push(format!("({q})"));
    }
    parts.extend(pairs.map(|(key, value)| format!("metadata.{} = {}", in_quotes(key), in_quotes(&value))));
    parts.join(" and ")
}

/// A text as a value of our language.
pub(super) fn in_quotes(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn starts_word(before: &str) -> bool {
    before.chars().next_back().is_none_or(|last| !last.is_alphanumeric() && !matches!(last, '.' | '_'))
}

fn is_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|behind| {
        behind.chars().next().is_none_or(|next| !next.is_alphanumeric() && !matches!(next, '.' | '_'))
    })
}

/// A quoted text without its quotes, as it is written, and what follows.
fn quoted(text: &str) -> (&str, &str) {
    let quote = text.chars().next().unwrap_or('"');
    let inner = text.get(1..).unwrap_or_default();
    let mut escaped = false;
    for (at, letter) in inner.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => {
                return (inner.get(..at).unwrap_or_default(), inner.get(at + 1..).unwrap_or_default());
            }
            _ => {}
        }
    }
    (inner, "")
}

fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    let mut escaped = false;
    for letter in text.chars() {
        // A double quote needs none of its own in single ones.
        if letter == '"' && !escaped {
            out.push('\\');
        }
        escaped = letter == '\\' && !escaped;
        out.push(letter);
    }
    out.push('"');
}

/// The operator and value behind a field, and what follows them.
fn condition(text: &str) -> (&str, &str) {
    let start = text.len() - text.trim_start().len();
    let word = text.get(start..).unwrap_or_default().to_ascii_lowercase();
    let mut at = start;
    if word.starts_with("in") || word.starts_with("not in") {
        let end = text.find(')').map_or(text.len(), |end| end + 1);
        return (text.get(..end).unwrap_or(text), text.get(end..).unwrap_or_default());
    }
    let skip = |at: usize, wanted: fn(char) -> bool| {
        let tail = text.get(at..).unwrap_or_default();
        at + tail.find(|letter: char| !wanted(letter)).unwrap_or(tail.len())
    };
    at = skip(at, |letter| matches!(letter, '=' | '!' | '~' | '<' | '>'));
    at = skip(at, char::is_whitespace);
    let tail = text.get(at..).unwrap_or_default();
    if tail.starts_with(['"', '\'']) {
        let (_, behind) = quoted(tail);
        at = text.len() - behind.len();
    } else {
        at = skip(at, |letter| !letter.is_whitespace() && letter != ')');
    }
    (text.get(..at).unwrap_or(text), text.get(at..).unwrap_or_default())
}

/// Quotes of either kind become ours.
fn translated_condition(condition: &str) -> String {
    let (mut rest, mut out) = (condition, String::new());
    while let Some(first) = rest.chars().next() {
        if first == '"' || first == '\'' {
            let (text, behind) = quoted(rest);
            push_quoted(&mut out, text);
            rest = behind;
        } else {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

/// States are bare words in small letters here.
fn status_words(condition: &str) -> String {
    let bare = condition.replace(['"', '\''], "").to_lowercase();
    bare.replace("pending", "to_review").replace("accepted", "reviewed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_the_sdk_are_renamed_and_the_rest_stays() {
        let check = |theirs: &str, ours: &str| {
            assert_eq!(translated(theirs), ours, "{theirs}");
            if !ours.is_empty() {
                assert!(query::parse(ours).is_ok(), "{ours}");
            }
        };
        check("", "");
        check("tags.name = \"night\"", "tag = \"night\"");
        check("tags.name in (\"a\",\"b\")", "tag in (\"a\",\"b\")");
        check("data.tags.name in ('a') and objects > 2", "tag in (\"a\") and objects > 2");
        check("filename = \"tags.name\"", "filename = \"tags.name\"");
        check("annotations.rectangles.label.name = 'car'", "has(label = \"car\")");
        check(
            "(annotations.rectangles.label.name in (\"a\", \"b\")) and tags.name = \"x\"",
            "(has(label in (\"a\", \"b\"))) and tag = \"x\"",
        );
        check("status = \"REVIEWED\"", "status = reviewed");
        check("objects > 5 and not has(label = \"car\")", "objects > 5 and not has(label = \"car\")");
    }

    #[test]
    fn any_text_is_a_value_of_the_metadata() {
        let pairs = [("batch", "13".to_owned()), ("a \"b\"", "c\\".to_owned())];
        let q = with_metadata("tag = x or tag = y", pairs.iter().map(|(k, v)| (*k, v.clone())));
        assert!(q.starts_with("(tag = x or tag = y) and metadata.\"batch\" = \"13\" and "), "{q}");
        assert!(query::parse(&q).is_ok(), "{q}");
    }
}
