//! Figures by name, and values of figures.

use super::{
    figures::{Figure, FigureRow},
    scale::Sums,
    shown::InBuckets,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{collections::BTreeMap, fmt, str::FromStr};

impl Figure {
    /// Its stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Those that are made for each bucket and move with every prediction.
    pub fn live() -> impl Iterator<Item = Self> {
        Self::all().filter(|figure| figure.row().buckets == InBuckets::Live)
    }

    /// Those that are made for each bucket with the rest of the page.
    pub fn of_page_buckets() -> impl Iterator<Item = Self> {
        Self::all().filter(|figure| matches!(figure.row().buckets, InBuckets::Page(_)))
    }

    /// Its name in a bucket of the API; `None` where it is in none.
    #[must_use]
    pub fn name_in_bucket(self) -> Option<&'static str> {
        match self.row().buckets {
            InBuckets::Never => None,
            InBuckets::Live => Some(self.name()),
            InBuckets::Page(name) => Some(name),
        }
    }

    /// The figure out of counts of its metric by rising bin.
    #[must_use]
    pub fn of_bins(self, bins: &[(i32, u64)]) -> Option<f64> {
        let FigureRow { metric, reduce, .. } = *self.row();
        reduce.of_bins(metric.row().scale, bins)
    }

    /// The figure out of the sums of its metric; `None` where it needs bins.
    #[must_use]
    pub fn of_sums(self, sums: Sums) -> Option<f64> {
        let FigureRow { metric, reduce, .. } = *self.row();
        reduce.of_sums(metric.row().scale, sums)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that names no figure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no figure")]
pub struct UnknownFigure(pub String);

impl FromStr for Figure {
    type Err = UnknownFigure;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::all().find(|figure| figure.name() == s).ok_or_else(|| UnknownFigure(s.to_owned()))
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Values of figures; one that is missing has none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures(BTreeMap<Figure, f64>);

impl Figures {
    /// The value of a figure in its own unit.
    #[must_use]
    pub fn get(&self, figure: Figure) -> Option<f64> {
        self.0.get(&figure).copied()
    }

    /// A figure that counts; 0 when nothing was counted.
    #[must_use]
    pub fn count(&self, figure: Figure) -> u64 {
        self.get(figure).unwrap_or_default() as u64
    }

    /// Sets a value; none for a figure that there is none of.
    pub fn set(&mut self, figure: Figure, value: Option<f64>) {
        match value {
            Some(value) => self.0.insert(figure, value),
            None => self.0.remove(&figure),
        };
    }
}

impl FromIterator<(Figure, Option<f64>)> for Figures {
    fn from_iter<I: IntoIterator<Item = (Figure, Option<f64>)>>(values: I) -> Self {
        Self(values.into_iter().filter_map(|(figure, value)| Some((figure, value?))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::image_measures::ImageMeasure;

    #[test]
    fn figures_survive_being_sent() {
        let figures: Figures = [
            (Figure::LatencyP50, Some(1.5)),
            (Figure::Unusual, None),
            (Figure::Image(ImageMeasure::Contrast), Some(0.25)),
        ]
        .into_iter()
        .collect();
        let text = serde_json::to_string(&figures).expect("writes");
        assert_eq!(text, r#"{"latency_p50_ms":1.5,"contrast":0.25}"#);
        assert_eq!(serde_json::from_str::<Figures>(&text).expect("reads"), figures);
    }
}
