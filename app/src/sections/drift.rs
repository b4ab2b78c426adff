//! Whether the images have moved away from the training data.

use super::{Sections, close, open, table, text};
use crate::{
    addresses,
    ui::{Plot, Row, day_and_time, time_of_day},
    wire::Section,
};
use charts::{Ink, Line, LineChart, XAxis, decimal};
use domain::drift::{DriftWindow, FeatureDrift};
use std::fmt::Write as _;

pub(super) fn sections(sections: &Sections<'_>) -> Vec<Section> {
    let mut list: Vec<Section> = course(sections).map(Section::Plot).into_iter().collect();
    list.extend(compared(sections));
    list.push(super::images::training(sections));
    list
}

/// What the last window says, feature by feature.
fn compared(sections: &Sections<'_>) -> Option<Section> {
    let drift = sections.page.drift.as_ref()?;
    let mut html = String::new();
    let window = sections.page.training_data.drift.window;
    let note = if drift.declared.is_empty() { "none declared" } else { "declared" };
    open(&mut html, "Drift", note);
    if !drift.declared.is_empty() {
        let words: Vec<String> =
            drift.declared.iter().map(|feature| text(&words_of(feature.as_str()))).collect();
        let _ = write!(
            html,
            "<p><span class=\"pill pill-bad\">drift</span> <b>{}</b> <span class=\"dim\">in two windows running</span></p>",
            words.join(", ")
        );
    }
    let _ = write!(
        html,
        "<p class=\"dim\">{} of {window} images in the window that is filling.</p>",
        drift.filling
    );
    if let Some(last) = &drift.last {
        let rows: Vec<Vec<String>> = last
            .features
            .iter()
            .map(|feature| {
                let state = match (drift.declared.contains(&feature.feature), feature.differs) {
                    (true, _) => "<span class=\"pill pill-bad\">drifts</span>",
                    (false, true) => "<span class=\"pill pill-warn\">differs</span>",
                    (false, false) => "as usual",
                };
                vec![
                    text(&words_of(feature.feature.as_str())),
                    decimal(feature.effect, 3),
                    decimal(feature.matters_from, 2),
                    decimal(feature.adjusted_p, 3),
                    format!("{:.0}", feature.independent_images),
                    state.to_owned(),
                ]
            })
            .collect();
        let _ = write!(
            html,
            "<p class=\"dim\">Last window: {} images, {} to {}, {} left out as too near to another.</p>",
            last.images,
            day_and_time(last.from),
            day_and_time(last.to),
            last.thinned
        );
        table(
            &mut html,
            &["Feature", "effect", "matters from", "p, adjusted", "independent images", ""],
            &rows,
        );
    }
    close(&mut html);
    Some(Section::Wide(html))
}

/// How far the feature that moved most has moved, window after window.
fn course(sections: &Sections<'_>) -> Option<Plot> {
    let windows = &sections.page.drift_windows;
    if windows.is_empty() {
        return None;
    }
    let range = sections.page.dashboard.range;
    let rows: Vec<(Row, f64)> = windows.iter().rev().filter_map(row).collect();
    let points = rows.iter().map(|(row, ratio)| (row.x, Some(*ratio))).collect();
    let limit = vec![(range.from.0 as f64, Some(1.0)), (range.to.0 as f64, Some(1.0))];
    Some(Plot {
        note: "the feature that moved most · grey: where it matters".to_owned(),
        place: "Window (UTC)".to_owned(),
        columns: vec![("of what matters".to_owned(), Ink::Accent), ("moved most".to_owned(), Ink::Accent)],
        rows: rows.into_iter().map(|(row, _)| row).collect(),
        chart: LineChart {
            title: "Drift by window".to_owned(),
            x: XAxis::Time { from: range.from, to: range.to },
            y_max: None,
            lines: vec![
                Line { ink: Ink::Accent, filled: true, points },
                Line { ink: Ink::Muted, filled: false, points: limit },
            ],
        },
    })
}

fn row(window: &DriftWindow) -> Option<(Row, f64)> {
    let ratio = |feature: &FeatureDrift| feature.effect / feature.matters_from;
    let most = window.features.iter().max_by(|a, b| ratio(a).total_cmp(&ratio(b)))?;
    let ratio = ratio(most);
    let row = Row {
        x: window.to.0 as f64,
        name: format!("{} to {}", day_and_time(window.from), time_of_day(window.to)),
        figures: vec![Some(format!("{:.0} %", ratio * 100.0)), Some(words_of(most.feature.as_str()))],
        href: Some(addresses::prediction(window.span.0)),
    };
    Some((row, ratio))
}

fn words_of(feature: &str) -> String {
    feature.replace('_', " ")
}
