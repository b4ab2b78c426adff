//! Damage to samples, the same for the same seed: what a fuzzer without
//! feedback does.

use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

/// Bytes that mean something to many formats.
const BYTES: [u8; 12] = [0, 1, 0x0A, 0x20, 0x22, 0x2E, 0x7F, 0x80, 0xD8, 0xD9, 0xFE, 0xFF];
/// Texts that mean something to many formats.
const TEXTS: [&[u8]; 22] = [
    b"NaN",
    b"-1e999",
    b"1e308",
    b"\"",
    b"null",
    b"-",
    b"]",
    b"}",
    b"[[[[",
    b"<x>",
    b"</x>",
    b"&lt;",
    b"../",
    b"\r\n",
    b": [",
    b"has(",
    b" and not ",
    b"\xC3\xA4",
    b"\0\0\0\0",
    b"--boundary\r\n",
    b"99999999999999999999",
    b"\xFF\xDA\x00\x08",
];
/// Longest run of bytes that is taken out, put in or repeated.
const RUN: usize = 64;

/// Damaged samples without end.
pub struct Mutations<'a> {
    samples: &'a [Vec<u8>],
    random: ChaCha8Rng,
}

impl<'a> Mutations<'a> {
    /// Of these samples, of which there must be one; by this seed.
    #[must_use]
    pub fn new(samples: &'a [Vec<u8>], seed: u64) -> Self {
        Self { samples, random: ChaCha8Rng::seed_from_u64(seed) }
    }

    fn place(&mut self, length: usize) -> usize {
        self.random.random_range(0..=length)
    }

    fn damage(&mut self, bytes: &mut Vec<u8>) {
        let at = self.place(bytes.len());
        let end = (at + self.random.random_range(1..=RUN)).min(bytes.len());
        match self.random.random_range(0..9) {
            0 => {
                let bit = 1 << self.random.random_range(0..8);
                bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= bit);
            }
            1 => {
                let value = BYTES.choose(&mut self.random).copied().unwrap_or_default();
                bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = value);
            }
            2 => _ = bytes.drain(at..end),
            3 => {
                let text = TEXTS.choose(&mut self.random).copied().unwrap_or_default();
                bytes.splice(at..at, text.iter().copied());
            }
            4 => {
                let run = bytes.get(at..end).unwrap_or_default().to_vec();
                bytes.splice(at..at, run);
            }
            5 => {
                // Another sample from somewhere on.
                let other = self.samples.choose(&mut self.random).cloned().unwrap_or_default();
                let from = self.place(other.len());
                bytes.truncate(at);
                bytes.extend(other.into_iter().skip(from));
            }
            6 => bytes.truncate(at),
            7 => {
                let number: u32 = self.random.random();
                let number = number >> self.random.random_range(0..32);
                let spelled = if self.random.random() { number.to_be_bytes() } else { number.to_le_bytes() };
                bytes.iter_mut().skip(at).zip(spelled).for_each(|(place, byte)| *place = byte);
            }
            _ => {
                let run: Vec<u8> = (at..end).map(|_| self.random.random()).collect();
                bytes.splice(at..at, run);
            }
        }
    }
}

impl Iterator for Mutations<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut bytes = self.samples.choose(&mut self.random)?.clone();
        for _ in 0..self.random.random_range(1..=6) {
            self.damage(&mut bytes);
        }
        Some(bytes)
    }
}
