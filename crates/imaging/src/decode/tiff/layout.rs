//! How a page's samples lie in the file: what its tags say, checked before
//! any memory is reserved.

use super::{
    directory::{Directory, Values, position, raw},
    pixels::{
        Alpha, Colours, Compression, MOST_SAMPLES, alpha, bits, colours, compression, palette, predictor,
        unsupported,
    },
};
use crate::{ImageError, Orientation};

/// More pieces than any encoder makes of 40 million pixels; each costs a
/// decompressor.
const MOST_CHUNKS: u64 = 200_000;

/// A page.
pub(super) struct Layout<'a> {
    directory: Directory<'a>,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) orientation: Orientation,
    pub(super) colours: Colours,
    pub(super) alpha: Alpha,
    pub(super) compression: Compression,
    /// Of each sample: 1, 2, 4, 8 or 16.
    pub(super) bits: usize,
    samples: usize,
    is_planar: bool,
    has_predictor: bool,
    /// Width and height of a strip or tile.
    chunk: (u32, u32),
    offsets: Values<'a>,
    counts: Values<'a>,
    pub(super) palette: Option<Values<'a>>,
}

/// A strip or tile: what it covers of the picture.
pub(super) struct Chunk {
    index: u64,
    pub(super) left: u32,
    pub(super) right: u32,
    pub(super) top: u32,
    pub(super) bottom: u32,
}

impl<'a> Layout<'a> {
    pub(super) fn read(tags: &Directory<'a>) -> Result<Self, ImageError> {
        refuse_raw(tags)?;
        refuse_reversed(tags)?;
        let (width, height) = sides(tags)?;
        let colours = colours(tags.one(262, 1)?)?;
        let samples = tags.one(277, 1)?;
        if samples < colours.samples() as u64 || samples > MOST_SAMPLES {
            return Err(unsupported(format!("{samples} samples a pixel")));
        }
        let bits = bits(tags)?;
        let is_tiled = tags.find(322)?.is_some();
        let chunk = if is_tiled {
            (side(tags, 322)?, side(tags, 323)?)
        } else {
            (width, u32::try_from(tags.one(278, u64::MAX)?).unwrap_or(u32::MAX).min(height))
        };
        let list = |tag| tags.find(tag)?.ok_or_else(|| ImageError::broken("TIFF: it has no picture"));
        let (offsets, counts) = if is_tiled { (list(324)?, list(325)?) } else { (list(273)?, list(279)?) };
        let layout = Self {
            directory: *tags,
            width,
            height,
            orientation: u8::try_from(tags.one(274, 1)?)
                .ok()
                .and_then(Orientation::from_exif)
                .unwrap_or(Orientation::UPRIGHT),
            colours,
            alpha: alpha(tags, samples as usize, colours)?,
            compression: compression(tags.one(259, 1)?)?,
            bits,
            samples: samples as usize,
            is_planar: tags.one(284, 1)? == 2 && samples > 1,
            has_predictor: predictor(tags.one(317, 1)?, bits)?,
            chunk,
            offsets,
            counts,
            palette: if colours == Colours::Palette { Some(palette(tags, bits)?) } else { None },
        };
        layout.check_chunks(is_tiled)?;
        Ok(layout)
    }

    fn check_chunks(&self, is_tiled: bool) -> Result<(), ImageError> {
        let (width, height) = self.chunk;
        if width == 0 || height == 0 || (is_tiled && (width % 16 != 0 || height % 16 != 0)) {
            return Err(ImageError::broken("TIFF: a strip or tile of no usual size"));
        }
        if self.is_planar && self.colours == Colours::Inks {
            return Err(unsupported("inks in planes of their own"));
        }
        let count = self.chunks_of_a_plane() * self.planes() as u64;
        if count > MOST_CHUNKS {
            return Err(ImageError::TooMany { count, what: "strips or tiles", limit: MOST_CHUNKS });
        }
        // Small pictures lie in tiles that are larger; long ones do not.
        let read = u64::from(self.across()) * u64::from(width) * u64::from(self.height);
        if read > 4 * (u64::from(self.width) * u64::from(self.height)).max(1 << 20) {
            return Err(ImageError::broken("TIFF: its tiles are wider than its picture"));
        }
        let listed = self.offsets.count.min(self.counts.count);
        if listed < count {
            return Err(ImageError::broken("TIFF: a strip or tile is missing"));
        }
        Ok(())
    }

