//! What images are like: how sure, how unusual, how they look, and where the
//! boxes lie; with the range before, and the training data.

use super::{Sections, close, open, open_with, percent, table, text, words};
use crate::{
    addresses,
    ui::{Plot, Row, bucket_name},
    wire::Section,
};
use charts::{HeatMap, Ink, LineChart, XAxis};
use domain::{
    ids::PredictionId,
    monitor::{
        figures::Figure,
        page::{Point, SHARE_BINS, Totals},
        shown::{Chart, Line},
    },
    time::Timestamp,
};
use std::fmt::Write as _;

/// A line: its figure, its name, its colour.
type ChartLine = (Figure, &'static str, Ink);

/// How fast answers are, and how unusual what arrives is.
pub(super) fn traffic(sections: &Sections<'_>) -> Vec<Section> {
    let mut list = vec![Section::Plot(latency(sections))];
    list.extend(curves(sections, is_of_traffic));
    list
}

/// What the images are like.
pub(super) fn properties(sections: &Sections<'_>) -> Vec<Section> {
    let mut list: Vec<Section> = curves(sections, |chart| !is_of_traffic(chart)).collect();
    let total = &sections.page.total;
    list.extend(shares("Boxes by confidence", "confidence in %", &total.confidence).map(Section::Plot));
    list.extend(shares("Images by outlier score", "score in %", &total.outlier).map(Section::Plot));
    list.extend(heat(sections));
    list
}

/// This range beside the one before, and model versions beside each other.
pub(super) fn comparisons(sections: &Sections<'_>) -> Vec<Section> {
    let mut list = vec![comparison(&sections.page.total, &sections.page.before)];
    list.extend(by_model(&sections.page.by_model));
    list
}

/// Whether a chart stands beside throughput and latency, and not among the
/// properties of images.
fn is_of_traffic(chart: &Chart) -> bool {
    Figure::Unusual.row().line.is_some_and(|line| line.chart == *chart)
}

fn curves<'a>(
    sections: &'a Sections<'_>,
    which: impl Fn(&Chart) -> bool + 'a,
) -> impl Iterator<Item = Section> + 'a {
    let chosen = charts().into_iter().filter(move |(chart, _)| which(chart));
    chosen.filter_map(move |(chart, columns)| curve(sections, &chart, &columns).map(Section::Plot))
}

/// The charts that the table of figures says, in its order, each with its
/// lines: the main one is painted last, over the grey ones.
fn charts() -> Vec<(Chart, Vec<ChartLine>)> {
    let mut charts: Vec<(Chart, Vec<ChartLine>)> = Vec::new();
    for figure in Figure::all() {
        let Some(Line { chart, name, is_beside }) = figure.row().line else { continue };
        let column = (figure, name, if is_beside { Ink::Muted } else { Ink::Accent });
        match charts.iter_mut().find(|(other, _)| *other == chart) {
            Some((_, columns)) if is_beside => columns.insert(0, column),
            Some((_, columns)) => columns.push(column),
            None => charts.push((chart, vec![column])),
        }
    }
    charts
}

/// Champion and shadow; a click opens the slowest of a bucket.
fn latency(sections: &Sections<'_>) -> Plot {
    let page = sections.page;
    let shadowed = page.points.iter().any(|point| point.figures.get(Figure::ShadowP50).is_some());
    let mut columns: Vec<ChartLine> = Vec::new();
    if shadowed {
        columns.push((Figure::ShadowP50, "shadow's median", Ink::Muted));
    }
    columns.push((Figure::LatencyP95, "p95", Ink::Second));
    columns.push((Figure::LatencyP50, "median", Ink::Accent));
    let rows = page.points.iter().zip(&page.dashboard.buckets).map(|(point, bucket)| {
        let of = |figure| point.figures.get(figure).or_else(|| bucket.figures.get(figure));
        (point.start, columns.iter().map(|(figure, ..)| of(*figure)).collect(), point.slowest)
    });
    let note = if shadowed { "ms · p95 green, shadow grey" } else { "ms · p95 green" };
    by_time(sections, "Latency", note, &columns, rows.collect())
}

