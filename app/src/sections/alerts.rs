//! What alerts say now, and what they said.

use super::{Sections, close, open_with, table, text};
use crate::{ui::day_and_time, wire::Section};
use charts::decimal;
use std::fmt::Write as _;

/// Shown of the inbox.
const SHOWN: usize = 8;

pub(super) fn section(sections: &Sections<'_>) -> Section {
    let mut html = String::new();
    let firing = sections.rules.iter().filter(|rule| rule.firing_since.is_some()).count();
    let silent = sections.rules.iter().filter(|rule| rule.enabled && rule.silent_since.is_some()).count();
    let note = match (sections.rules.len(), firing, silent) {
        (0, ..) => "none set".to_owned(),
        (all, 0, 0) => format!("{all} set, all quiet"),
        (all, 0, silent) => format!("{silent} of {all} without data"),
        (all, firing, 0) => format!("{firing} of {all} firing"),
        (all, firing, silent) => format!("{firing} of {all} firing, {silent} without data"),
    };
    let settings = sections.settings("alerts");
    let act = if sections.rules.is_empty() { "Set one" } else { "Change" };
    open_with(&mut html, "Alerts", &format!("{note} · <a href=\"{settings}\">{act}</a>"));
    for rule in sections.rules.iter().filter(|rule| rule.firing_since.is_some()) {
        let since = rule.firing_since.map(day_and_time).unwrap_or_default();
        let _ = write!(
            html,
            "<p><span class=\"pill pill-bad\">firing</span> <b>{}</b> <span class=\"dim\">since {since}</span></p>",
            text(&rule.name),
        );
    }
    for rule in sections.rules.iter().filter(|rule| rule.enabled) {
        let Some(since) = rule.silent_since.map(day_and_time) else { continue };
        let _ = write!(
            html,
            "<p><span class=\"pill pill-warn\">no data</span> <b>{}</b> <span class=\"dim\">nothing has arrived \
             since {since}</span></p>",
            text(&rule.name),
        );
    }
    if sections.rules.is_empty() {
        html.push_str(
            "<p class=\"dim\">An alert rule fires when a figure crosses a limit, or when a query finds too many \
             predictions. It is shown here and sent to the channels that are set: webhook, chat, email.</p>",
        );
    }
    events(&mut html, sections);
    close(&mut html);
    Section::Wide(html)
}

/// The last of the inbox.
fn events(html: &mut String, sections: &Sections<'_>) {
    if sections.events.is_empty() {
        return;
    }
    let rows: Vec<Vec<String>> = sections
        .events
        .iter()
        .take(SHOWN)
        .map(|event| {
            let word = if event.fired { "fired" } else { "cleared" };
            let fresh = if event.read.is_none() { " <span class=\"pill\">new</span>" } else { "" };
            vec![
                format!(
                    "<a href=\"{}\">{}</a>{fresh}",
                    text(&sections.predictions(&event.query)),
                    text(&event.name)
                ),
                word.to_owned(),
                decimal(event.value, 4),
                day_and_time(event.at),
            ]
        })
        .collect();
    table(html, &["Alert", "State", "Figure", "At"], &rows);
}
