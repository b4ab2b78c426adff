//! Decoding takes no more memory than was announced, whatever is in the file:
//! measured at the allocator, in a program of its own.

mod fixtures;

use fixtures::{
    cmyk_jpeg, exif_block, grey_jpeg,
    hostile::{
        ALPHA, Codes, Scans, animation, blank_png, chunk, extended, grey_blocks, headless_lossless, lossless,
        lossy, riff, segment, with_segments,
    },
    jpeg,
    other_types::{Tiff, bmp, gif, tiff},
    png, png_16_bit, png_chunk, rgba, scene, turned_jpeg, turned_png, webp,
};
use image::DynamicImage;
use imaging::{ImageError, Limits, decode, probe};
use peak_alloc::PeakAlloc;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What looking at a file may take: nothing large is read by then.
const PROBING_BYTES: usize = 4 << 20;

/// Only one test allocates at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What `work` gives, and the bytes it held at its peak.
///
/// A panic of a decoder is caught; to tell of it, with `RUST_BACKTRACE`, would
/// read the program's debug information into memory.
fn measured<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let result = work();
    let held = MEMORY.peak_usage().saturating_sub(before);
    std::panic::set_hook(hook);
    (result, held)
}

/// Probes and decodes; gives the error, if any.
fn check(name: &str, bytes: &[u8]) -> Result<(), ImageError> {
    let limits = Limits::default();
    let (probed, held) = measured(|| probe(bytes, &limits));
    assert!(held <= PROBING_BYTES, "{name}: probing held {held} bytes");
    let announced = probed?.decode_bytes;
    assert!(announced <= limits.max_decode_bytes, "{name}: {announced} bytes were let pass");
    let (decoded, held) = measured(|| decode(bytes, &limits));
    assert!(held as u64 <= announced, "{name}: decoding held {held} bytes, {announced} were announced");
    decoded.map(drop)
}

fn check_sound(name: &str, bytes: &[u8]) {
    assert_eq!(check(name, bytes), Ok(()), "{name}");
}

#[test]
fn everyday_files_take_what_was_announced() {
    let _alone = alone();
    for (width, height) in [(1, 1), (17, 3), (640, 480), (1_999, 1_501), (4_000, 3_000)] {
        let image = scene(width, height);
        check_sound("jpeg", &jpeg(&image));
        check_sound("turned jpeg", &turned_jpeg(&jpeg(&image), 6));
        check_sound("grey jpeg", &grey_jpeg(width, height, 90));
        check_sound("png", &png(image.clone()));
        check_sound("turned png", &turned_png(&png(image.clone()), 7));
        // As they are, larger ones are longer than a file may be.
        if width < 4_000 {
            check_sound("bmp", &bmp(image.clone()));
            check_sound("tiff", &tiff(&image));
        }
        check_sound("webp", &webp(&DynamicImage::from(image).to_rgba8()));
    }
    check_sound("bmp with a fourth channel", &bmp(rgba(1_999, 1_501, [9, 8, 7, 6])));
    for compression in [1, 5, 8, 32_773] {
        for (is_tiled, chunk, is_planar) in [(false, 1, false), (false, 700, true), (true, 256, true)] {
            let layout = Tiff { compression, is_tiled, chunk, is_planar, bits: 16, ..Tiff::default() };
            let bytes = layout.write(900, 700, |x, y, s| (x * y) as u16 ^ s);
            check_sound(&format!("{layout:?}"), &bytes);
        }
    }
    check_sound(
        "gif",
        &gif(1_999, 1_501, None, true, |x, y| (x.wrapping_mul(7) ^ y.wrapping_mul(y) >> 3) as u8 % 4),
    );
    check_sound("cmyk", &cmyk_jpeg([1, 2, 3, 4]));
    check_sound("16 bits", &png_16_bit(7));
}

