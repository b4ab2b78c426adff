//! Which images say how good a model version is: none that it, or a version
//! that it came from, was fitted to or chosen by (the splits `train` and `val`
//! of the dataset version of each), and no near duplicate of such an image.
//!
//! Images are the same when their pixels' hashes are. Near duplicates are those
//! of [`crate::feedback`]: alike, of one source and one day, or members of one
//! group that shares a side of the training.

use crate::{
    feedback::{Look, NEAR_MS},
    ids::DeploymentId,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// Why an image does not count for a model version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exclusion {
    /// It is in a training split of the version's lineage.
    TrainedOn,
    /// It is a near duplicate of an image in such a split.
    NearDuplicate,
    /// Its pixels have not been read yet, or cannot be.
    Unchecked,
}

/// Images that do not count, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Exclusions {
    /// In a training split of the version's lineage.
    pub trained_on: u64,
    /// Near duplicates of images in such a split.
    pub near_duplicates: u64,
    /// Not compared with the lineage: pixels that are still to be read, or
    /// cannot be.
    pub unchecked: u64,
}

impl Exclusions {
    /// One more.
    pub fn add(&mut self, why: Exclusion) {
        match why {
            Exclusion::TrainedOn => self.trained_on += 1,
            Exclusion::NearDuplicate => self.near_duplicates += 1,
            Exclusion::Unchecked => self.unchecked += 1,
        }
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.trained_on + self.near_duplicates + self.unchecked
    }

    /// `130 left out: …`, with each reason and how often; `None` when nothing
    /// is left out. `model` is who was trained, such as `the model`.
    #[must_use]
    pub fn words(&self, model: &str) -> Option<String> {
        let reasons = [
            (self.trained_on, format!("{model} was trained on them")),
            (self.near_duplicates, format!("near duplicates of images that {model} was trained on")),
            (self.unchecked, format!("not compared with the training data of {model} yet")),
        ];
        let given: Vec<_> = reasons.into_iter().filter(|(count, _)| *count > 0).collect();
        match given.as_slice() {
            [] => None,
            [(count, reason)] => Some(format!("{count} left out: {reason}")),
            several => {
                let parts: Vec<String> =
                    several.iter().map(|(count, reason)| format!("{count} {reason}")).collect();
                Some(format!("{} left out: {}", self.total(), parts.join("; ")))
            }
        }
    }
}

impl FromIterator<Exclusion> for Exclusions {
    fn from_iter<I: IntoIterator<Item = Exclusion>>(reasons: I) -> Self {
        let mut left_out = Self::default();
        reasons.into_iter().for_each(|why| left_out.add(why));
        left_out
    }
}

/// An image as it was taken once: one image may arrive several times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// SHA-256 of the upright pixels and size, hex.
    pub pixel_hash: String,
    /// 64 bits that change little when the image does.
    pub perceptual_hash: u64,
    /// Where it arrived: images without a source are of one source within it.
    pub deployment: DeploymentId,
    /// Camera, line or client.
    pub source: Option<String>,
    /// When it was taken.
    pub taken: Timestamp,
    /// The hash of the first image of its near duplicates, where that was
    /// decided.
    pub group: Option<String>,
    /// Whether it is in a training split of the lineage.
    pub trained_on: bool,
}

impl Occurrence {
    fn look(&self) -> Look<'_> {
        Look { perceptual_hash: self.perceptual_hash, source: self.source.as_deref(), taken: self.taken }
    }

    fn stream(&self) -> Stream<'_> {
        match &self.source {
            Some(source) => Stream::Named(source),
            None => Stream::Unnamed(self.deployment),
        }
    }
}

/// Where near duplicates come from together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stream<'s> {
    Named(&'s str),
    Unnamed(DeploymentId),
}

