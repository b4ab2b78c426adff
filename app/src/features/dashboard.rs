//! What a deployment counted in a range of time, moving as predictions arrive.

mod cards;

use cards::cards;

use crate::ui::IntoAny;
use crate::{
    addresses,
    error::AppResult,
    live::{Connection, Live, Told, on_live, throttled},
    packed::{Packed, packed},
    server_fns::{
        deployments::{get_dashboard, get_sections},
        predictions::list_predictions,
    },
    stretch::Stretch,
    ui::{
        ChartPanel, Drawing, Palette, Row, USUAL_WIDTH_PX, day_and_time, figure, how_to_send,
        prediction_tile, row, table, time_of_day,
    },
    wire::{Tile, TilePage},
};
use charts::{Bar, BarChart, Ink, Line, LineChart, XAxis, decimal, grouped};
use domain::{
    deployment::Deployment,
    event::Event,
    listing::ListRequest,
    monitor::{Bucket, Dashboard, Resolution},
};
use leptos::{prelude::*, task::spawn_local};
use std::time::Duration;

/// Ranges to choose from: the word in the address, the name, milliseconds.
pub const RANGES: [(&str, &str, i64); 5] = [
    ("1h", "Last hour", 3_600_000),
    ("24h", "24 h", 86_400_000),
    ("7d", "7 d", 7 * 86_400_000),
    ("30d", "30 d", 30 * 86_400_000),
    ("1y", "1 y", 365 * 86_400_000),
];

/// The range that a word of the address means; 24 hours for any other.
#[must_use]
pub fn range_ms(word: &str) -> i64 {
    RANGES.iter().find(|(w, _, _)| *w == word).map_or(86_400_000, |(_, _, ms)| *ms)
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
    /// The parts that the server draws.
    sections: String,
    /// The range.
    stretch: Stretch,
) -> impl IntoView {
    let data = RwSignal::new(first);
    let tiles = RwSignal::new(latest.items);
    let sections = RwSignal::new(sections);
    let id = deployment.id;
    let name = deployment.name.as_str().to_owned();
    let drawn_of = name.clone();
    let draw = throttled(Duration::from_secs(20), move || {
        let name = drawn_of.clone();
        spawn_local(async move {
            if let Ok(now) = get_sections(name, stretch).await.and_then(|drawn| drawn.open()) {
                // The same again would close what somebody opened.
                if sections.try_with_untracked(|shown| *shown != now) == Some(true) {
                    sections.try_set(now);
                }
            }
        });
    });
    let fetch = throttled(Duration::from_millis(600), move || {
        let name = name.clone();
        spawn_local(async move {
            // A failed look is made good by the next; the banner tells of a lost feed.
            if let Ok((now, latest)) = look(name, stretch).await.and_then(|seen| seen.open()) {
                data.try_set(now);
                tiles.try_set(latest.items);
            }
        });
    });
    on_live(move |told| match told {
        Told::Refetch => {
            fetch();
            draw();
        }
        Told::Event(Event::PredictionsArrived { deployment_id, .. }) if *deployment_id == id => {
            fetch();
            draw();
        }
        Told::Event(Event::DeploymentChanged { id: changed }) if *changed == id => draw(),
        Told::Event(_) => {}
    });
    let palette = Palette::new(&deployment.champion.labels);
    view! {
        {cards(&deployment, data)}
        {strip(&deployment, tiles, palette.clone())}
        <div class="charts">
            {throughput(data)}
            {latency(data)}
            {objects(data)}
            {labels(data, palette)}
        </div>
        <div class="sections" inner_html=sections></div>
    }
}

/// As many as fit in a row.
const LATEST: u32 = 8;

/// The figures of a range, and the latest predictions.
pub type Seen = (Dashboard, TilePage);

/// Asks for both.
///
/// # Errors
/// As the server says.
pub async fn look(name: String, stretch: Stretch) -> AppResult<Packed<Seen>> {
    let figures = get_dashboard(name.clone(), stretch).await?;
    let latest = ListRequest { limit: Some(LATEST), ..ListRequest::default() };
    Ok(figures.and(list_predictions(name, packed(&latest)?).await?))
}

