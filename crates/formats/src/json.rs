//! JSON of annotation tools, element by element: a list of a million tasks is
//! never in memory as a whole, and no element may take more than
//! [`ELEMENT_BYTES`], however small its text is. Knows no format.

use crate::files::Files;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::{
    cell::Cell,
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

/// Bytes of a JSON file. It is read as a stream: this bounds time, not memory.
const FILE_BYTES: u64 = 4 << 30;
/// Memory of one element: ten thousand boxes take half of it.
const ELEMENT_BYTES: usize = 48 << 20;
/// What a value takes beside its text, and what an object takes: a node of
/// the standard library's tree has room for eleven entries.
const VALUE_BYTES: usize = 40;
const OBJECT_BYTES: usize = 700;
/// Members that hold pixels: pictures and masks in text. They are read over;
/// an empty text tells that there was one.
const PIXELS: [&str; 5] = ["imageData", "rle", "mask", "segmentation", "thumbnail"];

/// Opens a JSON file of a data set; a byte order mark is passed over.
///
/// # Errors
/// When it cannot be opened, and of the kind `InvalidData` when it is UTF-16.
pub(crate) fn open(files: &Files, path: &Path) -> io::Result<impl BufRead + use<>> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(files.resolve(path)?)?.take(FILE_BYTES));
    let head = file.fill_buf()?;
    if head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]) {
        let message = "the file is UTF-16: save it as UTF-8 and try again";
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    let mark = if head.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    file.consume(mark);
    Ok(file)
}

/// Where an element stands in its list or object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ElementKey<'a> {
    /// From 0.
    pub(crate) index: usize,
    /// Its name in an object; empty in a list.
    pub(crate) key: &'a str,
}

