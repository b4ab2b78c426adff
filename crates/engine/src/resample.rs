//! Pictures of another size as the programs make them that models learnt with,
//! to the bit.
//!
//! [`bilinear`] is OpenCV's `cv::resize` of 8 bits with `INTER_LINEAR`, which
//! the YOLO family learns with: arithmetic in whole numbers, weights in 1/2048,
//! rows summed with four bits less. [`antialiased`] is Pillow's `resize` with
//! `BILINEAR`: weights in 1/2²², columns first, rounded between. [`unrounded`]
//! is PyTorch's `interpolate` of floats, `bilinear` without `antialias`.

use domain::{geometry::Size, inference::Pixels};

/// The weight that means one.
const ONE: f32 = 2048.0;

/// Two neighbours and their weights.
#[derive(Clone, Copy, Debug)]
struct Tap {
    first: usize,
    second: usize,
    weights: [i32; 2],
}

/// For each place along a side of `to` pixels, what of `from` it is made of.
/// Beyond the border lies its last pixel; columns then count it once, rows
/// twice with half the weights, which rounds differently.
fn taps(from: u32, to: u32, is_row: bool) -> Vec<Tap> {
    let scale = 1.0 / (f64::from(to) / f64::from(from));
    let last = i64::from(from) - 1;
    let tap = |place: u32| {
        let mut at = ((f64::from(place) + 0.5) * scale - 0.5) as f32;
        let mut first = at.floor() as i64;
        at -= first as f32;
        if !is_row && (first < 0 || first >= last) {
            (first, at) = (first.clamp(0, last), 0.0);
        }
        let weights = [1.0 - at, at].map(|weight| (weight * ONE).round_ties_even() as i32);
        let inside = |index: i64| index.clamp(0, last) as usize;
        Tap { first: inside(first), second: inside(first + 1), weights }
    };
    (0..to).map(tap).collect()
}

/// The picture in exactly `size`, row by row, R G B.
pub(crate) fn bilinear(pixels: &Pixels, size: Size) -> Vec<u8> {
    let from = pixels.size();
    let columns = taps(from.width, size.width, false);
    let rows = taps(from.height, size.height, true);
    let source_stride = from.width as usize * 3;
    let stride = size.width as usize * 3;
    let source = |row: usize| pixels.rgb().get(row * source_stride..).unwrap_or_default();
    let mut target = vec![0; stride * size.height as usize];
    // Rows that were scaled across, and which they are.
    let mut scaled = [(usize::MAX, vec![0i32; stride]), (usize::MAX, vec![0i32; stride])];
    for (tap, line) in rows.iter().zip(target.chunks_exact_mut(stride)) {
        if scaled[0].0 != tap.first {
            scaled.swap(0, 1);
        }
        for (place, wanted) in [tap.first, tap.second].into_iter().enumerate() {
            if scaled[place].0 != wanted {
                across(source(wanted), &columns, &mut scaled[place].1);
                scaled[place].0 = wanted;
            }
        }
        let [above, below] = tap.weights;
        for ((to, a), b) in line.iter_mut().zip(&scaled[0].1).zip(&scaled[1].1) {
            let sum = ((above * (a >> 4)) >> 16) + ((below * (b >> 4)) >> 16);
            *to = ((sum + 2) >> 2) as u8;
        }
    }
    target
}

/// One row, scaled across, in 1/2048.
fn across(row: &[u8], columns: &[Tap], into: &mut [i32]) {
    for (tap, to) in columns.iter().zip(into.chunks_exact_mut(3)) {
        let pixel = |index: usize| row.get(index * 3..index * 3 + 3).unwrap_or(&[0; 3]);
        let (first, second) = (pixel(tap.first), pixel(tap.second));
        for ((to, a), b) in to.iter_mut().zip(first).zip(second) {
            *to = i32::from(*a) * tap.weights[0] + i32::from(*b) * tap.weights[1];
        }
    }
}

/// What a place of the new side is made of: weights of the pixels from `first`
/// on, in 1/2²².
struct Window {
    first: usize,
    weights: Vec<i32>,
}

/// Bits of a weight after the point.
const PRECISION: u32 = 22;

/// A triangle as wide as two pixels of the smaller of both sides.
fn windows(from: u32, to: u32) -> Vec<Window> {
    let scale = f64::from(from) / f64::from(to);
    let support = scale.max(1.0);
    let window = |place: u32| {
        let centre = (f64::from(place) + 0.5) * scale;
        let first = ((centre - support + 0.5) as i64).max(0);
        let last = ((centre + support + 0.5) as i64).min(i64::from(from));
        let weight = |pixel: i64| (1.0 - ((pixel as f64 - centre + 0.5) / support).abs()).max(0.0);
        let sum: f64 = (first..last).map(weight).sum();
        let fixed = |pixel| (0.5 + weight(pixel) / sum * f64::from(1u32 << PRECISION)) as i32;
        Window { first: first as usize, weights: (first..last).map(fixed).collect() }
    };
    (0..to).map(window).collect()
}

fn rounded(sum: i32) -> u8 {
    (sum >> PRECISION).clamp(0, 255) as u8
}

/// Half a unit, so that what is cut off is rounded.
const HALF: i32 = 1 << (PRECISION - 1);

