//! A YAML document as a tree, from the events of `saphyr_parser`. What comes
//! from strangers stays small: nodes, depth and text are bounded, whatever
//! aliases multiply, and a key that occurs twice is refused. Scalars are texts
//! as they stand: whether `no` or `0001` is a name is not YAML's to say here.

use saphyr_parser::{Event, Parser, ScalarStyle};
use std::collections::{HashMap, HashSet};

/// A value and the line where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) value: Value,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Nothing, `~` or `null` without quotes; as it stands.
    Null(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// What is wrong, and in which line.
pub(super) type Wrong = (usize, String);

/// Nodes of a document, those that aliases repeat included: ten thousand
/// classes take twenty thousand.
const MOST_NODES: usize = 200_000;
/// Bytes of all texts together.
const MOST_TEXT: usize = 16 << 20;
/// How deep lists and maps may nest.
const MOST_DEPTH: usize = 32;

impl Node {
    /// A scalar's text; `None` of lists and maps.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Null(text) | Value::Text(text) => Some(text),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    fn size(&self) -> (usize, usize) {
        let add = |(nodes, bytes): (usize, usize), (more, text): (usize, usize)| (nodes + more, bytes + text);
        match &self.value {
            Value::Null(text) | Value::Text(text) => (1, text.len()),
            Value::List(items) => items.iter().map(Self::size).fold((1, 0), add),
            Value::Map(pairs) => {
                pairs.iter().map(|(key, value)| add((1, key.len()), value.size())).fold((1, 0), add)
            }
        }
    }
}

/// A list or map that is not closed yet.
struct Open {
    node: Node,
    anchor: usize,
    key: Option<String>,
    keys: HashSet<String>,
}

/// Builds the tree.
#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Node>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    bytes: usize,
}

/// Reads the first document; `None` when there is nothing in it.
///
/// # Errors
/// What is no YAML, or would become too large.
pub(super) fn parse(text: &str) -> Result<Option<Node>, Wrong> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| (error.marker().line(), error.info().to_owned()))?;
        let line = span.start.line();
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let is_null =
                    style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let text = text.into_owned();
                let value = if is_null { Value::Null(text) } else { Value::Text(text) };
                let node = Node { line, value };
                builder.count(&node, line)?;
                builder.close(node, anchor)?;
            }
            Event::SequenceStart(anchor, _) => builder.open(line, Value::List(Vec::new()), anchor)?,
            Event::MappingStart(anchor, _) => builder.open(line, Value::Map(Vec::new()), anchor)?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(Open { node, anchor, .. }) = builder.open.pop() {
                    builder.close(node, anchor)?;
                }
            }
            Event::Alias(anchor) => {
                let incomplete = || (line, "an alias of what is not complete before it".to_owned());
                let size = builder.anchors.get(&anchor).ok_or_else(incomplete)?.size();
                builder.grow(size, line)?;
                let node = builder.anchors.get(&anchor).cloned().ok_or_else(incomplete)?;
                builder.close(node, 0)?;
            }
            Event::DocumentEnd => break,
            _ => {}
        }
    }
    Ok(builder.root)
}

impl Builder {
    fn open(&mut self, line: usize, value: Value, anchor: usize) -> Result<(), Wrong> {
        if self.open.len() >= MOST_DEPTH {
            return Err((line, format!("more than {MOST_DEPTH} lists or maps inside each other")));
        }
        self.grow((1, 0), line)?;
        self.open.push(Open { node: Node { line, value }, anchor, key: None, keys: HashSet::new() });
        Ok(())
    }

    fn count(&mut self, scalar: &Node, line: usize) -> Result<(), Wrong> {
        self.grow(scalar.size(), line)
    }

    fn grow(&mut self, (nodes, bytes): (usize, usize), line: usize) -> Result<(), Wrong> {
        self.nodes += nodes;
        self.bytes += bytes;
        if self.nodes > MOST_NODES || self.bytes > MOST_TEXT {
            return Err((line, "it is too large, or becomes so when its aliases are followed".to_owned()));
        }
        Ok(())
    }

    /// A node is complete: it belongs to what is open.
    fn close(&mut self, node: Node, anchor: usize) -> Result<(), Wrong> {
        if anchor != 0 {
            // It is there twice from here on.
            self.grow(node.size(), node.line)?;
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return Ok(());
        };
        match (&mut open.node.value, open.key.take()) {
            (Value::List(items), _) => items.push(node),
            (Value::Map(pairs), Some(key)) => pairs.push((key, node)),
            (Value::Map(_), None) => {
                let Some(key) = node.text() else {
                    return Err((node.line, "a key that is a list or a map".to_owned()));
                };
                if !open.keys.insert(key.to_owned()) {
                    return Err((node.line, format!("the key {key:?} occurs twice")));
                }
                open.key = Some(key.to_owned());
            }
            (Value::Null(_) | Value::Text(_), _) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(text: &str) -> Vec<(String, Node)> {
        match parse(text).expect("sound").expect("a document").value {
            Value::Map(pairs) => pairs,
            other => panic!("a map, not {other:?}"),
        }
    }

    #[test]
    fn scalars_are_texts_as_they_stand() {
        let pairs = map("a: no\nb: 0001\nc: ~\nd: 'null'\ne: >-\n  x\n  y\nf: |\n  z\n\"g\": 1e3\n");
        let texts: Vec<_> =
            pairs.iter().map(|(key, node)| (key.as_str(), node.text().expect("a scalar"))).collect();
        let expected =
            [("a", "no"), ("b", "0001"), ("c", "~"), ("d", "null"), ("e", "x y"), ("f", "z\n"), ("g", "1e3")];
        assert_eq!(texts, expected);
        assert!(matches!(pairs.get(2), Some((_, Node { value: Value::Null(_), line: 3 }))));
        assert!(matches!(pairs.get(3), Some((_, Node { value: Value::Text(_), .. }))));
    }

    #[test]
    fn aliases_stand_for_what_they_name() {
        let pairs = map("train: &t set_a/images\nval: *t\nother: [&x {k: v}, *x]\n");
        assert_eq!(pairs.get(1).and_then(|(_, node)| node.text()), Some("set_a/images"));
        let Some((_, Node { value: Value::List(items), .. })) = pairs.get(2) else { panic!("a list") };
        assert_eq!(items.first().map(|node| &node.value), items.last().map(|node| &node.value));
    }

    #[test]
    fn aliases_that_multiply_are_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let items = vec![format!("*a{}", level - 1); 10].join(", ");
            text += &format!("a{level}: &a{level} [{items}]\n");
        }
        let began = std::time::Instant::now();
        let (line, why) = parse(&text).expect_err("refused");
        assert!(line < 8 && why.contains("aliases"), "line {line}: {why}");
        assert!(began.elapsed().as_secs() < 1);
    }

    #[test]
    fn what_nests_too_deep_is_refused() {
        for text in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000)] {
            let began = std::time::Instant::now();
            assert!(parse(&text).is_err());
            assert!(began.elapsed().as_secs() < 1);
        }
    }

    #[test]
    fn a_key_that_occurs_twice_is_refused_in_its_line() {
        assert_eq!(parse("val: a\ntrain: b\nval: c\n").map_err(|(line, _)| line), Err(3));
        assert!(parse("").expect("empty").is_none());
        assert!(parse("a: [b\n").is_err() && parse("a: \"b\n").is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let _ = parse(&text);
            let _ = parse(&format!("names: [{text}\nval: {text}\nnames:\n {text}"));
        }
    }
}
