//! The figures that an alert can watch.

use crate::monitor::figures::Figure;
use measures::metrics::coco;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A figure that an alert can watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WatchedFigure {
    /// Made of counts of what arrived in the alert's window.
    Counted(Figure),
    /// How many features drift.
    Drift,
    /// Of the champion, on randomly picked images that were reviewed.
    Precision(coco::Figure),
    /// How many such images there are.
    Reviewed,
}

impl WatchedFigure {
    /// All, in the order in which they are offered.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        let counted = Figure::all().filter(|figure| figure.row().is_compared).map(Self::Counted);
        let precisions = [coco::Figure::AP, coco::Figure::AP50].map(Self::Precision);
        counted.chain([Self::Drift]).chain(precisions).chain([Self::Reviewed])
    }

    /// Its name in the API and in the database: never changed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Counted(figure) => figure.name(),
            Self::Drift => "drift",
            Self::Precision(figure) => figure.as_str(),
            Self::Reviewed => "reviewed",
        }
    }

    /// Whether it takes reviews.
    #[must_use]
    pub fn needs_reviews(self) -> bool {
        match self {
            Self::Counted(_) | Self::Drift => false,
            Self::Precision(_) | Self::Reviewed => true,
        }
    }
}

impl fmt::Display for WatchedFigure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that names no figure that an alert can watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWatchedFigure(pub String);

impl fmt::Display for UnknownWatchedFigure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<&str> = WatchedFigure::all().map(WatchedFigure::name).collect();
        write!(f, "There is no figure {:?}: use one of {}.", self.0, known.join(", "))
    }
}

impl std::error::Error for UnknownWatchedFigure {}

impl FromStr for WatchedFigure {
    type Err = UnknownWatchedFigure;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::all().find(|figure| figure.name() == s).ok_or_else(|| UnknownWatchedFigure(s.to_owned()))
    }
}

impl Serialize for WatchedFigure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for WatchedFigure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::Watch;

    #[test]
    fn every_figure_is_read_by_its_name_and_no_other_word_is() {
        for figure in WatchedFigure::all() {
            assert_eq!(figure.name().parse(), Ok(figure));
        }
        let error = "latency".parse::<WatchedFigure>().expect_err("no figure").to_string();
        assert!(error.contains("latency_p50_ms") && error.contains("AP50"), "{error}");
    }

    #[test]
    fn a_rule_is_stored_by_the_name_of_its_figure() {
        let watch = Watch::Metric(WatchedFigure::Counted(Figure::Unusual));
        let text = serde_json::to_string(&watch).expect("writes");
        assert_eq!(text, r#"{"watch":"metric","of":"unusual"}"#);
        assert_eq!(serde_json::from_str::<Watch>(&text).expect("reads"), watch);
    }
}
