//! Sound inputs, small and of every kind that is read.

use image::{
    DynamicImage, ExtendedColorType, ImageBuffer, ImageEncoder, ImageFormat, Rgb, RgbImage,
    codecs::{jpeg::JpegEncoder, webp::WebPEncoder},
};
use std::io::Cursor;

fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([(x * 9) as u8, (y * 13) as u8, (x * y) as u8]))
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("encodes");
    bytes.into_inner()
}

/// 20 by 10 pixels, in one of two colours.
pub(crate) fn small_png(is_dark: bool) -> Vec<u8> {
    let value = if is_dark { 9 } else { 200 };
    encoded(&DynamicImage::from(RgbImage::from_pixel(20, 10, Rgb([value; 3]))), ImageFormat::Png)
}

pub(crate) fn jpegs() -> Vec<Vec<u8>> {
    let coloured = DynamicImage::from(picture(33, 17));
    let mut samples = vec![
        encoded(&coloured, ImageFormat::Jpeg),
        encoded(&DynamicImage::from(coloured.to_luma8()), ImageFormat::Jpeg),
        include_bytes!("../samples/progressive.jpg").to_vec(),
        include_bytes!("../samples/subsampled.jpg").to_vec(),
    ];
    let mut coarse = Vec::new();
    JpegEncoder::new_with_quality(&mut coarse, 5).encode_image(&picture(64, 8)).expect("encodes");
    // Turned, by an EXIF segment behind the first marker.
    let exif = b"\xFF\xE1\0\x22Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    coarse.splice(2..2, exif.iter().copied());
    samples.push(coarse);
    samples
}

pub(crate) fn pngs() -> Vec<Vec<u8>> {
    let coloured = DynamicImage::from(picture(19, 11));
    let deep: ImageBuffer<Rgb<u16>, Vec<u16>> = ImageBuffer::from_pixel(5, 4, Rgb([1, 700, 65_000]));
    let images = [
        coloured.clone(),
        DynamicImage::from(coloured.to_luma8()),
        DynamicImage::from(coloured.to_luma_alpha8()),
        DynamicImage::from(coloured.to_rgba8()),
        DynamicImage::from(deep),
    ];
    let mut samples: Vec<Vec<u8>> = images.iter().map(|image| encoded(image, ImageFormat::Png)).collect();
    samples.push(include_bytes!("../samples/interlaced.png").to_vec());
    samples.push(include_bytes!("../samples/palette.png").to_vec());
    samples
}

pub(crate) fn webps() -> Vec<Vec<u8>> {
    let lossless = |image: &DynamicImage| {
        let rgba = image.to_rgba8();
        let mut bytes = Vec::new();
        let encoder = WebPEncoder::new_lossless(&mut bytes);
        encoder.write_image(&rgba, rgba.width(), rgba.height(), ExtendedColorType::Rgba8).expect("encodes");
        bytes
    };
    vec![
        lossless(&DynamicImage::from(picture(23, 14))),
        include_bytes!("../samples/lossy.webp").to_vec(),
        include_bytes!("../samples/lossy-alpha.webp").to_vec(),
        include_bytes!("../samples/lossless-groups.webp").to_vec(),
        include_bytes!("../samples/animated.webp").to_vec(),
    ]
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

pub(crate) fn cocos() -> Vec<Vec<u8>> {
    texts(&[
        r#"{"images": [{"id": 1, "file_name": "1.png", "width": 20, "height": 10}],
            "annotations": [{"id": 1, "image_id": 1, "category_id": 3, "bbox": [1, 2, 3.5, 4], "iscrowd": 0}],
            "categories": [{"id": 3, "name": "cat"}]}"#,
        r#"{"images": [{"id": "a", "file_name": "2.png", "split": "val"}, {"id": 2, "file_name": "images/1.png"}],
            "annotations": [{"image_id": "a", "category_id": "x", "bbox": [NaN, 0, 1e3, "4"], "iscrowd": true}],
            "categories": [{"id": "x", "name": "dog"}, {"id": 0}]}"#,
    ])
}

pub(crate) fn evaluations() -> Vec<Vec<u8>> {
    texts(&[r#"{"images": [{"id": 1}], "categories": [{"id": 3}],
  "annotations": [{"id": 1, "image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4], "area": 12, "iscrowd": 0}]}
---
[{"image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 5], "score": 0.9}]"#])
}

pub(crate) fn vocs() -> Vec<Vec<u8>> {
    texts(&[
        "<?xml version=\"1.0\"?>\n<annotation><filename>1.png</filename>\n<size><width>20</width>\
         <height>10</height><depth>3</depth></size>\n<object><name>cat &amp; dog</name><difficult>1</difficult>\
         <bndbox><xmin>1</xmin><ymin>2</ymin><xmax>5.5</xmax><ymax>6</ymax></bndbox></object></annotation>",
        "<annotation><!-- a --><object><name><![CDATA[cat]]></name><part><name>head</name></part>\
         <bndbox><xmin>0</xmin><ymin>0</ymin><xmax>99</xmax><ymax>1</ymax></bndbox></object></annotation>",
    ])
}

pub(crate) fn yolo_labels() -> Vec<Vec<u8>> {
    texts(&[
        "0 0.5 0.5 0.25 0.5\n3 0.1 0.2 0.1 0.1\n",
        "1 0.1 0.1 0.9 0.1 0.9 0.9 0.1 0.9\n\n0.0 1e-3 .5 1 1\r\n",
    ])
}

pub(crate) fn data_yamls() -> Vec<Vec<u8>> {
    texts(&[
        "path: ../data # here\ntrain: images/train\nval: [a, b]\nnc: 2\nnames: ['big dog', \"p\\u0041\"]\n",
        "train: .\nnames:\n  0: cat\n  1: 'it''s'\ntest:\n  - x\n  - y\n",
        "names: {0: a, 1: \"b, c\"}\nval: list.txt\n",
    ])
}

pub(crate) fn queries() -> Vec<Vec<u8>> {
    texts(&[
        "label:cat and score > 0.5 and not tag:night",
        "has(label:\"big dog\" score<0.3) or latency > 20ms",
        "created >= 2026-11-01 and source:camera* and (status:pending or objects = 0)",
        "meta.line:7 text~\"a b\"",
    ])
}

pub(crate) fn cursors() -> Vec<Vec<u8>> {
    texts(&[
        "ns.received",
        "nx.-received..0190123456787abc8def0123456789ab",
        "pi.-latency.4034000000000000.0190123456787abc8def0123456789ab",
        "nx.-outlier_score.3ff0000000000000_4034000000000000.0190123456787abc8def0123456789ab",
        "px.confidence.none.0190123456787abc8def0123456789ab",
    ])
}

pub(crate) fn forms() -> Vec<Vec<u8>> {
    texts(&[
        "--boundary\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.jpg\"\r\n\
         Content-Type: image/jpeg\r\n\r\n\u{1}\u{2}\u{3}\r\n--boundary\r\n\
         Content-Disposition: form-data; name=\"tags\"\r\n\r\nnight,rain\r\n--boundary--\r\n",
        "--boundary\r\ncontent-disposition: form-data; name*=UTF-8''r%C3%A4port\r\n\r\n{}\r\n--boundary--",
    ])
}