/// Nothing where no bucket has any of the figures.
fn curve(sections: &Sections<'_>, chart: &Chart, columns: &[ChartLine]) -> Option<Plot> {
    let points = &sections.page.points;
    let figures = |point: &Point| -> Vec<Option<f64>> {
        columns.iter().map(|(figure, ..)| point.figures.get(*figure)).collect()
    };
    let stands_out = |point: &Point| chart.opens.and_then(|how| point.stands_out(how));
    let rows: Vec<Measured> =
        points.iter().map(|point| (point.start, figures(point), stands_out(point))).collect();
    let has_some = rows.iter().any(|(_, figures, _)| figures.iter().any(Option::is_some));
    has_some.then(|| by_time(sections, chart.title, chart.note, columns, rows))
}

/// A bucket: when it begins, its figures, and what stands out in it.
type Measured = (Timestamp, Vec<Option<f64>>, Option<PredictionId>);

/// Curves over the buckets of the range.
fn by_time(
    sections: &Sections<'_>,
    title: &str,
    note: &str,
    columns: &[ChartLine],
    buckets: Vec<Measured>,
) -> Plot {
    let dashboard = &sections.page.dashboard;
    let wide = dashboard.resolution.width_ms();
    let middle = |start: Timestamp| start.0 as f64 + wide as f64 / 2.0;
    let lines = columns.iter().enumerate().map(|(column, (figure, _, ink))| charts::Line {
        ink: *ink,
        filled: *ink == Ink::Accent,
        points: buckets
            .iter()
            .map(|(start, figures, _)| {
                let value = figures.get(column).copied().flatten();
                (middle(*start), value.map(|value| words::on_axis(*figure, value)))
            })
            .collect(),
    });
    let (from, to) = match (buckets.first(), buckets.last()) {
        (Some(first), Some(last)) => (first.0, last.0.plus_ms(wide)),
        _ => (dashboard.range.from, dashboard.range.to),
    };
    let chart = LineChart {
        title: title.to_owned(),
        x: XAxis::Time { from, to },
        y_max: None,
        lines: lines.collect(),
    };
    let rows = buckets.iter().map(|(start, figures, stands_out)| Row {
        x: middle(*start),
        name: bucket_name(*start, dashboard.resolution),
        figures: columns
            .iter()
            .zip(figures)
            .map(|((figure, ..), value)| value.map(|value| words::with_unit(*figure, value)))
            .collect(),
        href: stands_out.map(addresses::prediction),
    });
    Plot {
        note: note.to_owned(),
        place: "Time".to_owned(),
        columns: columns.iter().map(|(_, name, ink)| ((*name).to_owned(), *ink)).collect(),
        rows: rows.collect(),
        chart,
    }
}

/// Counts in equal bins from 0 to 1.
fn shares(title: &str, note: &str, counts: &[u64]) -> Option<Plot> {
    let all: u64 = counts.iter().sum();
    if all == 0 {
        return None;
    }
    let wide = 100.0 / SHARE_BINS as f64;
    let middle = |bin: usize| (bin as f64 + 0.5) * wide;
    let rows = counts.iter().enumerate().map(|(bin, count)| Row {
        x: middle(bin),
        name: format!("{:.0} to {:.0} %", bin as f64 * wide, (bin + 1) as f64 * wide),
        figures: vec![
            Some(charts::grouped(*count)),
            Some(format!("{:.1} %", *count as f64 * 100.0 / all as f64)),
        ],
        href: None,
    });
    let points = counts.iter().enumerate().map(|(bin, count)| (middle(bin), Some(*count as f64)));
    Some(Plot {
        note: note.to_owned(),
        place: "From, to".to_owned(),
        columns: vec![("count".to_owned(), Ink::Accent), ("share".to_owned(), Ink::Accent)],
        rows: rows.collect(),
        chart: LineChart {
            title: title.to_owned(),
            x: XAxis::Count { to: 100.0 },
            y_max: None,
            lines: vec![charts::Line { ink: Ink::Accent, filled: true, points: points.collect() }],
        },
    })
}

