//! How the deployment is, in one line: drift, unusual images, alerts and
//! quality, each a link to what can be done about it.

use super::{Sections, text};
use crate::{
    routes::Route,
    ui::{day_and_time, time_of_day},
};
use charts::decimal;
use domain::{
    drift::DriftNow,
    monitor::figures::Figure,
    time::Timestamp,
    training_data::{Reference, ReferenceState},
};
use measures::{metrics::coco::Figure as CocoFigure, outlier::LEAST_CALIBRATION};
use std::fmt::Write as _;

/// Reviewed images below which a figure says little.
const FEW_REVIEWS: u64 = 30;
/// Features of drift that are named; the others are counted.
const NAMED: usize = 3;
/// The share of unusual images from which on it stands out: the score of 0.99
/// is exceeded by one usual image of a hundred.
const MANY_UNUSUAL: f64 = 0.05;

/// How it is with one of the four.
enum State {
    Good,
    Warn,
    Bad,
    Unknown,
}

struct Part {
    state: State,
    href: String,
    says: String,
    more: String,
}

/// The line, as a list of links.
pub(super) fn html(sections: &Sections<'_>) -> String {
    let mut html = String::from("<ul class=\"headline\" aria-label=\"State of the deployment\">");
    for part in [drift(sections), unusual(sections), alerts(sections), quality(sections)] {
        let state = match part.state {
            State::Good => "good",
            State::Warn => "warn",
            State::Bad => "bad",
            State::Unknown => "unknown",
        };
        let _ = write!(
            html,
            "<li class=\"headline-{state}\"><a href=\"{}\"><b>{}</b> <span>{}</span></a></li>",
            part.href,
            text(&part.says),
            text(&part.more)
        );
    }
    html.push_str("</ul>");
    html
}

fn drift(sections: &Sections<'_>) -> Part {
    let page = sections.page;
    let Some(drift) = &page.drift else {
        let more = match &page.training_data.reference {
            None => "choose the training data to compare with",
            Some(_) => "the training data is being read",
        };
        let href = sections.settings("training-data");
        return Part {
            state: State::Unknown,
            href,
            says: "Drift not watched".to_owned(),
            more: more.to_owned(),
        };
    };
    if drift.declared.is_empty() {
        let more = match drift.last {
            None => {
                format!("{} of {} images in the first window", drift.filling, page.training_data.drift.window)
            }
            Some(ref last) => format!("last compared {}", moment(last.closed, page.dashboard.range.to)),
        };
        let href = "#drift".to_owned();
        return Part { state: State::Good, href, says: "No drift".to_owned(), more };
    }
    let says = drift.since.map_or_else(
        || "Drift".to_owned(),
        |since| format!("Drift since {}", moment(since, page.dashboard.range.to)),
    );
    Part { state: State::Bad, href: "#drift".to_owned(), says, more: declared(drift) }
}

/// The time of a moment of the last day, the day too of any other.
fn moment(at: Timestamp, now: Timestamp) -> String {
    const DAY_MS: i64 = 86_400_000;
    if now.0.saturating_sub(at.0) < DAY_MS { time_of_day(at) } else { day_and_time(at) }
}

/// `brightness, sharpness and 2 more`.
fn declared(drift: &DriftNow) -> String {
    let names: Vec<String> =
        drift.declared.iter().take(NAMED).map(|feature| feature.as_str().replace('_', " ")).collect();
    match drift.declared.len().saturating_sub(NAMED) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

fn unusual(sections: &Sections<'_>) -> Part {
    let page = sections.page;
    let says_nothing = |says: &str, more: &str| Part {
        state: State::Unknown,
        href: sections.settings("training-data"),
        says: says.to_owned(),
        more: more.to_owned(),
    };
    let share = match (page.total.get(Figure::Unusual), cannot_flag(page.training_data.reference.as_ref())) {
        (_, Some(why)) => return says_nothing("Outliers not flagged", &why),
        (None, None) => {
            let arrived = page.total.figures.count(Figure::Predictions);
            return says_nothing("No outlier scores", why_no_scores(arrived));
        }
        (Some(share), None) => share,
    };
    let percent = |share: f64| decimal(share * 100.0, 1);
    let more = match page.before.get(Figure::Unusual) {
        Some(before) => format!("{} % in the range before", percent(before)),
        None => "outlier score above 0.99".to_owned(),
    };
    let state = match share {
        share if share >= 0.5 => State::Bad,
        share if share >= MANY_UNUSUAL => State::Warn,
        _ => State::Good,
    };
    let href = sections.predictions("outlier_score > 0.99");
    Part { state, href, says: format!("{} % unusual images", percent(share)), more }
}

/// Why no image that arrives now can be called unusual; `None` if one can.
fn cannot_flag(reference: Option<&Reference>) -> Option<String> {
    let Some(reference) = reference else {
        return Some("choose the training data to compare with".to_owned());
    };
    match reference.state {
        ReferenceState::Building => Some("the training data is being read".to_owned()),
        ReferenceState::Failed => Some("the training data could not be read".to_owned()),
        ReferenceState::Ready if reference.training_images == 0 => {
            Some(format!("{} gives no embeddings of the training data", reference.model))
        }
        ReferenceState::Ready if !reference.flags() => Some(format!(
            "needs {LEAST_CALIBRATION} images that the model did not train on, has {}",
            reference.calibration_images
        )),
        ReferenceState::Ready => None,
    }
}

/// Why nothing of a range has a score though what arrives now can have one:
/// what had arrived before the training data was read is not scored later.
fn why_no_scores(arrived: u64) -> &'static str {
    match arrived {
        0 => "nothing arrived in this range",
        _ => "nothing in this range has one: scores begin once the training data is read, and need an image",
    }
}

