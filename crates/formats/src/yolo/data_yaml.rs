//! The part of YAML that `data.yaml` files are written in: keys at the left
//! margin with a scalar, a list or a map; flow (`[a, b]`, `{0: a}`) or block
//! style; plain, 'single' and "double" quoted scalars; comments.

use domain::dataset::Split;
use std::collections::BTreeMap;

/// What a `data.yaml` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DataYaml {
    /// Where the splits' folders are, if not beside the file.
    pub(crate) path: Option<String>,
    /// Folders or lists of images.
    pub(crate) splits: BTreeMap<Split, Vec<String>>,
    /// Names by class index.
    pub(crate) names: BTreeMap<usize, String>,
}

/// A value of the subset.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Scalar(String),
    List(Vec<String>),
    Map(Vec<(String, String)>),
}

/// What is wrong, and in which line.
type Wrong = (usize, String);

/// Reads the keys that matter; others may be anything.
pub(crate) fn parse(text: &str) -> Result<DataYaml, Wrong> {
    let mut data = DataYaml::default();
    for entry in entries(text) {
        let split = entry.key.parse::<Split>().ok();
        match entry.key.as_str() {
            "path" => data.path = entry.scalar()?,
            "names" => data.names = entry.names()?,
            _ if split.is_some() => {
                let folders = match entry.value()? {
                    Value::Scalar(folder) if folder.is_empty() || folder == "null" || folder == "~" => {
                        Vec::new()
                    }
                    Value::Scalar(folder) => vec![folder],
                    Value::List(folders) => folders,
                    Value::Map(_) => {
                        return Err((entry.line, format!("{} must be a folder or a list", entry.key)));
                    }
                };
                data.splits.entry(split.unwrap_or(Split::Train)).or_default().extend(folders);
            }
            _ => {}
        }
    }
    Ok(data)
}

/// A key at the left margin with all lines up to the next one.
struct Entry {
    line: usize,
    key: String,
    /// After the colon, without comment.
    first: String,
    /// Following lines, without comments and empty ones.
    block: Vec<String>,
}

fn entries(text: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for (full, line) in text.trim_start_matches('\u{FEFF}').lines().zip(1..) {
        let content = without_comment(full).trim_end();
        if content.trim().is_empty() || content == "---" || content == "..." {
            continue;
        }
        let at_margin = !content.starts_with([' ', '\t', '-', ']', '}']);
        match (at_margin.then(|| content.split_once(':')).flatten(), entries.last_mut()) {
            (Some((key, rest)), last) if !last.as_ref().is_some_and(|entry| entry.is_open()) => {
                let key = key.trim().trim_matches(['"', '\'']).to_owned();
                entries.push(Entry { line, key, first: rest.trim().to_owned(), block: Vec::new() });
            }
            (_, Some(entry)) => entry.block.push(content.to_owned()),
            (_, None) => {}
        }
    }
    entries
}

/// Whether a quote after this character opens a text.
fn starts_text(before: char) -> bool {
    matches!(before, ' ' | '\t' | '[' | '{' | ',' | ':' | '-')
}

/// The line up to a `#` that is not part of a text.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') if before.is_whitespace() => return line.get(..at).unwrap_or(line),
            (None, '"' | '\'') if starts_text(before) || before == c && c == '\'' => {
                quote = Some(c);
            }
            (Some('"'), '\\') if before == '\\' => {
                // An escaped backslash escapes nothing.
                before = ' ';
                continue;
            }
            (Some(open), _) if c == open && !(open == '"' && before == '\\') => quote = None,
            _ => {}
        }
        before = c;
    }
    line
}

impl Entry {
    /// Whether a flow list or map goes on in the next line.
    fn is_open(&self) -> bool {
        let text = self.joined();
        self.first.starts_with(['[', '{']) && !is_balanced(&text)
    }

    fn joined(&self) -> String {
        self.block.iter().fold(self.first.clone(), |text, line| text + " " + line.trim())
    }

    fn value(&self) -> Result<Value, Wrong> {
        let wrong = |why: String| (self.line, why);
        if self.first.starts_with(['[', '{']) {
            return flow(&self.joined())
                .ok_or_else(|| wrong(format!("the list of {} cannot be read", self.key)));
        }
        if !self.first.is_empty() || self.block.is_empty() {
            return Ok(Value::Scalar(scalar(&self.first)));
        }
        let items: Option<Vec<&str>> =
            self.block.iter().map(|line| line.trim().strip_prefix('-').map(str::trim)).collect();
        if let Some(items) = items {
            return Ok(Value::List(items.into_iter().map(scalar).collect()));
        }
        let pairs: Option<Vec<(String, String)>> = self.block.iter().map(|line| pair(line.trim())).collect();
        pairs.map(Value::Map).ok_or_else(|| wrong(format!("{} is neither a list nor a map", self.key)))
    }

    fn scalar(&self) -> Result<Option<String>, Wrong> {
        match self.value()? {
            Value::Scalar(text) => Ok(Some(text).filter(|text| !text.is_empty())),
            _ => Err((self.line, format!("{} must be a text", self.key))),
        }
    }

