//! Which stretches of an input a square convolution sees: shapes, and windows
//! copied into rows. Multiplies nothing.

/// A square convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// Side of the kernel.
    pub(crate) kernel: usize,
    /// Input pixels from one output pixel to the next.
    pub(crate) stride: usize,
    /// Zeros before the input, along both axes; after it there are as many as
    /// the last window reaches over.
    pub(crate) padding: usize,
}

/// `[batch, height, width, channels]`.
pub(crate) type Shape = [usize; 4];

impl Window {
    /// The shape of the output for `channels` outputs.
    pub(crate) fn output(self, [b, h, w, _]: Shape, channels: usize) -> Shape {
        let side = |n: usize| n.div_ceil(self.stride);
        [b, side(h), side(w), channels]
    }

    pub(super) fn is_pointwise(self) -> bool {
        self == Self { kernel: 1, stride: 1, padding: 0 }
    }

    /// Output pixels in a piece: the unfolded piece stays in the cache, and
    /// few pixels still give two pieces.
    pub(super) fn piece(self, channels: usize, pixels: usize) -> usize {
        let length = self.kernel * self.kernel * channels;
        (131_072 / length.max(1)).clamp(96, 512).min(pixels.div_ceil(2).max(8))
    }

    /// The same where pieces are not summed: as many pixels to each of an even
    /// number of them, so that two threads end together.
    pub(super) fn even_piece(self, channels: usize, pixels: usize) -> usize {
        let pieces = pixels.div_ceil(self.piece(channels, pixels)).next_multiple_of(2);
        pixels.div_ceil(pieces.max(1)).max(1)
    }

    /// For each line of the window around output pixel `p`: where in the
    /// unfolded row it starts, where in `x` it starts, how many pixels it has.
    pub(super) fn lines(
        self,
        p: usize,
        [_, h, w, c]: Shape,
        [_, oh, ow, _]: Shape,
    ) -> impl Iterator<Item = (usize, usize, usize)> {
        let (image, rest) = (p / (oh * ow), p % (oh * ow));
        let (top, left) = (rest / ow * self.stride, rest % ow * self.stride);
        let skip = self.padding.saturating_sub(left);
        let first = (left + skip).saturating_sub(self.padding);
        let count = (left + self.kernel).saturating_sub(self.padding).min(w).saturating_sub(first);
        (0..self.kernel).filter_map(move |ky| {
            let y = (top + ky).checked_sub(self.padding).filter(|y| *y < h)?;
            (count > 0).then(|| ((ky * self.kernel + skip) * c, ((image * h + y) * w + first) * c, count * c))
        })
    }

    /// The windows of output pixels `start..`, one a row of `col`.
    pub(super) fn unfold(self, col: &mut [f32], start: usize, x: &[f32], shape: Shape, out: Shape) {
        let length = self.kernel * self.kernel * shape[3];
        for (row, p) in col.chunks_exact_mut(length).zip(start..) {
            let mut copied = 0;
            for (to, from, count) in self.lines(p, shape, out) {
                row[copied..to].fill(0.0);
                row[to..to + count].copy_from_slice(&x[from..from + count]);
                copied = to + count;
            }
            row[copied..].fill(0.0);
        }
    }
}
