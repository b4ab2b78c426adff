//! A canonical Huffman code of a lossless WebP picture (RFC 9649, section 3.7.2).

use crate::{ImageError, decode::webp::bits::Bits};

/// Longest code word in bits.
const LONGEST: usize = 15;
/// Words of up to so many bits are looked up by the decoder in a table, four
/// bytes for each number of so many bits; longer ones in a tree.
const TABLE_BITS: usize = 10;
/// Two nodes of 16 bytes for each word in the tree.
const TREE_BYTES: u64 = 32;
/// In this order come the lengths of the code that the lengths are coded in.
const LENGTH_ORDER: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// Which symbol a word of bits stands for.
pub(super) struct Code {
    /// How many words have each length.
    counts: [u16; LONGEST + 1],
    /// By the length of their words, then by number.
    symbols: Vec<u16>,
    /// The only symbol: its word has no bits.
    only: Option<u16>,
}

impl Code {
    pub(super) const fn single(symbol: u16) -> Self {
        Self { counts: [0; LONGEST + 1], symbols: Vec::new(), only: Some(symbol) }
    }

    pub(super) fn is_single(&self) -> bool {
        self.only.is_some()
    }

    /// Reads a code for `symbols` symbols.
    pub(super) fn read(bits: &mut Bits<'_>, symbols: u32) -> Result<Self, ImageError> {
        if bits.flag()? { Self::read_simple(bits, symbols) } else { Self::read_lengths(bits, symbols) }
    }

    /// One or two symbols of one bit.
    fn read_simple(bits: &mut Bits<'_>, symbols: u32) -> Result<Self, ImageError> {
        let has_two = bits.flag()?;
        let width = if bits.flag()? { 8 } else { 1 };
        let first = bits.take(width)?;
        let second = if has_two { bits.take(8)? } else { first };
        if first >= symbols || second >= symbols {
            return Err(broken());
        }
        if !has_two {
            return Ok(Self::single(first as u16));
        }
        let mut counts = [0; LONGEST + 1];
        if let Some(count) = counts.get_mut(1) {
            *count = 2;
        }
        Ok(Self { counts, symbols: vec![first as u16, second as u16], only: None })
    }

    /// The length of each symbol's word, coded themselves.
    fn read_lengths(bits: &mut Bits<'_>, symbols: u32) -> Result<Self, ImageError> {
        let mut lengths_of_lengths = [0; 19];
        let count = 4 + bits.take(4)? as usize;
        for place in LENGTH_ORDER.iter().take(count) {
            let length = bits.take(3)? as u8;
            if let Some(place) = lengths_of_lengths.get_mut(*place) {
                *place = length;
            }
        }
        let code = Self::from_lengths(&lengths_of_lengths)?;
        let mut left = symbols;
        if bits.flag()? {
            let width = 2 + 2 * bits.take(3)?;
            left = 2 + bits.take(width)?;
            if left > symbols {
                return Err(broken());
            }
        }
        let mut lengths: Vec<u8> = Vec::with_capacity(symbols as usize);
        let mut before = 8;
        while lengths.len() < symbols as usize && left > 0 {
            left -= 1;
            let (length, times) = match code.symbol(bits)? {
                16 => (before, 3 + bits.take(2)?),
                17 => (0, 3 + bits.take(3)?),
                18 => (0, 11 + bits.take(7)?),
                length => (length as u8, 1),
            };
            if length != 0 {
                before = length;
            }
            lengths.extend(std::iter::repeat_n(length, times as usize));
        }
        if lengths.len() > symbols as usize {
            return Err(broken());
        }
        Self::from_lengths(&lengths)
    }

    /// Refuses words that are not a complete code.
    fn from_lengths(lengths: &[u8]) -> Result<Self, ImageError> {
        let mut counts = [0_u16; LONGEST + 1];
        for length in lengths.iter().filter(|length| **length > 0) {
            *counts.get_mut(usize::from(*length)).ok_or_else(broken)? += 1;
        }
        let words: u32 = counts.iter().map(|count| u32::from(*count)).sum();
        if words == 1 {
            let only = lengths.iter().position(|length| *length > 0);
            return Ok(Self::single(only.unwrap_or_default() as u16));
        }
        let taken: u32 =
            counts.iter().enumerate().map(|(length, count)| u32::from(*count) << (LONGEST - length)).sum();
        if taken != 1 << LONGEST {
            return Err(broken());
        }
        let mut numbered: Vec<(u8, u16)> =
            lengths.iter().copied().zip(0..).filter(|(length, _)| *length > 0).collect();
        numbered.sort_unstable();
        let symbols = numbered.into_iter().map(|(_, symbol)| symbol).collect();
        Ok(Self { counts, symbols, only: None })
    }

    /// Reads a word.
    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> Result<u32, ImageError> {
        if let Some(only) = self.only {
            return Ok(u32::from(only));
        }
        // The word so far, the first word of its length, and the place of the
        // latter's symbol.
        let (mut word, mut first, mut place) = (0, 0, 0);
        for count in self.counts.iter().skip(1).map(|count| usize::from(*count)) {
            word |= bits.take(1)? as usize;
            if word < first + count {
                let symbol = self.symbols.get(place + word - first).copied();
                return symbol.map(u32::from).ok_or_else(broken);
            }
            place += count;
            first = (first + count) << 1;
            word <<= 1;
        }
        Err(broken())
    }

    /// What image-webp 0.2 unfolds it into.
    pub(super) fn decode_bytes(&self) -> u64 {
        let Some(longest) = self.counts.iter().rposition(|count| *count > 0) else { return 0 };
        let in_tree: u64 = self.counts.iter().skip(TABLE_BITS + 1).map(|count| u64::from(*count)).sum();
        // Two symbols are three nodes and two entries.
        (4 << longest.min(TABLE_BITS)) + TREE_BYTES * in_tree + 48
    }
}

fn broken() -> ImageError {
    ImageError::broken("WebP: a code is none")
}