/// The pixel hashes of images outside the training splits that are near
/// duplicates of an image within.
///
/// Costs each image the trained ones of its source and day, not all.
#[must_use]
pub fn near_duplicates(occurrences: &[Occurrence]) -> HashSet<String> {
    let (trained, others): (Vec<&Occurrence>, Vec<&Occurrence>) =
        occurrences.iter().partition(|occurrence| occurrence.trained_on);
    let groups: HashSet<&str> = trained.iter().filter_map(|occurrence| occurrence.group.as_deref()).collect();
    let mut streams: BTreeMap<Stream<'_>, Vec<&Occurrence>> = BTreeMap::new();
    for occurrence in trained {
        streams.entry(occurrence.stream()).or_default().push(occurrence);
    }
    streams.values_mut().for_each(|stream| stream.sort_by_key(|occurrence| occurrence.taken));
    let is_near = |occurrence: &Occurrence| {
        let Some(stream) = streams.get(&occurrence.stream()) else { return false };
        let first = occurrence.taken.0.saturating_sub(NEAR_MS);
        let start = stream.partition_point(|trained| trained.taken.0 < first);
        let within = stream
            .iter()
            .skip(start)
            .take_while(|trained| trained.taken.0.saturating_sub(occurrence.taken.0) <= NEAR_MS);
        within.into_iter().any(|trained| occurrence.look().is_near(&trained.look()))
    };
    let in_group =
        |occurrence: &Occurrence| occurrence.group.as_deref().is_some_and(|group| groups.contains(group));
    let near = others.into_iter().filter(|occurrence| in_group(occurrence) || is_near(occurrence));
    near.map(|occurrence| occurrence.pixel_hash.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use measures::randomness::Dice;
    use uuid::Uuid;

    fn occurrence(hash: u64, source: Option<&str>, taken: i64) -> Occurrence {
        Occurrence {
            pixel_hash: format!("{hash:x}-{taken}-{source:?}"),
            perceptual_hash: hash,
            deployment: DeploymentId(Uuid::from_u128(1)),
            source: source.map(str::to_owned),
            taken: Timestamp(taken),
            group: None,
            trained_on: false,
        }
    }

    #[test]
    fn a_near_duplicate_is_alike_of_one_source_and_day_or_of_one_group() {
        let trained =
            Occurrence { trained_on: true, group: Some("g".to_owned()), ..occurrence(0, Some("a"), 0) };
        let alike = occurrence(0xff, Some("a"), NEAR_MS);
        let far = [
            occurrence(0x1ff, Some("a"), 0),
            occurrence(0xff, Some("b"), 0),
            occurrence(0xff, None, 0),
            occurrence(0xff, Some("a"), NEAR_MS + 1),
            occurrence(0xff, Some("a"), -NEAR_MS - 1),
        ];
        let member = Occurrence { group: Some("g".to_owned()), ..occurrence(u64::MAX, Some("z"), 0) };
        let mut all = vec![trained, alike.clone(), member.clone()];
        all.extend(far);
        assert_eq!(near_duplicates(&all), HashSet::from([alike.pixel_hash, member.pixel_hash]));
    }

    #[test]
    fn images_without_a_source_are_near_within_their_deployment_only() {
        let trained = Occurrence { trained_on: true, ..occurrence(0, None, 0) };
        let here = occurrence(1, None, 5);
        let there = Occurrence { deployment: DeploymentId(Uuid::from_u128(2)), ..occurrence(3, None, 5) };
        assert_eq!(near_duplicates(&[trained, here.clone(), there]), HashSet::from([here.pixel_hash]));
    }

    #[test]
    fn the_search_by_source_and_day_finds_what_comparing_all_pairs_does() {
        let mut dice = Dice::new(7);
        let mut draw = |sides: u32| dice.below(sides);
        let all: Vec<Occurrence> = (0..400)
            .map(|number| {
                let source = [None, Some("a"), Some("b")][draw(3) as usize];
                let hash = if draw(2) == 0 { (1u64 << draw(12)) - 1 } else { u64::MAX << draw(12) };
                let one = occurrence(hash, source, i64::from(draw(10)) * NEAR_MS / 3);
                let group = (draw(40) == 0).then(|| draw(3).to_string());
                Occurrence { pixel_hash: number.to_string(), trained_on: draw(40) == 0, group, ..one }
            })
            .collect();
        let near = |one: &Occurrence, other: &Occurrence| {
            one.look().is_near(&other.look()) || (one.group.is_some() && one.group == other.group)
        };
        let expected: HashSet<String> = all
            .iter()
            .filter(|one| !one.trained_on && all.iter().any(|other| other.trained_on && near(one, other)))
            .map(|one| one.pixel_hash.clone())
            .collect();
        assert!(!expected.is_empty() && expected.len() < 300, "{}", expected.len());
        assert_eq!(near_duplicates(&all), expected);
    }

    #[test]
    fn each_reason_is_given_with_its_number() {
        assert_eq!(Exclusions::default().words("the model"), None);
        let some: Exclusions = [Exclusion::TrainedOn, Exclusion::TrainedOn].into_iter().collect();
        assert_eq!(some.words("the model").as_deref(), Some("2 left out: the model was trained on them"));
        let both = Exclusions { near_duplicates: 1, ..some };
        assert_eq!(
            both.words("the model").as_deref(),
            Some(
                "3 left out: 2 the model was trained on them; \
                 1 near duplicates of images that the model was trained on"
            )
        );
    }
}