/// The picture in exactly `size`, row by row, R G B.
pub(crate) fn antialiased(pixels: &Pixels, size: Size) -> Vec<u8> {
    let from = pixels.size();
    let columns = windows(from.width, size.width);
    let stride = size.width as usize * 3;
    // Pillow leaves out what changes nothing, and so do weights of one.
    let mut narrow = vec![0u8; stride * from.height as usize];
    for (row, into) in pixels.rgb().chunks_exact(from.width as usize * 3).zip(narrow.chunks_exact_mut(stride))
    {
        for (window, to) in columns.iter().zip(into.chunks_exact_mut(3)) {
            let mut sums = [HALF; 3];
            let pixels = row.get(window.first * 3..).unwrap_or_default().chunks_exact(3);
            for (pixel, weight) in pixels.zip(&window.weights) {
                for (sum, value) in sums.iter_mut().zip(pixel) {
                    *sum += i32::from(*value) * weight;
                }
            }
            to.copy_from_slice(&sums.map(rounded));
        }
    }
    let mut target = Vec::with_capacity(stride * size.height as usize);
    let mut sums = vec![HALF; stride];
    for window in windows(from.height, size.height) {
        sums.fill(HALF);
        let rows = narrow.chunks_exact(stride).skip(window.first);
        for (row, weight) in rows.zip(&window.weights) {
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += i32::from(*value) * weight;
            }
        }
        target.extend(sums.iter().map(|sum| rounded(*sum)));
    }
    target
}

/// The picture in exactly `size`, row by row, R G B, from 0 to 255.
pub(crate) fn unrounded(pixels: &Pixels, size: Size) -> Vec<f32> {
    let from = pixels.size();
    let tap = |place: u32, from: u32, to: u32| {
        let at = ((place as f32 + 0.5) * (from as f32 / to as f32) - 0.5).max(0.0);
        let first = (at as u32).min(from - 1);
        (first as usize, (first + 1).min(from - 1) as usize, at - first as f32)
    };
    let columns: Vec<_> = (0..size.width).map(|x| tap(x, from.width, size.width)).collect();
    let stride = from.width as usize * 3;
    let row = |row: usize| pixels.rgb().get(row * stride..(row + 1) * stride).unwrap_or_default();
    let mut target = Vec::with_capacity(size.pixels() as usize * 3);
    for y in 0..size.height {
        let (above, below, down) = tap(y, from.height, size.height);
        let (above, below) = (row(above), row(below));
        for (left, right, across) in &columns {
            for colour in 0..3 {
                let between = |row: &[u8]| {
                    let value = |pixel: usize| row.get(pixel * 3 + colour).copied().map_or(0.0, f32::from);
                    value(*left) * (1.0 - across) + value(*right) * across
                };
                target.push(between(above) * (1.0 - down) + between(below) * down);
            }
        }
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32) -> Pixels {
        let bytes = (0..width * height * 3).map(|i| (i * 37 % 251) as u8);
        Pixels::new(Size { width, height }, bytes.collect::<Vec<u8>>()).unwrap()
    }

    #[test]
    fn a_picture_in_its_own_size_is_itself() {
        let picture = picture(7, 5);
        assert_eq!(bilinear(&picture, picture.size()), picture.rgb());
    }

    #[test]
    fn one_colour_stays_one_colour() {
        for size in [Size { width: 3, height: 17 }, Size { width: 40, height: 2 }] {
            let grey = Pixels::new(Size { width: 9, height: 4 }, vec![200; 9 * 4 * 3]).unwrap();
            assert!(bilinear(&grey, size).iter().all(|value| *value == 200));
        }
    }

    const OPENCV_3_OF_2: [u8; 27] = [
        0, 37, 74, 55, 92, 129, 111, 148, 185, 111, 23, 60, 104, 78, 115, 97, 134, 171, 222, 8, 45, 152, 63,
        100, 82, 119, 156,
    ];
    const OPENCV_2X3_OF_5X4: [u8; 18] =
        [92, 129, 166, 118, 145, 130, 163, 106, 143, 158, 164, 106, 77, 82, 119, 197, 77, 83];

    /// What `cv2.resize` (5.0.0) gives for the same pictures.
    #[test]
    fn pixels_are_those_of_opencv() {
        let larger = bilinear(&picture(2, 2), Size { width: 3, height: 3 });
        assert_eq!(larger, OPENCV_3_OF_2);
        let smaller = bilinear(&picture(5, 4), Size { width: 2, height: 3 });
        assert_eq!(smaller, OPENCV_2X3_OF_5X4);
    }

    const PILLOW_3_OF_2: [u8; 27] = [
        0, 37, 74, 56, 93, 130, 111, 148, 185, 111, 23, 60, 104, 79, 116, 97, 134, 171, 222, 8, 45, 152, 64,
        101, 82, 119, 156,
    ];
    const PILLOW_2X3_OF_5X4: [u8; 18] =
        [99, 96, 133, 149, 122, 104, 123, 108, 139, 133, 125, 110, 114, 112, 145, 149, 110, 116];
    const TORCH_2X3_OF_5X4: [f32; 18] = [
        92.083_34, 129.083_34, 166.083_34, 118.583_33, 145.125, 129.833_34, 162.75, 105.625, 142.625,
        157.875, 163.5, 106.375, 76.541_64, 82.166_67, 119.166_67, 197.166_67, 77.291_64, 82.916_68,
    ];

    /// What `PIL.Image.resize` (13) gives for the same pictures.
    #[test]
    fn pixels_are_those_of_pillow() {
        assert_eq!(antialiased(&picture(2, 2), Size { width: 3, height: 3 }), PILLOW_3_OF_2);
        assert_eq!(antialiased(&picture(5, 4), Size { width: 2, height: 3 }), PILLOW_2X3_OF_5X4);
    }

    /// What `torch.nn.functional.interpolate` gives for the same pictures.
    #[test]
    fn pixels_are_those_of_torch() {
        let pixels = unrounded(&picture(5, 4), Size { width: 2, height: 3 });
        assert!(pixels.iter().zip(&TORCH_2X3_OF_5X4).all(|(a, b)| (a - b).abs() < 1e-3), "{pixels:?}");
    }
}
