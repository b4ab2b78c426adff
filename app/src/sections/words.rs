//! Names of figures, and figures with their units, as people read them.

use charts::{about, decimal, grouped};

/// What people call a figure of a range.
pub(super) fn name(figure: &str) -> &str {
    match figure {
        "predictions" => "Predictions",
        "latency_p50_ms" => "Median latency",
        "latency_p95_ms" => "Latency, p95",
        "shadow_p50_ms" => "Shadow's median latency",
        "shadow_p95_ms" => "Shadow's latency, p95",
        "objects_mean" => "Objects per image, mean",
        "confidence_mean" => "Confidence, mean",
        "unusual" => "Unusual images",
        "width" => "Width, median",
        "height" => "Height, median",
        "ratio" => "Width over height, median",
        "area" => "Pixels, median",
        "brightness" => "Brightness, mean",
        "contrast" => "Contrast, mean",
        "sharpness" => "Sharpness, median",
        other => other,
    }
}

/// A value of a figure, with its unit.
pub(super) fn told(figure: &str, value: f64) -> String {
    match figure {
        "predictions" => grouped(value as u64),
        "latency_p50_ms" | "latency_p95_ms" | "shadow_p50_ms" | "shadow_p95_ms" => {
            format!("{} ms", decimal(about(value), 2))
        }
        "unusual" => format!("{} %", decimal(value * 100.0, 1)),
        "width" | "height" => format!("{} px", decimal(about(value), 0)),
        "area" => format!("{} Mpx", decimal(about(value / 1e6), 3)),
        "objects_mean" | "ratio" => decimal(about(value), 2),
        _ => decimal(value, 3),
    }
}

/// A value of a figure as an axis has it.
pub(super) fn on_axis(figure: &str, value: f64) -> f64 {
    if figure == "unusual" { value * 100.0 } else { value }
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
    use domain::monitor::page::Totals;

    #[test]
    fn every_figure_has_a_name_for_people() {
        for figure in Totals::FIGURES {
            assert_ne!(name(figure), figure);
        }
    }

    #[test]
    fn figures_are_as_exact_as_they_are_known() {
        let read = [
            told("predictions", 12_881.0),
            told("width", 640.751),
            told("area", 309_541.0),
            told("unusual", 0.0312),
            told("latency_p95_ms", 20.136),
            told("brightness", 0.714_21),
        ];
        assert_eq!(read, ["12,881", "640 px", "0.31 Mpx", "3.1 %", "20 ms", "0.714"]);
        assert_eq!([change(2.0, 1.0), change(1.0, 1.0), change(1.0, 0.0)], ["+100.0 %", "the same", "–"]);
    }
}
