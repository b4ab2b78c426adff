//! The parts of a dashboard that do not move with every prediction, prepared
//! on the server: tables as HTML, charts as their figures.
//!
//! In HTML, everything that comes from people is escaped; nothing else is put
//! in.

mod alerts;
mod drift;
mod images;
mod supervised;
mod words;

use crate::{
    routes::Route,
    wire::{DashboardParts, Section},
};
use domain::{
    monitor::page::MonitoringPage,
    monitor::supervised::SupervisedPair,
    notice::{AlertEvent, KeptRule},
};
use std::fmt::Write as _;

/// The sections of a whole dashboard.
#[must_use]
pub fn drawn(deployment: &str, whole: &service::WholeDashboard) -> DashboardParts {
    let service::WholeDashboard { page, rules, events, random, all } = whole;
    let sections = Sections { deployment, page, rules, events, random, all };
    DashboardParts { sections: sections.to_list(), usual_labels: page.reference_labels.clone() }
}

/// What the sections are drawn from.
struct Sections<'a> {
    /// The deployment's name.
    deployment: &'a str,
    /// Figures of the range.
    page: &'a MonitoringPage,
    /// Rules, by name.
    rules: &'a [KeptRule],
    /// What they said, the latest first.
    events: &'a [AlertEvent],
    /// Figures on randomly picked images.
    random: &'a SupervisedPair,
    /// Figures on all reviewed images.
    all: &'a SupervisedPair,
}

impl Sections<'_> {
    fn to_list(&self) -> Vec<Section> {
        let mut list = vec![alerts::section(self)];
        images::add(&mut list, self);
        drift::add(&mut list, self);
        supervised::add(&mut list, self);
        list
    }

    /// The address of a part of the settings.
    fn settings(&self, part: &str) -> String {
        text(&format!("{}#{part}", Route::Settings.with(&[self.deployment])))
    }

    /// The address of the predictions that a query selects.
    fn predictions(&self, query: &str) -> String {
        let escaped = crate::addresses::escaped(query);
        format!("{}?q={escaped}", Route::Predictions.with(&[self.deployment]))
    }
}

/// Text that is only text.
fn text(raw: &str) -> String {
    html_escape::encode_quoted_attribute(raw).into_owned()
}

/// A table: heads, and rows of cells that are HTML already. The first column
/// is words, all others are figures.
fn table(html: &mut String, heads: &[&str], rows: &[Vec<String>]) {
    html.push_str("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table class=\"table\"><thead><tr>");
    for (place, head) in heads.iter().enumerate() {
        let class = if place == 0 { "" } else { " class=\"num\"" };
        let _ = write!(html, "<th scope=\"col\"{class}>{}</th>", text(head));
    }
    html.push_str("</tr></thead><tbody>");
    for row in rows {
        html.push_str("<tr>");
        for (place, cell) in row.iter().enumerate() {
            let _ = match place {
                0 => write!(html, "<th scope=\"row\">{cell}</th>"),
                _ => write!(html, "<td class=\"num\">{cell}</td>"),
            };
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table></div>");
}

/// The beginning of a panel; `note` is text.
fn open(html: &mut String, title: &str, note: &str) {
    open_with(html, title, &text(note));
}

/// The same with a note that is HTML.
fn open_with(html: &mut String, title: &str, note: &str) {
    let title = text(title);
    let _ = write!(
        html,
        "<section class=\"panel\" aria-label=\"{title}\"><div class=\"panel-head\"><h2>{title}</h2>\
         <span class=\"dim\">{note}</span></div>"
    );
}

/// Its end.
fn close(html: &mut String) {
    html.push_str("</section>");
}

/// A share that may be missing, in percent.
fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{:.1} %", value * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_stays_text() {
        assert_eq!(text("<b a=\"x\">'&"), "&lt;b a=&quot;x&quot;&gt;&#x27;&amp;");
    }
}