fn alerts(sections: &Sections<'_>) -> Part {
    let firing: Vec<&str> = sections
        .rules
        .iter()
        .filter(|rule| rule.firing_since.is_some())
        .map(|rule| rule.name.as_str())
        .collect();
    let silent = sections.rules.iter().filter(|rule| rule.enabled).filter_map(|rule| rule.silent_since).min();
    let (state, says, more) = match (sections.rules.len(), firing.as_slice(), silent) {
        (_, [], Some(since)) => {
            let since = moment(since, sections.page.dashboard.range.to);
            (State::Warn, "No data".to_owned(), format!("nothing has arrived since {since}"))
        }
        (0, ..) => (State::Unknown, "No alert rule".to_owned(), "set one".to_owned()),
        (1, [], None) => (State::Good, "No alert".to_owned(), "1 rule is quiet".to_owned()),
        (all, [], None) => (State::Good, "No alert".to_owned(), format!("{all} rules are quiet")),
        (_, [one], _) => (State::Bad, "1 alert".to_owned(), (*one).to_owned()),
        (_, many, _) => (State::Bad, format!("{} alerts", many.len()), many.join(", ")),
    };
    let href = if firing.is_empty() && silent.is_none() {
        sections.settings("alerts")
    } else {
        "#alerts".to_owned()
    };
    Part { state, href, says, more }
}

fn quality(sections: &Sections<'_>) -> Part {
    let review = text(&Route::Review.with(&[sections.deployment]));
    let figures = sections.random.champion.as_ref().filter(|figures| figures.images > 0);
    let figures = figures.or(sections.all.champion.as_ref()).filter(|figures| figures.images > 0);
    let ap =
        figures.and_then(|figures| Some((figures, figures.coco.summary.get(&CocoFigure::AP50).copied()?)));
    let Some((figures, ap)) = ap else {
        let more = format!("review {FEW_REVIEWS} images");
        return Part { state: State::Unknown, href: review, says: "AP50 not known".to_owned(), more };
    };
    let says = format!("AP50 {:.2} ({:.2}–{:.2})", ap.value, ap.low, ap.high);
    let (state, href, more) = match FEW_REVIEWS.saturating_sub(figures.images) {
        0 => (
            State::Good,
            "#figures-from-reviews".to_owned(),
            format!("on {} reviewed images", figures.images),
        ),
        missing => (State::Unknown, review, format!("on {} images: review {missing} more", figures.images)),
    };
    Part { state, href, says, more }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "00000000-0000-0000-0000-000000000001";

    #[test]
    fn the_line_says_what_is_missing_before_an_image_can_be_called_unusual() {
        let ready = Reference {
            id: ID.parse().expect("an id"),
            deployment_id: ID.parse().expect("an id"),
            dataset_version_id: ID.parse().expect("an id"),
            dataset: "cells/v1".to_owned(),
            model_version_id: ID.parse().expect("an id"),
            model: "cells/1".to_owned(),
            state: ReferenceState::Ready,
            message: String::new(),
            training_images: 96,
            calibration_images: 120,
            created: Timestamp(0),
        };
        let said = |reference: Reference| cannot_flag(Some(&reference)).unwrap_or_default();
        assert_eq!(said(ready.clone()), "");
        let few = Reference { calibration_images: 60, ..ready.clone() };
        assert_eq!(said(few), "needs 100 images that the model did not train on, has 60");
        let foreign = Reference { training_images: 0, ..ready.clone() };
        assert_eq!(said(foreign), "cells/1 gives no embeddings of the training data");
        assert_eq!(
            said(Reference { state: ReferenceState::Building, ..ready }),
            "the training data is being read"
        );
        assert!(cannot_flag(None).is_some());
    }

    #[test]
    fn a_range_without_scores_is_not_said_to_be_one_without_images() {
        assert_eq!(why_no_scores(0), "nothing arrived in this range");
        let earlier =
            "nothing in this range has one: scores begin once the training data is read, and need an image";
        assert_eq!(why_no_scores(12), earlier);
    }
}
