//! Labelled images: datasets, their versions, assets and annotations.

use crate::{
    geometry::{Rect, Size},
    ids::{AssetId, DatasetId, DatasetVersionId},
    name::{Label, Name},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// What an image is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// Weights are fitted to it.
    Train,
    /// Chooses between weights.
    Val,
    /// Only measures.
    Test,
}

impl Split {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Train, Self::Val, Self::Test];

    /// `train`, `val` or `test`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Val => "val",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no split.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a split: use train, val or test")]
pub struct UnknownSplit(pub String);

impl FromStr for Split {
    type Err = UnknownSplit;
    /// `valid` and `validation` are read as `val`: exporters write all three.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        match s.to_ascii_lowercase().as_str() {
            "train" | "training" => Ok(Self::Train),
            "val" | "valid" | "validation" => Ok(Self::Val),
            "test" | "testing" => Ok(Self::Test),
            _ => Err(UnknownSplit(s.to_owned())),
        }
    }
}

/// A true box of an image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Annotation {
    /// The class.
    pub label: Label,
    /// Pixels of the upright image.
    #[serde(flatten)]
    pub rect: Rect,
    /// A region that metrics leave alone (COCO's `iscrowd`).
    #[serde(default)]
    pub ignore: bool,
}

/// A named collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dataset {
    /// Identity.
    pub id: DatasetId,
    /// Unique.
    pub name: Name,
    /// When it was made.
    pub created: Timestamp,
}

/// One version of a dataset. Frozen once imported; the target of a feedback
/// loop stays open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatasetVersion {
    /// Identity.
    pub id: DatasetVersionId,
    /// The dataset it belongs to.
    pub dataset_id: DatasetId,
    /// The dataset's name.
    pub dataset: Name,
    /// Unique within the dataset.
    pub name: Name,
    /// In the order that gives classes their index.
    pub labels: Vec<Label>,
    /// May still receive images.
    pub open: bool,
    /// When it was made.
    pub created: Timestamp,
    /// SHA-256, hex, over images, splits and boxes; equal content gives equal
    /// fingerprints whatever the format it came in. Empty while open.
    pub fingerprint: String,
    /// What it holds.
    pub counts: DatasetCounts,
}

impl DatasetVersion {
    /// `dataset/version`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.dataset, self.name)
    }

    /// What a training on it will lack: sentences for people.
    #[must_use]
    pub fn training_notes(&self) -> Vec<String> {
        let name = self.full_name();
        let mut notes = Vec::new();
        if self.counts.by_split.get(&Split::Val).is_none_or(|images| *images == 0) {
            notes.push(format!(
                "{name} has no image in its val split: the training will have no figures, cannot tell which of its \
                 weights are best, and does not stop early. To have them, import some of the images as val."
            ));
        }
        let is_without = |label: &&Label| self.counts.by_label.get(*label).is_none_or(|boxes| *boxes == 0);
        let without: Vec<&str> = self.labels.iter().filter(is_without).map(Label::as_str).collect();
        if !without.is_empty() {
            let named = without.len().min(NAMED_LABELS);
            let more = without.len() - named;
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let shown = format!("{}{more}", without.get(..named).unwrap_or_default().join(", "));
            notes.push(format!("{name} has no box of {shown}: the model will not find what has this label."));
        }
        notes
    }
}

/// Labels that a sentence names.
const NAMED_LABELS: usize = 10;

/// Sizes of a dataset version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetCounts {
    /// Images.
    pub images: u64,
    /// Boxes, ignored ones included.
    pub boxes: u64,
    /// Images by split.
    pub by_split: BTreeMap<Split, u64>,
    /// Boxes by label.
    pub by_label: BTreeMap<Label, u64>,
}

/// One image of a dataset version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asset {
    /// Identity.
    pub id: AssetId,
    /// The version that holds it.
    pub version_id: DatasetVersionId,
    /// As the importer saw it; for people, never a path.
    pub filename: String,
    /// SHA-256 of the file's bytes, hex: the key of the stored image.
    pub content_hash: String,
    /// SHA-256 of the upright RGB pixels and size, hex.
    pub pixel_hash: String,
    /// Of the upright image.
    pub size: Size,
    /// What it is for.
    pub split: Split,
    /// Its true boxes.
    pub annotations: Vec<Annotation>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(val: u64, boxes: &[(&str, u64)]) -> DatasetVersion {
        let label = |text: &str| Label::new(text).expect("a label");
        DatasetVersion {
            id: DatasetVersionId(uuid::Uuid::nil()),
            dataset_id: DatasetId(uuid::Uuid::nil()),
            dataset: Name::new("cells").expect("a name"),
            name: Name::new("v1").expect("a name"),
            labels: boxes.iter().map(|(text, _)| label(text)).collect(),
            open: false,
            created: Timestamp(0),
            fingerprint: String::new(),
            counts: DatasetCounts {
                images: 2 + val,
                boxes: boxes.iter().map(|(_, count)| count).sum(),
                by_split: [(Split::Train, 2), (Split::Val, val)].into(),
                by_label: boxes.iter().map(|(text, count)| (label(text), *count)).collect(),
            },
        }
    }

    #[test]
    fn a_training_without_val_or_without_boxes_of_a_label_says_so_before() {
        assert_eq!(version(1, &[("red", 3)]).training_notes(), Vec::<String>::new());
        let notes = version(0, &[("red", 3), ("white", 0)]).training_notes();
        assert_eq!(notes.len(), 2);
        assert!(notes[0].starts_with("cells/v1 has no image in its val split"), "{notes:?}");
        assert!(notes[1].starts_with("cells/v1 has no box of white:"), "{notes:?}");
    }
}
