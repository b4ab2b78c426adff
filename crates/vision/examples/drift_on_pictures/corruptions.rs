//! What happens to pictures when a camera is moved, dirty or replaced.

use domain::{geometry::Size, inference::Pixels};
use measures::randomness::Dice;

/// Makes another picture of one.
pub(crate) type Corruption = fn(&Pixels, &mut Dice) -> Option<Pixels>;

/// Each with its name; the first changes nothing.
pub(crate) const CORRUPTIONS: [(&str, Corruption); 7] = [
    ("none", |pixels, _| Some(pixels.clone())),
    ("darker, × 0.6", |pixels, _| of_each(pixels, |value, _| value * 0.6)),
    ("brighter, × 1.3", |pixels, _| of_each(pixels, |value, _| value * 1.3)),
    ("blurred, 7 × 7", |pixels, _| blurred(pixels)),
    ("noise, σ 20", |pixels, dice| of_each(pixels, |value, _| value + 20.0 * dice.normal())),
    ("colour cast, red × 1.15, blue × 0.8", |pixels, _| {
        of_each(pixels, |value, channel| value * [1.15, 1.0, 0.8][channel])
    }),
    ("cropped to the middle half", |pixels, _| cropped(pixels)),
];

fn of_each(pixels: &Pixels, mut change: impl FnMut(f64, usize) -> f64) -> Option<Pixels> {
    let changed = pixels.rgb().iter().enumerate().map(|(at, value)| change(f64::from(*value), at % 3));
    Pixels::new(pixels.size(), changed.map(|value| value.round().clamp(0.0, 255.0) as u8).collect::<Vec<_>>())
}

fn blurred(pixels: &Pixels) -> Option<Pixels> {
    const REACH: i64 = 3;
    let (width, height) = (i64::from(pixels.size().width), i64::from(pixels.size().height));
    let pass = |from: &[u8], step: (i64, i64)| {
        let mut to = vec![0u8; from.len()];
        for y in 0..height {
            for x in 0..width {
                for channel in 0..3 {
                    let value = |k: i64| {
                        let (x, y) =
                            ((x + k * step.0).clamp(0, width - 1), (y + k * step.1).clamp(0, height - 1));
                        u32::from(from[((y * width + x) * 3 + channel) as usize])
                    };
                    let sum: u32 = (-REACH..=REACH).map(value).sum();
                    to[((y * width + x) * 3 + channel) as usize] = (sum / (2 * REACH as u32 + 1)) as u8;
                }
            }
        }
        to
    };
    Pixels::new(pixels.size(), pass(&pass(pixels.rgb(), (1, 0)), (0, 1)))
}

fn cropped(pixels: &Pixels) -> Option<Pixels> {
    let Size { width, height } = pixels.size();
    let size = Size::new(width / 2, height / 2)?;
    let row = |y: u32| {
        let start = ((y + height / 4) * width + width / 4) as usize * 3;
        &pixels.rgb()[start..start + size.width as usize * 3]
    };
    Pixels::new(size, (0..size.height).flat_map(|y| row(y).to_vec()).collect::<Vec<_>>())
}
