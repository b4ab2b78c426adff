//! The way of reviewed images into a dataset, and on which side of the
//! training each one stands for ever.

use crate::{
    dataset::{DatasetVersion, Split},
    ids::{AssetId, DatasetVersionId, PredictionId},
    name::Label,
    settings::SubmissionSettings,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Two images whose perceptual hashes differ in at most so many of 64 bits
/// are near duplicates.
pub const NEAR_BITS: u32 = 8;
/// … if they were taken within this time of each other.
pub const NEAR_MS: i64 = 24 * 60 * 60 * 1000;
/// The share of the holdout that needs no warning, ends included.
pub const USUAL_HOLDOUT: (f64, f64) = (0.10, 0.35);

/// Which side of a training an image stands on; it never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedbackSide {
    /// Models learn from it.
    Train,
    /// Models are only measured by it.
    Holdout,
}

impl FeedbackSide {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Train, Self::Holdout];

    /// The side that an image's pixels decide, when nothing else does: one in
    /// five is held out. `pixel_hash` is SHA-256 in hex, over the upright RGB
    /// pixels and the size; `None` when it is not.
    #[must_use]
    pub fn of_hash(pixel_hash: &str) -> Option<Self> {
        let head = pixel_hash.get(..16).filter(|_| pixel_hash.len() == 64)?;
        let number = u64::from_str_radix(head, 16).ok()?;
        Some(if number % 5 == 0 { Self::Holdout } else { Self::Train })
    }

    /// The word of the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Holdout => "holdout",
        }
    }

    /// Where its images stand in a dataset version.
    #[must_use]
    pub fn split(self) -> Split {
        match self {
            Self::Train => Split::Train,
            Self::Holdout => Split::Test,
        }
    }
}

impl fmt::Display for FeedbackSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no side.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a side: use train or holdout")]
pub struct UnknownSide(pub String);

impl FromStr for FeedbackSide {
    type Err = UnknownSide;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|side| side.as_str() == s).ok_or_else(|| UnknownSide(s.to_owned()))
    }
}

/// Why an image stands on its side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SideReason {
    /// Its pixels' hash.
    Hash,
    /// It follows the first of its near duplicates.
    Duplicate,
    /// A model has learned from it already.
    Lineage,
}

impl SideReason {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Hash, Self::Duplicate, Self::Lineage];

    /// The word of the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hash => "hash",
            Self::Duplicate => "duplicate",
            Self::Lineage => "lineage",
        }
    }
}

impl FromStr for SideReason {
    type Err = UnknownSide;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == s).ok_or_else(|| UnknownSide(s.to_owned()))
    }
}

/// What tells images apart, and which ones look alike.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint {
    /// SHA-256 of the upright RGB pixels and size, hex.
    pub pixel_hash: String,
    /// 64 bits that change little when the image does.
    pub perceptual_hash: u64,
}

/// An image among others, as the rule of near duplicates sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Look<'a> {
    /// 64 bits that change little when the image does.
    pub perceptual_hash: u64,
    /// Camera, line or client; images without one count as of one source.
    pub source: Option<&'a str>,
    /// When it was taken.
    pub taken: Timestamp,
}

impl Look<'_> {
    /// Whether the two are near duplicates: alike, of one source, and taken
    /// within a day.
    #[must_use]
    pub fn is_near(&self, other: &Self) -> bool {
        self.source == other.source
            && (self.perceptual_hash ^ other.perceptual_hash).count_ones() <= NEAR_BITS
            && self.taken.since_ms(other.taken).abs() <= NEAR_MS
    }
}

/// Where submissions go, and whether they may.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackSettings {
    /// Off: submitting is refused.
    pub enabled: bool,
    /// An open version that receives the images.
    pub target: Option<DatasetVersionId>,
    /// How reviews come into it.
    pub submission: SubmissionSettings,
}

/// What a deployment has submitted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackTotals {
    /// Images on the training side.
    pub train: u64,
    /// Images held out.
    pub holdout: u64,
    /// Images that no training has taken yet, both sides.
    pub since_launch: u64,
    /// True boxes by label, most first.
    pub labels: Vec<LabelFeedback>,
    /// Images by week of submitting, oldest first, weeks without any left out.
    pub weeks: Vec<WeekFeedback>,
}

/// The feedback loop of a deployment, as its page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeedbackState {
    /// Whether submitting is allowed.
    pub enabled: bool,
    /// What receives the images.
    pub target: Option<DatasetVersion>,
    /// How reviews come into it.
    pub submission: SubmissionSettings,
    /// Reviewed and not submitted yet.
    pub waiting: u64,
    /// What was submitted.
    #[serde(flatten)]
    pub totals: FeedbackTotals,
}

