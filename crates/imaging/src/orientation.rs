//! The eight ways a camera may have been held (EXIF 2.32, tag 0x0112).

use domain::geometry::{Rect, Size};
use image::metadata::Orientation as Exif;
use std::sync::Arc;

/// From this size on a picture is turned in its own memory: that takes half
/// the memory and, since it jumps about in it, several times as long.
const IN_PLACE_PIXELS: u64 = 16_000_000;

/// How stored pixels must be turned to stand upright.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orientation(Exif);

impl Orientation {
    /// Stored as seen.
    pub const UPRIGHT: Self = Self(Exif::NoTransforms);

    /// The value of the EXIF tag, 1 to 8; `None` for any other number.
    #[must_use]
    pub fn from_exif(value: u8) -> Option<Self> {
        Exif::from_exif(value).map(Self)
    }

    /// Reads the tag from an EXIF block with or without its `Exif\0\0` head.
    /// A block that cannot be read turns nothing.
    pub(crate) fn from_exif_block(block: &[u8]) -> Self {
        let tiff = block.strip_prefix(b"Exif\0\0").unwrap_or(block);
        Exif::from_exif_chunk(tiff).map_or(Self::UPRIGHT, Self)
    }

    /// The value of the EXIF tag, 1 to 8.
    #[must_use]
    pub fn exif(self) -> u8 {
        self.0.to_exif()
    }

    /// Whether nothing has to be turned.
    #[must_use]
    pub fn is_upright(self) -> bool {
        self == Self::UPRIGHT
    }

    /// Whether width and height change places.
    #[must_use]
    pub fn swaps_sides(self) -> bool {
        matches!(self.0, Exif::Rotate90 | Exif::Rotate270 | Exif::Rotate90FlipH | Exif::Rotate270FlipH)
    }

    /// The upright size of an image stored as `stored`.
    #[must_use]
    pub fn upright_size(self, stored: Size) -> Size {
        if self.swaps_sides() { Size { width: stored.height, height: stored.width } } else { stored }
    }

    /// Where a box of the stored image lies in the upright one.
    #[must_use]
    pub fn turn_rect(self, rect: &Rect, stored: Size) -> Option<Rect> {
        let (x0, y0) = self.turn_point(rect.x(), rect.y(), stored);
        let (x1, y1) = self.turn_point(rect.right(), rect.bottom(), stored);
        Rect::from_corners(x0, y0, x1, y1)
    }

    fn turn_point(self, x: f64, y: f64, stored: Size) -> (f64, f64) {
        let (w, h) = (f64::from(stored.width), f64::from(stored.height));
        match self.0 {
            Exif::NoTransforms => (x, y),
            Exif::FlipHorizontal => (w - x, y),
            Exif::Rotate180 => (w - x, h - y),
            Exif::FlipVertical => (x, h - y),
            Exif::Rotate90FlipH => (y, x),
            Exif::Rotate90 => (h - y, x),
            Exif::Rotate270FlipH => (h - y, w - x),
            Exif::Rotate270 => (y, w - x),
        }
    }

    /// Where the upright image's first pixel is stored, and how far apart
    /// (in pixels of the stored buffer) its neighbours to the right and
    /// below are.
    fn walk(self, stored: Size) -> (isize, isize, isize) {
        let (w, h) = (stored.width as isize, stored.height as isize);
        match self.0 {
            Exif::NoTransforms => (0, 1, w),
            Exif::FlipHorizontal => (w - 1, -1, w),
            Exif::Rotate180 => (w * h - 1, -1, -w),
            Exif::FlipVertical => ((h - 1) * w, 1, -w),
            Exif::Rotate90FlipH => (0, w, 1),
            Exif::Rotate90 => ((h - 1) * w, -w, 1),
            Exif::Rotate270FlipH => (w * h - 1, -w, -1),
            Exif::Rotate270 => (w - 1, w, -1),
        }
    }

    /// Turns RGB pixels upright: a small picture by a quick copy, a large one
    /// in its own memory.
    pub(crate) fn turn(self, mut rgb: Arc<[u8]>, stored: Size) -> Arc<[u8]> {
        if self.is_upright() {
            return rgb;
        }
        if self.scratch_bytes(stored) < stored.pixels() * 3
            && let Some(own) = Arc::get_mut(&mut rgb)
        {
            self.turn_in_place(own, stored);
            return rgb;
        }
        let mut upright = crate::memory::black(rgb.len());
        if let Some(target) = Arc::get_mut(&mut upright) {
            self.copy_turned(&rgb, stored, target);
        }
        upright
    }

    /// What turning needs besides the pixels.
    pub(crate) fn scratch_bytes(self, stored: Size) -> u64 {
        match stored.pixels() {
            _ if self.is_upright() => 0,
            pixels if pixels < IN_PLACE_PIXELS => pixels * 3,
            pixels => pixels.div_ceil(8),
        }
    }

