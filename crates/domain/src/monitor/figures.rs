//! The figures that are monitored: what each is called, how it is made of
//! counts, in which unit people read it, and where it appears.

use super::{
    image_measures::ImageMeasure,
    metrics::Metric,
    scale::Reduce,
    shown::{Chart, InBuckets, Line, StandsOut, Unit},
};
use crate::table::table;

/// A figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FigureRow {
    /// Its name in the API, in alert rules and in the documentation: stored
    /// and relied on, so never changed.
    pub name: &'static str,
    /// What is counted for it.
    pub metric: Metric,
    /// How the counts become one number.
    pub reduce: Reduce,
    /// As people read it.
    pub unit: Unit,
    /// What people call it.
    pub title: &'static str,
    /// What it is, in the documentation of the API.
    pub help: &'static str,
    /// Whether it is made for each bucket of time, or for a whole range only.
    pub buckets: InBuckets,
    /// Whether a range and a model version are compared with others by it,
    /// and an alert can watch it.
    pub is_compared: bool,
    /// Its line in a chart, where the chart is made of the table.
    pub line: Option<Line>,
}

const CONFIDENCE: Chart = Chart { title: "Confidence", note: "mean of the boxes seen", opens: None };
const UNUSUAL: Chart = Chart {
    title: "Unusual images",
    note: "% with an outlier score above 0.99",
    opens: Some(StandsOut::MostUnusual),
};

