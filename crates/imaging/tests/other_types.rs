//! TIFF, BMP and GIF: what of them is read, and that it is the same picture
//! in every layout.

mod fixtures;

use domain::inference::Pixels;
use fixtures::{
    other_types::{GIF_COLOURS, Tiff, bmp, gif, tiff},
    png, rgba, scene,
};
use image::DynamicImage;
use imaging::{ImageError, Limits, MediaType, check_complete, decode, plain_copy, probe};

const SIDES: (u32, u32) = (37, 23);

fn decoded(bytes: &[u8]) -> Pixels {
    decode(bytes, &Limits::default()).expect("a sound image")
}

fn refused(bytes: &[u8]) -> ImageError {
    decode(bytes, &Limits::default()).expect_err("no sound image")
}

fn pixel(pixels: &Pixels, x: u32, y: u32) -> [u8; 3] {
    let at = ((y * pixels.size().width + x) * 3) as usize;
    pixels.rgb()[at..at + 3].try_into().expect("three bytes")
}

/// A value for every place, noisy enough that a shifted row is another picture.
fn noise(x: u32, y: u32, s: u16) -> u8 {
    (x * 31 + y * 17 + u32::from(s) * 71 + x * y) as u8
}

/// What every layout must give for `noise`.
fn expect_noise(name: &str, bytes: &[u8]) {
    let pixels = decoded(bytes);
    assert_eq!((pixels.size().width, pixels.size().height), SIDES, "{name}");
    for (x, y) in [(0, 0), (1, 0), (36, 22), (16, 16), (31, 7), (5, 21)] {
        assert_eq!(pixel(&pixels, x, y), [0, 1, 2].map(|s| noise(x, y, s)), "{name} at {x}, {y}");
    }
    let all = (0..23).flat_map(|y| (0..37).flat_map(move |x| [0, 1, 2].map(|s| noise(x, y, s))));
    assert!(pixels.rgb().iter().copied().eq(all), "{name}");
}

#[test]
fn a_tiff_of_any_layout_is_the_same_picture() {
    for compression in [1, 5, 8, 32_773] {
        for bits in [8, 16] {
            for (is_tiled, chunk) in [(false, 1), (false, 7), (false, 23), (true, 16), (true, 64)] {
                for flags in 0..16 {
                    let layout = Tiff {
                        is_big_endian: flags & 1 == 1,
                        is_wide: flags & 2 == 2,
                        has_predictor: flags & 4 == 4,
                        is_planar: flags & 8 == 8,
                        compression,
                        bits,
                        is_tiled,
                        chunk,
                        ..Tiff::default()
                    };
                    let value = |x, y, s| u16::from(noise(x, y, s)) * if bits == 16 { 257 } else { 1 };
                    expect_noise(&format!("{layout:?}"), &layout.write(SIDES.0, SIDES.1, value));
                }
            }
        }
    }
}

#[test]
fn greys_palettes_and_inks_of_a_tiff_become_rgb() {
    for bits in [1, 2, 4, 8] {
        let most = (1_u16 << bits) - 1;
        let value = |x: u32, _, _| (x as u16) & most;
        let grey = |x: u32| ((x as u16 & most) * 255 / most) as u8;
        let file =
            |photometric| Tiff { photometric, bits, samples: 1, ..Tiff::default() }.write(37, 9, value);
        for x in [0, 1, 2, 3, 8, 36] {
            let seen = |bytes: &[u8]| pixel(&decoded(bytes), x, 8);
            assert_eq!(seen(&file(1)), [grey(x); 3], "{bits} bits at {x}");
            assert_eq!(seen(&file(0)), [255 - grey(x); 3], "{bits} bits at {x}, white is 0");
            assert_eq!(seen(&file(3)), [255 - grey(x), grey(x), 9], "{bits} bits at {x}, palette");
        }
    }
    let inks = Tiff { photometric: 5, samples: 4, ..Tiff::default() };
    let seen = decoded(&inks.write(3, 3, |_, _, s| [255, 0, 100, 0][usize::from(s)]));
    assert_eq!(pixel(&seen, 1, 1), [0, 255, 155]);
    let seen = decoded(&inks.write(3, 3, |_, _, s| [0, 0, 0, 255][usize::from(s)]));
    assert_eq!(pixel(&seen, 1, 1), [0, 0, 0]);
}