fn strip(deployment: &Deployment, tiles: RwSignal<Vec<Tile>>, palette: Palette) -> AnyView {
    let all = format!("{}/predictions", addresses::deployment(deployment.name.as_str()));
    let deployment = deployment.clone();
    view! {
        <section class="panel latest" aria-label="Latest predictions" class:latest-none=move || tiles.with(Vec::is_empty)>
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
    let connection = use_context::<Live>().map(|live| live.0);
    move || match connection.map(|c| c.get()).unwrap_or_default() {
        Connection::Live => view! { <span class="live">"live"</span> }.into_any(),
        Connection::Lost => view! { <span class="live live-lost">"reconnecting"</span> }.into_any(),
        Connection::Opening => ().into_any(),
    }
}

/// One line of a chart: its name, its colour, and its figure in a bucket.
type Column = (&'static str, Ink, fn(&Bucket) -> Option<f64>);

fn middle(d: &Dashboard, bucket: &Bucket) -> f64 {
    bucket.start.0 as f64 + d.resolution.width_ms() as f64 / 2.0
}

fn place_name(d: &Dashboard, bucket: &Bucket) -> String {
    match d.resolution {
        Resolution::Minute => time_of_day(bucket.start).chars().take(5).collect::<String>() + " UTC",
        Resolution::Hour => day_and_time(bucket.start),
        Resolution::Day => day_and_time(bucket.start).split(',').next().unwrap_or_default().to_owned(),
    }
}

fn lines(d: &Dashboard, title: &str, columns: &[Column]) -> LineChart {
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

fn rows(d: &Dashboard, columns: &[Column], figure: fn(f64) -> String) -> Vec<Row> {
    d.buckets
        .iter()
        .map(|bucket| Row {
            x: middle(d, bucket),
            name: place_name(d, bucket),
            figures: columns.iter().map(|(_, _, read)| read(bucket).map(figure)).collect(),
        })
        .collect()
}

fn panel(
    data: RwSignal<Dashboard>,
    title: &'static str,
    note: &'static str,
    columns: &'static [Column],
    figure: fn(f64) -> String,
) -> AnyView {
    let chart = Memo::new(move |_| data.with(|d| lines(d, title, columns)));
    let rows = Memo::new(move |_| data.with(|d| rows(d, columns, figure)));
    let names = columns.iter().map(|(name, ink, _)| (*name, *ink)).collect::<Vec<_>>();
    view! { <ChartPanel title=title note=note place="Time" columns=names chart=chart rows=rows /> }.into_any()
}

fn throughput(data: RwSignal<Dashboard>) -> AnyView {
    const COLUMNS: &[Column] = &[("predictions", Ink::Accent, |b| Some(b.predictions as f64))];
    let note = data.with_untracked(|d| match d.resolution {
        Resolution::Minute => "per minute",
        Resolution::Hour => "per hour",
        Resolution::Day => "per day",
    });
    panel(data, "Throughput", note, COLUMNS, |v| grouped(v as u64))
}

fn latency(data: RwSignal<Dashboard>) -> AnyView {
    const COLUMNS: &[Column] =
        &[("p95", Ink::Muted, |b| b.latency_p95_ms), ("median", Ink::Accent, |b| b.latency_p50_ms)];
    panel(data, "Latency", "ms · p95 grey", COLUMNS, |v| format!("{} ms", decimal(v, 1)))
}

fn objects(data: RwSignal<Dashboard>) -> AnyView {
    const COLUMNS: &[Column] = &[("objects per image", Ink::Accent, |b| b.objects_mean)];
    panel(data, "Objects per image", "mean", COLUMNS, |v| decimal(v, 2))
}

/// More labels than this would be a list, not a chart.
const LABELS: usize = 7;

fn labels(data: RwSignal<Dashboard>, palette: Palette) -> AnyView {
    let width = RwSignal::new(USUAL_WIDTH_PX);
    let draw = Callback::new(move |canvas| {
        let bars = data.with(|d| {
            let counted = d.total.labels.iter().take(LABELS);
            counted
                .map(|(name, value)| Bar { name: name.clone(), value: *value, ink: palette.ink(name) })
                .collect()
        });
        BarChart { title: "Boxes by label".into(), bars }.to_svg(canvas)
    });
    let rows = move || {
        let labels = data.with(|d| d.total.labels.clone());
        labels.into_iter().map(|(name, count)| row(name, vec![figure(grouped(count))])).collect::<Vec<_>>()
    };
    view! {
        <section class="panel chart" aria-label="Labels">
            <div class="panel-head"><h2>"Labels"</h2><span class="dim">"boxes in this range"</span></div>
            <div class="plot">
                <Drawing height=164 width=width draw=draw />
                <Show when=move || data.with(|d| d.total.labels.is_empty())>
                    <p class="plot-empty">"No box in this range."</p>
                </Show>
            </div>
            <details class="as-table">
                <summary>"Table"</summary>
                {table(&["Label", "#Boxes"], rows)}
            </details>
        </section>
    }
    .into_any()
}
