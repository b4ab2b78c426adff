//! The encoding of protocol buffers, read in place: nothing is copied, and
//! nothing is believed of a length that the bytes do not bear out.

/// Where bytes stop making sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the file is damaged or not whole")]
pub(super) struct Damaged;

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// A number of variable length, or eight bytes.
    Number(u64),
    /// A text, a message, or packed numbers.
    Bytes(&'a [u8]),
    /// Four bytes.
    Short(u32),
}

impl<'a> Value<'a> {
    pub(super) fn bytes(self) -> Result<&'a [u8], Damaged> {
        if let Self::Bytes(bytes) = self { Ok(bytes) } else { Err(Damaged) }
    }

    pub(super) fn text(self) -> Result<&'a str, Damaged> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Damaged)
    }

    pub(super) fn number(self) -> Result<u64, Damaged> {
        if let Self::Number(number) = self { Ok(number) } else { Err(Damaged) }
    }
}

/// The fields of a message, in their order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Damaged> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn varint(&mut self) -> Result<u64, Damaged> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.take(1)? else { return Err(Damaged) };
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Damaged)
    }

    fn field(&mut self) -> Result<(u64, Value<'a>), Damaged> {
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => Value::Number(u64::from_le_bytes(self.take(8)?.try_into().map_err(|_| Damaged)?)),
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| Damaged)?;
                Value::Bytes(self.take(length)?)
            }
            5 => Value::Short(u32::from_le_bytes(self.take(4)?.try_into().map_err(|_| Damaged)?)),
            _ => return Err(Damaged),
        };
        Ok((key >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), Damaged>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

fn write_varint(message: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        message.push(value as u8 | 0x80);
        value >>= 7;
    }
    message.push(value as u8);
}

/// Adds a field with a number.
pub(super) fn write_number(message: &mut Vec<u8>, field: u64, value: u64) {
    write_varint(message, field << 3);
    write_varint(message, value);
}

/// Adds a field with a text or a message.
pub(super) fn write_bytes(message: &mut Vec<u8>, field: u64, value: &[u8]) {
    write_varint(message, field << 3 | 2);
    write_varint(message, value.len() as u64);
    message.extend_from_slice(value);
}

/// The numbers of a repeated field, packed or one by one, until there are
/// `most`.
pub(super) fn numbers(value: Value<'_>, most: usize, into: &mut Vec<i64>) -> Result<(), Damaged> {
    match value {
        _ if into.len() >= most => {}
        Value::Number(number) => into.push(number as i64),
        Value::Bytes(packed) => {
            let mut rest = Fields(packed);
            while !rest.0.is_empty() && into.len() < most {
                into.push(rest.varint()? as i64);
            }
        }
        Value::Short(_) => return Err(Damaged),
    }
    Ok(())
}

/// How many numbers a packed field of variable lengths holds.
pub(super) fn count_varints(value: Value<'_>) -> usize {
    match value {
        Value::Bytes(packed) => packed.iter().filter(|byte| **byte & 0x80 == 0).count(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_every_kind_are_read() {
        let bytes =
            [0x08, 0x96, 0x01, 0x12, 0x02, b'h', b'i', 0x1d, 1, 0, 0, 0, 0x21, 2, 0, 0, 0, 0, 0, 0, 0];
        let fields: Vec<_> = Fields(&bytes).map(Result::unwrap).collect();
        let expected =
            [(1, Value::Number(150)), (2, Value::Bytes(b"hi")), (3, Value::Short(1)), (4, Value::Number(2))];
        assert_eq!(fields, expected);
    }

    #[test]
    fn what_ends_early_or_has_no_end_is_damaged() {
        for bytes in [&[0x08][..], &[0x12, 5, b'h'], &[0x0b], &[0x1d, 1], &[0xff; 12]] {
            let last = Fields(bytes).last().unwrap();
            assert_eq!(last, Err(Damaged), "{bytes:?}");
        }
        let endless = [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(Fields(&endless).last(), Some(Err(Damaged)));
    }
}
