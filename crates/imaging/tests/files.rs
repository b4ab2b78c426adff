//! Files of every kind, sound and broken, as people send them.

mod fixtures;

use domain::{geometry::Size, inference::Pixels};
use fixtures::{
    cmyk_jpeg, exif_block, grey_jpeg, jpeg,
    other_types::{bmp, gif, tiff},
    png, png_16_bit, png_chunk, png_claiming, rgba, scene, turned_jpeg, turned_png, webp,
};
use image::{DynamicImage, GrayImage, Luma};
use imaging::{
    ImageError, Limits, MediaType, check_beginning, check_complete, decode, decode_reduced, plain_copy,
    probe, sniff,
};
use proptest::prelude::*;

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

/// Which of the scene's three colours a pixel is nearest to.
fn colour(pixels: &Pixels, x: u32, y: u32) -> &'static str {
    match pixel(pixels, x, y) {
        [r, g, b] if r > g && r > b => "red",
        [_, g, b] if g > b => "green",
        _ => "blue",
    }
}

fn size(width: u32, height: u32) -> Size {
    Size::new(width, height).expect("not empty")
}

#[test]
fn the_type_comes_from_the_bytes() {
    let image = scene(8, 8);
    let types = [sniff(&jpeg(&image)), sniff(&png(image)), sniff(&webp(&rgba(2, 2, [1, 2, 3, 4])))];
    assert_eq!(types, [Some(MediaType::Jpeg), Some(MediaType::Png), Some(MediaType::WebP)]);
    assert_eq!(sniff(b"<html>"), None);
}

#[test]
fn an_exif_turned_jpeg_stands_upright_once() {
    let stored = jpeg(&scene(48, 32));
    // Where the stored corner pixels (red above red, green above blue) end up,
    // read from the upper left, clockwise.
    let corners = [
        (1, ["red", "green", "blue", "red"]),
        (2, ["green", "red", "red", "blue"]),
        (3, ["blue", "red", "red", "green"]),
        (4, ["red", "blue", "green", "red"]),
        (5, ["red", "red", "blue", "green"]),
        (6, ["red", "red", "green", "blue"]),
        (7, ["blue", "green", "red", "red"]),
        (8, ["green", "blue", "red", "red"]),
    ];
    for (exif, expected) in corners {
        let bytes = turned_jpeg(&stored, exif);
        let probe = probe(&bytes, &Limits::default()).expect("sound");
        let pixels = decoded(&bytes);
        assert_eq!(pixels.size(), if exif < 5 { size(48, 32) } else { size(32, 48) });
        assert_eq!((probe.size, probe.stored, probe.orientation.exif()), (pixels.size(), size(48, 32), exif));
        let (right, low) = (pixels.size().width - 2, pixels.size().height - 2);
        let seen = [(1, 1), (right, 1), (right, low), (1, low)].map(|(x, y)| colour(&pixels, x, y));
        assert_eq!(seen, expected, "exif {exif}");
    }
}

#[test]
fn a_png_and_a_webp_are_turned_by_their_exif_too() {
    let turned = turned_png(&png(scene(6, 4)), 6);
    assert_eq!(decoded(&turned).size(), size(4, 6));
    let plain = webp(&DynamicImage::from(scene(6, 4)).to_rgba8());
    // The extended form of RFC 9649, section 2.7: VP8X, the picture, EXIF.
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let pad = vec![0; data.len() % 2];
        [&kind[..], &(data.len() as u32).to_le_bytes(), data, &pad].concat()
    };
    let body = [
        &b"WEBP"[..],
        &chunk(b"VP8X", &[0x18, 0, 0, 0, 5, 0, 0, 3, 0, 0]),
        &plain[12..],
        &chunk(b"EXIF", &exif_block(8)),
    ]
    .concat();
    let bytes = [&b"RIFF"[..], &(body.len() as u32).to_le_bytes(), &body].concat();
    assert_eq!(decoded(&bytes).size(), size(4, 6));
}

#[test]
fn a_reduced_image_is_turned_and_knows_its_full_size() {
    let bytes = turned_jpeg(&jpeg(&scene(480, 320)), 6);
    let reduced = decode_reduced(&bytes, &Limits::default(), 120).expect("sound");
    assert_eq!((reduced.full, reduced.pixels.size()), (size(320, 480), size(80, 120)));
    assert_eq!(
        ["red", "green", "blue"],
        [(5, 5), (75, 115), (5, 115)].map(|(x, y)| colour(&reduced.pixels, x, y))
    );
}

#[test]
fn grey_is_spread_over_three_channels() {
    for bytes in [grey_jpeg(20, 10, 77), png(GrayImage::from_pixel(20, 10, Luma([77])))] {
        let pixels = decoded(&bytes);
        assert_eq!(pixels.size(), size(20, 10));
        assert!(pixels.rgb().iter().all(|value| value.abs_diff(77) <= 1));
    }
}

