//! GIF 89a: the first frame, on its canvas. What the frame does not cover, and
//! what is transparent, is white.

use super::{Head, checked_size};
use crate::{ImageError, Limits, Orientation};
use weezl::{BitOrder, LzwStatus, decode::Decoder as Lzw};

/// The decoder of the codes with its tables.
const DECODER_BYTES: u64 = 256 << 10;

/// What comes before the first frame's codes.
struct Outline<'a> {
    width: u16,
    height: u16,
    frame: Frame,
    palette: &'a [u8],
    transparent: Option<u8>,
    /// The length of the shortest code, and the blocks of codes.
    data: &'a [u8],
}

#[derive(Clone, Copy)]
struct Frame {
    left: u16,
    top: u16,
    width: u16,
    height: u16,
    is_interlaced: bool,
}

pub(super) fn read_head(bytes: &[u8], limits: &Limits) -> Result<Head, ImageError> {
    let outline = Outline::read(bytes)?;
    let stored = checked_size(outline.width.into(), outline.height.into(), limits)?;
    let frame = u64::from(outline.frame.width) * u64::from(outline.frame.height);
    checked_size(outline.frame.width.into(), outline.frame.height.into(), limits)?;
    Ok(Head {
        stored,
        orientation: Orientation::UPRIGHT,
        scratch_bytes: frame + DECODER_BYTES,
        // What moves and what is transparent is shown otherwise.
        is_shown_alike: false,
    })
}

/// Fills `target` with RGB; its length is three bytes a pixel.
pub(super) fn decode(bytes: &[u8], target: &mut [u8]) -> Result<(), ImageError> {
    let outline = Outline::read(bytes)?;
    let frame = outline.frame;
    let (width, height) = (usize::from(frame.width), usize::from(frame.height));
    let mut indices = vec![0; width * height];
    outline.read_indices(&mut indices)?;
    target.fill(255);
    for (row, y) in indices.chunks_exact(width.max(1)).zip(rows(frame)) {
        let y = usize::from(frame.top) + y;
        if y >= usize::from(outline.height) {
            continue;
        }
        let start = (y * usize::from(outline.width) + usize::from(frame.left)) * 3;
        let room = usize::from(outline.width.saturating_sub(frame.left));
        let pixels = target.get_mut(start..).unwrap_or_default().as_chunks_mut::<3>().0;
        for (pixel, index) in pixels.iter_mut().take(room).zip(row) {
            if outline.transparent != Some(*index) {
                let colour = outline.palette.as_chunks::<3>().0.get(usize::from(*index));
                *pixel = *colour.ok_or_else(|| ImageError::broken("GIF: a colour is not in its palette"))?;
            }
        }
    }
    Ok(())
}

/// The lines of the frame in the order in which they are stored.
fn rows(frame: Frame) -> impl Iterator<Item = usize> {
    let height = usize::from(frame.height);
    let passes =
        if frame.is_interlaced { [(0, 8), (4, 8), (2, 4), (1, 2)] } else { [(0, 1), (0, 0), (0, 0), (0, 0)] };
    passes
        .into_iter()
        .filter(|(_, step)| *step > 0)
        .flat_map(move |(start, step)| (start..height).step_by(step))
}

impl<'a> Outline<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, ImageError> {
        let mut rest = bytes;
        let &[_, _, _, _, _, _, w0, w1, h0, h1, flags, _, _] = take::<13>(&mut rest)?;
        let shared = palette(&mut rest, flags)?;
        let mut transparent = None;
        loop {
            match take::<1>(&mut rest)? {
                b"!" => {
                    let &[label] = take::<1>(&mut rest)?;
                    if let (0xF9, Some([4, flags, _, _, index])) = (label, rest.first_chunk::<5>()) {
                        transparent = (flags & 1 == 1).then_some(*index);
                    }
                    skip_blocks(&mut rest)?;
                }
                b"," => break,
                b";" => return Err(ImageError::broken("GIF: it has no picture")),
                _ => return Err(ImageError::broken("GIF: an unknown block")),
            }
        }
        let &[l0, l1, t0, t1, fw0, fw1, fh0, fh1, flags] = take::<9>(&mut rest)?;
        let own = palette(&mut rest, flags)?;
        let number = |low, high| u16::from_le_bytes([low, high]);
        let frame = Frame {
            left: number(l0, l1),
            top: number(t0, t1),
            width: number(fw0, fw1),
            height: number(fh0, fh1),
            is_interlaced: flags & 0x40 != 0,
        };
        let palette = if own.is_empty() { shared } else { own };
        let (width, height) = (number(w0, w1), number(h0, h1));
        Ok(Self { width, height, frame, palette, transparent, data: rest })
    }

    fn read_indices(&self, mut out: &mut [u8]) -> Result<(), ImageError> {
        let (bits, mut rest) = self.data.split_first().ok_or(ImageError::Truncated)?;
        if !(1..=8).contains(bits) {
            return Err(ImageError::broken("GIF: codes of no usual length"));
        }
        let mut decoder = Lzw::new(BitOrder::Lsb, *bits);
        let mut block = next_block(&mut rest)?;
        while !out.is_empty() {
            let step = decoder.decode_bytes(block, out);
            block = block.get(step.consumed_in..).unwrap_or_default();
            out = out.get_mut(step.consumed_out..).unwrap_or_default();
            match step.status {
                _ if out.is_empty() => {}
                Ok(LzwStatus::Done) => return Err(ImageError::Truncated),
                Ok(_) if block.is_empty() => block = next_block(&mut rest)?,
                Ok(_) if step.consumed_in + step.consumed_out > 0 => {}
                Ok(_) => return Err(ImageError::broken("GIF: a code that means nothing")),
                Err(error) => return Err(ImageError::broken(format!("GIF: {error}"))),
            }
        }
        Ok(())
    }
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Result<&'a [u8; N], ImageError> {
    let (head, after) = rest.split_first_chunk::<N>().ok_or(ImageError::Truncated)?;
    *rest = after;
    Ok(head)
}

/// The palette that the flags of a screen or frame announce; empty for none.
fn palette<'a>(rest: &mut &'a [u8], flags: u8) -> Result<&'a [u8], ImageError> {
    let length = if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let (palette, after) = rest.split_at_checked(length).ok_or(ImageError::Truncated)?;
    *rest = after;
    Ok(palette)
}

/// The next block of codes; an empty one is their end, which comes too early.
fn next_block<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], ImageError> {
    let &[length] = take::<1>(rest)?;
    let (block, after) = rest.split_at_checked(length.into()).ok_or(ImageError::Truncated)?;
    *rest = after;
    if block.is_empty() { Err(ImageError::Truncated) } else { Ok(block) }
}

fn skip_blocks(rest: &mut &[u8]) -> Result<(), ImageError> {
    loop {
        let &[length] = take::<1>(rest)?;
        if length == 0 {
            return Ok(());
        }
        *rest = rest.get(usize::from(length)..).ok_or(ImageError::Truncated)?;
    }
}
