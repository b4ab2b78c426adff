//! What the numbers of a pixel mean and how they are packed: the tags that
//! say so, each with what is not read.

use super::directory::{Directory, Values, raw};
use crate::ImageError;

/// Channels of one pixel: what cameras of many bands write, and no more.
pub(super) const MOST_SAMPLES: u64 = 16;

/// What the numbers of a pixel mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colours {
    WhiteIsZero,
    BlackIsZero,
    Rgb,
    Palette,
    Inks,
}

impl Colours {
    /// How many samples make the colour.
    pub(super) fn samples(self) -> usize {
        match self {
            Self::WhiteIsZero | Self::BlackIsZero | Self::Palette => 1,
            Self::Rgb => 3,
            Self::Inks => 4,
        }
    }
}

/// What the sample after the colour is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alpha {
    None,
    /// Colours are multiplied by it already.
    Associated,
    Unassociated,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Lzw,
    Deflate,
    PackBits,
}

pub(super) fn unsupported(what: impl std::fmt::Display) -> ImageError {
    ImageError::unsupported(format!("a TIFF with {what}"))
}

pub(super) fn colours(photometric: u64) -> Result<Colours, ImageError> {
    Ok(match photometric {
        0 => Colours::WhiteIsZero,
        1 => Colours::BlackIsZero,
        2 => Colours::Rgb,
        3 => Colours::Palette,
        5 => Colours::Inks,
        6 => return Err(unsupported("YCbCr colours")),
        8..=10 => return Err(unsupported("Lab colours")),
        32_803 | 34_892 => return Err(raw()),
        other => return Err(unsupported(format!("colours of kind {other}"))),
    })
}

pub(super) fn compression(number: u64) -> Result<Compression, ImageError> {
    Ok(match number {
        1 => Compression::None,
        5 => Compression::Lzw,
        8 | 32_946 => Compression::Deflate,
        32_773 => Compression::PackBits,
        2..=4 => return Err(unsupported("fax compression")),
        6 | 7 => return Err(unsupported("a JPEG inside")),
        other => return Err(unsupported(format!("compression {other}"))),
    })
}

pub(super) fn predictor(number: u64, bits: usize) -> Result<bool, ImageError> {
    match number {
        1 => Ok(false),
        2 if bits >= 8 => Ok(true),
        other => Err(unsupported(format!("predictor {other} of {bits} bits"))),
    }
}

pub(super) fn bits(tags: &Directory<'_>) -> Result<usize, ImageError> {
    let first = tags.one(258, 1)?;
    if let Some(all) = tags.find(258)? {
        for index in 1..all.count.min(MOST_SAMPLES) {
            if all.get(index)? != first {
                return Err(unsupported("samples of different lengths"));
            }
        }
    }
    // 1 are whole numbers, 4 whatever they may be; the others have a sign, or
    // are fractions.
    let is_whole = matches!(tags.one(339, 1)?, 1 | 4);
    match first {
        1 | 2 | 4 | 8 | 16 if is_whole => {}
        _ => return Err(unsupported(format!("samples of {first} bits that are no plain colours"))),
    }
    if first < 8 && tags.one(266, 1)? != 1 {
        return Err(unsupported("bits in reverse order"));
    }
    Ok(first as usize)
}

pub(super) fn alpha(tags: &Directory<'_>, samples: usize, colours: Colours) -> Result<Alpha, ImageError> {
    Ok(match tags.one(338, 0)? {
        _ if samples == colours.samples() || matches!(colours, Colours::Palette | Colours::Inks) => {
            Alpha::None
        }
        1 => Alpha::Associated,
        2 => Alpha::Unassociated,
        _ => Alpha::None,
    })
}

pub(super) fn palette<'a>(tags: &Directory<'a>, bits: usize) -> Result<Values<'a>, ImageError> {
    let palette = tags.find(320)?.ok_or_else(|| ImageError::broken("TIFF: it has no palette"))?;
    if bits > 8 || palette.count < 3 << bits {
        return Err(ImageError::broken("TIFF: its palette is too short"));
    }
    Ok(palette)
}