#[test]
fn transparency_is_composited_over_white() {
    for encode in [|image| png(DynamicImage::ImageRgba8(image)), |image| webp(&image)] {
        assert_eq!(pixel(&decoded(&encode(rgba(3, 2, [200, 0, 0, 0]))), 1, 1), [255, 255, 255]);
        assert_eq!(pixel(&decoded(&encode(rgba(3, 2, [200, 0, 0, 255]))), 1, 1), [200, 0, 0]);
        assert_eq!(pixel(&decoded(&encode(rgba(3, 2, [200, 0, 0, 51]))), 1, 1), [244, 204, 204]);
    }
}

#[test]
fn sixteen_bits_keep_their_upper_eight() {
    assert_eq!(pixel(&decoded(&png_16_bit(0x7F80)), 0, 0), [0x7F, 0, 0xFF]);
}

#[test]
fn cmyk_becomes_rgb() {
    let pixels = decoded(&cmyk_jpeg([255, 128, 0, 255]));
    let [r, g, b] = pixel(&pixels, 4, 4);
    assert!(r >= 253 && g.abs_diff(128) <= 2 && b <= 2, "{r} {g} {b}");
    let dark = pixel(&decoded(&cmyk_jpeg([255, 255, 255, 51])), 4, 4);
    assert!(dark.iter().all(|value| value.abs_diff(51) <= 2), "{dark:?}");
}

#[test]
fn an_interlaced_png_is_whole() {
    // Adam7 of a 3×2 grey image: passes 1, 4, 5, 6 and 7 (PNG, section 8.2),
    // each row behind a filter byte, in one stored deflate block.
    let rows: &[u8] = &[0, 10, 0, 12, 0, 11, 0, 20, 21, 22];
    let adler =
        rows.iter().fold((1u32, 0u32), |(a, b), byte| (a + u32::from(*byte), b + a + u32::from(*byte)));
    let length = rows.len() as u16;
    let data = [
        &[0x78, 0x01, 1][..],
        &length.to_le_bytes(),
        &(!length).to_le_bytes(),
        rows,
        &(adler.1 << 16 | adler.0).to_be_bytes(),
    ]
    .concat();
    let head = [&3u32.to_be_bytes()[..], &2u32.to_be_bytes(), &[8, 0, 0, 0, 1]].concat();
    let bytes = [
        &b"\x89PNG\r\n\x1A\n"[..],
        &png_chunk(*b"IHDR", &head),
        &png_chunk(*b"IDAT", &data),
        &png_chunk(*b"IEND", &[]),
    ]
    .concat();
    let reds: Vec<u8> = decoded(&bytes).rgb().iter().step_by(3).copied().collect();
    assert_eq!(reds, [10, 11, 12, 20, 21, 22]);
}

#[test]
fn a_file_cut_short_anywhere_is_refused() {
    let image = scene(64, 64);
    let rgba = DynamicImage::from(image.clone()).to_rgba8();
    // A JPEG may lack its end mark, of two bytes.
    for (whole, end) in [(jpeg(&image), 2), (png(image), 1), (webp(&rgba), 1)] {
        assert_eq!(check_complete(&whole), Ok(()));
        for length in 12..whole.len() - end {
            let cut = &whole[..length];
            assert!(decode(cut, &Limits::default()).is_err(), "{length} of {} bytes", whole.len());
            assert_eq!(check_complete(cut), Err(ImageError::Truncated), "{length} of {} bytes", whole.len());
        }
    }
}

#[test]
fn what_is_no_image_is_told_apart() {
    assert_eq!(refused(b""), ImageError::Empty);
    assert_eq!(refused(b"hello, this is text and not a picture"), ImageError::NotAnImage);
    assert_eq!(refused(b"GIF89a\x01\0\x01\0"), ImageError::Truncated);
    assert_eq!(refused(b"\0\0\0\x18ftypheic\0\0\0\0"), ImageError::Unsupported { what: "HEIC".into() });
    assert!(matches!(
        refused(b"\x89PNG\r\n\x1A\nnonsense that follows"),
        ImageError::Broken { .. } | ImageError::Truncated
    ));
}

#[test]
fn what_is_sent_in_place_of_an_image_is_named() {
    for (bytes, word) in [
        (&b"\0\0\0\x1CftypavifAAAA"[..], "AVIF"),
        (b"\0\0\0\x1Cftypisommp42", "a video"),
        (b"P6\n4 4\n255\n", "PNM"),
        (b"%PDF-1.7", "PDF"),
        (b"\xFF\x0A\0", "JPEG XL"),
        (b"iVBORw0KGgoAAAANSUhEUg", "base64"),
        (b"data:image/png;base64,iVBO", "data URL"),
        (b"version https://git-lfs.github.com/spec/v1", "git lfs pull"),
        (b"\xEF\xBB\xBF\r\n<!DOCTYPE HTML>", "web page"),
        (b"<svg xmlns=", "SVG"),
    ] {
        let error = check_beginning(bytes).expect_err(word);
        assert!(error.to_string().contains(word), "{error}");
        assert_eq!(probe(bytes, &Limits::default()), Err(error.clone()));
        assert_eq!(check_complete(bytes), Err(error));
    }
}

