//! The wire format of protocol buffers: fields one after another, each with a
//! number and a value. Knows no message, and keeps nothing: whoever reads a
//! field bounds what is kept of it.

use bytes::{Buf, Bytes};

/// What is wrong with bytes that should be a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum WireFault {
    #[error("it ends within a field")]
    CutShort,
    #[error("a number has more than ten bytes")]
    LongVarint,
    #[error("a field is of a kind that there is not ({0})")]
    UnknownKind(u8),
    #[error("the field {0} is of another kind than the protocol says")]
    OtherKind(u32),
    #[error("the text of field {0} is no UTF-8")]
    NoText(u32),
}

/// A field as it was sent.
#[derive(Debug)]
pub(super) struct Field {
    pub number: u32,
    value: Value,
}

#[derive(Debug)]
enum Value {
    Varint(u64),
    Fixed64(u64),
    /// Which none of the messages has.
    Fixed32,
    Bytes(Bytes),
}

/// The fields of a message, in the order in which they were sent.
#[derive(Debug)]
pub(super) struct Fields(Bytes);

impl Fields {
    pub(super) fn new(message: Bytes) -> Self {
        Self(message)
    }

    /// The next field, if there is one more.
    pub(super) fn next(&mut self) -> Result<Option<Field>, WireFault> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = varint(&mut self.0)?;
        let number = u32::try_from(key >> 3).map_err(|_| WireFault::LongVarint)?;
        let value = match key & 7 {
            0 => Value::Varint(varint(&mut self.0)?),
            1 => Value::Fixed64(self.0.try_get_u64_le().map_err(|_| WireFault::CutShort)?),
            2 => {
                let length = usize::try_from(varint(&mut self.0)?).map_err(|_| WireFault::CutShort)?;
                if length > self.0.len() {
                    return Err(WireFault::CutShort);
                }
                Value::Bytes(self.0.split_to(length))
            }
            5 => {
                self.0.try_get_u32_le().map_err(|_| WireFault::CutShort)?;
                Value::Fixed32
            }
            kind => return Err(WireFault::UnknownKind(u8::try_from(kind).unwrap_or_default())),
        };
        Ok(Some(Field { number, value }))
    }
}

