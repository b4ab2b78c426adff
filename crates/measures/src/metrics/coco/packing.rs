//! Matches as bytes, to be kept beside an image: about ten bytes a detection.
//!
//! Layout, version 1: the version; then for each category its index, its four
//! counts of truths and its number of detections, each as a LEB128 number; for
//! each detection the score (8 bytes, little-endian), two bytes that say how
//! each word is kept, and the words that must be spelled out (2 bytes each).

use super::accumulating::ALL;
use super::matching::{CategoryMatches, DetectionMatch};
use super::{AREA_RANGES, ImageMatches, MAX_DETECTIONS};

const VERSION: u8 = 1;

/// Bytes that are no matches, or of a version this program does not know:
/// match the image again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are not the matches of an image")]
pub struct UnreadableMatches;

/// How a word is kept. 0: no bit. `REST`: all bits, or of what does not count
/// all that found nothing. `USUAL`: the bits of the first word, or of what
/// does not count all. `SPELLED`: it follows.
const REST: u16 = 1;
const SPELLED: u16 = 2;
const USUAL: u16 = 3;

impl ImageMatches {
    /// Whether nothing is true of the image and nothing was seen in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.categories.is_empty()
    }

    /// The same matches under other indices; what has none is left out. Two
    /// categories must not become one.
    #[must_use]
    pub fn with_categories(mut self, index: impl Fn(usize) -> Option<usize>) -> Self {
        self.categories.retain_mut(|matches| match index(matches.category) {
            Some(category) => {
                matches.category = category;
                true
            }
            None => false,
        });
        self.categories.sort_by_key(|matches| matches.category);
        self
    }

    /// To be kept; [`ImageMatches::from_bytes`] gives exactly the same back.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        for matches in &self.categories {
            put(&mut bytes, matches.category as u64);
            matches.truths.iter().for_each(|count| put(&mut bytes, u64::from(*count)));
            put(&mut bytes, matches.detections.len() as u64);
            matches.detections.iter().for_each(|detection| detection.put(&mut bytes));
        }
        bytes
    }

    /// Reads what [`ImageMatches::to_bytes`] wrote.
    ///
    /// # Errors
    /// When the bytes are cut short, too long, or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, UnreadableMatches> {
        let (version, mut rest) = bytes.split_first().ok_or(UnreadableMatches)?;
        if *version != VERSION {
            return Err(UnreadableMatches);
        }
        let mut categories = Vec::new();
        while !rest.is_empty() {
            let category = usize::try_from(take(&mut rest)?).map_err(|_| UnreadableMatches)?;
            let mut truths = [0; AREA_RANGES];
            for count in &mut truths {
                *count = u32::try_from(take(&mut rest)?).map_err(|_| UnreadableMatches)?;
            }
            let count = take(&mut rest)?;
            if count > MAX_DETECTIONS as u64 {
                return Err(UnreadableMatches);
            }
            let detections = (0..count).map(|_| DetectionMatch::take(&mut rest)).collect::<Result<_, _>>()?;
            categories.push(CategoryMatches { category, truths, detections });
        }
        Ok(Self { categories })
    }
}

impl DetectionMatch {
    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.score.to_le_bytes());
        let (mut kinds, mut spelled) = (0u16, Vec::new());
        let [first, ..] = self.matched;
        for (matched, ignored) in self.matched.iter().zip(&self.ignored) {
            for (word, rest, usual) in [(*matched, ALL, first), (*ignored, ALL & !*matched, ALL)] {
                let kind = match word {
                    0 => 0,
                    word if word == rest => REST,
                    word if word == usual && kinds != 0 => USUAL,
                    word => {
                        spelled.extend(word.to_le_bytes());
                        SPELLED
                    }
                };
                kinds = kinds << 2 | kind;
            }
        }
        bytes.extend(kinds.to_le_bytes());
        bytes.extend(spelled);
    }

    fn take(bytes: &mut &[u8]) -> Result<Self, UnreadableMatches> {
        let score = f64::from_le_bytes(chunk(bytes)?);
        let kinds = u16::from_le_bytes(chunk(bytes)?);
        let mut detection = Self { score, matched: [0; AREA_RANGES], ignored: [0; AREA_RANGES] };
        let mut first = 0;
        let words = detection.matched.iter_mut().zip(&mut detection.ignored);
        for ((matched, ignored), range) in words.zip(0..AREA_RANGES) {
            let shift = 4 * (AREA_RANGES - 1 - range);
            *matched = word(kinds >> (shift + 2) & 3, ALL, first, bytes)?;
            *ignored = word(kinds >> shift & 3, ALL & !*matched, ALL, bytes)?;
            if range == 0 {
                first = *matched;
            }
        }
        Ok(detection)
    }
}

fn word(kind: u16, rest: u16, usual: u16, bytes: &mut &[u8]) -> Result<u16, UnreadableMatches> {
    match kind {
        0 => Ok(0),
        REST => Ok(rest),
        SPELLED => Ok(u16::from_le_bytes(chunk(bytes)?)),
        _ => Ok(usual),
    }
}

fn chunk<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], UnreadableMatches> {
    let (chunk, rest) = bytes.split_first_chunk().ok_or(UnreadableMatches)?;
    *bytes = rest;
    Ok(*chunk)
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Result<u64, UnreadableMatches> {
    let mut number = 0u64;
    for shift in (0..63).step_by(7) {
        let [byte] = chunk(bytes)?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(UnreadableMatches)
}
