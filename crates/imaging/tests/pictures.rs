//! What follows from pixels: sizes, thumbnails, network inputs, hashes,
//! properties.

mod fixtures;

use domain::{
    geometry::{Rect, Size},
    inference::Pixels,
    monitor::image_measures::ImageMeasure,
};
use fixtures::{jpeg, png, scene};
use image::RgbImage;
use imaging::{
    Letterbox, Limits, PADDING_GREY, content_hash, decode, encode_jpeg, fit_within, letterbox,
    perceptual_hash, pixel_hash, probe, properties, resize, thumbnail,
};
use proptest::prelude::*;

fn size(width: u32, height: u32) -> Size {
    Size::new(width, height).expect("not empty")
}

fn pixels(image: &RgbImage) -> Pixels {
    Pixels::new(size(image.width(), image.height()), image.as_raw().clone()).expect("whole")
}

fn flat(width: u32, height: u32, rgb: [u8; 3]) -> Pixels {
    Pixels::new(size(width, height), rgb.repeat((width * height) as usize)).expect("whole")
}

/// Smooth waves, different for each seed.
fn waves(width: u32, height: u32, seed: u32) -> RgbImage {
    let s = f64::from(seed) + 1.0;
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
        let value = (x * 5.0 * s).sin() + (y * 3.0 + s).cos() + (x * y * 9.0 * s).sin();
        image::Rgb([(128.0 + 40.0 * value) as u8, (128.0 - 30.0 * value) as u8, 90])
    })
}

#[test]
fn a_thumbnail_keeps_its_shape_and_never_grows() {
    let bytes = thumbnail(&pixels(&scene(640, 480)), 320).expect("encodes");
    assert_eq!(probe(&bytes, &Limits::default()).expect("a JPEG").size, size(320, 240));
    let small = thumbnail(&pixels(&scene(40, 30)), 320).expect("encodes");
    assert_eq!(probe(&small, &Limits::default()).expect("a JPEG").size, size(40, 30));
    assert_eq!(fit_within(size(10_000, 1), 100), size(100, 1));
}

#[test]
fn a_side_beyond_what_jpeg_can_say_is_an_error() {
    assert!(encode_jpeg(&flat(70_000, 1, [0; 3]), 80).is_err());
}

#[test]
fn shrinking_averages() {
    let stripes = RgbImage::from_fn(64, 64, |x, _| image::Rgb([if x % 2 == 0 { 0 } else { 200 }; 3]));
    let small = resize(&pixels(&stripes), size(8, 8));
    assert!(small.rgb().iter().all(|value| value.abs_diff(100) <= 13), "{:?}", small.rgb());
}

#[test]
fn a_letterboxed_picture_is_centred_on_grey() {
    let boxed = letterbox(&flat(200, 100, [9, 9, 9]), size(64, 64));
    let at = |x: usize, y: usize| boxed.rgb[(y * 64 + x) * 3];
    assert_eq!([at(0, 15), at(0, 16), at(63, 47), at(63, 48)], [PADDING_GREY, 9, 9, PADDING_GREY]);
    assert_eq!(boxed.transform, Letterbox { scale_x: 0.32, scale_y: 0.32, dx: 0.0, dy: 16.0 });
}