fn varint(bytes: &mut Bytes) -> Result<u64, WireFault> {
    let mut number = 0_u64;
    for place in 0..10 {
        let byte = bytes.try_get_u8().map_err(|_| WireFault::CutShort)?;
        number |= u64::from(byte & 0x7F) << (7 * place);
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(WireFault::LongVarint)
}

impl Field {
    pub(super) fn bytes(self) -> Result<Bytes, WireFault> {
        match self.value {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(WireFault::OtherKind(self.number)),
        }
    }

    pub(super) fn text(self) -> Result<String, WireFault> {
        let number = self.number;
        let bytes = self.bytes()?;
        std::str::from_utf8(&bytes).map(str::to_owned).map_err(|_| WireFault::NoText(number))
    }

    pub(super) fn message(self) -> Result<Fields, WireFault> {
        self.bytes().map(Fields)
    }

    /// The bits of a whole number or of true and false.
    pub(super) fn varint(&self) -> Result<u64, WireFault> {
        match self.value {
            Value::Varint(number) => Ok(number),
            _ => Err(WireFault::OtherKind(self.number)),
        }
    }

    pub(super) fn double(&self) -> Result<f64, WireFault> {
        match self.value {
            Value::Fixed64(bits) => Ok(f64::from_bits(bits)),
            _ => Err(WireFault::OtherKind(self.number)),
        }
    }

    /// Hands each whole number of a list to `each`: lists come packed into one
    /// field, or as a field for each number.
    pub(super) fn each_varint(self, mut each: impl FnMut(u64)) -> Result<(), WireFault> {
        match self.value {
            Value::Varint(number) => each(number),
            Value::Bytes(mut packed) => {
                while !packed.is_empty() {
                    each(varint(&mut packed)?);
                }
            }
            _ => return Err(WireFault::OtherKind(self.number)),
        }
        Ok(())
    }
}

/// A message that is being written, field by field.
#[derive(Debug, Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.0.push(number.to_le_bytes()[0]);
    }

    /// Bytes, a text, or an element of a list of such; empty ones are written.
    pub(super) fn bytes(mut self, number: u32, bytes: &[u8]) -> Self {
        self.varint(u64::from(number) << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    /// A text; an empty one goes without saying.
    pub(super) fn text(self, number: u32, text: &str) -> Self {
        if text.is_empty() { self } else { self.bytes(number, text.as_bytes()) }
    }

    /// A whole number, or one that stands for a word; 0 goes without saying.
    pub(super) fn number(mut self, number: u32, value: u64) -> Self {
        if value != 0 {
            self.varint(u64::from(number) << 3);
            self.varint(value);
        }
        self
    }

    /// True; false goes without saying.
    pub(super) fn flag(self, number: u32, flag: bool) -> Self {
        self.number(number, u64::from(flag))
    }

    /// A message in the message.
    pub(super) fn message(self, number: u32, message: &Self) -> Self {
        self.bytes(number, &message.0)
    }

    /// A packed list of whole numbers.
    pub(super) fn numbers(self, number: u32, numbers: impl IntoIterator<Item = i64>) -> Self {
        let mut packed = Self::default();
        for one in numbers {
            packed.varint(u64::from_le_bytes(one.to_le_bytes()));
        }
        if packed.0.is_empty() { self } else { self.bytes(number, &packed.0) }
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(bytes: &'static [u8]) -> Fields {
        Fields::new(Bytes::from_static(bytes))
    }

    /// The examples of the format's own description.
    #[test]
    fn numbers_texts_and_packed_lists_are_read_as_they_are_described() {
        let field = fields(b"\x08\x96\x01").next().expect("read").expect("a field");
        assert_eq!((field.number, field.varint()), (1, Ok(150)));
        let field = fields(b"\x12\x07testing").next().expect("read").expect("a field");
        assert_eq!((field.number, field.text().as_deref()), (2, Ok("testing")));
        let mut numbers = Vec::new();
        let field = fields(b"\x32\x06\x03\x8e\x02\x9e\xa7\x05").next().expect("read").expect("a field");
        field.each_varint(|number| numbers.push(number)).expect("a list");
        assert_eq!(numbers, [3, 270, 86_942]);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let inner = Message::default().text(1, "boxes").numbers(3, [-1, 4]);
        let message = Message::default().flag(1, true).message(15, &inner).bytes(300, b"");
        let mut read = Fields::new(Bytes::copy_from_slice(message.as_bytes()));
        assert_eq!(read.next().expect("read").expect("a field").varint(), Ok(1));
        let mut nested = read.next().expect("read").expect("a field").message().expect("a message");
        assert_eq!(nested.next().expect("read").expect("a field").text().as_deref(), Ok("boxes"));
        let mut shape = Vec::new();
        let list = nested.next().expect("read").expect("a field");
        list.each_varint(|number| shape.push(number.cast_signed())).expect("a list");
        assert_eq!(shape, [-1, 4]);
        let last = read.next().expect("read").expect("a field");
        assert_eq!((last.number, last.bytes().map(|bytes| bytes.len())), (300, Ok(0)));
        assert!(read.next().expect("read").is_none());
        assert_eq!(Message::default().text(1, "").flag(2, false).numbers(3, []).len(), 0);
    }

    #[test]
    fn each_fault_is_told() {
        let check = |bytes, fault| assert_eq!(fields(bytes).next().map(drop), Err(fault), "{bytes:?}");
        check(b"\x08", WireFault::CutShort);
        check(b"\x12\x05abc", WireFault::CutShort);
        check(b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", WireFault::CutShort);
        check(b"\x09\0\0", WireFault::CutShort);
        check(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", WireFault::LongVarint);
        check(b"\x0b", WireFault::UnknownKind(3));
        let field = || fields(b"\x12\x02\xff\xfe").next().expect("read").expect("a field");
        assert_eq!(field().text(), Err(WireFault::NoText(2)));
        assert_eq!(field().varint(), Err(WireFault::OtherKind(2)));
    }
}
