//! Whether the images have moved away from the training data.

use super::{Sections, alerts::moment, close, open, table, text};
use std::fmt::Write as _;

pub(super) fn write(html: &mut String, sections: &Sections<'_>) {
    let Some(drift) = &sections.page.drift else { return };
    let window = sections.page.training_data.drift.window;
    let note = if drift.declared.is_empty() { "none declared".to_owned() } else { "declared".to_owned() };
    open(html, "Drift", &note);
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
                    (true, _) => "drifts",
                    (false, true) => "differs",
                    (false, false) => "as usual",
                };
                vec![
                    text(&words_of(feature.feature.as_str())),
                    format!("{:.3}", feature.effect),
                    format!("{:.1}", feature.matters_from),
                    format!("{:.3}", feature.adjusted_p),
                    format!("{:.0}", feature.independent_images),
                    state.to_owned(),
                ]
            })
            .collect();
        let _ = write!(
            html,
            "<p class=\"dim\">Last window: {} images, {} to {} UTC, {} left out as too near to another.</p>",
            last.images,
            moment(&last.from.to_string()),
            moment(&last.to.to_string()),
            last.thinned
        );
        table(html, &["Feature", "effect", "matters from", "p, adjusted", "independent images", ""], &rows);
    }
    close(html);
}

fn words_of(feature: &str) -> String {
    feature.replace('_', " ")
}
