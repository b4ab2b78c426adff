//! The curves of a training.

use crate::ui::IntoAny;
use crate::{
    ui::{ChartPanel, Plot, Row},
    wire::ExperimentPage,
};
use charts::{Ink, Line, LineChart, XAxis, decimal, grouped};
use domain::model::{CurvePoint, Series};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// A line: its name, its colour, its series.
type CurveLine = (&'static str, Ink, Series);

const LOSS: &[CurveLine] = &[
    ("classification", Ink::Muted, Series::LossClass),
    ("box", Ink::Second, Series::LossBox),
    ("loss", Ink::Accent, Series::Loss),
];
const AP: &[CurveLine] = &[("AP50", Ink::Muted, Series::ValAp50), ("AP", Ink::Accent, Series::ValAp)];
const RATE: &[CurveLine] = &[("learning rate", Ink::Accent, Series::LearningRate)];

/// Loss, validation AP and learning rate over the steps.
pub fn curve_panels(data: RwSignal<ExperimentPage>) -> AnyView {
    view! {
        <div class="charts">
            {panel(data, "Loss", "parts grey and green", LOSS, None)}
            {panel(data, "Validation", "AP, AP50 grey", AP, Some(1.0))}
            {panel(data, "Learning rate", "per step", RATE, None)}
        </div>
    }
    .into_any()
}

fn panel(
    data: RwSignal<ExperimentPage>,
    title: &'static str,
    note: &'static str,
    columns: &'static [CurveLine],
    y_max: Option<f64>,
) -> AnyView {
    let plot = move |d: &ExperimentPage| Plot {
        note: note.to_owned(),
        place: "Step".to_owned(),
        columns: columns.iter().map(|(name, ink, _)| ((*name).to_owned(), *ink)).collect(),
        chart: chart_of(&d.curves, title, columns, y_max),
        rows: rows_of(&d.curves, columns),
    };
    let plot = Memo::new(move |_| data.with(plot));
    view! { <ChartPanel plot=plot /> }.into_any()
}

fn chart_of(curves: &[CurvePoint], title: &str, columns: &[CurveLine], y_max: Option<f64>) -> LineChart {
    let steps = curves.iter().map(|point| point.step).max().unwrap_or(0);
    let lines = columns.iter().map(|(_, ink, series)| {
        let points = curves.iter().filter(|point| point.series == *series);
        Line {
            ink: *ink,
            filled: false,
            points: points.map(|point| (f64::from(point.step), measured(point.value))).collect(),
        }
    });
    let lines = lines.collect();
    LineChart { title: title.to_owned(), x: XAxis::Count { to: f64::from(steps.max(1)) }, y_max, lines }
}

/// COCO writes −1 where a figure is undefined.
fn measured(value: f64) -> Option<f64> {
    (value.is_finite() && value >= 0.0).then_some(value)
}

fn rows_of(curves: &[CurvePoint], columns: &[CurveLine]) -> Vec<Row> {
    let mut by_step: BTreeMap<u32, Vec<Option<String>>> = BTreeMap::new();
    for point in curves {
        let Some(column) = columns.iter().position(|(_, _, series)| *series == point.series) else {
            continue;
        };
        let figures = by_step.entry(point.step).or_insert_with(|| vec![None; columns.len()]);
        if let (Some(place), Some(value)) = (figures.get_mut(column), measured(point.value)) {
            *place = Some(decimal(value, 4));
        }
    }
    by_step
        .into_iter()
        .map(|(step, figures)| Row {
            x: f64::from(step),
            name: grouped(u64::from(step)),
            figures,
            href: None,
        })
        .collect()
}
