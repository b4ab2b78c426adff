//! Small data sets, made on the spot, and what must not change in one.

#![allow(dead_code, reason = "each test file uses some of it")]

use domain::{
    dataset::{Annotation, Split},
    geometry::{Rect, Size},
    name::Label,
};
use formats::{Fault, FaultKind, Format, FormatError, Import, Options, Severity};
use std::{collections::BTreeMap, fs, io::Cursor, path::Path};

/// A PNG of one grey value: different for each `seed`.
pub(crate) fn png(width: u32, height: u32, seed: u8) -> Vec<u8> {
    let image = image::GrayImage::from_pixel(width, height, image::Luma([seed]));
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).expect("encodes");
    bytes.into_inner()
}

/// A JPEG that a camera stored lying: EXIF says it must be turned by 90°.
pub(crate) fn turned_jpeg(width: u32, height: u32) -> Vec<u8> {
    let image = image::RgbImage::from_pixel(width, height, image::Rgb([90, 40, 20]));
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Jpeg).expect("encodes");
    let bytes = bytes.into_inner();
    let exif = b"\xFF\xE1\0\x22Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    [&bytes[..2], exif, &bytes[2..]].concat()
}

pub(crate) fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, content).expect("written");
}

pub(crate) fn label(name: &str) -> Label {
    Label::new(name).expect("a label")
}

pub(crate) fn size(width: u32, height: u32) -> Size {
    Size::new(width, height).expect("not empty")
}

pub(crate) fn annotation(name: &str, [x, y, w, h]: [f64; 4]) -> Annotation {
    Annotation { label: label(name), rect: Rect::new(x, y, w, h).expect("a box"), ignore: false }
}

pub(crate) fn read(format: Format, images: &Path, annotations: &Path) -> Result<Import, FormatError> {
    formats::read(format, images, annotations, &Options::default(), &mut |_| {})
}

/// Everything in a folder, without a fault.
pub(crate) fn read_clean(format: Format, folder: &Path) -> Import {
    let annotations =
        if format == Format::Coco { folder.join("annotations.json") } else { folder.to_owned() };
    let import = read(format, folder, &annotations).expect("readable");
    assert_eq!(import.faults, []);
    import
}

/// The kinds, places and severities of the faults, in order.
pub(crate) fn kinds(import: &Import) -> Vec<(FaultKind, &str, Severity)> {
    let short = |fault: &'_ Fault| (fault.kind, fault.severity);
    import.faults.iter().map(|fault| (short(fault).0, fault.place.as_str(), short(fault).1)).collect()
}

/// What a data set is, whatever format it came in: for each image its bytes,
/// its split and its boxes, to the thousandth of a pixel, in any order.
pub(crate) fn fingerprint(import: &Import) -> BTreeMap<String, Vec<String>> {
    let mut images: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for image in &import.images {
        let bytes = fs::read(&image.path).expect("readable");
        let mut boxes: Vec<String> = image
            .annotations
            .iter()
            .map(|a| {
                let numbers =
                    [a.rect.x(), a.rect.y(), a.rect.w(), a.rect.h()].map(|v| (v * 1e3).round() as i64);
                format!("{numbers:?} {} {}", a.label, a.ignore)
            })
            .collect();
        boxes.sort();
        let entry = format!("{:?} {:?} {}", image.split, image.size, boxes.join("; "));
        images.entry(imaging::content_hash(&bytes)).or_default().push(entry);
    }
    images.values_mut().for_each(|entries| entries.sort());
    images
}

pub(crate) fn splits(import: &Import) -> BTreeMap<Option<Split>, usize> {
    let mut counts = BTreeMap::new();
    for image in &import.images {
        *counts.entry(image.split).or_default() += 1;
    }
    counts
}
