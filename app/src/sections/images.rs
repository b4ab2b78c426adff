//! What images are like: how sure, how unusual, how they look, and where the
//! boxes lie; with the range before, and the training data.

use super::{Sections, close, figure, open, percent, table, text};
use charts::{Canvas, Ink, Line, LineChart, XAxis};
use domain::monitor::page::{Heat, Point, Totals};
use std::fmt::Write as _;

const CANVAS: Canvas = Canvas { width: 400, height: 164 };

pub(super) fn write(html: &mut String, sections: &Sections<'_>) {
    html.push_str("<div class=\"charts\">");
    curve(html, sections, "Confidence", "mean of the boxes seen", |p| p.confidence, |_| None);
    curve(
        html,
        sections,
        "Unusual images",
        "share with an outlier score above 0.99",
        |p| p.unusual,
        |_| None,
    );
    curve(html, sections, "Brightness and contrast", "contrast grey", |p| p.brightness, |p| p.contrast);
    curve(html, sections, "Sharpness", "median", |p| p.sharpness, |_| None);
    curve(
        html,
        sections,
        "Shadow latency",
        "ms · median, p95 grey",
        |p| p.shadow_p50_ms,
        |p| p.shadow_p95_ms,
    );
    heat(html, &sections.page.heat);
    html.push_str("</div>");
    comparison(html, &sections.page.total, &sections.page.before);
    training(html, sections);
}

type Read = fn(&Point) -> Option<f64>;

fn curve(html: &mut String, sections: &Sections<'_>, title: &str, note: &str, first: Read, second: Read) {
    let page = sections.page;
    let (points, dashboard) = (&page.points, &page.dashboard);
    if points.iter().all(|point| first(point).is_none()) {
        return;
    }
    let half = dashboard.resolution.width_ms() as f64 / 2.0;
    let line = |ink, filled, read: Read| Line {
        ink,
        filled,
        points: points.iter().map(|point| (point.start.0 as f64 + half, read(point))).collect(),
    };
    let chart = LineChart {
        title: title.to_owned(),
        x: XAxis::Time { from: dashboard.range.from, to: dashboard.range.to },
        y_max: None,
        lines: vec![line(Ink::Muted, false, second), line(Ink::Accent, true, first)],
    };
    let (title, note) = (text(title), text(note));
    let _ = write!(
        html,
        "<section class=\"panel chart\" aria-label=\"{title}\"><div class=\"panel-head\"><h2>{title}</h2>\
         <span class=\"dim\">{note}</span></div><div class=\"drawing\">{}</div>",
        chart.to_svg(CANVAS)
    );
    let rows: Vec<Vec<String>> = points
        .iter()
        .filter(|point| first(point).is_some())
        .map(|point| {
            let moment = super::alerts::moment(&point.start.to_string());
            vec![moment, figure(first(point), 4), figure(second(point), 4)]
        })
        .collect();
    html.push_str("<details class=\"as-table\"><summary>Table</summary>");
    table(html, &["Time (UTC)", "figure", "second"], &rows);
    html.push_str("</details></section>");
}

fn heat(html: &mut String, heat: &Heat) {
    let most = heat.cells.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return;
    }
    let _ = write!(
        html,
        "<section class=\"panel chart\" aria-label=\"Where boxes lie\"><div class=\"panel-head\">\
         <h2>Where boxes lie</h2><span class=\"dim\">middles of boxes, at most {most} a cell</span></div>\
         <svg class=\"heat\" viewBox=\"0 0 {} {}\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"Map of the middles of boxes\">",
        heat.columns, heat.rows
    );
    let columns = (heat.columns as usize).max(1);
    for (place, count) in heat.cells.iter().enumerate().filter(|(_, count)| **count > 0) {
        let share = *count as f64 / most as f64;
        let _ = write!(
            html,
            "<rect x=\"{}\" y=\"{}\" width=\"1\" height=\"1\" fill-opacity=\"{:.3}\"><title>{count}</title></rect>",
            place % columns,
            place / columns,
            0.08 + 0.92 * share
        );
    }
    html.push_str("</svg></section>");
}

fn comparison(html: &mut String, now: &Totals, before: &Totals) {
    let rows: Vec<Vec<String>> = Totals::FIGURES
        .iter()
        .filter_map(|name| {
            let (a, b) = (now.figure(name).flatten(), before.figure(name).flatten());
            if a.is_none() && b.is_none() {
                return None;
            }
            let change = match (a, b) {
                (Some(a), Some(b)) if b != 0.0 => format!("{:+.1} %", (a / b - 1.0) * 100.0),
                _ => "–".to_owned(),
            };
            Some(vec![text(&name.replace('_', " ")), figure(a, 3), figure(b, 3), change])
        })
        .collect();
    open(html, "This range and the one before", "figures of the whole range");
    table(html, &["Figure", "now", "before", "change"], &rows);
    close(html);
}

fn training(html: &mut String, sections: &Sections<'_>) {
    let page = sections.page;
    let Some(reference) = &page.training_data.reference else {
        open(html, "Training data", "not set");
        html.push_str(
            "<p class=\"dim\">Outlier scores and drift compare arriving images with those the model was trained on. \
             Set them: <code>PUT /api/v1/deployments/NAME/training-data</code> \
             <code>{\"dataset\": \"NAME/VERSION\"}</code>.</p>",
        );
        close(html);
        return;
    };
    open(html, "Training data", reference.state.as_str());
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
        table(html, &["Label", "this range", "training data"], &rows);
    }
    close(html);
}
