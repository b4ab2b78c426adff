//! The parts of a dashboard that do not move with every prediction, prepared
//! on the server: tables as HTML, charts as their figures.
//!
//! In HTML, everything that comes from people is escaped; nothing else is put
//! in.

mod alerts;
mod drift;
mod headline;
mod images;
mod supervised;
mod words;

use crate::{
    routes::Route,
    wire::{DashboardParts, SectionGroup, TRAFFIC},
};
use domain::{
    monitor::supervised::SupervisedPair,
    notice::{AlertEvent, KeptRule},
};
use std::fmt::Write as _;

/// The sections of a whole dashboard.
#[must_use]
pub fn drawn(deployment: &str, whole: &service::WholeDashboard) -> DashboardParts {
    let service::WholeDashboard { page, rules, events, random, all } = whole;
    let sections = Sections { deployment, page, rules, events, random, all };
    DashboardParts {
        headline: headline::html(&sections),
        groups: sections.to_groups(),
        usual_labels: page.reference_labels.clone(),
        before: page.before.figures.clone(),
    }
}

/// What the sections are drawn from.
struct Sections<'a> {
    /// The deployment's name.
    deployment: &'a str,
    /// Figures of the range.
    page: &'a service::MonitoringPage,
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
    /// In the order in which the page asks its questions: what arrives, whether
    /// it is as usual, how good the answers are, and what follows from that.
    fn to_groups(&self) -> Vec<SectionGroup> {
        let group = |id: &str, title: &str, open, sections| SectionGroup {
            id: id.to_owned(),
            title: title.to_owned(),
            open,
            sections,
        };
        let firing = self.rules.iter().any(|rule| rule.firing_since.is_some());
        vec![
            group(TRAFFIC, "Traffic", true, images::traffic(self)),
            group("part-drift", "Drift", true, drift::sections(self)),
            group("part-quality", "Quality", true, supervised::sections(self)),
            group("part-images", "Images", true, images::properties(self)),
            group("part-comparison", "Ranges and versions", false, images::comparisons(self)),
            group("part-alerts", "Alerts", firing, vec![alerts::section(self)]),
        ]
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

/// The beginning of a panel, whose id is made of the words of its title;
/// `note` is text.
fn open(html: &mut String, title: &str, note: &str) {
    open_with(html, title, &text(note));
}

/// The same with a note that is HTML.
fn open_with(html: &mut String, title: &str, note: &str) {
    let (title, id) = (text(title), title.to_ascii_lowercase().replace(' ', "-"));
    let _ = write!(
        html,
        "<section class=\"panel\" id=\"{id}\" aria-label=\"{title}\"><div class=\"panel-head\"><h2>{title}</h2>\
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
