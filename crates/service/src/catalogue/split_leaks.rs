//! Images for validation or test that look like one for training: what was
//! learned by heart is then asked for.

use crate::intake::checks::readable_text;
use domain::{dataset::Split, feedback::NEAR_BITS, words::counted};
use std::{path::Path, sync::Arc};

/// Pairs that are compared. Beyond it an import would take longer for this
/// than for its images: twenty thousand against a hundred thousand.
const MOST_PAIRS: usize = 2_000_000_000;

/// How an imported image looks.
#[derive(Clone, Debug)]
pub(super) struct ImportedLook {
    pub(super) split: Split,
    /// 64 bits that change little when the image does; 0 for a flat picture,
    /// which looks like any other.
    pub(super) perceptual_hash: u64,
    /// The import's own, whose text is in memory once.
    pub(super) path: Arc<Path>,
}

impl ImportedLook {
    fn filename(&self) -> String {
        readable_text(&self.path.file_name().unwrap_or_default().to_string_lossy())
    }
}

/// A sentence about images outside the training split that look like one in
/// it; `None` when there is none.
pub(super) fn look_alikes(looks: &[ImportedLook]) -> Option<String> {
    let (training, others): (Vec<_>, Vec<_>) =
        looks.iter().filter(|look| look.perceptual_hash != 0).partition(|look| look.split == Split::Train);
    if training.len().saturating_mul(others.len()) > MOST_PAIRS {
        return Some("Too many images to look for near duplicates across splits.".to_owned());
    }
    let is_near = |one: &ImportedLook, other: &ImportedLook| {
        (one.perceptual_hash ^ other.perceptual_hash).count_ones() <= NEAR_BITS
    };
    let twin_of = |look: &&ImportedLook| training.iter().find(|other| is_near(look, other));
    let alike: Vec<_> = others.iter().filter_map(|look| Some((look, twin_of(look)?))).collect();
    let (first, twin) = alike.first()?;
    Some(format!(
        "Of {} outside the training split, {} like one in it: {} ({}) like {}, for one. Frames of one scene \
         belong into one split.",
        counted(others.len(), "image", "images"),
        counted(alike.len(), "looks", "look"),
        first.filename(),
        first.split,
        twin.filename()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(split: Split, perceptual_hash: u64, filename: &str) -> ImportedLook {
        ImportedLook { split, perceptual_hash, path: Path::new(filename).into() }
    }

    #[test]
    fn images_outside_the_training_split_that_look_like_one_in_it_are_told() {
        let looks = [
            look(Split::Train, 0xFF00, "a.jpg"),
            look(Split::Val, 0xFF0F, "b.jpg"),
            look(Split::Test, !0xFF00, "c.jpg"),
            // Flat pictures look like any other.
            look(Split::Train, 0, "flat-1.jpg"),
            look(Split::Val, 0, "flat-2.jpg"),
        ];
        let told = look_alikes(&looks).expect("one");
        assert!(told.starts_with("Of 2 images outside the training split, 1 looks like"), "{told}");
        assert!(told.contains("b.jpg (val) like a.jpg"), "{told}");
        assert_eq!(look_alikes(&looks[..1]), None);
        assert_eq!(look_alikes(&[looks[0].clone(), looks[2].clone()]), None);
    }
}