/// Gives each element of the list or object that the members `at` lead to,
/// one after another. Whether there is one.
///
/// # Errors
/// What is no JSON, and an element that would take too much memory.
pub(crate) fn each(
    source: impl Read,
    at: &[&str],
    give: &mut dyn FnMut(ElementKey<'_>, Value),
) -> serde_json::Result<bool> {
    let mut found = false;
    let mut deserializer = serde_json::Deserializer::from_reader(source);
    Each { at, give, found: &mut found }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(found)
}

/// All of a document.
///
/// # Errors
/// As [`each`], of the whole.
pub(crate) fn document(source: impl Read) -> serde_json::Result<Value> {
    let left = Cell::new(ELEMENT_BYTES);
    let mut deserializer = serde_json::Deserializer::from_reader(source);
    let value = Bounded(&left).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// A number, or a text that is one.
pub(crate) fn number(value: Option<&Value>) -> Option<f64> {
    match value? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Four numbers under four names.
pub(crate) fn numbers(object: &Value, names: [&str; 4]) -> Option<[f64; 4]> {
    let [a, b, c, d] = names.map(|name| number(object.get(name)));
    Some([a?, b?, c?, d?])
}

/// Two sides in pixels; whole numbers above zero.
pub(crate) fn sides(width: Option<&Value>, height: Option<&Value>) -> Option<(u32, u32)> {
    let side = |value| {
        let side = number(value)?;
        (side >= 1.0 && side.fract() == 0.0 && side <= f64::from(u32::MAX)).then_some(side as u32)
    };
    side(width).zip(side(height))
}

/// A text that is not empty.
pub(crate) fn text(value: Option<&Value>) -> Option<&str> {
    value?.as_str().filter(|text| !text.trim().is_empty())
}

/// The elements of a list; of anything else none.
pub(crate) fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Points as `[x, y]`.
pub(crate) fn points(value: Option<&Value>) -> Option<Vec<[f64; 2]>> {
    let point = |pair: &Value| Some([number(pair.get(0))?, number(pair.get(1))?]);
    value?.as_array()?.iter().map(point).collect()
}

/// Descends to a list or object and gives its elements.
struct Each<'a, 'f> {
    at: &'a [&'a str],
    give: &'a mut (dyn FnMut(ElementKey<'_>, Value) + 'f),
    found: &'a mut bool,
}

impl<'de> DeserializeSeed<'de> for Each<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Each<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        if !self.at.is_empty() {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        *self.found = true;
        for index in 0.. {
            let left = Cell::new(ELEMENT_BYTES);
            let Some(value) = seq.next_element_seed(Bounded(&left))? else { break };
            (self.give)(ElementKey { index, key: "" }, value);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut index = 0;
        while let Some(key) = map.next_key::<String>()? {
            match self.at.split_first() {
                None => {
                    *self.found = true;
                    let left = Cell::new(ELEMENT_BYTES);
                    let value = map.next_value_seed(Bounded(&left))?;
                    (self.give)(ElementKey { index, key: &key }, value);
                    index += 1;
                }
                Some((first, at)) if *first == key => {
                    map.next_value_seed(Each { at, give: &mut *self.give, found: &mut *self.found })?;
                }
                Some(_) => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

/// Any value, as long as the bytes last.
#[derive(Clone, Copy)]
struct Bounded<'a>(&'a Cell<usize>);

impl Bounded<'_> {
    fn take<E: serde::de::Error>(self, bytes: usize) -> Result<(), E> {
        let left = self.0.get().checked_sub(bytes);
        let too_large = || {
            E::custom(format!(
                "one element takes more than {} MiB, the most that is read",
                ELEMENT_BYTES >> 20
            ))
        };
        self.0.set(left.ok_or_else(too_large)?);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        self.take(VALUE_BYTES).map(|()| Value::Null)
    }
    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Value, E> {
        self.take(VALUE_BYTES).map(|()| Value::Bool(value))
    }
    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        self.take(VALUE_BYTES).map(|()| Value::from(value))
    }
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        self.take(VALUE_BYTES).map(|()| Value::from(value))
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        self.take(VALUE_BYTES).map(|()| Value::from(value))
    }
    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        self.take(VALUE_BYTES + value.len()).map(|()| Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        self.take(VALUE_BYTES)?;
        let mut list = Vec::new();
        while let Some(value) = seq.next_element_seed(self)? {
            // A vector that grows has room for twice its elements.
            self.take(VALUE_BYTES)?;
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        self.take(OBJECT_BYTES)?;
        let mut object = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            self.take(VALUE_BYTES + key.len())?;
            if PIXELS.contains(&key.as_str()) {
                let is_there = map.next_value::<Option<IgnoredAny>>()?.is_some();
                object.insert(key, if is_there { Value::String(String::new()) } else { Value::Null });
                continue;
            }
            let value = map.next_value_seed(self)?;
            if object.contains_key(&key) {
                return Err(A::Error::custom(format!("two members of one object are called {key:?}")));
            }
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn gathered(text: &str, at: &[&str]) -> (bool, Vec<(usize, String, Value)>) {
        let mut list = Vec::new();
        let mut give = |place: ElementKey<'_>, value| list.push((place.index, place.key.to_owned(), value));
        let found = each(text.as_bytes(), at, &mut give).expect("JSON");
        (found, list)
    }

    #[test]
    fn elements_of_lists_and_objects_are_given_one_by_one() {
        assert_eq!(
            gathered("[1, {\"imageData\": \"AAAA\", \"b\": 2}]", &[]),
            (true, vec![(0, String::new(), json!(1)), (1, String::new(), json!({"imageData": "", "b": 2}))])
        );
        assert_eq!(
            gathered("{\"x\": [3], \"a\": {\"b\": {\"k\": true}}}", &["a", "b"]),
            (true, vec![(0, "k".to_owned(), json!(true))])
        );
        assert_eq!(gathered("{\"x\": [3]}", &["a"]), (false, vec![]));
        assert_eq!(gathered("{\"a\": null}", &["a"]), (false, vec![]));
    }

    #[test]
    fn what_would_take_too_much_memory_is_refused() {
        let objects = format!("[[{}{{}}]]", "{},".repeat(200_000));
        assert!(each(objects.as_bytes(), &[], &mut |_, _| {}).is_err());
        let zeros = format!("[[{}0]]", "0,".repeat(2_000_000));
        assert!(each(zeros.as_bytes(), &[], &mut |_, _| {}).is_err());
        let deep = "[".repeat(1_000_000);
        assert!(document(deep.as_bytes()).is_err());
        // Many small elements are no large one.
        let many = format!("[{}{{}}]", "{},".repeat(200_000));
        assert!(each(many.as_bytes(), &[], &mut |_, _| {}).is_ok());
    }

    #[test]
    fn numbers_may_be_texts_and_sides_are_whole() {
        assert_eq!(number(Some(&json!(" 4.5 "))), Some(4.5));
        assert_eq!(number(Some(&json!([4.5]))), None);
        assert_eq!(sides(Some(&json!(48.0)), Some(&json!("30"))), Some((48, 30)));
        assert_eq!(sides(Some(&json!(48.5)), Some(&json!(30))), None);
        assert_eq!(sides(Some(&json!(0)), Some(&json!(30))), None);
    }
}
