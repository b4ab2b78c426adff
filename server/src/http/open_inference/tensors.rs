//! Tensors as requests bring them: nested lists in JSON, or bytes behind it.
//! The types of JSON are not known before all of it is read; what is read is
//! bounded by what its text is long.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::fmt;

/// Texts in the data of one tensor: one is wanted.
pub(super) const MOST_TEXTS: usize = 16;

/// The values of a tensor that are listed one by one: its `data` in JSON, row
/// by row, however it is nested, or its contents in gRPC.
#[derive(Debug, Default, PartialEq)]
pub(super) struct JsonData {
    /// The numbers, as long as all are from 0 to 255.
    pub numbers: Vec<u8>,
    /// The texts.
    pub texts: Vec<String>,
    /// The first value that is neither, as it was written.
    pub other: Option<String>,
}

impl<'de> Deserialize<'de> for JsonData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut data = Self::default();
        Collecting(&mut data).deserialize(deserializer)?;
        Ok(data)
    }
}

/// Adds a value, and all that it holds.
struct Collecting<'a>(&'a mut JsonData);

impl Collecting<'_> {
    fn number(self, number: Option<u8>, written: impl fmt::Display) {
        match number {
            Some(number) => self.0.numbers.push(number),
            None => self.other(written),
        }
    }

    fn other(self, written: impl fmt::Display) {
        self.0.other.get_or_insert_with(|| written.to_string());
    }
}

impl<'de> DeserializeSeed<'de> for Collecting<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Collecting<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of numbers or texts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Collecting(&mut *self.0))?.is_some() {}
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<(), E> {
        if self.0.texts.len() == MOST_TEXTS {
            return Err(E::custom(format_args!("there are more than {MOST_TEXTS} texts: one is wanted")));
        }
        self.0.texts.push(text);
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.number(u8::try_from(number).ok(), number);
        Ok(())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.number(u8::try_from(number).ok(), number);
        Ok(())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        let whole = (0.0..=255.0).contains(&number) && number.fract() == 0.0;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just before")]
        self.number(whole.then_some(number as u8), number);
        Ok(())
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<(), E> {
        self.other(flag);
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.other("null");
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.other("an object");
        Ok(())
    }
}

/// The elements of a BYTES tensor: each behind its length, a little-endian
/// number of four bytes. `None` when the lengths do not add up.
pub(super) fn elements(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut elements = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (element, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        elements.push(element);
        bytes = rest;
        if elements.len() > MOST_TEXTS {
            return None;
        }
    }
    Some(elements)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> JsonData {
        serde_json::from_str(text).expect("read")
    }

    #[test]
    fn numbers_are_read_row_by_row_however_they_are_nested() {
        assert_eq!(read("[[[1, 2.0], [255]], 0]").numbers, [1, 2, 255, 0]);
        assert_eq!(read("7").numbers, [7]);
    }

    #[test]
    fn the_first_value_that_is_no_byte_is_remembered() {
        for (text, other) in
            [("[1,256,-1]", "256"), ("[0.5]", "0.5"), ("[true]", "true"), ("[{\"a\":[1]}]", "an object")]
        {
            assert_eq!(read(text).other.as_deref(), Some(other), "{text}");
        }
    }

    #[test]
    fn many_texts_are_refused_while_they_are_read() {
        assert_eq!(read(r#"["a"]"#).texts, ["a"]);
        let many = format!("[{}\"\"]", "\"\",".repeat(1_000));
        assert!(serde_json::from_str::<JsonData>(&many).is_err());
    }

    #[test]
    fn elements_lie_behind_their_lengths() {
        assert_eq!(elements(b"\x02\0\0\0ab\0\0\0\0"), Some(vec![&b"ab"[..], b""]));
        for cut in [&b"\x02\0\0\0a"[..], b"\x02\0\0", b"\xFF\xFF\xFF\xFFab"] {
            assert_eq!(elements(cut), None, "{cut:?}");
        }
        assert_eq!(elements(&[0; 4 * 100]), None, "a hundred empty elements");
    }
}
