//! The figures of reviews that are lines: over time, over thresholds, over
//! recall.

use crate::ui::{Plot, Row, day_and_time};
use charts::{Ink, Line, LineChart, XAxis};
use domain::monitor::supervised::{CurvePoint, Period, SupervisedFigures};
use measures::statistics::Estimate;

fn share(value: Option<f64>) -> Option<String> {
    value.map(|value| format!("{value:.3}"))
}

/// How the champion does as time goes on.
pub(super) fn over_time(figures: &SupervisedFigures) -> Option<Plot> {
    let (first, last) = (figures.over_time.first()?, figures.over_time.last()?);
    type Read = fn(&Period) -> Option<f64>;
    let columns: [(&str, Ink, Read); 2] = [("AP50", Ink::Muted, |p| p.AP50), ("AP", Ink::Accent, |p| p.AP)];
    let middle = |period: &Period| (period.from.0 + period.to.0) as f64 / 2.0;
    let lines = columns.iter().map(|(_, ink, read)| Line {
        ink: *ink,
        filled: false,
        points: figures.over_time.iter().map(|period| (middle(period), read(period))).collect(),
    });
    let rows = figures.over_time.iter().map(|period| Row {
        x: middle(period),
        name: format!("{} to {}", day_and_time(period.from), day_and_time(period.to)),
        figures: columns
            .iter()
            .map(|(_, _, read)| share(read(period)))
            .chain([Some(period.images.to_string())])
            .collect(),
        href: None,
    });
    let names = columns.iter().map(|(name, ink, _)| ((*name).to_owned(), *ink));
    let left_out = match figures.left_out.total() {
        0 => String::new(),
        left_out => format!(" · {left_out} left out"),
    };
    Some(Plot {
        note: format!("{} images each, {}{left_out} · AP50 grey", first.images, figures.scope),
        place: "Arrived".to_owned(),
        columns: names.chain([("images".to_owned(), Ink::Text)]).collect(),
        rows: rows.collect(),
        chart: LineChart {
            title: "AP over time".to_owned(),
            x: XAxis::Time { from: first.from, to: last.to },
            y_max: Some(1.0),
            lines: lines.collect(),
        },
    })
}

pub(super) fn threshold(figures: &SupervisedFigures) -> Plot {
    type Read = fn(&CurvePoint) -> Option<f64>;
    let columns: [(&str, Ink, Read); 3] = [
        ("recall", Ink::Muted, |p| p.recall),
        ("precision", Ink::Second, |p| p.precision),
        ("F1", Ink::Accent, |p| p.f1),
    ];
    let mut lines: Vec<Line> = columns
        .iter()
        .map(|(_, ink, read)| Line {
            ink: *ink,
            filled: false,
            points: figures.curve.iter().map(|point| (point.threshold * 100.0, read(point))).collect(),
        })
        .collect();
    let at = figures.threshold * 100.0;
    lines.push(Line { ink: Ink::Text, filled: false, points: vec![(at, Some(0.0)), (at, Some(1.0))] });
    let rows = figures.curve.iter().map(|point| Row {
        x: point.threshold * 100.0,
        name: format!("threshold {:.2}", point.threshold),
        figures: columns.iter().map(|(_, _, read)| share(read(point))).collect(),
        href: None,
    });
    Plot {
        note: format!("by threshold in % · set at {}{}", figures.threshold, best(figures)),
        place: "Threshold".to_owned(),
        columns: columns.iter().map(|(name, ink, _)| ((*name).to_owned(), *ink)).collect(),
        rows: rows.collect(),
        chart: LineChart {
            title: "Precision, recall, F1".to_owned(),
            x: XAxis::Count { to: 100.0 },
            y_max: Some(1.0),
            lines,
        },
    }
}

/// Where F1 is highest, if that is not where the threshold is set.
fn best(figures: &SupervisedFigures) -> String {
    let Some(best) = figures.best_threshold else { return String::new() };
    let Estimate { value, low, high } = best.threshold;
    if (low..=high).contains(&figures.threshold) {
        return format!(" · best F1 at {value:.2} ({low:.2}–{high:.2})");
    }
    format!(" · F1 is higher at {value:.2} ({low:.2}–{high:.2})")
}

pub(super) fn precision_recall(figures: &SupervisedFigures) -> Option<Plot> {
    if figures.precision_recall.is_empty() {
        return None;
    }
    let places = (0u32..).map(f64::from).zip(&figures.precision_recall);
    let rows = places.clone().map(|(recall, precision)| Row {
        x: recall,
        name: format!("recall {:.2}", recall / 100.0),
        figures: vec![share(Some(*precision))],
        href: None,
    });
    let points = places.clone().map(|(recall, precision)| (recall, Some(*precision)));
    Some(Plot {
        note: "recall in % · IoU 0.5, mean of the labels".to_owned(),
        place: "Recall".to_owned(),
        columns: vec![("precision".to_owned(), Ink::Accent)],
        rows: rows.collect(),
        chart: LineChart {
            title: "Precision by recall".to_owned(),
            x: XAxis::Count { to: 100.0 },
            y_max: Some(1.0),
            lines: vec![Line { ink: Ink::Accent, filled: true, points: points.collect() }],
        },
    })
}
