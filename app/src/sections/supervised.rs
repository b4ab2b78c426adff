//! How good the models are on what people reviewed.

mod curves;

use super::{Sections, close, open, table, text};
use crate::{ui::day_and_time, wire::Section};
use curves::{over_time, precision_recall, threshold};
use domain::{monitor::supervised::SupervisedFigures, name::Label, words};
use measures::{metrics::coco::Figure, statistics::Estimate};

const SHOWN: [Figure; 5] = [Figure::AP, Figure::AP50, Figure::AP75, Figure::AR_1, Figure::AR_100];

pub(super) fn sections(sections: &Sections<'_>) -> Vec<Section> {
    let mut html = String::new();
    let Some(all) = &sections.all.champion else {
        open(&mut html, "Figures from reviews", "none yet");
        html.push_str(
            "<p class=\"dim\">AP, precision, recall and confusion appear as soon as predictions are reviewed.</p>",
        );
        close(&mut html);
        return vec![Section::Wide(html)];
    };
    if all.images == 0 {
        return vec![Section::Wide(none_counts(all))];
    }
    let mut columns: Vec<(String, &SupervisedFigures)> = Vec::new();
    for (pair, what) in [(sections.random, "random"), (sections.all, "all")] {
        columns.extend(pair.champion.iter().map(|figures| (format!("{} · {what}", figures.model), figures)));
    }
    open(&mut html, "Figures from reviews", &format!("as of {} · 95 % intervals", day_and_time(all.as_of)));
    paragraph(&mut html, &format!("{}.{}", counted(all, "the model"), never_measured(all)));
    headline(&mut html, &columns);
    html.push_str(
        "<p class=\"dim\">Randomly picked images say how good the model is on what arrives; all reviewed ones include \
         those picked because they were odd.</p>",
    );
    per_label(&mut html, all);
    close(&mut html);
    let mut list = vec![Section::Wide(html)];
    list.extend(beside(sections).map(Section::Wide));
    list.extend(over_time(sections.random.champion.as_ref().unwrap_or(all)).map(Section::Plot));
    list.push(Section::Plot(threshold(all)));
    list.extend(precision_recall(all).map(Section::Plot));
    list.push(Section::Cell(errors(all)));
    list.push(Section::Wide(confusion(sections, all)));
    list
}

/// `45 images; 130 left out: the model was trained on them`.
fn counted(figures: &SupervisedFigures, model: &str) -> String {
    let images = words::counted(figures.images, "image", "images");
    match figures.left_out.words(model) {
        None => images,
        Some(left_out) => format!("{images}; {left_out}"),
    }
}

fn never_measured(figures: &SupervisedFigures) -> &'static str {
    if figures.left_out.trained_on + figures.left_out.near_duplicates > 0 {
        " A model looks better than it is on images that it has learned from, so these say nothing about it."
    } else {
        ""
    }
}

fn paragraph(html: &mut String, words: &str) {
    html.push_str("<p>");
    html.push_str(&text(words));
    html.push_str("</p>");
}

/// Reviews there are, but none that says anything about the champion.
fn none_counts(all: &SupervisedFigures) -> String {
    let mut html = String::new();
    open(&mut html, "Figures from reviews", "none yet");
    let left_out = &all.left_out;
    let reviewed = left_out.total();
    if left_out.unchecked == 0 {
        let those = match (left_out.trained_on, left_out.near_duplicates) {
            (_, 0) => "are in this model's training data",
            (0, _) => "are near duplicates of images in this model's training data",
            _ => "are in this model's training data, or near duplicates of images there",
        };
        paragraph(&mut html, &format!("All reviewed images ({reviewed}) {those}: review new ones."));
    } else {
        let words = format!(
            "{} of {reviewed} reviewed images have not been compared with this model's training data yet. \
             Figures appear once that is done.",
            left_out.unchecked
        );
        paragraph(&mut html, &words);
    }
    close(&mut html);
    html
}

/// Champion beside shadow, on the same images.
fn beside(sections: &Sections<'_>) -> Option<String> {
    let all = sections.all.paired.as_ref()?;
    let mut html = String::new();
    open(&mut html, "Champion beside shadow", "the same images for both · 95 % intervals");
    paragraph(&mut html, &format!("{}.", counted(&all.champion, "one of the two")));
    if all.champion.images > 0 {
        let mut columns: Vec<(String, &SupervisedFigures)> = Vec::new();
        for (pair, what) in [(sections.random, "random"), (sections.all, "all")] {
            for figures in pair.paired.iter().flat_map(|pair| [&pair.champion, &pair.shadow]) {
                columns.push((format!("{} · {what}", figures.model), figures));
            }
        }
        headline(&mut html, &columns);
    }
    close(&mut html);
    Some(html)
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
    if columns.iter().any(|(_, figures)| figures.left_out.total() > 0) {
        rows.push(row("images left out", &|f| f.left_out.total().to_string()));
    }
    for figure in SHOWN {
        rows.push(row(figure.as_str(), &|f| estimate(f.coco.summary.get(&figure).copied())));
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

fn errors(figures: &SupervisedFigures) -> String {
    let mut html = String::new();
    let rows: Vec<Vec<String>> = figures
        .errors
        .iter()
        .map(|error| {
            vec![text(error.kind.as_str()), error.count.to_string(), format!("{:.3}", error.ap50_gained)]
        })
        .collect();
    open(&mut html, "What is wrong", "kinds of errors · what AP50 would gain without");
    table(&mut html, &["Kind", "boxes", "AP50"], &rows);
    close(&mut html);
    html
}

fn confusion(sections: &Sections<'_>, figures: &SupervisedFigures) -> String {
    let mut html = String::new();
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
    open(
        &mut html,
        "Confusion",
        "whatever the label, the box that overlaps most, IoU 0.5 or more; surest first",
    );
    table(&mut html, &heads, &rows);
    close(&mut html);
    html
}