#[test]
fn the_same_pixels_in_another_file_have_the_same_pixel_hash() {
    let image = scene(33, 21);
    let (from_png, plain) = (decode(&png(image.clone()), &Limits::default()).expect("sound"), pixels(&image));
    assert_eq!(pixel_hash(&from_png), pixel_hash(&plain));
    assert_ne!(pixel_hash(&flat(2, 3, [1; 3])), pixel_hash(&flat(3, 2, [1; 3])));
    assert_eq!(content_hash(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn look_alikes_have_near_hashes_and_others_do_not() {
    let original = pixels(&waves(640, 480, 1));
    let hash = perceptual_hash(&original);
    let compressed = decode(&jpeg(&waves(640, 480, 1)), &Limits::default()).expect("sound");
    let near = [resize(&original, size(200, 150)), compressed];
    assert!(near.iter().all(|copy| (perceptual_hash(copy) ^ hash).count_ones() <= 6));
    for seed in 2..12 {
        let other = perceptual_hash(&pixels(&waves(640, 480, seed)));
        assert!((other ^ hash).count_ones() > 8, "seed {seed}");
    }
    assert_eq!(perceptual_hash(&flat(50, 50, [17; 3])), 0);
}

fn taken(pixels: &Pixels, measure: ImageMeasure) -> f64 {
    properties(pixels).appearance.get(measure).expect("it is measured of every picture")
}

#[test]
fn properties_of_plain_pictures_are_what_they_must_be() {
    let white = flat(30, 20, [255; 3]);
    let [brightness, contrast, sharpness] =
        [ImageMeasure::Brightness, ImageMeasure::Contrast, ImageMeasure::Sharpness].map(|m| taken(&white, m));
    assert!((brightness - 1.0).abs() < 1e-6 && contrast < 1e-3 && sharpness < 1e-6);
    let red = flat(30, 20, [255, 0, 0]);
    assert!((taken(&red, ImageMeasure::Brightness) - 0.299).abs() < 1e-6);
    assert_eq!(properties(&red).mean_rgb, [1.0, 0.0, 0.0]);
    let half = RgbImage::from_fn(40, 40, |x, _| image::Rgb([if x < 20 { 0 } else { 255 }; 3]));
    assert!((taken(&pixels(&half), ImageMeasure::Contrast) - 0.5).abs() < 1e-6);
    // A single bright dot of luma 255 in a field of black, seen by five of
    // the 9 kernels of a 5×5 picture: (4² + 4·1²)·255²/9 − 0.
    let dot = RgbImage::from_fn(5, 5, |x, y| image::Rgb([if (x, y) == (2, 2) { 255 } else { 0 }; 3]));
    let expected = 20.0 * 255.0 * 255.0 / 9.0;
    assert!((taken(&pixels(&dot), ImageMeasure::Sharpness) - expected).abs() < 0.1);
}

#[test]
fn blur_lowers_sharpness() {
    let sharp =
        RgbImage::from_fn(200, 200, |x, y| image::Rgb([if (x / 4 + y / 4) % 2 == 0 { 40 } else { 210 }; 3]));
    let blurred = image::imageops::blur(&sharp, 2.0);
    let [blurred, sharp] = [&blurred, &sharp].map(|image| taken(&pixels(image), ImageMeasure::Sharpness));
    assert!(blurred * 3.0 < sharp);
}

#[test]
fn a_picture_of_one_pixel_has_properties_and_a_hash() {
    let one = flat(1, 1, [10, 20, 30]);
    assert_eq!(taken(&one, ImageMeasure::Sharpness), 0.0);
    assert_eq!(perceptual_hash(&one), 0);
    assert_eq!(letterbox(&one, size(32, 32)).rgb[..3], [10, 20, 30]);
}

proptest! {
    #[test]
    fn boxes_survive_the_way_into_the_letterbox_and_back(
        w in 1u32..3000, h in 1u32..3000, iw in 1u32..20, ih in 1u32..20, x in 0.0..0.9f64, y in 0.0..0.9f64,
    ) {
        let (image, input) = (size(w, h), size(iw * 32, ih * 32));
        let (transform, inner) = Letterbox::new(image, input);
        prop_assert!(inner.width <= input.width && inner.height <= input.height);
        prop_assert!(inner.width == input.width || inner.height == input.height);
        let rect = Rect::new(x * f64::from(w), y * f64::from(h), 0.1 * f64::from(w), 0.1 * f64::from(h)).expect("valid");
        let there = transform.to_input(&rect).expect("valid");
        prop_assert!(there.is_inside(input, 1e-6));
        let back = transform.to_image(&there).expect("valid");
        prop_assert!((back.x() - rect.x()).abs() < 1e-6 && (back.right() - rect.right()).abs() < 1e-6);
        prop_assert!((back.y() - rect.y()).abs() < 1e-6 && (back.bottom() - rect.bottom()).abs() < 1e-6);
    }

    #[test]
    fn a_fitted_size_is_within_and_of_the_same_shape(w in 1u32..5000, h in 1u32..5000, side in 1u32..2000) {
        let small = fit_within(size(w, h), side);
        prop_assert!(small.width <= w.min(side.max(1)) || w <= side);
        prop_assert!(small.width.max(small.height) <= side.max(1));
        let skew = f64::from(small.width) * f64::from(h) - f64::from(small.height) * f64::from(w);
        prop_assert!(skew.abs() <= 0.5 * f64::from(w.max(h)) + 0.5 * f64::from(w.min(h)) + f64::from(w.max(h)) * 0.5);
    }
}
