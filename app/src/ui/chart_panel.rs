//! A chart with a name, figures under the pointer, and the same as a table
//! and as a file.

use super::{
    IntoAny, Show,
    drawing::{Drawing, USUAL_WIDTH_PX},
    dynamic, follow, handler,
    palette::CLASSES,
    save_menu::save_menu,
    table,
};
use crate::{addresses::use_go, dom};
use charts::{Canvas, Ink, LineChart, XAxis};
use leptos::{ev::PointerEvent, prelude::*};
use leptos_router::NavigateOptions;
use serde::{Deserialize, Serialize};

/// A row of the chart's table: where, and the figures of each line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Place on the x axis, in its unit.
    pub x: f64,
    /// What people call that place.
    pub name: String,
    /// A figure for each column, as people read it; `None` where nothing was
    /// measured.
    pub figures: Vec<Option<String>>,
    /// Where a click leads: what stands out there.
    pub href: Option<String>,
}

/// Curves, and the same for reading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plot {
    /// The unit, or what the lines are.
    pub note: String,
    /// What the place of a point is called.
    pub place: String,
    /// The names of the lines, in the order of the chart's, with their colours.
    pub columns: Vec<(String, Ink)>,
    /// The curves; their title is the panel's name.
    pub chart: LineChart,
    /// By rising x.
    pub rows: Vec<Row>,
}

/// What a brush over a chart chooses: the values at its two ends.
pub type Brush = Callback<(f64, f64)>;

const HEIGHT_PX: u32 = 164;
/// A pointer that moves less than this between pressing and letting go has
/// clicked.
const CLICK_PX: f64 = 6.0;

/// A chart of curves.
#[component]
pub fn ChartPanel(
    /// What it shows.
    #[prop(into)]
    plot: Signal<Plot>,
    /// Gets the stretch that somebody draws over the chart.
    #[prop(optional)]
    brush: Option<Brush>,
) -> impl IntoView {
    let width = RwSignal::new(USUAL_WIDTH_PX);
    let pointed = RwSignal::new(None::<usize>);
    let pressed = RwSignal::new(None::<(f64, f64)>);
    let title = plot.with_untracked(|plot| plot.chart.title.clone());
    let canvas = move || Canvas { width: width.get(), height: HEIGHT_PX };
    let draw = Callback::new(move |canvas| plot.with(|plot| plot.chart.to_svg(canvas)));
    let hover = move || {
        plot.with(|plot| {
            let row = plot.rows.get(pointed.get()?)?;
            let x = plot.chart.frame(canvas()).x_px(row.x);
            Some(hover_view(row, x, f64::from(width.get()), &plot.columns))
        })
    };
    let span = move || {
        let (from, to) =
            pressed.get().filter(|(from, to)| brush.is_some() && (from - to).abs() >= CLICK_PX)?;
        let (left, right) = (format!("{:.1}px", from.min(to)), format!("{:.1}px", (from - to).abs()));
        Some(view! { <div class="brush" style:left=left style:width=right></div> })
    };
    let hit = hit(plot, canvas, pointed, pressed, brush);
    let csv = move || {
        plot.with_untracked(|plot| {
            let names: Vec<&str> = plot.columns.iter().map(|(name, _)| name.as_str()).collect();
            let place = if is_time(&plot.chart) { "bucket_middle_utc" } else { plot.place.as_str() };
            plot.chart.to_csv(place, &names)
        })
    };
    let svg = move || plot.with_untracked(|plot| plot.chart.to_svg(canvas()));
    let (head, name) = (title.clone(), title.clone());
    view! {
        <section class="panel chart" aria-label=name>
            <div class="panel-head">
                <h2>{head}</h2>
                <span class="panel-end dim">
                    {dynamic(move || plot.with(|plot| plot.note.clone()))}
                    {save_menu(title, svg, csv)}
                </span>
            </div>
            <div class="plot">
                <Drawing height=HEIGHT_PX width=width draw=draw />
                <Show when=move || plot.with(|plot| plot.chart.is_empty())>
                    <p class="plot-empty">"Nothing was measured in this range."</p>
                </Show>
                {dynamic(span)}
                {dynamic(hover)}
                {hit}
            </div>
            {as_table(plot)}
        </section>
    }
}