#[test]
fn jpegs_of_any_sampling_and_any_shape_take_what_was_announced() {
    let _alone = alone();
    let factors: [&[(u8, u8)]; 12] = [
        &[(1, 1)],
        &[(2, 2)],
        &[(1, 1), (1, 1), (1, 1)],
        &[(2, 1), (1, 1), (1, 1)],
        &[(1, 2), (1, 1), (1, 1)],
        &[(2, 2), (1, 1), (1, 1)],
        &[(2, 2), (2, 1), (1, 2)],
        &[(4, 1), (1, 1), (1, 1)],
        &[(4, 4), (1, 1), (1, 1)],
        &[(1, 1), (4, 4), (2, 2)],
        &[(4, 2), (1, 1), (1, 1), (4, 2)],
        &[(4, 4), (4, 4), (4, 4), (4, 4)],
    ];
    let shapes = [(1, 1), (640, 480), (1, 65_500), (65_500, 1), (65_500, 33), (33, 65_500), (2_000, 1_500)];
    let ways = [Scans::Together, Scans::Apart, Scans::Progressive { refinements: 2 }];
    let mut decoded = 0;
    for factors in factors {
        for shape in shapes {
            for scans in ways {
                let name = format!("{factors:?}, {shape:?}, {scans:?}");
                let result = check(&name, &grey_blocks(shape, factors, scans));
                decoded += usize::from(result.is_ok());
            }
        }
    }
    assert!(decoded > 100, "only {decoded} were decoded");
}

