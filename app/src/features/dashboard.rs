//! What a deployment counted in a range of time, moving as predictions arrive.

mod cards;
mod labels;
mod prepared;

use cards::cards;
use labels::labels;
use prepared::prepared;

use crate::{
    addresses,
    how_to_send::how_to_send,
    live::{Connection, Live, LiveUpdate, on_live, throttled},
    routes::Route,
    server_fns::dashboards::{get_live, get_sections},
    stretch::Stretch,
    ui::{Brush, ChartPanel, For, IntoAny, Palette, Plot, Row, Show, bucket_name, follow, prediction_tile},
    wire::{DashboardParts, SectionGroup, TRAFFIC, Tile, TilePage},
};
use charts::{Ink, Line, LineChart, XAxis, decimal, grouped};
use domain::{
    deployment::Deployment,
    event::Event,
    monitor::{Bucket, Dashboard, RANGES_MS, figures::Figure},
    time::Timestamp,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::NavigateOptions;
use std::time::Duration;

/// Ranges to choose from: the word in the address and the name, in the order
/// of [`RANGES_MS`].
pub const RANGES: [(&str, &str); RANGES_MS.len()] = [
    ("30m", "30 min"),
    ("1h", "1 h"),
    ("6h", "6 h"),
    ("24h", "24 h"),
    ("7d", "7 d"),
    ("30d", "30 d"),
    ("1y", "1 y"),
];

/// The range that a word of the address means, in milliseconds.
#[must_use]
pub fn range_ms(word: &str) -> Option<i64> {
    let found = RANGES.iter().position(|(known, _)| *known == word)?;
    RANGES_MS.get(found).copied()
}

/// The figures and charts of one range.
#[component]
pub fn DashboardView(
    /// Whose figures.
    deployment: Deployment,
    /// As the server drew them.
    first: Dashboard,
    /// The latest predictions, newest first.
    latest: TilePage,
    /// The parts that the server prepares.
    drawn: DashboardParts,
    /// The range.
    stretch: Stretch,
) -> impl IntoView {
    let data = RwSignal::new(first);
    let tiles = RwSignal::new(latest.items);
    let drawn = RwSignal::new(drawn);
    follow_server(&deployment, stretch, data, tiles, drawn);
    let palette = Palette::new(&deployment.champion.labels);
    let brush = brush();
    view! {
        <div class="headline-place" inner_html=move || drawn.with(|drawn| drawn.headline.clone())></div>
        {cards(&deployment, data, drawn)}
        {strip(&deployment, tiles, palette.clone())}
        {groups(data, drawn, brush, palette)}
    }
}

/// The charts that the browser draws itself, around what the server prepares.
const OWN_CHARTS: usize = 3;

/// The parts below the figures, each below a heading that folds it.
fn groups(
    data: RwSignal<Dashboard>,
    drawn: RwSignal<DashboardParts>,
    brush: Brush,
    palette: Palette,
) -> AnyView {
    let heads = drawn.with_untracked(|drawn| {
        let head = |group: &SectionGroup| (group.id.clone(), group.title.clone(), group.open);
        drawn.groups.iter().map(head).collect::<Vec<_>>()
    });
    let one = |(at, (id, title, open)): (usize, (String, String, bool))| {
        let is_traffic = id == TRAFFIC;
        let before = is_traffic.then(|| throughput(data, brush));
        let after =
            is_traffic.then(|| view! { {objects(data, brush)}{labels(data, drawn, palette.clone())} });
        let others = if is_traffic { OWN_CHARTS } else { 0 };
        let columns = move || {
            let beside = |group: &SectionGroup| group.sections.iter().filter(|part| !part.is_wide()).count();
            columns_for(others + drawn.with(|drawn| drawn.groups.get(at).map_or(0, beside)))
        };
        view! {
            <details class="part" id=id open=open>
                <summary><h2>{title}</h2></summary>
                <div class=follow(columns)>{before}{prepared(drawn, brush, at)}{after}</div>
            </details>
        }
        .into_any()
    };
    heads.into_iter().enumerate().map(one).collect::<Vec<_>>().into_any()
}

/// The class for so many charts: none is left alone in a row.
fn columns_for(charts: usize) -> &'static str {
    match charts {
        0 | 1 => "charts charts-1",
        2 | 4 => "charts charts-2",
        _ => "charts",
    }
}

/// Links to the groups of parts, for the bar that stays.
#[must_use]
pub fn contents(drawn: &DashboardParts) -> AnyView {
    let link = |group: &SectionGroup| {
        let href = format!("#{}", group.id);
        view! { <a href=href>{group.title.clone()}</a> }
    };
    let links: Vec<_> = drawn.groups.iter().map(link).collect();
    view! { <nav class="contents" aria-label="On this page">{links}</nav> }.into_any()
}

/// Fetches the figures, the tiles and the prepared parts anew when they have
/// changed.
fn follow_server(
    deployment: &Deployment,
    stretch: Stretch,
    data: RwSignal<Dashboard>,
    tiles: RwSignal<Vec<Tile>>,
    drawn: RwSignal<DashboardParts>,
) {
    let id = deployment.id;
    let name = deployment.name.as_str().to_owned();
    let drawn_of = name.clone();
    let draw = throttled(Duration::from_secs(10), move || {
        let name = drawn_of.clone();
        spawn_local(async move {
            if let Ok(now) = get_sections(name, stretch).await.and_then(|drawn| drawn.open()) {
                drawn.try_set(now);
            }
        });
    });
    let fetch = throttled(Duration::from_millis(600), move || {
        let name = name.clone();
        spawn_local(async move {
            // A failed look is made good by the next; the banner tells of a lost feed.
            if let Ok((now, latest)) = get_live(name, stretch).await.and_then(|seen| seen.open()) {
                data.try_set(now);
                tiles.try_set(latest.items);
            }
        });
    });
    on_live(move |update| match update {
        LiveUpdate::Refetch => {
            fetch();
            draw();
        }
        LiveUpdate::Event(Event::PredictionsArrived { deployment_id, .. }) if *deployment_id == id => {
            fetch();
            draw();
        }
        LiveUpdate::Event(Event::DeploymentChanged { id: changed }) if *changed == id => draw(),
        LiveUpdate::Event(_) => {}
    });
}

