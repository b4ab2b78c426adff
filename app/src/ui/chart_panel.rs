//! A chart with a name, figures under the pointer, and the same as a table.

use super::{
    drawing::{Drawing, USUAL_WIDTH_PX},
    table,
};
use crate::ui::IntoAny;
use charts::{Canvas, Ink, LineChart};
use leptos::{ev::PointerEvent, prelude::*};

/// A row of the chart's table: where, and the figures of each line.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Place on the x axis, in its unit.
    pub x: f64,
    /// What people call that place.
    pub name: String,
    /// A figure for each column, as people read it; `None` where nothing was
    /// measured.
    pub figures: Vec<Option<String>>,
}

const HEIGHT_PX: u32 = 164;

/// A chart of curves.
#[component]
pub fn ChartPanel(
    /// Its name.
    title: &'static str,
    /// The unit, or what the lines are.
    note: &'static str,
    /// What the place of a point is called.
    place: &'static str,
    /// The names of the lines, as the table's columns, with their colours.
    columns: Vec<(&'static str, Ink)>,
    /// The curves.
    #[prop(into)]
    chart: Signal<LineChart>,
    /// The same, for reading.
    #[prop(into)]
    rows: Signal<Vec<Row>>,
) -> impl IntoView {
    let width = RwSignal::new(USUAL_WIDTH_PX);
    let pointed = RwSignal::new(None::<usize>);
    let canvas = move || Canvas { width: width.get(), height: HEIGHT_PX };
    let draw = Callback::new(move |canvas| chart.with(|chart| chart.to_svg(canvas)));
    let point = move |event: PointerEvent| {
        let frame = chart.with(|chart| chart.frame(canvas()));
        let px = f64::from(event.offset_x());
        pointed.set(rows.with(|rows| frame.nearest(rows.iter().map(|row| row.x), px)));
    };
    let names = columns.clone();
    let hover = move || {
        let row = rows.with(|rows| rows.get(pointed.get()?).cloned())?;
        let x = chart.with(|chart| chart.frame(canvas())).x_px(row.x);
        Some(hover_view(&row, x, f64::from(width.get()), &names))
    };
    view! {
        <section class="panel chart" aria-label=title>
            <div class="panel-head">
                <h2>{title}</h2>
                <span class="dim">{note}</span>
            </div>
            <div class="plot">
                <Drawing height=HEIGHT_PX width=width draw=draw />
                <Show when=move || chart.with(LineChart::is_empty)>
                    <p class="plot-empty">"Nothing was measured in this range."</p>
                </Show>
                {hover}
                <div class="plot-hit" on:pointermove=point on:pointerleave=move |_| pointed.set(None)></div>
            </div>
            {as_table(place, &columns, rows)}
        </section>
    }
}

fn ink_class(ink: Ink) -> &'static str {
    match ink {
        Ink::Second => "swatch swatch-2",
        Ink::Muted => "swatch swatch-muted",
        _ => "swatch",
    }
}

fn hover_view(row: &Row, x: f64, width: f64, columns: &[(&'static str, Ink)]) -> AnyView {
    let lines: Vec<_> = columns
        .iter()
        .zip(&row.figures)
        .map(|((name, ink), figure)| {
            let figure = figure.clone().unwrap_or_else(|| "–".to_owned());
            view! { <div class="tip-line"><i class=ink_class(*ink)></i>{*name}<b>{figure}</b></div> }
        })
        .collect();
    let side = if x > width / 2.0 { "tip tip-left" } else { "tip" };
    view! {
        <div class="hover-line" style:left=format!("{x:.1}px")></div>
        <div class=side style:left=format!("{x:.1}px")>
            <div class="dim">{row.name.clone()}</div>
            {lines}
        </div>
    }
    .into_any()
}

fn as_table(place: &'static str, columns: &[(&'static str, Ink)], rows: Signal<Vec<Row>>) -> AnyView {
    let body = move || {
        let dash = |figure: Option<String>| table::figure(figure.unwrap_or_else(|| "–".to_owned()));
        rows.get()
            .into_iter()
            .filter(|row| row.figures.iter().any(Option::is_some))
            .map(|row| table::row(row.name, row.figures.into_iter().map(dash).collect()))
            .collect::<Vec<_>>()
    };
    let mut heads = vec![place];
    heads.extend(columns.iter().map(|(name, _)| *name));
    view! { <details class="as-table"><summary>"Table"</summary>{table::table(&heads, body)}</details> }
        .into_any()
}
