//! The chunks of a WebP file (RFC 9649, section 2), chosen as its decoder
//! chooses them: of each kind the first.

use super::{lossless, lossy};
use crate::ImageError;

/// What a file holds.
pub(super) struct Container<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) is_transparent: bool,
    pub(super) is_animated: bool,
    pub(super) exif: Option<&'a [u8]>,
    /// The still picture, or the first one of the animation.
    pub(super) frame: Frame<'a>,
}

/// A picture in the file.
pub(super) struct Frame<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) picture: Picture<'a>,
    /// Opacities of a lossy picture.
    pub(super) alpha: Option<&'a [u8]>,
}

/// The data of a picture's chunk.
#[derive(Clone, Copy)]
pub(super) enum Picture<'a> {
    Lossy(&'a [u8]),
    Lossless(&'a [u8]),
}

/// A chunk: its name and as much of its data as the file has.
struct Chunk<'a> {
    name: [u8; 4],
    data: &'a [u8],
    /// The length that it claims.
    length: usize,
    /// The file behind it.
    after: &'a [u8],
}

impl<'a> Chunk<'a> {
    fn first(bytes: &'a [u8]) -> Option<Self> {
        let (name, rest) = bytes.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        let data = rest.get(..length).unwrap_or(rest);
        // Chunks begin at even places.
        let after = rest.get(length + length % 2..).unwrap_or_default();
        Some(Self { name: *name, data, length, after })
    }
}

/// The first chunks of each kind.
#[derive(Default)]
struct Chunks<'a> {
    lossy: Option<&'a [u8]>,
    lossless: Option<&'a [u8]>,
    alpha: Option<&'a [u8]>,
    exif: Option<&'a [u8]>,
    animation_frame: Option<&'a [u8]>,
}

impl<'a> Container<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, ImageError> {
        let first = bytes.get(12..).and_then(Chunk::first).ok_or(ImageError::Truncated)?;
        match &first.name {
            b"VP8 " => {
                let (width, height) = lossy::size(first.data)?;
                Ok(Self::still(width, height, false, Picture::Lossy(first.data)))
            }
            b"VP8L" => {
                let head = lossless::read_head(first.data)?;
                let picture = Picture::Lossless(first.data);
                Ok(Self::still(head.width, head.height, head.is_transparent, picture))
            }
            b"VP8X" => Self::extended(bytes, &first),
            _ => Err(ImageError::broken("WebP: its first chunk is no picture")),
        }
    }

    fn still(width: u32, height: u32, is_transparent: bool, picture: Picture<'a>) -> Self {
        let frame = Frame { width, height, picture, alpha: None };
        Self { width, height, is_transparent, is_animated: false, exif: None, frame }
    }

    /// The extended form: flags and the size of the canvas, then chunks.
    fn extended(bytes: &'a [u8], head: &Chunk<'a>) -> Result<Self, ImageError> {
        let &[flags, _, _, _, w0, w1, w2, h0, h1, h2] =
            head.data.first_chunk::<10>().ok_or(ImageError::Truncated)?;
        let (width, height) = (three_bytes([w0, w1, w2]) + 1, three_bytes([h0, h1, h2]) + 1);
        let (is_transparent, is_animated) = (flags & 0x10 != 0, flags & 0x02 != 0);
        let chunks = Chunks::read(bytes, head.after);
        let frame = if is_animated {
            let data = chunks.animation_frame.ok_or_else(no_picture)?;
            Frame::of_animation(data)?
        } else {
            // A still picture with an animation's frame in it has two meanings.
            let picture = match (chunks.lossy, chunks.lossless, chunks.animation_frame) {
                (Some(data), None, None) => Picture::Lossy(data),
                (None, Some(data), None) => Picture::Lossless(data),
                _ => return Err(no_picture()),
            };
            let alpha = chunks.alpha.filter(|_| is_transparent);
            Frame { width, height, picture, alpha }
        };
        frame.check_size()?;
        let exif = chunks.exif.filter(|_| flags & 0x08 != 0);
        Ok(Self { width, height, is_transparent, is_animated, exif, frame })
    }
}

impl<'a> Chunks<'a> {
    /// `rest` is what follows the extended head. The decoder looks ten bytes
    /// further than the length in the file's head says.
    fn read(bytes: &'a [u8], mut rest: &'a [u8]) -> Self {
        let riff = bytes.get(4..8).and_then(|length| length.first_chunk::<4>());
        let riff = riff.map_or(0, |length| u32::from_le_bytes(*length)) as usize;
        let mut left = riff.saturating_sub(12);
        let mut chunks = Self::default();
        while left > 0
            && let Some(chunk) = Chunk::first(rest)
        {
            let place = match &chunk.name {
                b"VP8 " => Some(&mut chunks.lossy),
                b"VP8L" => Some(&mut chunks.lossless),
                b"ALPH" => Some(&mut chunks.alpha),
                // The decoder reserves the length before it reads.
                b"EXIF" if chunk.length == chunk.data.len() => Some(&mut chunks.exif),
                b"ANMF" => Some(&mut chunks.animation_frame),
                _ => None,
            };
            if let Some(place) = place {
                place.get_or_insert(chunk.data);
            }
            left = left.saturating_sub(8 + chunk.length + chunk.length % 2);
            rest = chunk.after;
        }
        chunks
    }
}

impl<'a> Frame<'a> {
    /// RFC 9649, section 2.7.1.1: place, size, duration, flags, then the
    /// picture with its opacities before it.
    fn of_animation(data: &'a [u8]) -> Result<Self, ImageError> {
        let (head, rest) = data.split_first_chunk::<16>().ok_or(ImageError::Truncated)?;
        let &[_, _, _, _, _, _, w0, w1, w2, h0, h1, h2, ..] = head;
        let (width, height) = (three_bytes([w0, w1, w2]) + 1, three_bytes([h0, h1, h2]) + 1);
        let first = Chunk::first(rest).ok_or(ImageError::Truncated)?;
        let (picture, alpha) = match &first.name {
            b"VP8 " => (Picture::Lossy(first.data), None),
            b"VP8L" => (Picture::Lossless(first.data), None),
            b"ALPH" => {
                let picture = Chunk::first(first.after).ok_or(ImageError::Truncated)?;
                (Picture::Lossy(picture.data), Some(first.data))
            }
            _ => return Err(no_picture()),
        };
        Ok(Self { width, height, picture, alpha })
    }

    /// A decoder takes the size of the picture's own head, and compares only
    /// when it has decoded it.
    fn check_size(&self) -> Result<(), ImageError> {
        let own = match self.picture {
            Picture::Lossy(data) => lossy::size(data)?,
            Picture::Lossless(data) => lossless::read_head(data).map(|head| (head.width, head.height))?,
        };
        if own == (self.width, self.height) {
            return Ok(());
        }
        Err(ImageError::broken("WebP: the picture is not as large as its frame"))
    }
}

fn three_bytes([a, b, c]: [u8; 3]) -> u32 {
    u32::from_le_bytes([a, b, c, 0])
}

fn no_picture() -> ImageError {
    ImageError::broken("WebP: it holds no picture, or several")
}
