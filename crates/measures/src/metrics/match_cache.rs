//! The matches of many images under their keys: kept up to date image by
//! image as reviews come, change or reopen, and summed when somebody asks.

use super::coco::{Accumulator, ImageMatches};
use std::collections::BTreeMap;

/// Matches by key; keys in the order of the images' ids.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchCache<K> {
    images: BTreeMap<K, ImageMatches>,
}

impl<K> Default for MatchCache<K> {
    fn default() -> Self {
        Self { images: BTreeMap::new() }
    }
}

impl<K: Ord> MatchCache<K> {
    /// Sets what an image is now: a first review, or a changed one.
    pub fn set(&mut self, key: K, matches: ImageMatches) {
        self.images.insert(key, matches);
    }

    /// Forgets an image: reopened, skipped or deleted.
    pub fn remove(&mut self, key: &K) {
        self.images.remove(key);
    }

    /// Takes over all of `other`; where both know an image, `other` counts.
    pub fn merge(&mut self, other: Self) {
        self.images.extend(other.images);
    }

    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.images.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// The keys, rising: the order of the images in an [`Accumulator`].
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.images.keys()
    }

    /// The images for which `wanted` holds.
    #[must_use]
    pub fn subset(&self, wanted: impl Fn(&K) -> bool) -> Self
    where
        K: Clone,
    {
        let images = self.images.iter().filter(|(key, _)| wanted(key));
        Self { images: images.map(|(key, matches)| (key.clone(), matches.clone())).collect() }
    }

    /// The matches in the order of the keys.
    #[must_use]
    pub fn matches(&self) -> Vec<&ImageMatches> {
        self.images.values().collect()
    }

    /// Sorts all matches, to be summed as often as wanted.
    #[must_use]
    pub fn accumulator(&self, categories: usize) -> Accumulator {
        Accumulator::new(categories, self.images.values())
    }
}

impl<K: Ord> FromIterator<(K, ImageMatches)> for MatchCache<K> {
    fn from_iter<I: IntoIterator<Item = (K, ImageMatches)>>(images: I) -> Self {
        Self { images: images.into_iter().collect() }
    }
}