fn heat(sections: &Sections<'_>) -> Option<Section> {
    let heat = &sections.page.heat;
    let map =
        HeatMap { title: "Where boxes lie".to_owned(), columns: heat.columns, cells: heat.cells.clone() };
    let most = map.most();
    (most > 0).then(|| {
        let note = format!("middles of boxes, at most {} a cell", charts::grouped(most));
        Section::Heat(map, note)
    })
}

/// The figures by which ranges and model versions are compared.
fn comparable() -> impl Iterator<Item = Figure> {
    Figure::all().filter(|figure| figure.row().is_compared)
}

fn comparison(now: &Totals, before: &Totals) -> Section {
    let rows: Vec<Vec<String>> = comparable()
        .filter_map(|figure| {
            let (a, b) = (now.get(figure), before.get(figure));
            let cell = |value| words::with_unit_or_dash(figure, value);
            let change = a.zip(b).map_or_else(|| "–".to_owned(), |(a, b)| words::change(a, b));
            (a.is_some() || b.is_some()).then(|| vec![text(figure.row().title), cell(a), cell(b), change])
        })
        .collect();
    let mut html = String::new();
    open(&mut html, "This range and the one before", "medians within 1 %");
    table(&mut html, &["Figure", "this range", "the one before", "change"], &rows);
    close(&mut html);
    Section::Wide(html)
}

/// Versions that predicted in this range, beside each other.
fn by_model(models: &[(String, Totals)]) -> Option<Section> {
    let figures =
        comparable().filter(|figure| models.iter().any(|(_, totals)| totals.get(*figure).is_some()));
    let rows: Vec<Vec<String>> = figures
        .map(|figure| {
            let cell = |(_, totals): &(String, Totals)| words::with_unit_or_dash(figure, totals.get(figure));
            std::iter::once(text(figure.row().title)).chain(models.iter().map(cell)).collect()
        })
        .collect();
    (models.len() > 1).then(|| {
        let mut html = String::new();
        open(&mut html, "Model versions in this range", "each on what arrived while it was the champion");
        let heads: Vec<&str> =
            std::iter::once("Figure").chain(models.iter().map(|(name, _)| name.as_str())).collect();
        table(&mut html, &heads, &rows);
        close(&mut html);
        Section::Wide(html)
    })
}

/// What arrives is compared with.
pub(super) fn training(sections: &Sections<'_>) -> Section {
    let page = sections.page;
    let mut html = String::new();
    let settings = sections.settings("training-data");
    let Some(reference) = &page.training_data.reference else {
        let note = format!("not set · <a href=\"{settings}\">Choose</a>");
        open_with(&mut html, "Training data", &note);
        html.push_str(
            "<p class=\"dim\">Outlier scores, drift and the usual shares of the labels compare what arrives with the \
             data that the model was trained on. Choose the dataset version in the settings.</p>",
        );
        close(&mut html);
        return Section::Wide(html);
    };
    let note = format!("{} · <a href=\"{settings}\">Change</a>", reference.state.as_str());
    open_with(&mut html, "Training data", &note);
    let _ = write!(
        html,
        "<p><b>{}</b> <span class=\"dim\">as {} sees it · {} training images, {} never trained on</span></p>",
        text(&reference.dataset),
        text(&reference.model),
        reference.training_images,
        reference.calibration_images
    );
    if !reference.message.is_empty() {
        let _ = write!(html, "<p class=\"dim\">{}</p>", text(&reference.message));
    }
    let all: u64 = page.total.labels.iter().map(|(_, count)| count).sum();
    let rows: Vec<Vec<String>> = page
        .reference_labels
        .iter()
        .map(|(label, share)| {
            let seen =
                page.total.labels.iter().find(|(other, _)| other == label).map_or(0, |(_, count)| *count);
            let now = (all > 0).then(|| seen as f64 / all as f64);
            vec![text(label), percent(now), percent(Some(*share))]
        })
        .collect();
    if !rows.is_empty() {
        table(&mut html, &["Label", "this range", "training data"], &rows);
    }
    close(&mut html);
    Section::Wide(html)
}