    fn names(&self) -> Result<BTreeMap<usize, String>, Wrong> {
        match self.value()? {
            Value::List(names) => Ok(names.into_iter().enumerate().collect()),
            Value::Map(pairs) => pairs
                .into_iter()
                .map(|(index, name)| match index.parse() {
                    Ok(index) => Ok((index, name)),
                    Err(_) => Err((self.line, format!("the class index {index:?} is not a number"))),
                })
                .collect(),
            Value::Scalar(text) if text.is_empty() => Ok(BTreeMap::new()),
            Value::Scalar(_) => Err((self.line, "names must be a list or a map".to_owned())),
        }
    }
}

fn is_balanced(text: &str) -> bool {
    split_flow(text).is_some()
}

/// `[a, b]` or `{k: v, …}`, one level deep.
fn flow(text: &str) -> Option<Value> {
    let items = split_flow(text)?;
    if text.starts_with('[') {
        return Some(Value::List(items.iter().map(|item| scalar(item)).collect()));
    }
    items.iter().map(|item| pair(item)).collect::<Option<_>>().map(Value::Map)
}

/// The items between the brackets; `None` when they are not closed.
fn split_flow(text: &str) -> Option<Vec<String>> {
    let open = text.chars().next()?;
    let close = if open == '[' { ']' } else { '}' };
    let (mut items, mut item) = (Vec::new(), String::new());
    let mut quote = None;
    let mut escaped = false;
    for c in text.chars().skip(1) {
        match (quote, c) {
            (Some('"'), _) if escaped => escaped = false,
            (Some('"'), '\\') => escaped = true,
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') if item.trim().is_empty() || item.trim_end().ends_with(':') => quote = Some(c),
            (None, _) if c == close => {
                if !item.trim().is_empty() {
                    items.push(item);
                }
                return Some(items);
            }
            (None, ',') => {
                items.push(std::mem::take(&mut item));
                continue;
            }
            _ => {}
        }
        item.push(c);
    }
    None
}

/// `key: value`.
fn pair(text: &str) -> Option<(String, String)> {
    let (key, value) = text.split_once(':')?;
    Some((scalar(key), scalar(value)))
}

/// A scalar without its quotes and escapes.
fn scalar(text: &str) -> String {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        return inner.replace("''", "'");
    }
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inner) => unescaped(inner),
        None => text.to_owned(),
    }
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        let digits = match rest.next() {
            Some('n') => Err('\n'),
            Some('t') => Err('\t'),
            Some('x') => Ok(2),
            Some('u') => Ok(4),
            Some('U') => Ok(8),
            Some(other) => Err(other),
            None => Err('\\'),
        };
        plain.push(match digits {
            Err(meant) => meant,
            Ok(digits) => {
                let code: String = rest.by_ref().take(digits).collect();
                u32::from_str_radix(&code, 16).ok().and_then(char::from_u32).unwrap_or('\u{FFFD}')
            }
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        parse(text).expect("sound").names.into_values().collect()
    }

    #[test]
    fn names_are_read_in_every_usual_style() {
        let styles = [
            "nc: 2\nnames: ['big dog', person]\n",
            "names:\n  - big dog\n  - \"person\"\n",
            "names:\n- 'big dog'   # the first\n- person\n",
            "names:\n  0: big dog\n  1: 'person'\nnc: 2\n",
            "names: {0: big dog, 1: \"person\"}\n",
            "names: [\n  'big dog', # one\n  person\n]\ntrain: x\n",
        ];
        for style in styles {
            assert_eq!(names(style), ["big dog", "person"], "{style}");
        }
    }

    #[test]
    fn quotes_keep_commas_colons_hashes_and_brackets() {
        assert_eq!(names("names: ['a, b', \"c]: #d\", 'it''s #1'] # x"), ["a, b", "c]: #d", "it's #1"]);
        assert_eq!(
            names("names:\n  0: \"say \\\"hi\\\" \\\\ # \\u4e2d\"\n  1: b # two\n"),
            ["say \"hi\" \\ # 中", "b"]
        );
    }

    #[test]
    fn splits_are_folders_or_lists_of_them() {
        let data = parse(
            "path: ../data # here\ntrain: train/images\nval:\n  - a\n  - b\ntest:\nroboflow:\n  version: 6\n",
        )
        .expect("sound");
        assert_eq!(data.path.as_deref(), Some("../data"));
        assert_eq!(data.splits[&Split::Train], ["train/images"]);
        assert_eq!(data.splits[&Split::Val], ["a", "b"]);
        assert_eq!(data.splits[&Split::Test], Vec::<String>::new());
    }

    #[test]
    fn what_cannot_be_read_names_its_line() {
        assert_eq!(parse("nc: 1\nnames: dog\n").map_err(|(line, _)| line), Err(2));
        assert_eq!(parse("names:\n  a: dog\n").map_err(|(line, _)| line), Err(1));
        assert_eq!(parse("a: 1\nnames: ['dog\n").map_err(|(line, _)| line), Err(2));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let _ = parse(&text);
            let _ = parse(&format!("names: [{text}\nval: {text}\nnames:\n {text}"));
        }
    }
}