    /// Passes over the picture: one for each sample that is drawn, or one.
    pub(super) fn planes(&self) -> usize {
        match (self.is_planar, self.alpha) {
            (false, _) => 1,
            (true, Alpha::None) => self.colours.samples(),
            (true, _) => self.colours.samples() + 1,
        }
    }

    /// Samples that lie side by side.
    pub(super) fn samples_in_a_row(&self) -> usize {
        if self.is_planar { 1 } else { self.samples }
    }

    /// Of a strip or tile.
    pub(super) fn row_bytes(&self) -> usize {
        (self.chunk.0 as usize * self.samples_in_a_row() * self.bits).div_ceil(8)
    }

    /// Whether samples of 16 bits have their upper byte first.
    pub(super) fn is_big_endian(&self) -> bool {
        self.directory.is_big_endian
    }

    fn across(&self) -> u32 {
        self.width.div_ceil(self.chunk.0)
    }

    fn chunks_of_a_plane(&self) -> u64 {
        u64::from(self.across()) * u64::from(self.height.div_ceil(self.chunk.1))
    }

    /// The strips or tiles of a plane.
    pub(super) fn chunks(&self, plane: usize) -> impl Iterator<Item = Chunk> {
        let (width, height) = self.chunk;
        let (across, all) = (u64::from(self.across()), self.chunks_of_a_plane());
        let (right, bottom) = (self.width, self.height);
        (0..all).map(move |index| {
            let (left, top) = ((index % across) as u32 * width, (index / across) as u32 * height);
            Chunk {
                index: plane as u64 * all + index,
                left,
                right: left.saturating_add(width).min(right),
                top,
                bottom: top.saturating_add(height).min(bottom),
            }
        })
    }

    /// The bytes of a strip or tile.
    pub(super) fn data(&self, chunk: &Chunk) -> Result<&'a [u8], ImageError> {
        let start = position(self.offsets.get(chunk.index)?)?;
        let end = start.checked_add(position(self.counts.get(chunk.index)?)?);
        end.and_then(|end| self.directory.bytes.get(start..end)).ok_or(ImageError::Truncated)
    }

    /// Sums up the differences of a row (TIFF 6.0, section 14), in place.
    pub(super) fn undo_predictor(&self, row: &mut [u8]) {
        if !self.has_predictor {
            return;
        }
        let step = self.samples_in_a_row() * self.bits / 8;
        if self.bits == 8 {
            for at in step..row.len() {
                if let Some(before) = row.get(at - step).copied()
                    && let Some(sample) = row.get_mut(at)
                {
                    *sample = sample.wrapping_add(before);
                }
            }
            return;
        }
        let is_big = self.is_big_endian();
        let of = if is_big { u16::from_be_bytes } else { u16::from_le_bytes };
        let to = if is_big { u16::to_be_bytes } else { u16::to_le_bytes };
        let word = |row: &[u8], at: usize| row.get(at..)?.first_chunk::<2>().copied().map(of);
        for at in (step..row.len()).step_by(2) {
            let Some(sum) = word(row, at - step).zip(word(row, at)).map(|(a, b)| a.wrapping_add(b)) else {
                return;
            };
            if let Some(sample) = row.get_mut(at..).and_then(|rest| rest.first_chunk_mut::<2>()) {
                *sample = to(sum);
            }
        }
    }
}

/// Width and height as stored, unchecked.
pub(super) fn sides(tags: &Directory<'_>) -> Result<(u32, u32), ImageError> {
    Ok((side(tags, 256)?, side(tags, 257)?))
}

fn side(tags: &Directory<'_>, tag: u16) -> Result<u32, ImageError> {
    u32::try_from(tags.one(tag, 0)?).map_err(|_| ImageError::broken("TIFF: a side is too long"))
}

/// Fax machines send the lowest bit first, and some programs write any picture
/// so: its bytes would be read as others.
fn refuse_reversed(tags: &Directory<'_>) -> Result<(), ImageError> {
    if tags.one(266, 1)? == 2 {
        Err(unsupported("the bits of its bytes reversed (FillOrder 2)"))
    } else {
        Ok(())
    }
}

/// Cameras write their raw data as a TIFF whose first page is a preview.
fn refuse_raw(tags: &Directory<'_>) -> Result<(), ImageError> {
    let is_reduced = tags.one(254, 0)? & 1 == 1;
    let has_more = tags.find(330)?.is_some() || tags.find(50_706)?.is_some();
    if is_reduced && has_more { Err(raw()) } else { Ok(()) }
}
