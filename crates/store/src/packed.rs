//! Boxes in a few bytes: what rows of a grid and assets keep beside them.
//!
//! Layout: a version byte, then per box `class: u32`, `flags: u8`, the score
//! when there is one, and `x y w h`; little endian. Numbers that an `f32`
//! holds exactly take 4 bytes, all others 8, so nothing is ever rounded.

use crate::{
    boxes::StoredBox,
    error::{Result, StoreError},
};

const VERSION: u8 = 1;
const WIDE: u8 = 1;
const IGNORED: u8 = 2;
const SCORED: u8 = 4;

pub(crate) fn pack(boxes: &[StoredBox]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + boxes.len() * 25);
    bytes.push(VERSION);
    for packed in boxes {
        let numbers = packed.score.iter().chain(&packed.rect);
        let wide = numbers.clone().any(|&number| f64::from(number as f32) != number);
        let flag = |condition: bool, bit: u8| if condition { bit } else { 0 };
        bytes.extend(packed.class.to_le_bytes());
        bytes.push(flag(wide, WIDE) | flag(packed.ignored, IGNORED) | flag(packed.score.is_some(), SCORED));
        for &number in numbers {
            if wide {
                bytes.extend(number.to_le_bytes());
            } else {
                bytes.extend((number as f32).to_le_bytes());
            }
        }
    }
    bytes
}

pub(crate) fn unpack(bytes: &[u8]) -> Result<Vec<StoredBox>> {
    let mut reader = Reader { rest: bytes };
    let [version] = reader.take::<1>()?;
    if version != VERSION {
        return Err(StoreError::corrupt(format!("packed boxes of version {version}")));
    }
    let mut boxes = Vec::with_capacity(reader.rest.len() / 21);
    while !reader.rest.is_empty() {
        let class = u32::from_le_bytes(reader.take()?);
        let [flags] = reader.take()?;
        let wide = flags & WIDE != 0;
        let score = if flags & SCORED != 0 { Some(reader.number(wide)?) } else { None };
        let rect = [reader.number(wide)?, reader.number(wide)?, reader.number(wide)?, reader.number(wide)?];
        boxes.push(StoredBox { class, ignored: flags & IGNORED != 0, score, rect });
    }
    Ok(boxes)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (head, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or_else(|| StoreError::corrupt("packed boxes end early"))?;
        self.rest = rest;
        Ok(*head)
    }

    fn number(&mut self, wide: bool) -> Result<f64> {
        if wide {
            Ok(f64::from_le_bytes(self.take()?))
        } else {
            Ok(f64::from(f32::from_le_bytes(self.take()?)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_box() -> impl Strategy<Value = StoredBox> {
        let number = prop_oneof![0.0f64..1e4, (0u32..4000).prop_map(|n| f64::from(n) / 8.0)];
        (any::<u32>(), any::<bool>(), prop::option::of(0.0f64..=1.0), prop::array::uniform4(number))
            .prop_map(|(class, ignored, score, rect)| StoredBox { class, ignored, score, rect })
    }

    proptest! {
        #[test]
        fn unpacking_gives_back_every_bit(boxes in prop::collection::vec(any_box(), 0..40)) {
            prop_assert_eq!(unpack(&pack(&boxes)).expect("own bytes"), boxes);
        }

        #[test]
        fn foreign_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = unpack(&bytes);
        }
    }

    #[test]
    fn bytes_that_end_inside_a_box_are_damaged() {
        let mut bytes =
            pack(&[StoredBox { class: 1, ignored: false, score: Some(0.5), rect: [1.0, 2.0, 3.0, 4.0] }]);
        bytes.pop();
        assert!(matches!(unpack(&bytes), Err(StoreError::Corrupt { .. })));
        assert!(matches!(unpack(&[]), Err(StoreError::Corrupt { .. })));
    }

    #[test]
    fn halves_and_quarters_take_four_bytes_a_number() {
        let short = StoredBox { class: 1, ignored: false, score: Some(0.5), rect: [1.0, 2.25, 3.0, 4.0] };
        assert_eq!(pack(&[short]).len(), 1 + 5 + 5 * 4);
        assert_eq!(pack(&[StoredBox { score: Some(0.1), ..short }]).len(), 1 + 5 + 5 * 8);
    }
}