#[test]
fn jpegs_that_hide_what_they_are_take_what_was_announced() {
    let _alone = alone();
    let progressive =
        grey_blocks((640, 480), &[(2, 2), (1, 1), (1, 1)], Scans::Progressive { refinements: 1 });
    let frame = grey_blocks((8, 8), &[(1, 1)], Scans::Together);
    let frame = &frame[frame.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a frame")..][..13];
    for hiding in [
        vec![0xFF, 0xD0, 0, 15],
        vec![0xFF, 0x01, 0, 15],
        vec![0xFF, 0xD8, 0, 15],
        vec![0xFF, 0xFF, 0xFF, 0xE0, 0, 15],
        vec![0, 0xFF, 0x00],
        vec![0x31, 0x32],
    ] {
        let hidden = with_segments(&progressive, &[&hiding[..], frame].concat());
        let _ = check(&format!("{hiding:?}"), &hidden);
        let stray = with_segments(&progressive, &hiding);
        let _ = check(&format!("stray {hiding:?}"), &stray);
    }
}

#[test]
fn metadata_of_megabytes_takes_what_was_announced() {
    let _alone = alone();
    let plain = jpeg(&scene(64, 64));
    let full = vec![b'x'; 65_000];
    let part = |start: &[u8]| segment(0xE1, &[start, &full].concat());
    let extended_xmp =
        [&b"http://ns.adobe.com/xmp/extension/\0"[..], &[b'0'; 32], &[0, 0x50, 0, 0, 0, 0, 0, 0]];
    let icc = segment(0xE2, &[&b"ICC_PROFILE\0\x01\x01"[..], &full].concat());
    for (name, segments) in [
        ("exif", part(b"Exif\0\0").repeat(300)),
        ("extended xmp", part(&extended_xmp.concat()).repeat(300)),
        ("icc", icc.repeat(300)),
        ("comments", segment(0xFE, &full).repeat(300)),
    ] {
        check_sound(name, &with_segments(&plain, &segments));
    }
    let text = vec![b'x'; 6 << 20];
    for kind in [*b"tEXt", *b"zTXt", *b"iTXt", *b"iCCP", *b"eXIf", *b"prVt"] {
        let name = String::from_utf8_lossy(&kind).into_owned();
        let one = png_chunk(kind, &text);
        check_sound(&name, &blank_png((64, 64), (8, 2, false), std::slice::from_ref(&one)));
        let _ = check(&name, &blank_png((64, 64), (8, 2, false), &[one.clone(), one]));
    }
    let exif = chunk(b"EXIF", &[exif_block(6), text].concat());
    let picture = chunk(b"VP8L", &lossless(8, 8, 1, Codes::Skewed));
    check_sound("exif", &riff(&[extended(0x08, 8, 8), picture, exif]));
}

#[test]
fn a_length_that_no_file_has_reserves_nothing() {
    let _alone = alone();
    let picture = chunk(b"VP8L", &lossless(8, 8, 1, Codes::Skewed));
    let mut claiming = riff(&[extended(0x08, 8, 8), picture, chunk(b"EXIF", b"")]);
    let end = claiming.len();
    claiming[end - 4..].copy_from_slice(&0xFFFF_FFF0_u32.to_le_bytes());
    check_sound("exif of 4 GiB", &claiming);
    let mut claiming = blank_png((8, 8), (8, 2, false), &[png_chunk(*b"eXIf", b"")]);
    claiming[33..37].copy_from_slice(&0x7FFF_FFF0_u32.to_be_bytes());
    assert!(check("eXIf of 2 GiB", &claiming).is_err());
}

#[test]
fn pngs_of_any_shape_and_colour_take_what_was_announced() {
    let _alone = alone();
    let colours = [(1, 0), (8, 0), (16, 0), (8, 2), (16, 2), (8, 3), (16, 4), (8, 6), (16, 6)];
    let shapes = [(1, 1), (640, 480), (3_000_000, 1), (1, 300_000), (200_000, 20), (2_000, 1_500)];
    let mut decoded = 0;
    for (depth, colour) in colours {
        for shape in shapes {
            for interlaced in [false, true] {
                let name = format!("{shape:?}, {depth} bits, colour {colour}, {interlaced}");
                let result = check(&name, &blank_png(shape, (depth, colour, interlaced), &[]));
                decoded += usize::from(result.is_ok());
            }
        }
    }
    assert!(decoded > 90, "only {decoded} were decoded");
}

#[test]
fn a_bomb_of_zeros_behind_a_picture_is_not_unpacked() {
    let _alone = alone();
    // The data of 40 million pixels in a picture that has 64.
    let large = blank_png((8_000, 5_000), (8, 2, false), &[]);
    let small = blank_png((8, 8), (8, 2, false), &[]);
    let ihdr = &small[..33];
    check_sound("zeros", &[ihdr, &large[33..]].concat());
}

#[test]
fn lossless_pictures_of_many_codes_take_what_was_announced() {
    let _alone = alone();
    for codes in [Codes::Skewed, Codes::Long] {
        for (side, groups) in [(4, 1), (4, 1_000), (256, 1_000)] {
            let name = format!("{codes:?}, {side} pixels, {groups} groups");
            let data = lossless(side, side, groups, codes);
            check_sound(&name, &riff(&[chunk(b"VP8L", &data)]));
            check_sound(&name, &riff(&[extended(0, side, side), chunk(b"VP8L", &data)]));
            check_sound(&name, &riff(&[extended(ALPHA, side, side), chunk(b"VP8L", &data)]));
            check_sound(&name, &animation(0, side, side, &[chunk(b"VP8L", &data)]));
            check_sound(&name, &animation(ALPHA, side, side, &[chunk(b"VP8L", &data)]));
            let opacities = [&[1][..], &headless_lossless(side, side, groups, codes)].concat();
            let frame = [chunk(b"ALPH", &opacities), chunk(b"VP8 ", &lossy(side as u16, side as u16))];
            check_sound(&name, &riff(&[&[extended(ALPHA, side, side)][..], &frame].concat()));
            check_sound(&name, &animation(ALPHA, side, side, &frame));
        }
    }
}

#[test]
fn a_picture_of_more_codes_than_it_has_blocks_is_refused() {
    let _alone = alone();
    for codes in [Codes::Skewed, Codes::Long] {
        let data = lossless(4, 4, 65_536, codes);
        let refused = Err(ImageError::TooMany { count: 65_536, what: "groups of codes", limit: 1_000 });
        assert_eq!(check("plain", &riff(&[chunk(b"VP8L", &data)])), refused);
        assert_eq!(check("animated", &animation(0, 4, 4, &[chunk(b"VP8L", &data)])), refused);
        let opacities = [&[1][..], &headless_lossless(4, 4, 65_536, codes)].concat();
        let frame = [chunk(b"ALPH", &opacities), chunk(b"VP8 ", &lossy(4, 4))];
        assert_eq!(check("alpha", &riff(&[&[extended(ALPHA, 4, 4)][..], &frame].concat())), refused);
        assert_eq!(check("animated alpha", &animation(ALPHA, 4, 4, &frame)), refused);
    }
}

#[test]
fn a_picture_whose_codes_take_too_much_is_refused_by_that() {
    let _alone = alone();
    // As many blocks as groups, so that their number may be right.
    let data = lossless(1_024, 1_024, 65_536, Codes::Skewed);
    let refused = check("large", &riff(&[chunk(b"VP8L", &data)]));
    assert!(matches!(refused, Err(ImageError::TooMuchMemory { .. })), "{refused:?}");
}

#[test]
fn lossy_pictures_take_what_was_announced() {
    let _alone = alone();
    for (width, height) in [(1, 1), (640, 480), (16_383, 3), (3, 16_383), (2_000, 1_500)] {
        let data = chunk(b"VP8 ", &lossy(width, height));
        let (w, h) = (u32::from(width), u32::from(height));
        let opacities = chunk(b"ALPH", &[vec![0], vec![200; (w * h) as usize]].concat());
        check_sound("lossy", &riff(std::slice::from_ref(&data)));
        check_sound("extended", &riff(&[extended(0, w, h), data.clone()]));
        check_sound("alpha", &riff(&[extended(ALPHA, w, h), opacities.clone(), data.clone()]));
        check_sound("animated", &animation(0, w, h, std::slice::from_ref(&data)));
        check_sound("animated alpha", &animation(ALPHA, w, h, &[opacities, data]));
    }
}

#[test]
fn a_small_frame_holds_no_large_picture() {
    let _alone = alone();
    for data in
        [chunk(b"VP8 ", &lossy(16_383, 1_000)), chunk(b"VP8L", &lossless(2_000, 1_000, 1, Codes::Skewed))]
    {
        let opacities = chunk(b"ALPH", &[0; 17]);
        for file in [
            riff(&[extended(0, 4, 4), data.clone()]),
            riff(&[extended(ALPHA, 4, 4), opacities.clone(), data.clone()]),
            animation(0, 4, 4, std::slice::from_ref(&data)),
            animation(ALPHA, 4, 4, &[opacities, data]),
        ] {
            assert!(matches!(check("large in small", &file), Err(ImageError::Broken { .. })));
        }
    }
    let still_and_animated = riff(&[
        extended(0, 4, 4),
        chunk(b"VP8 ", &lossy(4, 4)),
        chunk(b"ANMF", &[&[0; 16][..], &chunk(b"VP8L", &lossless(4, 4, 1_000, Codes::Long))].concat()),
    ]);
    assert!(check("still and animated", &still_and_animated).is_err());
}

#[test]
fn what_costs_a_decoder_time_has_a_limit_that_is_named() {
    let _alone = alone();
    let plain = jpeg(&scene(64, 64));
    let many = |result: Result<(), ImageError>| match result {
        Err(ImageError::TooMany { what, limit, .. }) => (what, limit),
        other => panic!("{other:?}"),
    };
    let scans = grey_blocks((64, 64), &[(1, 1)], Scans::Progressive { refinements: 200 });
    assert_eq!(many(check("scans", &scans)), ("scans", 100));
    // Of a large picture fewer: each walks over all of it.
    let scans = grey_blocks((8_000, 4_000), &[(1, 1)], Scans::Progressive { refinements: 60 });
    assert_eq!(many(check("scans", &scans)), ("scans", 50));
    let tables = segment(0xC4, &[0; 17 * 3_000]).repeat(30);
    assert_eq!(many(check("tables", &with_segments(&plain, &tables))), ("bytes of tables", 1 << 20));
    let extended_xmp =
        [&b"http://ns.adobe.com/xmp/extension/\0"[..], &[b'0'; 32], &[0, 0x50, 0, 0, 0, 0, 0, 1, b'x']];
    let segments = segment(0xE1, &extended_xmp.concat()).repeat(100_000);
    assert_eq!(many(check("segments", &with_segments(&plain, &segments))), ("segments", 4_096));
}