#[test]
fn what_programs_show_in_another_way_has_a_plain_copy() {
    let copy = |bytes: &[u8]| plain_copy(bytes, &Limits::default()).expect("sound");
    let half = rgba(9, 7, [200, 0, 0, 128]);
    let upright = [jpeg(&scene(9, 7)), turned_jpeg(&jpeg(&scene(9, 7)), 6), png(scene(9, 7))];
    for alike in &upright {
        assert_eq!(copy(alike), None);
    }
    let without_end = &upright[0][..upright[0].len() - 2];
    for other in [
        turned_png(&upright[2], 6),
        png(DynamicImage::ImageRgba8(half.clone())),
        webp(&half),
        png_16_bit(0x1234),
        cmyk_jpeg([1, 2, 3, 200]),
        without_end.to_vec(),
    ] {
        let copy = copy(&other).expect("shown otherwise");
        assert_eq!(decoded(&copy), decoded(&other));
        assert_eq!(plain_copy(&copy, &Limits::default()), Ok(None));
    }
}

/// Where EXIF may stand in a PNG: behind the picture, or as ImageMagick's text.
#[test]
fn a_png_is_turned_wherever_its_exif_stands() {
    let whole = png(scene(6, 4));
    let (before_end, end) = whole.split_at(whole.len() - 12);
    let behind = [before_end, &png_chunk(*b"eXIf", &exif_block(6)), end].concat();
    assert_eq!(decoded(&behind).size(), size(4, 6));
    let digits: String = exif_block(6).iter().map(|byte| format!("{byte:02x}")).collect();
    let text = format!("Raw profile type exif\0\nexif\n      {}\n{digits}\n", digits.len() / 2);
    let (head, rest) = whole.split_at(8 + 25);
    let raw = [head, &png_chunk(*b"tEXt", text.as_bytes()), rest].concat();
    assert_eq!(decoded(&raw).size(), size(4, 6));
}

#[test]
fn pixels_are_counted_before_they_are_decoded() {
    let error = refused(&png_claiming(20_000, 20_000));
    assert_eq!(error, ImageError::TooManyPixels { width: 20_000, height: 20_000, limit: 40_000_000 });
    let limits = Limits { max_pixels: 12, ..Limits::default() };
    assert!(decode(&png(scene(4, 3)), &limits).is_ok());
    assert!(matches!(decode(&png(scene(5, 3)), &limits), Err(ImageError::TooManyPixels { width: 5, .. })));
}

#[test]
fn bytes_are_counted_first_of_all() {
    let limits = Limits { max_bytes: 10, ..Limits::default() };
    assert_eq!(decode(&[0; 11], &limits), Err(ImageError::TooManyBytes { bytes: 11, limit: 10 }));
}

#[test]
fn the_known_broken_files_are_told_apart() {
    let Some(data) = std::env::var_os("FOVEA_DATA") else { return };
    let read = |name: &str| std::fs::read(std::path::Path::new(&data).join("broken").join(name)).expect(name);
    assert_eq!(refused(&read("empty.jpg")), ImageError::Empty);
    assert_eq!(refused(&read("not-an-image.jpg")), ImageError::NotAnImage);
    assert_eq!(refused(&read("truncated.jpg")), ImageError::Truncated);
    assert!(matches!(
        refused(&read("huge-20000x20000.png")),
        ImageError::TooManyPixels { width: 20_000, .. }
    ));
    let turned = read("exif-rotated-90.jpg");
    let seen = probe(&turned, &Limits::default()).expect("sound");
    assert!(seen.orientation.swaps_sides());
    assert_eq!(decoded(&turned).size(), size(seen.stored.height, seen.stored.width));
    let grey = decoded(&read("greyscale.jpg"));
    assert!(grey.rgb().as_chunks::<3>().0.iter().all(|[r, g, b]| r == g && g == b));
    assert_eq!(
        probe(&read("png-named-jpg.jpg"), &Limits::default()).expect("sound").media_type,
        MediaType::Png
    );
    decoded(&read("png-named-jpg.jpg"));
    decoded(&read("rgba.png"));
}

proptest! {
    #[test]
    fn any_damage_gives_an_answer_and_no_panic(kind in 0..7usize, at in any::<prop::sample::Index>(), value: u8, cut in any::<prop::sample::Index>()) {
        let image = scene(24, 17);
        let mut bytes = match kind {
            0 => jpeg(&image),
            1 => turned_jpeg(&jpeg(&image), 6),
            2 => webp(&DynamicImage::from(image).to_rgba8()),
            3 => tiff(&image),
            4 => bmp(image),
            5 => gif(24, 17, Some(1), value > 9, |x, y| ((x ^ y) % 4) as u8),
            _ => png(image),
        };
        let length = bytes.len();
        bytes[at.index(length)] = value;
        if value % 2 == 0 {
            bytes.truncate(cut.index(length));
        }
        if let Ok(pixels) = decode(&bytes, &Limits { max_pixels: 100_000, ..Limits::default() }) {
            prop_assert!(pixels.size().pixels() <= 100_000);
        }
    }
}
