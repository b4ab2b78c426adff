//! From a row of samples to RGB of 8 bits.

use super::{
    super::over_white,
    layout::Layout,
    pixels::{Alpha, Colours},
};

/// How the rows of a plane become colours.
pub(super) struct Spread {
    bits: usize,
    is_big_endian: bool,
    /// Samples from one pixel to the next.
    step: usize,
    what: What,
    alpha: Alpha,
}

enum What {
    /// One number a pixel; its colour is in the table.
    Table(Box<[[u8; 3]; 256]>),
    Rgb,
    Inks,
    /// One of the three colours, in a plane of its own.
    Channel(usize),
    /// The opacity, in a plane of its own, after the colours.
    Opacity,
}

impl Spread {
    pub(super) fn of(layout: &Layout<'_>, plane: usize) -> Self {
        let is_planar = layout.planes() > 1;
        let what = match layout.colours {
            colours if is_planar && plane >= colours.samples() => What::Opacity,
            Colours::Rgb if is_planar => What::Channel(plane),
            Colours::Rgb => What::Rgb,
            Colours::Inks => What::Inks,
            Colours::WhiteIsZero | Colours::BlackIsZero | Colours::Palette => What::Table(table(layout)),
        };
        Self {
            bits: layout.bits,
            is_big_endian: layout.is_big_endian(),
            step: layout.samples_in_a_row(),
            what,
            alpha: layout.alpha,
        }
    }

    /// Writes a row of pixels, or of one of their channels.
    pub(super) fn write(&self, row: &[u8], out: &mut [u8]) {
        for (x, pixel) in out.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            let first = x * self.step;
            let sample = |index: usize| self.sample(row, first + index);
            let (colour, samples) = match &self.what {
                What::Channel(channel) => {
                    if let Some(one) = pixel.get_mut(*channel) {
                        *one = sample(0);
                    }
                    continue;
                }
                What::Opacity => {
                    *pixel = self.composited(*pixel, sample(0));
                    continue;
                }
                What::Table(table) => (table[usize::from(sample(0))], 1),
                What::Rgb => ([sample(0), sample(1), sample(2)], 3),
                What::Inks => (on_paper([sample(0), sample(1), sample(2)], sample(3)), 4),
            };
            let is_alone = self.alpha == Alpha::None || self.step == 1;
            *pixel = if is_alone { colour } else { self.composited(colour, sample(samples)) };
        }
    }

    /// A sample as it is if it has up to 8 bits, else its upper 8.
    fn sample(&self, row: &[u8], index: usize) -> u8 {
        let byte = |at: usize| row.get(at).copied().unwrap_or_default();
        match self.bits {
            16 => byte(2 * index + usize::from(!self.is_big_endian)),
            8 => byte(index),
            bits => {
                let bit = index * bits;
                byte(bit / 8) >> (8 - bits - bit % 8) & ((1 << bits) - 1)
            }
        }
    }

    fn composited(&self, colour: [u8; 3], alpha: u8) -> [u8; 3] {
        // Below 8 bits only greys have it, which no program writes.
        match self.alpha {
            Alpha::None => colour,
            Alpha::Associated => colour.map(|colour| colour.saturating_add(255 - alpha)),
            Alpha::Unassociated => colour.map(|colour| over_white(colour, alpha)),
        }
    }
}

/// Inks on white paper: 0 is none.
fn on_paper(inks: [u8; 3], black: u8) -> [u8; 3] {
    let light = 255 - u32::from(black);
    inks.map(|ink| (((255 - u32::from(ink)) * light + 127) / 255) as u8)
}

/// The colour of each number that a sample can have.
fn table(layout: &Layout<'_>) -> Box<[[u8; 3]; 256]> {
    let mut table = Box::new([[0; 3]; 256]);
    let most = (1_usize << layout.bits.min(8)) - 1;
    for (number, colour) in table.iter_mut().enumerate().take(most + 1) {
        let grey = (number * 255 / most) as u8;
        *colour = match (&layout.palette, layout.colours) {
            (Some(palette), _) => {
                // All reds, then all greens, then all blues, of 16 bits.
                let channel = |index: usize| palette.get((index * (most + 1) + number) as u64);
                [0, 1, 2].map(|index| channel(index).map_or(0, |value| (value >> 8) as u8))
            }
            (None, Colours::WhiteIsZero) => [255 - grey; 3],
            (None, _) => [grey; 3],
        };
    }
    table
}