/// Shows the stretch that was drawn over a chart; going back shows the former.
fn brush() -> Brush {
    let navigate = addresses::use_go();
    Callback::new(move |(from, to): (f64, f64)| {
        let word = |ms: f64| Timestamp(ms as i64).to_string().chars().take(19).collect::<String>();
        let options = NavigateOptions { scroll: false, ..NavigateOptions::default() };
        navigate(&format!("?from={}&to={}", word(from), word(to)), options);
    })
}

fn strip(deployment: &Deployment, tiles: RwSignal<Vec<Tile>>, palette: Palette) -> AnyView {
    let all = Route::Predictions.with(&[deployment.name.as_str()]);
    let deployment = deployment.clone();
    view! {
        <section class="panel latest" aria-label="Latest predictions" class:latest-none=follow(move || tiles.with(Vec::is_empty))>
            <div class="panel-head"><h2>"Latest"</h2><a href=all>"All predictions"</a></div>
            <div class="strip">
                <For each=move || tiles.get() key=|tile| (tile.id, tile.status) let:tile>
                    {prediction_tile(&tile, &palette)}
                </For>
            </div>
            <Show when=move || tiles.with(Vec::is_empty)>
                {nothing_yet(&deployment)}
            </Show>
        </section>
    }
    .into_any()
}

fn nothing_yet(deployment: &Deployment) -> AnyView {
    let words = if deployment.champion.runnable {
        "No prediction yet. Drop an image on the Predictions tab, or send one from a program."
    } else {
        "No prediction yet. They appear as soon as one is reported."
    };
    view! { <p>{words}</p>{how_to_send(deployment)} }.into_any()
}

/// Says whether the figures move by themselves.
#[component]
pub fn LiveDot() -> impl IntoView {
    let connection = use_context::<Live>().map(|live| live.connection);
    move || match connection.map(|c| c.get()).unwrap_or_default() {
        Connection::Live => view! { <span class="live">"live"</span> }.into_any(),
        Connection::Lost => view! { <span class="live live-lost">"reconnecting"</span> }.into_any(),
        Connection::Opening => ().into_any(),
    }
}

/// One line of a chart: its name, its colour, and its figure in a bucket.
type ChartLine = (&'static str, Ink, fn(&Bucket) -> Option<f64>);

fn middle(d: &Dashboard, bucket: &Bucket) -> f64 {
    bucket.start.0 as f64 + d.resolution.width_ms() as f64 / 2.0
}

fn lines(d: &Dashboard, title: &str, columns: &[ChartLine]) -> LineChart {
    let lines = columns.iter().map(|(_, ink, read)| Line {
        ink: *ink,
        filled: *ink == Ink::Accent,
        points: d.buckets.iter().map(|bucket| (middle(d, bucket), read(bucket))).collect(),
    });
    LineChart {
        title: title.to_owned(),
        x: XAxis::Time {
            from: d.buckets.first().map_or(d.range.from, |b| b.start),
            to: d.buckets.last().map_or(d.range.to, |b| b.start.plus_ms(d.resolution.width_ms())),
        },
        y_max: None,
        lines: lines.collect(),
    }
}

fn rows(d: &Dashboard, columns: &[ChartLine], figure: fn(f64) -> String) -> Vec<Row> {
    d.buckets
        .iter()
        .map(|bucket| Row {
            x: middle(d, bucket),
            name: bucket_name(bucket.start, d.resolution),
            figures: columns.iter().map(|(_, _, read)| read(bucket).map(figure)).collect(),
            href: None,
        })
        .collect()
}

fn panel(
    data: RwSignal<Dashboard>,
    title: &'static str,
    note: String,
    columns: &'static [ChartLine],
    figure: fn(f64) -> String,
    brush: Brush,
) -> AnyView {
    let plot = move |d: &Dashboard| Plot {
        note: note.clone(),
        place: "Time".to_owned(),
        columns: columns.iter().map(|(name, ink, _)| ((*name).to_owned(), *ink)).collect(),
        chart: lines(d, title, columns),
        rows: rows(d, columns, figure),
    };
    let plot = Memo::new(move |_| data.with(&plot));
    view! { <ChartPanel plot=plot brush=brush /> }.into_any()
}

fn throughput(data: RwSignal<Dashboard>, brush: Brush) -> AnyView {
    const COLUMNS: &[ChartLine] = &[("predictions", Ink::Accent, |b| b.figures.get(Figure::Predictions))];
    let note = data.with_untracked(|d| format!("per {}", d.resolution.words()));
    panel(data, "Throughput", note, COLUMNS, |v| grouped(v as u64), brush)
}

fn objects(data: RwSignal<Dashboard>, brush: Brush) -> AnyView {
    const COLUMNS: &[ChartLine] =
        &[("objects per image", Ink::Accent, |b| b.figures.get(Figure::ObjectsMean))];
    panel(data, "Objects per image", "mean".to_owned(), COLUMNS, |v| decimal(v, 2), brush)
}
