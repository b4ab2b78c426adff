//! What an image takes while a data set is read, measured at the allocator, in
//! a program of its own: a hundred thousand images are to fit beside all else.

mod common;

use common::{png, read, write};
use formats::Format;
use peak_alloc::PeakAlloc;
use std::{fmt::Write as _, path::Path};
use tempfile::TempDir;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Bytes at the peak for each image with one box: its path, its box, and what
/// finds both. A map of texts beside them would pass it.
const MOST_BYTES: usize = 900;
const FEW: usize = 200;
const MANY: usize = 1_200;

/// `count` images of four pixels' side with a box each.
fn set(format: Format, count: usize) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let (mut images, mut boxes) = (String::new(), String::new());
    for index in 0..count {
        let name = format!("frame_{index:07}");
        let picture = png(4, 4, (index % 251) as u8);
        match format {
            Format::Voc => {
                write(root, &format!("JPEGImages/{name}.png"), picture);
                let object = "<object><name>cup</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>3</ymax>\
                              </bndbox></object>";
                let xml = format!(
                    "<annotation><filename>{name}.png</filename><size><width>4</width><height>4</height></size>{object}\
                     </annotation>"
                );
                write(root, &format!("Annotations/{name}.xml"), xml);
            }
            Format::Yolo => {
                write(root, &format!("images/{name}.png"), picture);
                write(root, &format!("labels/{name}.txt"), "0 0.5 0.5 0.5 0.5\n");
            }
            _ => {
                write(root, &format!("images/{name}.png"), picture);
                let comma = if index == 0 { "" } else { "," };
                write!(
                    images,
                    "{comma}{{\"id\": {index}, \"file_name\": \"{name}.png\", \"width\": 4, \"height\": 4}}"
                )
                .expect("written");
                write!(
                    boxes,
                    "{comma}{{\"id\": {}, \"image_id\": {index}, \"category_id\": 1, \"bbox\": [1, 1, 2, 2]}}",
                    index + 1
                )
                .expect("written");
            }
        }
    }
    write(root, "data.yaml", "names: [cup]\n");
    let categories = "[{\"id\": 1, \"name\": \"cup\"}]";
    let json =
        format!("{{\"images\": [{images}], \"annotations\": [{boxes}], \"categories\": {categories}}}");
    if format == Format::Coco {
        write(root, "boxes.json", json);
    }
    folder
}

/// The bytes that reading held at its peak.
fn peak(format: Format, root: &Path, count: usize) -> usize {
    let annotations = if format == Format::Coco { root.join("boxes.json") } else { root.to_owned() };
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let import = read(format, root, &annotations).expect("readable");
    assert_eq!((import.images.len(), import.boxes()), (count, count as u64), "{format}");
    MEMORY.peak_usage().saturating_sub(before)
}

#[test]
fn an_image_takes_few_bytes_while_a_data_set_is_read() {
    for format in [Format::Coco, Format::Voc, Format::Yolo] {
        let [few, many] = [FEW, MANY].map(|count| peak(format, set(format, count).path(), count));
        let bytes = many.saturating_sub(few) / (MANY - FEW);
        eprintln!("{format}: {bytes} bytes an image");
        assert!(bytes <= MOST_BYTES, "{format}: {bytes} bytes an image");
    }
}