/// What most rows share.
const fn row(
    name: &'static str,
    metric: Metric,
    reduce: Reduce,
    unit: Unit,
    [title, help]: [&'static str; 2],
) -> FigureRow {
    let buckets = InBuckets::Never;
    FigureRow { name, metric, reduce, unit, title, help, buckets, is_compared: true, line: None }
}

table! {
    /// A figure that is made of counts.
    pub enum Figure: FigureRow {
        /// How many predictions: each has one latency.
        Predictions => FigureRow {
            buckets: InBuckets::Live,
            ..row("predictions", Metric::LatencyMs, Reduce::Count, Unit::Count, ["Predictions", "Number of predictions"])
        },
        /// The champion's median latency.
        LatencyP50 => FigureRow {
            buckets: InBuckets::Live,
            ..row(
                "latency_p50_ms",
                Metric::LatencyMs,
                Reduce::Quantile(0.5),
                Unit::Milliseconds,
                ["Median latency", "Median latency"],
            )
        },
        /// The 95th percentile of the champion's latency.
        LatencyP95 => FigureRow {
            buckets: InBuckets::Live,
            ..row(
                "latency_p95_ms",
                Metric::LatencyMs,
                Reduce::Quantile(0.95),
                Unit::Milliseconds,
                ["Latency, p95", "95th percentile of the latency"],
            )
        },
        /// How many predictions a shadow made too.
        Shadowed => FigureRow {
            is_compared: false,
            ..row(
                "shadowed",
                Metric::ShadowLatencyMs,
                Reduce::Count,
                Unit::Count,
                ["Predictions of the shadow", "Predictions that a shadow made too"],
            )
        },
        /// The shadow's median latency.
        ShadowP50 => FigureRow {
            buckets: InBuckets::Page("shadow_p50_ms"),
            ..row(
                "shadow_p50_ms",
                Metric::ShadowLatencyMs,
                Reduce::Quantile(0.5),
                Unit::Milliseconds,
                ["Shadow's median latency", "The shadow's median latency"],
            )
        },
        /// The 95th percentile of the shadow's latency.
        ShadowP95 => FigureRow {
            buckets: InBuckets::Page("shadow_p95_ms"),
            ..row(
                "shadow_p95_ms",
                Metric::ShadowLatencyMs,
                Reduce::Quantile(0.95),
                Unit::Milliseconds,
                ["Shadow's latency, p95", "95th percentile of the shadow's latency"],
            )
        },
        /// Mean number of boxes at or above the threshold.
        ObjectsMean => FigureRow {
            buckets: InBuckets::Live,
            ..row(
                "objects_mean",
                Metric::Objects,
                Reduce::Mean,
                Unit::Estimate,
                ["Objects per image, mean", "Mean number of boxes at or above the threshold"],
            )
        },
        /// Mean confidence of these boxes.
        ConfidenceMean => FigureRow {
            buckets: InBuckets::Page("confidence"),
            line: Some(Line { chart: CONFIDENCE, name: "confidence", is_beside: false }),
            ..row(
                "confidence_mean",
                Metric::Confidence,
                Reduce::Mean,
                Unit::Plain,
                ["Confidence, mean", "Mean confidence of boxes at or above the threshold, 0 to 1"],
            )
        },
        /// How many images have an outlier score.
        Scored => FigureRow {
            buckets: InBuckets::Page("scored"),
            is_compared: false,
            ..row(
                "scored",
                Metric::Outlier,
                Reduce::Count,
                Unit::Count,
                ["Images with an outlier score", "Images with an outlier score"],
            )
        },
        /// The share of them that is unusual.
        Unusual => FigureRow {
            buckets: InBuckets::Page("unusual"),
            line: Some(Line { chart: UNUSUAL, name: "unusual", is_beside: false }),
            ..row(
                "unusual",
                Metric::Outlier,
                Reduce::UnusualShare,
                Unit::Percent,
                ["Unusual images", "Share of the images with an outlier score that lies above 0.99"],
            )
        },
        /// Median width of the images.
        Width => row(
            "width",
            Metric::Width,
            Reduce::Quantile(0.5),
            Unit::Pixels,
            ["Width, median", "Median width in px"],
        ),
        /// Median height of the images.
        Height => row(
            "height",
            Metric::Height,
            Reduce::Quantile(0.5),
            Unit::Pixels,
            ["Height, median", "Median height in px"],
        ),
        /// Median of width over height.
        Ratio => row(
            "ratio",
            Metric::Ratio,
            Reduce::Quantile(0.5),
            Unit::Estimate,
            ["Width over height, median", "Median of width over height"],
        ),
        /// Median number of pixels.
        Area => row(
            "area",
            Metric::Area,
            Reduce::Quantile(0.5),
            Unit::Megapixels,
            ["Pixels, median", "Median number of pixels"],
        ),
    }
    with
    /// Of what an image's pixels say.
    Image(ImageMeasure) => |measure: ImageMeasure| &measure.row().figure;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::scale::{Scale, Sums};
    use std::collections::BTreeSet;

    #[test]
    fn no_two_rows_share_a_name_or_a_number() {
        let names: BTreeSet<&str> = Figure::all().map(Figure::name).collect();
        assert_eq!(names.len(), Figure::all().count());
        let in_buckets: Vec<&str> = Figure::all().filter_map(Figure::name_in_bucket).collect();
        assert_eq!(in_buckets.iter().collect::<BTreeSet<_>>().len(), in_buckets.len());
        let numbers: BTreeSet<i16> = Metric::all().map(Metric::number).collect();
        assert_eq!(numbers.len(), Metric::all().count());
    }

    #[test]
    fn a_measure_of_an_image_is_counted_and_shown_as_itself() {
        for measure in ImageMeasure::all() {
            assert_eq!(measure.row().figure.metric, Metric::Image(measure));
        }
    }

    #[test]
    fn quantiles_are_asked_of_sketches_and_means_of_what_adds_up() {
        for figure in Figure::all() {
            let FigureRow { metric, reduce, .. } = *figure.row();
            let is_sketch = metric.row().scale == Scale::Sketch;
            match reduce {
                Reduce::Quantile(_) => assert!(is_sketch, "{figure}"),
                Reduce::Mean => assert!(!is_sketch, "{figure}"),
                Reduce::UnusualShare => assert_eq!(metric.row().scale, Scale::PercentUp, "{figure}"),
                Reduce::Count => {}
            }
        }
    }

    #[test]
    fn sums_say_the_same_as_the_bins_they_are_of() {
        for figure in Figure::all().filter(|figure| figure.row().reduce.needs_only_sums()) {
            for bins in [vec![], vec![(0, 3), (7, 1), (99, 20), (100, 4)]] {
                assert_eq!(figure.of_sums(Sums::of(&bins)), figure.of_bins(&bins), "{figure}");
            }
        }
    }
}
