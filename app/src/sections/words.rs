//! Figures with their units, as people read them.

use charts::{about, decimal, grouped};
use domain::monitor::{figures::Figure, shown::Unit};

/// A value of a figure, with its unit.
pub(super) fn with_unit(figure: Figure, value: f64) -> String {
    match figure.row().unit {
        Unit::Count => grouped(value as u64),
        Unit::Milliseconds => format!("{} ms", decimal(about(value), 2)),
        Unit::Percent => format!("{} %", decimal(value * 100.0, 1)),
        Unit::Pixels => format!("{} px", decimal(about(value), 0)),
        Unit::Megapixels => format!("{} Mpx", decimal(about(value / 1e6), 3)),
        Unit::Estimate => decimal(about(value), 2),
        Unit::Plain => decimal(value, 3),
    }
}

/// The same, or a dash where there is none.
pub(super) fn with_unit_or_dash(figure: Figure, value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| with_unit(figure, value))
}

/// A value of a figure as an axis has it.
pub(super) fn on_axis(figure: Figure, value: f64) -> f64 {
    match figure.row().unit {
        Unit::Percent => value * 100.0,
        Unit::Count | Unit::Milliseconds | Unit::Pixels | Unit::Megapixels | Unit::Estimate | Unit::Plain => {
            value
        }
    }
}

/// How far `now` is from `before`.
pub(super) fn change(now: f64, before: f64) -> String {
    if before == 0.0 {
        return "–".to_owned();
    }
    let percent = (now / before - 1.0) * 100.0;
    if percent.abs() < 0.05 { "the same".to_owned() } else { format!("{percent:+.1} %") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::monitor::image_measures::ImageMeasure;

    #[test]
    fn figures_are_as_exact_as_they_are_known() {
        let read = [
            with_unit(Figure::Predictions, 12_881.0),
            with_unit(Figure::Width, 640.751),
            with_unit(Figure::Area, 309_541.0),
            with_unit(Figure::Unusual, 0.0312),
            with_unit(Figure::LatencyP95, 20.136),
            with_unit(Figure::Image(ImageMeasure::Brightness), 0.714_21),
        ];
        assert_eq!(read, ["12,881", "640 px", "0.31 Mpx", "3.1 %", "20 ms", "0.714"]);
        assert_eq!([change(2.0, 1.0), change(1.0, 1.0), change(1.0, 0.0)], ["+100.0 %", "the same", "–"]);
    }
}
