//! TIFF 6.0: the first page, in strips or tiles, row by row. Grey, RGB, inks
//! and palettes of 1 to 16 bits; as it is, by PackBits, LZW or Deflate.

mod directory;
mod layout;
mod pixels;
mod rows;
mod samples;

use super::{Head, checked_size};
use crate::{ImageError, Limits};
use directory::Directory;
use layout::Layout;
use rows::Rows;
use samples::Spread;

/// Decompressors with their tables and windows, and small change.
const DECODER_BYTES: u64 = 256 << 10;

pub(super) fn read_head(bytes: &[u8], limits: &Limits) -> Result<Head, ImageError> {
    let directory = Directory::first(bytes)?;
    let (width, height) = layout::sides(&directory)?;
    let stored = checked_size(width, height, limits)?;
    let layout = Layout::read(&directory)?;
    Ok(Head {
        stored,
        orientation: layout.orientation,
        scratch_bytes: layout.row_bytes() as u64 + DECODER_BYTES,
        // Hardly any browser shows it.
        is_shown_alike: false,
    })
}

/// Fills `target` with RGB; its length is three bytes a pixel.
pub(super) fn decode(bytes: &[u8], target: &mut [u8]) -> Result<(), ImageError> {
    let layout = Layout::read(&Directory::first(bytes)?)?;
    let width = layout.width as usize;
    let mut row = vec![0; layout.row_bytes()];
    for plane in 0..layout.planes() {
        let spread = Spread::of(&layout, plane);
        for chunk in layout.chunks(plane) {
            let mut rows = Rows::open(&layout, layout.data(&chunk)?)?;
            for y in chunk.top..chunk.bottom {
                rows.read(&mut row)?;
                layout.undo_predictor(&mut row);
                let start = (y as usize * width + chunk.left as usize) * 3;
                let length = (chunk.right - chunk.left) as usize * 3;
                let out = target.get_mut(start..start + length);
                spread.write(&row, out.ok_or_else(|| ImageError::broken("TIFF: a tile is outside"))?);
            }
        }
    }
    Ok(())
}
