//! The parts that the server prepares, each shown by its kind.

use crate::{
    ui::{
        Brush, ChartPanel, Drawing, For, IntoAny, Plot, USUAL_WIDTH_PX, dynamic, figure, row, save_menu,
        table,
    },
    wire::{DashboardParts, Section},
};
use charts::{Canvas, LineChart, XAxis, grouped};
use leptos::prelude::*;

const HEAT_PX: u32 = 164;

/// Where a section stands, and of what kind it is: what is shown anew when
/// either changes, and only moves otherwise.
type SectionKey = (usize, u8);

/// The parts of a group that the server prepares.
pub(super) fn prepared(drawn: RwSignal<DashboardParts>, brush: Brush, group: usize) -> AnyView {
    let section_at =
        move |drawn: &DashboardParts, at: usize| drawn.groups.get(group)?.sections.get(at).cloned();
    let places = move || {
        let kind = |section: &Section| match section {
            Section::Wide(_) => 0,
            Section::Cell(_) => 1,
            Section::Plot(plot) if matches!(plot.chart.x, XAxis::Time { .. }) => 2,
            Section::Plot(_) => 3,
            Section::Heat(..) => 4,
        };
        drawn.with(|drawn| {
            let sections = drawn.groups.get(group).map_or(&[][..], |group| &group.sections);
            sections.iter().map(kind).enumerate().collect::<Vec<SectionKey>>()
        })
    };
    let one = move |(at, kind): SectionKey| {
        let section = Memo::new(move |_| drawn.with(|drawn| section_at(drawn, at)));
        match kind {
            0 => html(section, "wide"),
            1 => html(section, "cell"),
            2 => view! { <ChartPanel plot=plot_of(section) brush=brush /> }.into_any(),
            3 => view! { <ChartPanel plot=plot_of(section) /> }.into_any(),
            _ => heat_panel(section),
        }
    };
    view! { <For each=places key=|place| *place let:place>{one(place)}</For> }.into_any()
}

fn html(section: Memo<Option<Section>>, class: &'static str) -> AnyView {
    let html = move || match section.get() {
        Some(Section::Wide(html) | Section::Cell(html)) => html,
        _ => String::new(),
    };
    view! { <div class=class inner_html=html></div> }.into_any()
}

fn plot_of(section: Memo<Option<Section>>) -> Signal<Plot> {
    let nothing = || Plot {
        note: String::new(),
        place: String::new(),
        columns: Vec::new(),
        rows: Vec::new(),
        chart: LineChart {
            title: String::new(),
            x: XAxis::Count { to: 1.0 },
            y_max: None,
            lines: Vec::new(),
        },
    };
    Signal::derive(move || match section.get() {
        Some(Section::Plot(plot)) => plot,
        _ => nothing(),
    })
}

fn heat_panel(section: Memo<Option<Section>>) -> AnyView {
    let width = RwSignal::new(USUAL_WIDTH_PX);
    let map = move || match section.get() {
        Some(Section::Heat(map, note)) => Some((map, note)),
        _ => None,
    };
    let draw = Callback::new(move |canvas| map().map_or_else(String::new, |(map, _)| map.to_svg(canvas)));
    let svg = move || draw.run(Canvas { width: width.get_untracked(), height: HEAT_PX });
    let csv = move || map().map_or_else(String::new, |(map, _)| map.to_csv());
    let rows = move || {
        let Some((map, _)) = map() else { return Vec::new() };
        let lines = map.cells.chunks((map.columns as usize).max(1)).enumerate();
        lines
            .map(|(at, cells)| {
                let cells = cells.iter().map(|count| figure(grouped(*count))).collect();
                row(format!("row {}", at + 1), cells)
            })
            .collect()
    };
    let columns = section.with_untracked(|section| match section {
        Some(Section::Heat(map, _)) => (1..=map.columns).map(|at| format!("#{at}")).collect(),
        _ => Vec::new(),
    });
    let heads: Vec<String> = std::iter::once(String::new()).chain(columns).collect();
    view! {
        <section class="panel chart" aria-label="Where boxes lie">
            <div class="panel-head">
                <h2>"Where boxes lie"</h2>
                <span class="panel-end dim">
                    {dynamic(move || map().map(|(_, note)| note))}
                    {save_menu("Where boxes lie".to_owned(), svg, csv)}
                </span>
            </div>
            <div class="plot"><Drawing height=HEAT_PX width=width draw=draw /></div>
            <details class="as-table"><summary>"Table"</summary>{table(&heads, rows)}</details>
        </section>
    }
    .into_any()
}
