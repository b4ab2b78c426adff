//! Which reviewed images figures are of, and which they are not.

use super::SupervisedImage;
use crate::{
    ids::PredictionId,
    lineage::Exclusion,
    review::{Picked, StartedFrom},
};
use std::collections::{BTreeMap, BTreeSet};

/// A reviewed image that says nothing about a model, since its training may
/// have shown it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExcludedReview {
    /// Which.
    pub id: PredictionId,
    /// Where the review began.
    pub started_from: StartedFrom,
    /// How the image was picked.
    pub picked: Picked,
    /// Why it does not count.
    pub why: Exclusion,
}

/// The reviewed images of one model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReviewedImages {
    /// Those that count, in the order of their ids.
    pub images: Vec<SupervisedImage>,
    /// Those that do not, in the order of their ids.
    pub excluded: Vec<ExcludedReview>,
}

impl ReviewedImages {
    /// Of the images that two models saw: those that count for both, as each
    /// saw them. What one of them may not be measured on is left out for both.
    #[must_use]
    pub fn paired(&self, other: &Self) -> (Self, Self) {
        let reasons = |reviewed: &Self| -> BTreeMap<PredictionId, Option<ExcludedReview>> {
            let counted = reviewed.images.iter().map(|image| (image.id, None));
            counted.chain(reviewed.excluded.iter().map(|review| (review.id, Some(*review)))).collect()
        };
        let (ours, theirs) = (reasons(self), reasons(other));
        let mut counted = BTreeSet::new();
        let mut excluded = Vec::new();
        for (id, our) in &ours {
            let Some(their) = theirs.get(id) else { continue };
            match our.iter().chain(their).min_by_key(|review| review.why) {
                Some(review) => excluded.push(*review),
                None => drop(counted.insert(*id)),
            }
        }
        let part = |reviewed: &Self| Self {
            images: reviewed.images.iter().filter(|image| counted.contains(&image.id)).cloned().collect(),
            excluded: excluded.clone(),
        };
        (part(self), part(other))
    }
}
