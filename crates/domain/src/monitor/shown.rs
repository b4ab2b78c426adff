//! How figures are shown: in which unit, in which chart, for which buckets.

/// Whether a figure is made for each bucket of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InBuckets {
    /// For whole ranges only.
    Never,
    /// With what moves with every prediction, under its own name.
    Live,
    /// With the rest of the page, under this name in the API.
    Page(&'static str),
}

/// How people read a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A whole number.
    Count,
    /// Milliseconds, known within 1 %.
    Milliseconds,
    /// Pixels, known within 1 %.
    Pixels,
    /// Millions of pixels, known within 1 %; the number itself is in pixels.
    Megapixels,
    /// Percent; the number itself is a share from 0 to 1.
    Percent,
    /// A number without a unit, known within 1 %.
    Estimate,
    /// A number without a unit.
    Plain,
}

/// A chart over the buckets of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Its name.
    pub title: &'static str,
    /// What is said beside the name.
    pub note: &'static str,
    /// What a click on a bucket opens.
    pub opens: Option<StandsOut>,
}

/// A prediction that stands out of its bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StandsOut {
    /// The slowest.
    Slowest,
    /// The most unusual image.
    MostUnusual,
}

/// A line of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Of which.
    pub chart: Chart,
    /// What it is called there.
    pub name: &'static str,
    /// Whether another line is the chart's main one; this one is grey then.
    pub is_beside: bool,
}