fn is_time(chart: &LineChart) -> bool {
    matches!(chart.x, XAxis::Time { .. })
}

/// What the pointer does on the chart: figures under it, a click that leads
/// on, a stretch that is drawn over it.
fn hit(
    plot: Signal<Plot>,
    canvas: impl Fn() -> Canvas + Copy + Send + Sync + 'static,
    pointed: RwSignal<Option<usize>>,
    pressed: RwSignal<Option<(f64, f64)>>,
    brush: Option<Brush>,
) -> AnyView {
    let navigate = use_go();
    let nearest = move |px: f64| {
        plot.with_untracked(|plot| plot.chart.frame(canvas()).nearest(plot.rows.iter().map(|row| row.x), px))
    };
    let href = move || plot.with(|plot| plot.rows.get(pointed.get()?)?.href.clone());
    let down = move |event: PointerEvent| {
        let px = f64::from(event.offset_x());
        dom::hold_pointer(&event);
        pressed.set(Some((px, px)));
    };
    let moved = move |event: PointerEvent| {
        let px = f64::from(event.offset_x());
        pointed.set(nearest(px));
        if let Some((from, _)) = pressed.get_untracked() {
            pressed.set(Some((from, px)));
        }
    };
    let up = move |event: PointerEvent| {
        let Some((from, _)) = pressed.get_untracked() else { return };
        pressed.set(None);
        let to = f64::from(event.offset_x());
        if (from - to).abs() < CLICK_PX {
            if let Some(href) = href() {
                navigate(&href, NavigateOptions::default());
            }
        } else if let Some(brush) = brush {
            let frame = plot.with_untracked(|plot| plot.chart.frame(canvas()));
            let value = |px: f64| frame.x_value(px.clamp(frame.left, frame.right));
            brush.run((value(from.min(to)), value(from.max(to))));
        }
    };
    view! {
        <div
            class="plot-hit"
            class:plot-brush=brush.is_some()
            class:plot-leads=follow(move || href().is_some())
            on:pointerdown=handler(down)
            on:pointermove=moved
            on:pointerup=handler(up)
            on:pointercancel=handler(move |_| pressed.set(None))
            on:pointerleave=handler(move |_| pointed.set(None))
        ></div>
    }
    .into_any()
}

fn ink_class(ink: Ink) -> String {
    match ink {
        Ink::Second => "swatch swatch-2".to_owned(),
        Ink::Muted => "swatch swatch-muted".to_owned(),
        Ink::Label(index) => format!("swatch {}", CLASSES[index % CLASSES.len()]),
        _ => "swatch".to_owned(),
    }
}

fn hover_view(row: &Row, x: f64, width: f64, columns: &[(String, Ink)]) -> AnyView {
    let lines: Vec<_> = columns
        .iter()
        .zip(&row.figures)
        .map(|((name, ink), figure)| {
            let figure = figure.clone().unwrap_or_else(|| "–".to_owned());
            view! { <div class="tip-line"><i class=ink_class(*ink)></i>{name.clone()}<b>{figure}</b></div> }
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

fn as_table(plot: Signal<Plot>) -> AnyView {
    let body = move || {
        let dash = |figure: &Option<String>| table::figure(figure.clone().unwrap_or_else(|| "–".to_owned()));
        plot.with(|plot| {
            plot.rows
                .iter()
                .filter(|row| row.figures.iter().any(Option::is_some))
                .map(|row| {
                    let name = match &row.href {
                        Some(href) => table::link(href.clone(), row.name.clone()),
                        None => row.name.clone().into_any(),
                    };
                    table::row(name, row.figures.iter().map(dash).collect())
                })
                .collect::<Vec<_>>()
        })
    };
    let heads = plot.with_untracked(|plot| {
        let names = plot.columns.iter().map(|(name, _)| format!("#{name}"));
        std::iter::once(plot.place.clone()).chain(names).collect::<Vec<_>>()
    });
    view! { <details class="as-table"><summary>"Table"</summary>{table::table(&heads, body)}</details> }
        .into_any()
}