    /// Each pixel's place is taken by another one, whose place is taken by
    /// another one, until the first one's turn comes: such a ring is passed on
    /// by one, and a bit for each pixel says which rings are done.
    fn turn_in_place(self, rgb: &mut [u8], stored: Size) {
        let (pixels, _) = rgb.as_chunks_mut::<3>();
        let (first, step_x, step_y) = self.walk(stored);
        let width = self.upright_size(stored).width;
        let source = |place: usize| {
            let (x, y) = (place as u32 % width, place as u32 / width);
            (first + x as isize * step_x + y as isize * step_y) as usize
        };
        let mut done = vec![0_u64; pixels.len().div_ceil(64)];
        for start in 0..pixels.len() {
            if done.get(start / 64).is_some_and(|bits| bits >> (start % 64) & 1 == 1) {
                continue;
            }
            let Some(moved) = pixels.get(start).copied() else { continue };
            let mut place = start;
            loop {
                if let Some(bits) = done.get_mut(place / 64) {
                    *bits |= 1 << (place % 64);
                }
                let from = source(place);
                let value = if from == start { moved } else { pixels.get(from).copied().unwrap_or(moved) };
                if let Some(pixel) = pixels.get_mut(place) {
                    *pixel = value;
                }
                if from == start {
                    break;
                }
                place = from;
            }
        }
    }

    fn copy_turned(self, rgb: &[u8], stored: Size, target: &mut [u8]) {
        // Bands of rows and tiles of columns: both buffers stay in the cache
        // although one of them is walked against its grain.
        const TILE: usize = 32;
        let (source, _) = rgb.as_chunks::<3>();
        let (target, _) = target.as_chunks_mut::<3>();
        let (first, step_x, step_y) = self.walk(stored);
        let width = self.upright_size(stored).width as usize;
        for (band_index, band) in target.chunks_mut(width * TILE).enumerate() {
            for tile in (0..width).step_by(TILE) {
                for (row_index, row) in band.chunks_mut(width).enumerate() {
                    let y = (band_index * TILE + row_index) as isize;
                    for (column, pixel) in row.iter_mut().enumerate().skip(tile).take(TILE) {
                        let from = first + column as isize * step_x + y * step_y;
                        if let Some(value) = usize::try_from(from).ok().and_then(|i| source.get(i)) {
                            *pixel = *value;
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STORED: Size = Size { width: 5, height: 3 };

    /// A picture whose every pixel says where it was stored.
    fn numbered(size: Size) -> Arc<[u8]> {
        (0..size.height).flat_map(|y| (0..size.width).flat_map(move |x| [x as u8, y as u8, 7])).collect()
    }

    #[test]
    fn pixels_and_boxes_turn_alike_in_all_eight_orientations() {
        for size in [STORED, Size { width: 1, height: 1 }, Size { width: 70, height: 41 }] {
            for exif in 1..=8 {
                let orientation = Orientation::from_exif(exif).expect("1 to 8");
                let upright_size = orientation.upright_size(size);
                let upright = orientation.turn(numbered(size), size);
                for (x, y) in
                    [(0, 0), (size.width - 1, 0), (0, size.height - 1), (size.width / 2, size.height / 3)]
                {
                    let stored = Rect::new(f64::from(x), f64::from(y), 1.0, 1.0).expect("a pixel");
                    let turned = orientation.turn_rect(&stored, size).expect("still a pixel");
                    let at = (turned.y() as u32 * upright_size.width + turned.x() as u32) as usize * 3;
                    assert_eq!(upright[at..at + 3], [x as u8, y as u8, 7], "exif {exif}, {size:?}");
                }
            }
        }
    }

    #[test]
    fn turning_in_place_does_what_copying_does() {
        for size in [
            STORED,
            Size { width: 1, height: 9 },
            Size { width: 64, height: 64 },
            Size { width: 97, height: 33 },
        ] {
            for exif in 2..=8 {
                let orientation = Orientation::from_exif(exif).expect("1 to 8");
                let mut in_place = numbered(size).to_vec();
                orientation.turn_in_place(&mut in_place, size);
                assert_eq!(in_place, *orientation.turn(numbered(size), size), "exif {exif}, {size:?}");
            }
        }
    }

    #[test]
    fn a_large_picture_is_turned_in_its_own_memory() {
        let size = Size { width: 5000, height: 3300 };
        let orientation = Orientation::from_exif(6).expect("valid");
        let stored = numbered(size);
        let memory = stored.as_ptr();
        let upright = orientation.turn(stored, size);
        assert_eq!((upright.as_ptr(), upright.len()), (memory, 5000 * 3300 * 3));
        // The upper left pixel was stored in the lower left corner.
        assert_eq!(upright[..3], [0, (3299 % 256) as u8, 7]);
    }

    #[test]
    fn tag_6_brings_the_lower_left_corner_to_the_upper_left() {
        let orientation = Orientation::from_exif(6).expect("valid");
        let upright = orientation.turn(numbered(STORED), STORED);
        assert_eq!(orientation.upright_size(STORED), Size { width: 3, height: 5 });
        assert_eq!(upright[..3], [0, 2, 7]);
    }

    #[test]
    fn numbers_outside_the_standard_are_no_orientation() {
        assert_eq!((Orientation::from_exif(0), Orientation::from_exif(9)), (None, None));
        assert_eq!(Orientation::from_exif_block(b"nonsense"), Orientation::UPRIGHT);
    }

    proptest! {
        #[test]
        fn a_turned_box_keeps_its_area_and_stays_inside(exif in 1u8..=8, x in 0.0f64..4.0, y in 0.0f64..2.0) {
            let orientation = Orientation::from_exif(exif).expect("1 to 8");
            let rect = Rect::new(x, y, 1.0, 0.5).expect("valid");
            let turned = orientation.turn_rect(&rect, STORED).expect("valid");
            prop_assert!((turned.area() - rect.area()).abs() < 1e-9);
            prop_assert!(turned.is_inside(orientation.upright_size(STORED), 1e-9));
        }
    }
}
