//! What alerts say now, and what they said.

use super::{Sections, close, open, table, text};
use std::fmt::Write as _;

/// Shown of the inbox.
const SHOWN: usize = 8;

pub(super) fn write(html: &mut String, sections: &Sections<'_>) {
    let firing = sections.rules.iter().filter(|rule| rule.firing_since.is_some()).count();
    let note = match (sections.rules.len(), firing) {
        (0, _) => "none set".to_owned(),
        (all, 0) => format!("{all} set, all quiet"),
        (all, firing) => format!("{firing} of {all} firing"),
    };
    open(html, "Alerts", &note);
    for rule in sections.rules.iter().filter(|rule| rule.firing_since.is_some()) {
        let since = rule.firing_since.map(|since| since.to_string()).unwrap_or_default();
        let _ = write!(
            html,
            "<p><span class=\"pill pill-bad\">firing</span> <b>{}</b> <span class=\"dim\">since {}</span></p>",
            text(&rule.name),
            moment(&since)
        );
    }
    if sections.rules.is_empty() {
        html.push_str(
            "<p class=\"dim\">An alert tells when a figure crosses a limit: \
             <code>POST /api/v1/deployments/NAME/alerts</code>.</p>",
        );
    }
    if !sections.events.is_empty() {
        let rows: Vec<Vec<String>> = sections
            .events
            .iter()
            .take(SHOWN)
            .map(|event| {
                let word = if event.fired { "fired" } else { "cleared" };
                vec![
                    format!(
                        "<a href=\"{}\">{}</a>",
                        text(&sections.predictions(&event.query)),
                        text(&event.name)
                    ),
                    word.to_owned(),
                    format!("{:.4}", event.value),
                    moment(&event.at.to_string()),
                ]
            })
            .collect();
        table(html, &["Alert", "", "Figure", "At (UTC)"], &rows);
    }
    close(html);
}

/// `2026-11-01 10:00:30` of an RFC 3339 moment.
pub(super) fn moment(rfc3339: &str) -> String {
    text(&rfc3339.chars().take(19).collect::<String>().replace('T', " "))
}
