//! Boxes of datasets as the SDK knows them. A box has no id of its own: its id is
//! most of its image's, which leads there, and a hash of what the box is.

use super::labels;
use crate::http::label_ids::label_id;
use domain::{dataset::Annotation, ids::AssetId};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The bits of an id that are a hash: ids of images are random there, so that
/// the rest is no other image's.
pub(super) const HASHED: u128 = 0xffff_ffff;
/// Turns the version of an image's id (7) into one that no image has (8).
pub(super) const VERSION: u128 = 0xf << 76;

/// The id of a box. The same box twice in an image has one id.
pub(super) fn rectangle_id(asset: AssetId, annotation: &Annotation) -> Uuid {
    let rect = &annotation.rect;
    let sides = [rect.x(), rect.y(), rect.w(), rect.h()];
    let mut hash = Sha256::new().chain_update(annotation.label.as_str());
    sides.into_iter().for_each(|side| hash.update(side.to_le_bytes()));
    hash.update([u8::from(annotation.ignore)]);
    let hash = hash.finalize().into_iter().take(4).fold(0, |all, byte| all << 8 | u128::from(byte));
    Uuid::from_u128((asset.0.as_u128() & !HASHED ^ VERSION) | hash)
}

/// A true box in whole pixels, no smaller than it is.
pub(super) fn rectangle(annotation: &Annotation, asset: AssetId) -> Value {
    let rect = &annotation.rect;
    let (left, top) = (rect.x().floor(), rect.y().floor());
    let (right, bottom) = ((rect.x() + rect.w()).ceil(), (rect.y() + rect.h()).ceil());
    json!({
        "id": rectangle_id(asset, annotation),
        "x": left, "y": top, "w": right - left, "h": bottom - top,
        "label": labels::shape(&annotation.label), "text": null, "attributes": {},
    })
}

/// A true box as it is stored.
pub(super) fn exact_rectangle(annotation: &Annotation) -> Value {
    let rect = &annotation.rect;
    json!({
        "x": rect.x(), "y": rect.y(), "w": rect.w(), "h": rect.h(), "area": rect.w() * rect.h(),
        "label": annotation.label, "label_id": label_id(annotation.label.as_str()).to_string(),
        "text": null, "attributes": {},
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{geometry::Rect, name::Label};

    #[test]
    fn the_id_of_a_box_leads_to_its_image_and_tells_boxes_apart() {
        let of = |asset: AssetId, x: f64| {
            let rect = Rect::new(x, 2.0, 3.0, 4.0).expect("a rectangle");
            rectangle_id(
                asset,
                &Annotation { label: Label::new("red").expect("a label"), rect, ignore: false },
            )
        };
        let asset = AssetId(Uuid::now_v7());
        let id = of(asset, 1.0);
        assert_eq!(id.as_u128() & !HASHED ^ VERSION, asset.0.as_u128() & !HASHED);
        assert_eq!((id.get_version_num(), id), (8, of(asset, 1.0)));
        assert_ne!(id, of(asset, 1.5));
        assert_ne!(id, of(AssetId(Uuid::now_v7()), 1.0));
    }
}
