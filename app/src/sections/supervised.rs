//! How good the models are on what people reviewed.

use super::{Sections, alerts::moment, close, open, table, text};
use charts::{Canvas, Ink, Line, LineChart, XAxis};
use domain::{
    metrics::coco::Figure,
    monitor::supervised::{CurvePoint, SupervisedFigures},
    name::Label,
    statistics::Estimate,
};
use std::fmt::Write as _;

const CANVAS: Canvas = Canvas { width: 400, height: 164 };
const SHOWN: [Figure; 5] = [Figure::AP, Figure::AP50, Figure::AP75, Figure::AR_1, Figure::AR_100];

pub(super) fn write(html: &mut String, sections: &Sections<'_>) {
    let Some(all) = &sections.all.champion else {
        open(html, "Figures from reviews", "none yet");
        html.push_str(
            "<p class=\"dim\">AP, precision, recall and confusion appear as soon as predictions are reviewed.</p>",
        );
        close(html);
        return;
    };
    let mut columns: Vec<(String, &SupervisedFigures)> = Vec::new();
    for (pair, what) in [(sections.random, "random"), (sections.all, "all")] {
        for figures in [&pair.champion, &pair.shadow].into_iter().flatten() {
            columns.push((format!("{} · {what}", figures.model), figures));
        }
    }
    let as_of = format!("as of {} UTC · 95 % intervals", moment(&all.as_of.to_string()));
    open(html, "Figures from reviews", &as_of);
    headline(html, &columns);
    html.push_str(
        "<p class=\"dim\">Randomly picked images say how good the model is on what arrives; all reviewed ones include \
         those picked because they were odd.</p>",
    );
    per_label(html, all);
    close(html);
    html.push_str("<div class=\"charts\">");
    threshold(html, all);
    precision_recall(html, all);
    errors(html, all);
    html.push_str("</div>");
    confusion(html, sections, all);
}

fn estimate(value: Option<Estimate>) -> String {
    value.map_or_else(
        || "–".to_owned(),
        |e| format!("{:.3} <span class=\"dim\">{:.3}–{:.3}</span>", e.value, e.low, e.high),
    )
}

fn headline(html: &mut String, columns: &[(String, &SupervisedFigures)]) {
    let mut heads = vec![""];
    heads.extend(columns.iter().map(|(name, _)| name.as_str()));
    let row = |name: &str, of: &dyn Fn(&SupervisedFigures) -> String| {
        let cells = columns.iter().map(|(_, figures)| of(figures));
        std::iter::once(text(name)).chain(cells).collect::<Vec<String>>()
    };
    let mut rows = vec![row("images", &|f| f.images.to_string())];
    for figure in SHOWN {
        rows.push(row(&format!("{figure:?}"), &|f| estimate(f.coco.summary.get(&figure).copied())));
    }
    rows.push(row("precision", &|f| estimate(f.overall.precision)));
    rows.push(row("recall", &|f| estimate(f.overall.recall)));
    rows.push(row("F1", &|f| estimate(f.overall.f1)));
    rows.push(row("reviews that changed nothing", &|f| {
        format!("{} of {}", f.changes.unchanged, f.changes.reviews)
    }));
    table(html, &heads, &rows);
}

fn per_label(html: &mut String, figures: &SupervisedFigures) {
    let labels = figures.labels.iter().zip(&figures.coco.per_category).zip(&figures.per_label);
    let rows: Vec<Vec<String>> = labels
        .filter(|((_, coco), _)| coco.truths > 0)
        .map(|((label, coco), point)| {
            vec![
                text(label.as_str()),
                coco.truths.to_string(),
                estimate(coco.AP),
                estimate(coco.AP50),
                estimate(point.precision),
                estimate(point.recall),
            ]
        })
        .collect();
    html.push_str("<details class=\"as-table\"><summary>By label</summary>");
    table(html, &["Label", "true boxes", "AP", "AP50", "precision", "recall"], &rows);
    html.push_str("</details>");
}

fn drawn(html: &mut String, title: &str, note: &str, lines: Vec<Line>) {
    let chart = LineChart { title: title.to_owned(), x: XAxis::Count { to: 100.0 }, y_max: Some(1.0), lines };
    let (title, note) = (text(title), text(note));
    let _ = write!(
        html,
        "<section class=\"panel chart\" aria-label=\"{title}\"><div class=\"panel-head\"><h2>{title}</h2>\
         <span class=\"dim\">{note}</span></div><div class=\"drawing\">{}</div></section>",
        chart.to_svg(CANVAS)
    );
}

fn threshold(html: &mut String, figures: &SupervisedFigures) {
    let line = |ink, read: fn(&CurvePoint) -> Option<f64>| Line {
        ink,
        filled: false,
        points: figures.curve.iter().map(|point| (point.threshold * 100.0, read(point))).collect(),
    };
    let note =
        format!("by threshold in % · F1 blue, precision green, recall grey · set at {}", figures.threshold);
    let lines =
        vec![line(Ink::Muted, |p| p.recall), line(Ink::Second, |p| p.precision), line(Ink::Accent, |p| p.f1)];
    drawn(html, "Precision, recall, F1", &note, lines);
}

fn precision_recall(html: &mut String, figures: &SupervisedFigures) {
    if figures.precision_recall.is_empty() {
        return;
    }
    let points = (0u32..).zip(&figures.precision_recall).map(|(recall, p)| (f64::from(recall), Some(*p)));
    let line = Line { ink: Ink::Accent, filled: true, points: points.collect() };
    drawn(html, "Precision by recall", "recall in % · IoU 0.5, mean of the labels", vec![line]);
}

fn errors(html: &mut String, figures: &SupervisedFigures) {
    let rows: Vec<Vec<String>> = figures
        .errors
        .iter()
        .map(|error| {
            let name = format!("{:?}", error.kind).to_lowercase();
            vec![text(&name), error.count.to_string(), format!("{:.3}", error.ap50_gained)]
        })
        .collect();
    open(html, "What is wrong", "kinds of errors · what AP50 would gain without");
    table(html, &["Kind", "boxes", "AP50"], &rows);
    close(html);
}

fn confusion(html: &mut String, sections: &Sections<'_>, figures: &SupervisedFigures) {
    let mut heads = vec!["true \\ seen as"];
    heads.extend(figures.labels.iter().map(Label::as_str));
    heads.push("nothing");
    let places: Vec<Option<&Label>> = figures.labels.iter().map(Some).chain([None]).collect();
    let rows: Vec<Vec<String>> = places
        .iter()
        .zip(&figures.confusion)
        .map(|(truth, counts)| {
            let name = truth.map_or("nothing", |label| label.as_str());
            let cells = places.iter().zip(counts).map(|(predicted, count)| {
                let cell = figures
                    .cells
                    .iter()
                    .find(|cell| cell.truth.as_ref() == *truth && cell.predicted.as_ref() == *predicted);
                match cell {
                    Some(cell) => {
                        format!("<a href=\"{}\">{count}</a>", text(&sections.predictions(&cell.query)))
                    }
                    None => count.to_string(),
                }
            });
            std::iter::once(text(name)).chain(cells).collect()
        })
        .collect();
    open(html, "Confusion", "whatever the label, the box that overlaps most, IoU 0.5 or more; surest first");
    table(html, &heads, &rows);
    close(html);
}
