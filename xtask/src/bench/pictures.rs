//! Pictures to predict on: discs on a speckled ground, 640×480, drawn by a
//! seeded generator, with the COCO file that knows where the discs are.

use std::fs;
use std::path::Path;

use anyhow::Result;
use image::codecs::jpeg::JpegEncoder;
use serde_json::{Value, json};

/// Width and height of every picture (pixels).
const SIZE: (u32, u32) = (640, 480);
/// Discs on a picture.
const DISCS: u32 = 12;
/// Quality of the JPEG files (1–100).
const QUALITY: u8 = 88;

/// A disc: its middle and radius, in pixels.
struct Disc {
    x: u32,
    y: u32,
    radius: u32,
}

/// A small generator of figures that look random (SplitMix64).
struct Figures(u64);

impl Figures {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn between(&mut self, low: u32, high: u32) -> u32 {
        let span = u64::from(high - low);
        low + u32::try_from(self.next() % span).unwrap_or(0)
    }
}

fn discs(seed: u64) -> Vec<Disc> {
    let mut figures = Figures(seed);
    let mut disc = || {
        let radius = figures.between(18, 46);
        let x = figures.between(radius, SIZE.0 - radius);
        Disc { x, y: figures.between(radius, SIZE.1 - radius), radius }
    };
    (0..DISCS).map(|_| disc()).collect()
}

/// A picture as the bytes of a JPEG file; the same seed gives the same bytes.
pub(super) fn jpeg(seed: u64) -> Result<Vec<u8>> {
    let discs = discs(seed);
    let mut speckles = Figures(seed ^ 0x5bec);
    let picture = image::RgbImage::from_fn(SIZE.0, SIZE.1, |x, y| {
        let inside = discs.iter().any(|disc| {
            let (dx, dy) = (x.abs_diff(disc.x), y.abs_diff(disc.y));
            dx * dx + dy * dy < disc.radius * disc.radius
        });
        let speckle = u8::try_from(speckles.between(0, 24)).unwrap_or(0);
        let [r, g, b] = if inside { [190, 90, 110] } else { [220, 212, 205] };
        image::Rgb([r + speckle, g + speckle, b + speckle])
    });
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY))?;
    Ok(bytes)
}

/// Writes `count` pictures and `coco.json` into a folder; every fourth picture
/// is for validation.
pub(super) fn write_dataset(folder: &Path, count: u64) -> Result<()> {
    let (mut images, mut annotations) = (Vec::new(), Vec::<Value>::new());
    for id in 1..=count {
        let name = format!("{id:04}.jpg");
        fs::write(folder.join(&name), jpeg(id)?)?;
        let split = if id % 4 == 0 { "val" } else { "train" };
        images.push(json!({"id": id, "file_name": name, "width": SIZE.0, "height": SIZE.1, "split": split}));
        for disc in discs(id) {
            let side = 2 * disc.radius;
            annotations.push(json!({
                "id": annotations.len() + 1, "image_id": id, "category_id": 1, "iscrowd": 0, "area": side * side,
                "bbox": [disc.x - disc.radius, disc.y - disc.radius, side, side],
            }));
        }
    }
    let coco = json!({
        "images": images, "annotations": annotations, "categories": [{"id": 1, "name": "disc"}],
    });
    fs::write(folder.join("coco.json"), serde_json::to_vec(&coco)?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_picture_and_another_draws_another() {
        assert_eq!(jpeg(7).unwrap(), jpeg(7).unwrap());
        assert_ne!(jpeg(7).unwrap(), jpeg(8).unwrap());
    }

    #[test]
    fn the_boxes_of_a_dataset_lie_inside_its_pictures() {
        let folder = tempfile::tempdir().unwrap();
        write_dataset(folder.path(), 4).unwrap();
        let coco: Value =
            serde_json::from_slice(&fs::read(folder.path().join("coco.json")).unwrap()).unwrap();
        assert_eq!(coco["images"].as_array().unwrap().len(), 4);
        for annotation in coco["annotations"].as_array().unwrap() {
            let [x, y, w, h] = [0, 1, 2, 3].map(|i| annotation["bbox"][i].as_u64().unwrap());
            assert!(w > 0 && h > 0 && x + w <= 640 && y + h <= 480, "{annotation}");
        }
    }
}