#[test]
fn transparency_is_composited_over_white_and_other_channels_are_left_out() {
    let value = |_, _, s: u16| [100, 0, 50, 128][usize::from(s)];
    for is_planar in [false, true] {
        let layout = |extra| Tiff { samples: 4, extra, is_planar, ..Tiff::default() };
        let seen = |extra| pixel(&decoded(&layout(extra).write(5, 4, value)), 4, 3);
        assert_eq!(seen(2), [177, 127, 152], "unassociated");
        assert_eq!(seen(1), [227, 127, 177], "associated");
        assert_eq!(seen(0), [100, 0, 50], "a fourth band is no opacity");
    }
}

#[test]
fn a_tiff_stands_upright_by_its_own_tag() {
    let image = scene(48, 32);
    let value = |x, y, s: u16| u16::from(image.get_pixel(x, y)[usize::from(s)]);
    let turned = Tiff { orientation: 6, ..Tiff::default() }.write(48, 32, value);
    let pixels = decoded(&turned);
    assert_eq!((pixels.size().width, pixels.size().height), (32, 48));
    assert_eq!(pixel(&pixels, 31, 47), [30, 230, 40], "the upper right came to the lower right");
}

#[test]
fn what_of_tiff_is_not_read_is_named() {
    let value = |x, y, s| u16::from(noise(x, y, s));
    let refusal = |layout: Tiff| refused(&layout.write(20, 20, value)).to_string();
    let plain = Tiff::default();
    assert!(refusal(Tiff { compression: 7, ..plain }).contains("a TIFF with a JPEG inside"));
    assert!(refusal(Tiff { compression: 4, ..plain }).contains("fax compression"));
    assert!(refusal(Tiff { compression: 50_000, ..plain }).contains("compression 50000"));
    assert!(refusal(Tiff { photometric: 6, ..plain }).contains("YCbCr"));
    assert!(refusal(Tiff { photometric: 32_803, ..plain }).contains("a camera's raw file"));
    assert!(refusal(Tiff { bits: 32, ..plain }).contains("32 bits"));
    assert!(refusal(Tiff { fill_order: 2, ..plain }).contains("FillOrder 2"));
    assert!(refusal(Tiff { is_tiled: true, chunk: 5, ..plain }).contains("no usual size"));
    let mut raw = tiff(&scene(20, 20));
    raw[8..10].copy_from_slice(b"CR");
    assert!(refused(&raw).to_string().contains("a camera's raw file"));
}

#[test]
fn a_bmp_is_read_with_and_without_a_fourth_channel() {
    let image = scene(21, 13);
    assert_eq!(decoded(&bmp(image.clone())).rgb(), image.as_raw().as_slice());
    let seen = pixel(&decoded(&bmp(rgba(4, 3, [100, 0, 50, 128]))), 2, 2);
    assert_eq!(seen, [177, 127, 152]);
    let empty = pixel(&decoded(&bmp(rgba(4, 3, [100, 0, 50, 0]))), 2, 2);
    assert_eq!(empty, [100, 0, 50], "a channel that nobody filled is no transparency");
    let grey = DynamicImage::from(image).to_luma8();
    assert_eq!(pixel(&decoded(&bmp(grey.clone())), 3, 3), [grey.get_pixel(3, 3)[0]; 3]);
}

