//! XML with attributes as a stream of tags. A tag is in memory alone, and may
//! be no longer than [`TAG_BYTES`]; entities that a document defines are
//! unknown and stay so.

use quick_xml::{Reader, events::Event};
use std::{
    cell::Cell,
    collections::HashMap,
    io::{self, BufRead, Read},
    rc::Rc,
};

/// Bytes of one tag or text: a mask of a large image is a few hundred
/// thousand.
const TAG_BYTES: usize = 16 << 20;
/// How deep elements may nest: CVAT's go down to seven.
const MAX_DEPTH: usize = 32;

/// A piece of the document.
#[derive(Debug)]
pub(super) enum Piece {
    /// An element begins.
    Start(Tag),
    /// The innermost element ends; its text, if it had no elements.
    End { name: String, text: String },
}

/// An element without its content.
#[derive(Debug, Default)]
pub(super) struct Tag {
    pub(super) name: String,
    attributes: HashMap<String, String>,
}

impl Tag {
    /// An attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// An attribute that is a number.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.get(name)?.trim().parse().ok()
    }

    /// Whether an attribute is set.
    pub(super) fn is_set(&self, name: &str) -> bool {
        matches!(self.get(name), Some("1" | "true" | "True"))
    }
}

/// Pieces of a document.
pub(super) struct Pieces<R: BufRead> {
    reader: Reader<Metered<R>>,
    left: Rc<Cell<usize>>,
    buffer: Vec<u8>,
    /// Names of open elements.
    open: Vec<String>,
    text: String,
    /// The end of an empty element.
    pending_end: bool,
}

impl<R: BufRead> Pieces<R> {
    pub(super) fn new(source: R) -> Self {
        let left = Rc::new(Cell::new(TAG_BYTES));
        let mut reader = Reader::from_reader(Metered { source, left: Rc::clone(&left) });
        reader.config_mut().check_end_names = true;
        Self { reader, left, buffer: Vec::new(), open: Vec::new(), text: String::new(), pending_end: false }
    }

    /// Names of the elements that are open, the outermost first.
    pub(super) fn path(&self) -> &[String] {
        &self.open
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// What is wrong with the document.
    pub(super) fn next(&mut self) -> Result<Option<Piece>, String> {
        if std::mem::take(&mut self.pending_end) {
            return Ok(Some(self.end()));
        }
        loop {
            self.buffer.clear();
            self.left.set(TAG_BYTES);
            let event = self.reader.read_event_into(&mut self.buffer).map_err(|error| error.to_string())?;
            match event {
                Event::Start(start) | Event::Empty(start) if self.open.len() >= MAX_DEPTH => {
                    let name = String::from_utf8_lossy(start.name().as_ref()).into_owned();
                    return Err(format!("<{name}>: more than {MAX_DEPTH} elements inside each other"));
                }
                Event::Start(start) => {
                    let tag = tag_of(&start)?;
                    self.open.push(tag.name.clone());
                    self.text.clear();
                    return Ok(Some(Piece::Start(tag)));
                }
                Event::Empty(start) => {
                    let tag = tag_of(&start)?;
                    self.open.push(tag.name.clone());
                    self.text.clear();
                    self.pending_end = true;
                    return Ok(Some(Piece::Start(tag)));
                }
                Event::End(_) => return Ok(Some(self.end())),
                Event::Text(text) => {
                    let text = text.decode().map_err(|error| error.to_string())?;
                    push(&mut self.text, &text)?;
                }
                Event::GeneralRef(reference) => {
                    let name = reference.decode().map_err(|error| error.to_string())?;
                    let whole = format!("&{name};");
                    let meant = quick_xml::escape::unescape(&whole).map_err(|error| error.to_string())?;
                    push(&mut self.text, &meant)?;
                }
                Event::Eof => {
                    return self
                        .open
                        .last()
                        .map_or(Ok(None), |name| Err(format!("<{name}> is never closed")));
                }
                _ => {}
            }
        }
    }

    fn end(&mut self) -> Piece {
        let name = self.open.pop().unwrap_or_default();
        Piece::End { name, text: std::mem::take(&mut self.text).trim().to_owned() }
    }
}

/// The text of one element, within the same bound as a tag.
fn push(text: &mut String, more: &str) -> Result<(), String> {
    if text.len() + more.len() > TAG_BYTES {
        return Err(format!("a text has more than {} MiB, the most that is read", TAG_BYTES >> 20));
    }
    text.push_str(more);
    Ok(())
}

fn tag_of(start: &quick_xml::events::BytesStart<'_>) -> Result<Tag, String> {
    let name = String::from_utf8_lossy(start.name().as_ref()).into_owned();
    let mut attributes = HashMap::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| format!("<{name}>: {error}"))?;
        let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
        let raw =
            std::str::from_utf8(&attribute.value).map_err(|_| format!("<{name}>: {key} is not UTF-8"))?;
        let value = quick_xml::escape::unescape(raw).map_err(|error| format!("<{name}>: {error}"))?;
        attributes.insert(key, value.into_owned());
    }
    Ok(Tag { name, attributes })
}

/// Gives no more than what is left until it is set anew.
struct Metered<R> {
    source: R,
    left: Rc<Cell<usize>>,
}

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.source.read(buffer)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left.get() == 0 {
            let message = format!("a tag has more than {} MiB, the most that is read", TAG_BYTES >> 20);
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let left = self.left.get();
        let bytes = self.source.fill_buf()?;
        Ok(bytes.get(..left).unwrap_or(bytes))
    }

    fn consume(&mut self, bytes: usize) {
        self.left.set(self.left.get().saturating_sub(bytes));
        self.source.consume(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Result<Vec<String>, String> {
        let mut pieces = Pieces::new(text.as_bytes());
        let mut list = Vec::new();
        while let Some(piece) = pieces.next()? {
            list.push(match piece {
                Piece::Start(tag) => format!("{} {:?}", tag.name, tag.get("a")),
                Piece::End { name, text } => format!("/{name} {text}"),
            });
        }
        Ok(list)
    }

    #[test]
    fn tags_have_their_attributes_and_text() {
        let text = "<?xml version=\"1.0\"?><x a=\"1 &lt; &#x4E2D;\"><!-- --><y> t &amp; u </y><z a='2'/></x>";
        let expected = ["x Some(\"1 < 中\")", "y None", "/y t & u", "z Some(\"2\")", "/z ", "/x "];
        assert_eq!(pieces(text), Ok(expected.map(str::to_owned).to_vec()));
    }

    #[test]
    fn bombs_are_refused() {
        let entities = "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]><a><b a=\"&c;\"/></a>";
        assert!(pieces(entities).is_err());
        assert!(pieces("<!DOCTYPE a [<!ENTITY b \"bbbb\">]><a>&b;</a>").is_err());
        assert!(pieces(&"<a>".repeat(1_000_000)).is_err());
        assert!(pieces(&format!("<a b=\"{}\"/>", "x".repeat(TAG_BYTES + (1 << 20)))).is_err());
        assert!(pieces("<a><b></a>").is_err() && pieces("<a>").is_err());
    }
}
