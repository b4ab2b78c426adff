//! Every layout of a JPEG gives the pixels that libjpeg gives, or is refused
//! by name.

mod fixtures;

use fixtures::{
    hostile::{segment, with_segments},
    jpeg,
    layouts::Layout,
    scene,
};
use imaging::{ImageError, Limits, check_complete, content_hash, decode};

fn rgb(bytes: &[u8]) -> Result<Vec<u8>, ImageError> {
    decode(bytes, &Limits::default()).map(|pixels| pixels.rgb().to_vec())
}

fn sound(layout: &Layout) -> Vec<u8> {
    rgb(&layout.write()).unwrap_or_else(|error| panic!("{layout:?}: {error}"))
}

fn largest_difference(a: &[u8], b: &[u8]) -> u8 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or_default()
}

const FACTORS: [&[(u8, u8)]; 14] = [
    &[(1, 1)],
    &[(3, 3)],
    &[(1, 1), (1, 1), (1, 1)],
    &[(2, 1), (1, 1), (1, 1)],
    &[(1, 2), (1, 1), (1, 1)],
    &[(2, 2), (1, 1), (1, 1)],
    &[(4, 1), (1, 1), (1, 1)],
    &[(4, 2), (1, 1), (1, 1)],
    &[(2, 2), (2, 1), (1, 2)],
    &[(1, 1), (2, 2), (1, 1)],
    &[(3, 1), (1, 1), (3, 1)],
    &[(1, 1), (1, 1), (1, 1), (1, 1)],
    &[(2, 1), (1, 1), (1, 1), (2, 1)],
    &[(2, 2), (1, 1), (1, 1), (2, 2)],
];

#[test]
fn the_order_of_scans_and_the_coding_do_not_change_a_pixel() {
    for factors in FACTORS {
        for size in [(67, 45), (1, 1), (9, 3), (33, 2)] {
            let whole = Layout::new(size, factors);
            let pixels = sound(&whole);
            let apart: Vec<Vec<usize>> = (0..factors.len()).map(|one| vec![one]).collect();
            let backwards = apart.iter().rev().cloned().collect();
            let mut ways = vec![
                Layout { scans: apart.clone(), ..whole.clone() },
                Layout { scans: backwards, ..whole.clone() },
                Layout { scans: apart, interval: 3, ..whole.clone() },
                Layout { interval: 2, ..whole.clone() },
                Layout { is_progressive: true, ..whole.clone() },
                Layout { is_progressive: true, interval: 5, ..whole.clone() },
            ];
            if factors.len() == 3 {
                ways.push(Layout { scans: vec![vec![0], vec![1, 2]], ..whole.clone() });
                ways.push(Layout { scans: vec![vec![2], vec![0, 1]], ..whole.clone() });
            }
            for way in ways {
                // Two decoders are at work, which round differently.
                let difference = largest_difference(&sound(&way), &pixels);
                assert!(difference <= 4, "{way:?}: {difference}");
            }
        }
    }
}

/// What libjpeg-turbo 3.2 makes of these files: the first bytes of the SHA-256
/// of its pixels. Layouts that zune-jpeg reads are not among them.
const OF_LIBJPEG: [(&str, &str); 17] = [
    ("apart 1", "816f3115e833c9c0"),
    ("apart 2", "f95430d9c521ccfe"),
    ("apart 3", "510ab27c3997a1bd"),
    ("apart 4", "946ac748005cbfef"),
    ("apart 5", "38b3dff7c603d1c0"),
    ("apart 6", "d0e2689da4da523a"),
    ("apart 7", "fcbd8556d302be39"),
    ("apart 8", "a5462f140e2982ea"),
    ("apart 9", "2131b4cc9eb5b820"),
    ("apart 10", "657d850772d91267"),
    ("apart 11", "641c49a152542275"),
    ("apart 12", "793682dc95d58e66"),
    ("apart 13", "b1f51fed0e9d5874"),
    ("adobe rgb", "455bc0a40882f64a"),
    ("rgb by ids", "455bc0a40882f64a"),
    ("adobe cmyk", "cccbe7f00a5ae925"),
    ("adobe ycck", "d2517771b3848fc8"),
];

fn named_layouts() -> Vec<(String, Layout)> {
    let mut layouts = Vec::new();
    for (number, factors) in FACTORS.iter().enumerate().skip(1) {
        let apart: Vec<Vec<usize>> = (0..factors.len()).map(|one| vec![one]).collect();
        let layout = Layout { scans: apart, interval: 4, ..Layout::new((67, 45), factors) };
        layouts.push((format!("apart {number}"), layout));
    }
    let colours = Layout::new((29, 31), FACTORS[5]);
    layouts.push(("adobe rgb".into(), Layout { adobe: Some(0), ..colours.clone() }));
    layouts.push(("rgb by ids".into(), Layout { ids: *b"RGB ", ..colours }));
    let inks = Layout::new((29, 31), FACTORS[13]);
    layouts.push(("adobe cmyk".into(), Layout { adobe: Some(0), ..inks.clone() }));
    layouts.push(("adobe ycck".into(), Layout { adobe: Some(2), ..inks }));
    layouts
}

