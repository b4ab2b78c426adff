//! The samples of one component, and the coefficients that become them.

use super::{
    frame::{Coding, Component, Frame},
    idct,
};
use crate::{ImageError, wide::wide};

/// The samples of a component.
pub(super) struct Plane {
    /// In rows of `stride`, filled up to whole units of the frame.
    pub(super) samples: Vec<u8>,
    pub(super) stride: usize,
    /// Samples that belong to the picture, across and down.
    pub(super) size: (usize, usize),
    pub(super) component: Component,
    /// Blocks across, filled up.
    blocks: usize,
    /// As it stood when the component's first scan came.
    pub(super) table: Option<[u16; 64]>,
    /// Of a progressive picture, block by block.
    coefficients: Vec<i16>,
}

impl Plane {
    pub(super) fn new(frame: &Frame, component: Component) -> Self {
        let (across, down) = frame.own_blocks(&component);
        let stride = across * 8;
        let length = stride * down * 8;
        // Those of a progressive picture come last, plane by plane.
        let (samples, stored) = if frame.coding == Coding::Progressive { (0, length) } else { (length, 0) };
        Self {
            samples: vec![0; samples],
            stride,
            size: frame.own_size(&component),
            component,
            blocks: across,
            table: None,
            coefficients: vec![0; stored],
        }
    }

    /// Memory of all planes of a frame.
    pub(super) fn all_bytes(frame: &Frame) -> u64 {
        let each = |one| {
            let (across, down) = frame.own_blocks(one);
            64 * across as u64 * down as u64
        };
        let samples: u64 = frame.components.iter().map(each).sum();
        let largest = frame.components.iter().map(each).max().unwrap_or(0);
        if frame.coding == Coding::Progressive { 2 * samples + largest } else { samples }
    }

    /// Puts a block of coefficients where it belongs, as samples.
    #[inline(always)]
    pub(super) fn put(&mut self, block: &[i16; 64], is_flat: bool, (x, y): (usize, usize)) {
        let Some(table) = &self.table else { return };
        let Some(target) = self.samples.get_mut(8 * (y * self.stride + x)..) else { return };
        if is_flat {
            idct::mean_to_samples(block[0], table, target, self.stride);
        } else {
            idct::to_samples(block, table, target, self.stride);
        }
    }

    #[inline(always)]
    pub(super) fn block(&mut self, (x, y): (usize, usize)) -> Result<&mut [i16; 64], ImageError> {
        let start = 64 * (y * self.blocks + x);
        let block = self.coefficients.get_mut(start..).and_then(<[i16]>::first_chunk_mut);
        block.ok_or_else(|| ImageError::broken("JPEG: a block is outside the picture"))
    }

    /// All coefficients of a progressive picture to samples. Called for one
    /// plane after the other, so that only one has both.
    pub(super) fn finish(&mut self) {
        let coefficients = std::mem::take(&mut self.coefficients);
        self.samples.resize(coefficients.len().max(self.samples.len()), 0);
        let (blocks, _) = coefficients.as_chunks::<64>();
        wide(|| {
            for (number, block) in blocks.iter().enumerate() {
                let is_flat = block.iter().skip(1).all(|value| *value == 0);
                self.put(block, is_flat, (number % self.blocks, number / self.blocks));
            }
        });
    }
}
