//! What is measured of an image's pixels as it arrives. A row here is all that
//! counting, drift, charts, alerts, the API and the documentation need; `imaging` measures
//! it, and `predictions` has a column of its name.

use super::{
    figures::FigureRow,
    metrics::{Metric, MetricRow},
    scale::{Reduce, Scale},
    shown::{Chart, InBuckets, Line, Unit},
};
use crate::table::table;

/// What is measured, and what becomes of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImageMeasureRow {
    /// How it is counted.
    pub metric: MetricRow,
    /// The figure that is made of the counts. Its name is also that of the
    /// column of predictions, and of the feature of drift.
    pub figure: FigureRow,
    /// The stream of random numbers of its drift test, which no two features
    /// share and none ever changes; `None` where drift is not looked for.
    pub drift_stream: Option<u64>,
}

const BRIGHTNESS_AND_CONTRAST: Chart =
    Chart { title: "Brightness and contrast", note: "means · contrast grey", opens: None };
const SHARPNESS: Chart = Chart { title: "Sharpness", note: "median", opens: None };

table! {
    /// A number that an image's pixels give.
    pub enum ImageMeasure: ImageMeasureRow {
        /// Mean luma (Rec. ITU-R BT.601), 0 to 1.
        Brightness => ImageMeasureRow {
            metric: MetricRow::new(10, Scale::Hundredths { per_one: 100.0, last: 100 }),
            figure: FigureRow {
                name: "brightness",
                metric: Metric::Image(ImageMeasure::Brightness),
                reduce: Reduce::Mean,
                unit: Unit::Plain,
                title: "Brightness, mean",
                help: "Mean brightness, 0 to 1",
                buckets: InBuckets::Page("brightness"),
                is_compared: true,
                line: Some(Line { chart: BRIGHTNESS_AND_CONTRAST, name: "brightness", is_beside: false }),
            },
            drift_stream: Some(0),
        },
        /// Standard deviation of luma, 0 to 0.5.
        Contrast => ImageMeasureRow {
            metric: MetricRow::new(11, Scale::Hundredths { per_one: 200.0, last: 100 }),
            figure: FigureRow {
                name: "contrast",
                metric: Metric::Image(ImageMeasure::Contrast),
                reduce: Reduce::Mean,
                unit: Unit::Plain,
                title: "Contrast, mean",
                help: "Mean contrast, 0 to 0.5",
                buckets: InBuckets::Page("contrast"),
                is_compared: true,
                line: Some(Line { chart: BRIGHTNESS_AND_CONTRAST, name: "contrast", is_beside: true }),
            },
            drift_stream: Some(1),
        },
        /// Variance of luma's Laplacian, 0 upwards.
        Sharpness => ImageMeasureRow {
            metric: MetricRow::new(12, Scale::Sketch),
            figure: FigureRow {
                name: "sharpness",
                metric: Metric::Image(ImageMeasure::Sharpness),
                reduce: Reduce::Quantile(0.5),
                unit: Unit::Plain,
                title: "Sharpness, median",
                help: "Median sharpness",
                buckets: InBuckets::Page("sharpness"),
                is_compared: true,
                line: Some(Line { chart: SHARPNESS, name: "sharpness", is_beside: false }),
            },
            drift_stream: Some(2),
        },
    }
}

impl ImageMeasure {
    /// Its name: of the figure, the feature of drift, and the column.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().figure.name
    }
}

/// What an image looks like by its pixels alone. A measure that was not taken
/// (the picture never came, or the program knew it not yet) is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Appearance([Option<f64>; ImageMeasure::ROWS]);

impl Appearance {
    /// Takes every measure; one that is not finite is missing.
    pub fn measured(mut take: impl FnMut(ImageMeasure) -> Option<f64>) -> Self {
        let mut values = [None; ImageMeasure::ROWS];
        for (slot, measure) in values.iter_mut().zip(ImageMeasure::all()) {
            *slot = take(measure).filter(|value| value.is_finite());
        }
        Self(values)
    }

    /// Each measure in the order of the table, with its value.
    pub fn values(self) -> impl Iterator<Item = (ImageMeasure, Option<f64>)> {
        ImageMeasure::all().zip(self.0)
    }

    /// The value of a measure.
    #[must_use]
    pub fn get(self, measure: ImageMeasure) -> Option<f64> {
        self.values().find(|(one, _)| *one == measure).and_then(|(_, value)| value)
    }
}