#[test]
fn the_pixels_are_those_of_libjpeg_to_the_last_bit() {
    let layouts = named_layouts();
    assert_eq!(layouts.len(), OF_LIBJPEG.len());
    for ((name, layout), (expected_name, expected)) in layouts.iter().zip(OF_LIBJPEG) {
        assert_eq!(name, expected_name);
        let hash = content_hash(&sound(layout));
        assert_eq!(&hash[..16], expected, "{name}");
    }
}

#[test]
fn a_frame_of_mjpeg_is_read_by_the_standards_tables() {
    let whole = jpeg(&scene(60, 40));
    let mut rest = whole.as_slice();
    let mut without = Vec::new();
    while let Some(at) = rest.windows(2).position(|pair| pair == [0xFF, 0xC4]) {
        without.extend(&rest[..at]);
        let length = usize::from(u16::from_be_bytes([rest[at + 2], rest[at + 3]]));
        rest = &rest[at + 2 + length..];
    }
    without.extend(rest);
    assert!(without.len() < whole.len() - 300, "the tables are gone");
    assert!(largest_difference(&rgb(&without).expect("sound"), &rgb(&whole).expect("sound")) <= 4);
}

#[test]
fn what_is_not_read_is_named() {
    let whole = Layout::new((20, 20), FACTORS[2]).write();
    let frame = whole.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a frame");
    let cases = [
        (1, 0xC3, "lossless"),
        (1, 0xC9, "arithmetic"),
        (1, 0xC5, "hierarchical"),
        (4, 12, "12 bits"),
        (6, 0, "DNL"),
        (9, 2, "2 components"),
        (11, 0x31, "sampling factors"),
    ];
    for (at, value, word) in cases {
        let mut changed = whole.clone();
        changed[frame + at] = value;
        if word == "sampling factors" {
            changed[frame + 14] = 0x21;
        }
        let error = rgb(&changed).expect_err(word);
        assert!(matches!(error, ImageError::Unsupported { .. }), "{word}: {error:?}");
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn a_picture_without_its_end_mark_is_whole_as_long_as_no_bit_is_missing() {
    for factors in [FACTORS[0], FACTORS[5], FACTORS[8]] {
        for is_progressive in [false, true] {
            let bytes = Layout { is_progressive, ..Layout::new((67, 45), factors) }.write();
            let pixels = rgb(&bytes).expect("sound");
            let picture = &bytes[..bytes.len() - 2];
            for end in [&[][..], &[0xFF], &[0; 40]] {
                let ending = [picture, end].concat();
                assert!(largest_difference(&rgb(&ending).expect("whole"), &pixels) <= 4);
                assert_eq!(check_complete(&ending), Ok(()));
            }
            for end in [&[0xFF, 0xD9, 0, 0][..], b"\xFF\xD9some text\r\n"] {
                assert_eq!(rgb(&[picture, end].concat()), Ok(pixels.clone()));
            }
            let cut = &picture[..picture.len() - 1];
            assert_eq!(rgb(cut), Err(ImageError::Truncated));
            assert_eq!(check_complete(cut), Err(ImageError::Truncated));
            // The decoder of usual layouts makes up the last byte's bits.
            if factors == FACTORS[8] {
                assert!(rgb(&[cut, &[0xFF, 0xD9]].concat()).is_err());
            }
            // What was not received is often zeros.
            let half = bytes.len() / 2;
            let zeros = [&bytes[..half], &vec![0; bytes.len() - half]].concat();
            assert!(rgb(&zeros).is_err());
        }
    }
}

#[test]
fn damaged_bytes_are_no_picture() {
    let bytes = Layout::new((200, 160), FACTORS[5]).write();
    let mut zeroed = bytes.clone();
    let middle = bytes.len() / 3..bytes.len() * 2 / 3;
    zeroed[middle].fill(0);
    assert!(matches!(rgb(&zeroed), Err(ImageError::Broken { .. })));
    let text: Vec<u8> =
        bytes.iter().flat_map(|byte| if *byte == b'\n' { vec![b'\r', b'\n'] } else { vec![*byte] }).collect();
    assert!(text.len() > bytes.len() + 20, "it has line feeds");
    let error = rgb(&text).expect_err("damaged");
    assert!(error.to_string().contains("line feeds"), "{error}");
}

#[test]
fn a_progressive_picture_whose_scans_are_missing_is_refused() {
    let bytes = Layout { is_progressive: true, ..Layout::new((67, 45), FACTORS[2]) }.write();
    let scans: Vec<usize> =
        bytes.windows(2).enumerate().filter(|(_, pair)| *pair == [0xFF, 0xDA]).map(|(at, _)| at).collect();
    for at in &scans[1..] {
        let error = rgb(&[&bytes[..*at], &[0xFF, 0xD9]].concat()).expect_err("scans are missing");
        assert!(error.to_string().contains("scans are missing"), "{error}");
    }
}

#[test]
fn the_first_exif_block_turns_the_picture() {
    let exif =
        |orientation| segment(0xE1, &[b"Exif\0\0", fixtures::exif_block(orientation).as_slice()].concat());
    let both = with_segments(&jpeg(&scene(48, 32)), &[exif(6), exif(1)].concat());
    let pixels = decode(&both, &Limits::default()).expect("sound");
    assert_eq!((pixels.size().width, pixels.size().height), (32, 48));
}