#[test]
fn the_first_frame_of_a_gif_is_read_on_white() {
    let index = |x: u16, y: u16| ((x + y) % 4) as u8;
    for is_interlaced in [false, true] {
        for transparent in [None, Some(3)] {
            let pixels = decoded(&gif(19, 11, transparent, is_interlaced, index));
            assert_eq!((pixels.size().width, pixels.size().height), (21, 13));
            assert_eq!(pixel(&pixels, 0, 5), [255; 3], "beside the frame");
            for (x, y) in (0..19).flat_map(|x| (0..11).map(move |y| (x, y))) {
                let colour = match index(x, y) {
                    3 if transparent.is_some() => [255; 3],
                    index => GIF_COLOURS[usize::from(index)],
                };
                assert_eq!(pixel(&pixels, u32::from(x) + 1, u32::from(y) + 1), colour, "{x}, {y}");
            }
        }
    }
}

#[test]
fn browsers_get_a_png_of_the_same_pixels() {
    let image = scene(40, 30);
    let index = |x: u16, _| (x % 4) as u8;
    for (bytes, media_type) in [
        (tiff(&image), MediaType::Tiff),
        (bmp(image.clone()), MediaType::Bmp),
        (gif(8, 8, None, false, index), MediaType::Gif),
    ] {
        assert_eq!(probe(&bytes, &Limits::default()).expect("a head").media_type, media_type);
        let copy = plain_copy(&bytes, &Limits::default()).expect("sound").expect("a copy");
        assert_eq!(decoded(&copy).rgb(), decoded(&bytes).rgb(), "{media_type}");
    }
    assert_eq!(decoded(&tiff(&image)).rgb(), decoded(&png(image)).rgb());
}

#[test]
fn a_file_that_ends_early_is_never_half_a_picture() {
    let image = scene(30, 20);
    let value = |x, y, s| u16::from(noise(x, y, s));
    let index = |x: u16, y: u16| ((x * y) % 4) as u8;
    let mut files = vec![("bmp", bmp(image)), ("gif", gif(30, 20, None, false, index))];
    for compression in [1, 5, 8, 32_773] {
        files.push(("tiff", Tiff { compression, ..Tiff::default() }.write(30, 20, value)));
    }
    for (name, bytes) in files {
        assert_eq!(check_complete(&bytes), Ok(()), "{name}");
        let whole = decoded(&bytes);
        for length in 1..bytes.len() {
            if let Ok(pixels) = decode(&bytes[..length], &Limits::default()) {
                assert_eq!(pixels.rgb(), whole.rgb(), "{name} cut to {length} of {}", bytes.len());
                assert!(length + 24 > bytes.len(), "{name} cut to {length} of {}", bytes.len());
            }
        }
    }
}

#[test]
fn what_a_head_claims_is_counted_before_memory_is_reserved() {
    let huge = |width: u32, height: u32, layout: Tiff| {
        let mut bytes = layout.write(16, 16, |_, _, _| 0);
        for (tag, value) in [(256_u16, width), (257, height)] {
            let entry = [&tag.to_le_bytes()[..], &4_u16.to_le_bytes(), &1_u32.to_le_bytes()].concat();
            let at =
                bytes.windows(entry.len()).position(|window| window == entry).expect("a tag") + entry.len();
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        refused(&bytes)
    };
    let plain = Tiff { chunk: 16, ..Tiff::default() };
    assert!(matches!(huge(100_000, 100_000, plain), ImageError::TooManyPixels { .. }));
    assert!(matches!(huge(u32::MAX, 1, plain), ImageError::TooManyPixels { .. }));
    let narrow = Tiff { chunk: 1, ..Tiff::default() };
    assert!(matches!(huge(1, 39_000_000, narrow), ImageError::TooMany { .. }));
    let wide_tiles = Tiff { is_tiled: true, chunk: 1_024, ..Tiff::default() };
    assert!(matches!(huge(1, 10_000_000, wide_tiles), ImageError::Broken { .. }));
    assert!(matches!(huge(0, 5, plain), ImageError::Broken { .. }));
}
