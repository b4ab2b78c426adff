//! Just enough of XML: elements, their text, their lines.

use quick_xml::{Reader, events::Event};

/// An element. Attributes, comments and instructions are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    /// Line of its start tag, from 1.
    pub(crate) line: usize,
    /// All text directly inside, without blanks around it.
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// The first child of that name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of that name, unless empty.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str()).filter(|text| !text.is_empty())
    }
}

/// How deep elements may nest: Pascal VOC's go down to four. A tree is dropped
/// by recursion, which must not use up the stack.
const MAX_DEPTH: usize = 32;
/// Elements of a document: ten thousand objects have a hundred thousand. Each
/// takes a hundred bytes for as few as four in the file.
const MAX_ELEMENTS: usize = 200_000;

/// Reads a document; gives its outermost element, or what is wrong and in
/// which line.
pub(crate) fn parse(text: &str) -> Result<Element, (usize, String)> {
    let mut reader = Reader::from_str(text);
    let mut lines = Lines { text: text.as_bytes(), at: 0, line: 1 };
    let mut open: Vec<Element> = vec![Element::default()];
    let mut elements = 0;
    loop {
        let line = lines.at(reader.buffer_position());
        let event = reader.read_event().map_err(|error| (line, error.to_string()))?;
        let wrong = |why: String| (line, why);
        if matches!(event, Event::Start(_) | Event::Empty(_)) {
            elements += 1;
            // The first of `open` is the document, not an element.
            if open.len() > MAX_DEPTH || elements > MAX_ELEMENTS {
                return Err(wrong(format!(
                    "more than {MAX_ELEMENTS} elements, or more than {MAX_DEPTH} inside each other"
                )));
            }
        }
        match event {
            Event::Start(tag) => {
                open.push(Element { name: name_of(tag.name().as_ref()), line, ..Element::default() });
            }
            Event::Empty(tag) => {
                let element = Element { name: name_of(tag.name().as_ref()), line, ..Element::default() };
                push_child(&mut open, element);
            }
            Event::End(_) => {
                let closed = open.pop().unwrap_or_default();
                push_child(&mut open, Element { text: closed.text.trim().to_owned(), ..closed });
            }
            Event::Text(text) => {
                push_text(&mut open, &text.decode().map_err(|error| wrong(error.to_string()))?);
            }
            Event::CData(text) => {
                push_text(&mut open, &text.decode().map_err(|error| wrong(error.to_string()))?);
            }
            Event::GeneralRef(reference) => {
                let name = reference.decode().map_err(|error| wrong(error.to_string()))?;
                let whole = format!("&{name};");
                let meant = quick_xml::escape::unescape(&whole).map_err(|error| wrong(error.to_string()))?;
                push_text(&mut open, &meant);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    match open.as_slice() {
        [document] => document.children.first().cloned().ok_or((1, "no element".to_owned())),
        [.., unclosed] => Err((unclosed.line, format!("<{}> is never closed", unclosed.name))),
        [] => Err((1, "no element".to_owned())),
    }
}

fn name_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn push_child(open: &mut [Element], child: Element) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(child);
    }
}

fn push_text(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// Counts lines up to rising offsets.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn at(&mut self, offset: u64) -> usize {
        let offset = offset as usize;
        let passed = self.text.get(self.at..offset).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count();
        self.at = self.at.max(offset);
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_have_their_text_and_line() {
        let root = parse("<?xml version=\"1.0\"?>\n<a>\n <b> x &amp; &#x4E2D; </b>\n <c/>\n <b>2</b></a>\n")
            .expect("sound");
        assert_eq!((root.name.as_str(), root.line), ("a", 2));
        assert_eq!(root.child("b").map(|b| (b.text.as_str(), b.line)), Some(("x & 中", 3)));
        assert_eq!(root.text_of("c"), None);
        assert_eq!(root.children.len(), 3);
    }

    #[test]
    fn elements_nest_32_deep_and_no_deeper() {
        let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert!(parse(&nested(32)).is_ok());
        assert!(parse(&nested(33)).is_err());
        // Neither is the stack used up by what was read so far.
        assert!(parse(&"<a>".repeat(5_000_000)).is_err());
    }

    #[test]
    fn a_document_of_very_many_elements_is_refused_before_it_is_in_memory() {
        assert!(parse(&format!("<a>{}</a>", "<b/>".repeat(MAX_ELEMENTS))).is_err());
    }

    #[test]
    fn entities_that_a_document_defines_are_not_expanded() {
        let document = "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;&b;\">]><a>&c;</a>";
        assert!(parse(document).is_err());
    }

    #[test]
    fn what_is_broken_is_broken_in_some_line() {
        assert_eq!(parse("<a>\n<b>\n</a>").map_err(|(line, _)| line), Err(3));
        assert_eq!(parse("<a>\n<b>").map_err(|(line, _)| line), Err(2));
        assert!(parse("").is_err() && parse("just text").is_err() && parse("<a>&nope;</a>").is_err());
    }
}
