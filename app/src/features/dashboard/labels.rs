//! Boxes by label, beside the shares that are usual.

use crate::{
    ui::{Drawing, IntoAny, Palette, Show, USUAL_WIDTH_PX, dynamic, figure, row, save_menu, table},
    wire::DashboardParts,
};
use charts::{Bar, BarChart, Canvas, decimal, grouped};
use domain::monitor::Dashboard;
use leptos::prelude::*;

/// More labels than this would be a list, not a chart.
const LABELS: usize = 7;
const LABELS_PX: u32 = 164;

pub(super) fn labels(
    data: RwSignal<Dashboard>,
    drawn: RwSignal<DashboardParts>,
    palette: Palette,
) -> AnyView {
    let width = RwSignal::new(USUAL_WIDTH_PX);
    let chart = Memo::new(move |_| {
        let usual = drawn.with(|drawn| drawn.usual_labels.clone());
        BarChart { title: "Boxes by label".into(), bars: data.with(|d| bars(d, &usual, &palette)) }
    });
    let draw = Callback::new(move |canvas| {
        chart.with(|chart| {
            let bars = chart.bars.iter().take(LABELS).cloned().collect();
            BarChart { title: chart.title.clone(), bars }.to_svg(canvas)
        })
    });
    let rows = move || {
        let row_of = |bar: &Bar| {
            let usual = bar.expected.map_or_else(|| "–".to_owned(), |count| decimal(count, 0));
            row(bar.name.clone(), vec![figure(grouped(bar.value)), figure(usual)])
        };
        chart.with(|chart| chart.bars.iter().map(row_of).collect::<Vec<_>>())
    };
    let note = move || match drawn.with(|drawn| drawn.usual_labels.is_empty()) {
        true => "boxes in this range",
        false => "boxes · mark: as in the training data",
    };
    let svg = move || draw.run(Canvas { width: width.get_untracked(), height: LABELS_PX });
    let csv = move || chart.with_untracked(BarChart::to_csv);
    view! {
        <section class="panel chart" aria-label="Labels">
            <div class="panel-head">
                <h2>"Labels"</h2>
                <span class="panel-end dim">{dynamic(note)}{save_menu("Labels".to_owned(), svg, csv)}</span>
            </div>
            <div class="plot">
                <Drawing height=LABELS_PX width=width draw=draw />
                <Show when=move || data.with(|d| d.total.labels.is_empty())>
                    <p class="plot-empty">"No box in this range."</p>
                </Show>
            </div>
            <details class="as-table">
                <summary>"Table"</summary>
                {table(&["Label", "#Boxes", "#As in the training data"], rows)}
            </details>
        </section>
    }
    .into_any()
}

/// Counts by label; with usual shares, labels that are usual and not there
/// are counted too.
fn bars(d: &Dashboard, usual: &[(String, f64)], palette: &Palette) -> Vec<Bar> {
    let counted = &d.total.labels;
    let all: u64 = counted.iter().map(|(_, count)| count).sum();
    let missing = usual.iter().filter(|(name, _)| !counted.iter().any(|(other, _)| other == name));
    let missing = missing.map(|(name, _)| (name.clone(), 0)).collect::<Vec<_>>();
    counted
        .iter()
        .chain(&missing)
        .map(|(name, value)| {
            let share = usual.iter().find(|(other, _)| other == name).map_or(0.0, |(_, share)| *share);
            let expected = (!usual.is_empty()).then_some(share * all as f64);
            Bar { name: name.clone(), value: *value, expected, ink: palette.ink(name) }
        })
        .collect()
}