impl FeedbackTotals {
    /// The holdout's share of all that was submitted; `None` without any.
    #[must_use]
    pub fn holdout_share(&self) -> Option<f64> {
        let all = self.train + self.holdout;
        (all > 0).then(|| self.holdout as f64 / all as f64)
    }

    /// Whether the holdout's share has left [`USUAL_HOLDOUT`]. Under 20
    /// images a share says nothing.
    #[must_use]
    pub fn is_unbalanced(&self) -> bool {
        let unusual = |share: f64| share < USUAL_HOLDOUT.0 || share > USUAL_HOLDOUT.1;
        self.train + self.holdout >= 20 && self.holdout_share().is_some_and(unusual)
    }
}

/// How often a label was submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelFeedback {
    /// Which.
    pub label: Label,
    /// Boxes on the training side.
    pub train: u64,
    /// Boxes held out.
    pub holdout: u64,
}

/// What was submitted in a week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekFeedback {
    /// Its Monday, 00:00 UTC.
    pub start: Timestamp,
    /// Images on the training side.
    pub train: u64,
    /// Images held out.
    pub holdout: u64,
}

/// The Monday, 00:00 UTC, of the week that holds `moment`.
#[must_use]
pub fn week_start(moment: Timestamp) -> Timestamp {
    const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1000;
    // The first of January 1970 was a Thursday.
    const MONDAY_MS: i64 = 4 * 24 * 60 * 60 * 1000;
    Timestamp(moment.0 - (moment.0 - MONDAY_MS).rem_euclid(WEEK_MS))
}

/// One submitted image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// Where the image came from.
    pub prediction_id: PredictionId,
    /// The image in the dataset.
    pub asset_id: AssetId,
    /// The version that received it.
    pub version_id: DatasetVersionId,
    /// The review whose boxes went along.
    pub revision: u32,
    /// Number of boxes.
    pub boxes: u32,
    /// On which side it stands.
    pub side: FeedbackSide,
    /// Why.
    pub reason: SideReason,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Whether a training has taken it since.
    pub consumed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(train: u64, holdout: u64) -> FeedbackTotals {
        FeedbackTotals { train, holdout, ..FeedbackTotals::default() }
    }

    #[test]
    fn one_in_five_hashes_is_held_out() {
        let hash = |n: u64| format!("{:016x}{}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15), "0".repeat(48));
        let held = (0..10_000).filter(|n| FeedbackSide::of_hash(&hash(*n)) == Some(FeedbackSide::Holdout));
        // Three standard deviations of a fair draw are 120.
        assert!((1_880..=2_120).contains(&held.count()));
        for bad in ["", "00ff", &"z".repeat(64)] {
            assert_eq!(FeedbackSide::of_hash(bad), None);
        }
    }

    #[test]
    fn near_duplicates_are_alike_of_one_source_and_of_one_day() {
        let look = |hash, source, taken| Look { perceptual_hash: hash, source, taken: Timestamp(taken) };
        let first = look(0, Some("line"), 0);
        assert!(first.is_near(&look(0xff, Some("line"), NEAR_MS)));
        assert!(look(0, None, 0).is_near(&look(1, None, 0)));
        for other in [look(0x1ff, Some("line"), 0), look(0, Some("other"), 0), look(0, None, 0)] {
            assert!(!first.is_near(&other), "{other:?}");
        }
        assert!(!first.is_near(&look(0, Some("line"), NEAR_MS + 1)));
        assert!(!first.is_near(&look(0, Some("line"), -NEAR_MS - 1)));
    }

    #[test]
    fn a_week_begins_on_monday() {
        for (moment, monday) in [
            ("2026-11-26T19:30:00Z", "2026-11-23T00:00:00.000Z"),
            ("2026-11-23T00:00:00Z", "2026-11-23T00:00:00.000Z"),
            ("2026-11-22T23:59:59Z", "2026-11-16T00:00:00.000Z"),
            ("1969-12-31T00:00:00Z", "1969-12-29T00:00:00.000Z"),
        ] {
            let moment: Timestamp = moment.parse().expect("a moment");
            assert_eq!(week_start(moment).to_string(), monday);
        }
    }

    #[test]
    fn the_holdouts_share_is_watched_from_twenty_images_on() {
        assert!(!state(19, 0).is_unbalanced());
        assert!(state(20, 0).is_unbalanced());
        assert!(!state(18, 2).is_unbalanced());
        assert!(!state(13, 7).is_unbalanced());
        assert!(state(64, 36).is_unbalanced());
        assert_eq!(state(0, 0).holdout_share(), None);
    }
}
