//! The header of a scan (ITU-T T.81, B.2.3), and what goes on within it.

use super::{
    frame::{Coding, Component},
    plane::Plane,
};
use crate::ImageError;

/// Blocks that come together in a unit of a scan (T.81, B.2.3); what exceeds
/// it is read by no usual program.
const MAX_UNIT_BLOCKS: usize = 10;

/// A scan's header.
pub(super) struct Scan {
    /// For each component of it: its plane, its tables of codes.
    pub(super) parts: Vec<Part>,
    /// The first and the last coefficient.
    pub(super) from: usize,
    pub(super) to: usize,
    /// Whether bits are added to what an earlier scan brought.
    pub(super) refines: bool,
    /// The lowest bit that it brings.
    pub(super) low: u32,
}

#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) plane: usize,
    pub(super) means: usize,
    pub(super) others: usize,
}

/// What goes on from block to block, until a restart marker.
#[derive(Default)]
pub(super) struct Run {
    /// The mean before, of each part.
    pub(super) means: [i32; 4],
    /// Blocks to come that have nothing in this scan.
    pub(super) empty_blocks: u32,
}

impl Scan {
    /// T.81, B.2.3.
    pub(super) fn read(data: &[u8], coding: Coding, planes: &[Plane]) -> Result<Self, ImageError> {
        let (count, rest) = data.split_first().ok_or_else(short)?;
        let (pairs, rest) = rest.split_at_checked(2 * usize::from(*count)).ok_or_else(short)?;
        let &[from, to, bits] = rest.first_chunk::<3>().ok_or_else(short)?;
        let mut parts: Vec<Part> = Vec::new();
        for &[id, codes] in pairs.as_chunks::<2>().0 {
            let taken = |plane: &usize| parts.iter().any(|part| part.plane == *plane);
            let plane = (0..planes.len())
                .filter(|plane| !taken(plane))
                .find(|plane| planes[*plane].component.id == id)
                .ok_or_else(|| ImageError::broken("JPEG: a scan is of a component that is not there"))?;
            parts.push(Part { plane, means: (codes >> 4).into(), others: (codes & 0xF).into() });
        }
        let unit = |part: &Part| {
            let Component { h, v, .. } = planes[part.plane].component;
            usize::from(h) * usize::from(v)
        };
        if parts.is_empty() || parts.len() > 1 && parts.iter().map(unit).sum::<usize>() > MAX_UNIT_BLOCKS {
            return Err(ImageError::unsupported("a JPEG whose sampling factors are too large for its scans"));
        }
        let (high, low) = (bits >> 4, bits & 0xF);
        let scan = Self { parts, from: from.into(), to: to.into(), refines: high != 0, low: low.into() };
        let is_sound = if scan.from == 0 {
            scan.to == 0
        } else {
            scan.from <= scan.to && scan.to <= 63 && scan.parts.len() == 1
        };
        let is_next_bit = high == 0 && low <= 13 || high == low + 1;
        if coding == Coding::Progressive && !(is_sound && is_next_bit) {
            return Err(ImageError::broken("JPEG: a progressive scan is nonsense"));
        }
        Ok(scan)
    }
}

pub(super) fn short() -> ImageError {
    ImageError::broken("JPEG: a header is nonsense")
}
