//! The fingerprint of a dataset version: equal content, equal fingerprint,
//! whatever the format, the order and the names it came in.

use domain::dataset::Asset;
use sha2::{Digest, Sha256};

/// Collects images in any order.
#[derive(Debug, Default)]
pub struct ContentFingerprint {
    images: Vec<[u8; 32]>,
}

impl ContentFingerprint {
    /// Adds an image: its file's hash, its split, and its boxes in any order,
    /// to the thousandth of a pixel.
    pub fn add(&mut self, asset: &Asset) {
        let mut boxes: Vec<String> = asset
            .annotations
            .iter()
            .map(|annotation| {
                let [x, y, w, h] =
                    [annotation.rect.x(), annotation.rect.y(), annotation.rect.w(), annotation.rect.h()]
                        .map(|value| (value * 1e3).round() as i64);
                format!("{x} {y} {w} {h} {} {}", u8::from(annotation.ignore), annotation.label)
            })
            .collect();
        boxes.sort_unstable();
        let text = format!("{} {}\n{}", asset.content_hash, asset.split, boxes.join("\n"));
        self.images.push(Sha256::digest(text.as_bytes()).into());
    }

    /// SHA-256, hex.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.images.sort_unstable();
        let mut hasher = Sha256::new();
        for image in &self.images {
            hasher.update(image);
        }
        hex::encode(hasher.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        dataset::{Annotation, Split},
        geometry::{Rect, Size},
        ids::{AssetId, DatasetVersionId},
        name::Label,
    };
    use uuid::Uuid;

    fn annotation(label: &str, x: f64) -> Annotation {
        let rect = Rect::new(x, 2.0, 3.0, 4.0).expect("a box");
        Annotation { label: Label::new(label).expect("a label"), rect, ignore: false }
    }

    fn asset(hash: &str, annotations: Vec<Annotation>) -> Asset {
        Asset {
            id: AssetId(Uuid::nil()),
            version_id: DatasetVersionId(Uuid::nil()),
            filename: format!("{hash}.jpg"),
            content_hash: hash.to_owned(),
            pixel_hash: String::new(),
            size: Size { width: 9, height: 9 },
            split: Split::Train,
            annotations,
        }
    }

    fn of(assets: &[Asset]) -> String {
        let mut fingerprint = ContentFingerprint::default();
        assets.iter().for_each(|asset| fingerprint.add(asset));
        fingerprint.finish()
    }

    #[test]
    fn the_order_of_images_and_boxes_does_not_matter_and_a_moved_box_does() {
        let (a, b) = (asset("a", vec![annotation("x", 1.0), annotation("y", 2.0)]), asset("b", vec![]));
        let turned = asset("a", vec![annotation("y", 2.0), annotation("x", 1.0)]);
        assert_eq!(of(&[a.clone(), b.clone()]), of(&[b.clone(), turned]));
        let moved = asset("a", vec![annotation("x", 1.001), annotation("y", 2.0)]);
        assert_ne!(of(&[a, b.clone()]), of(&[moved, b]));
    }
}
