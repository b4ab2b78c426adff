//! A notice in words, for channels that people read.

use domain::notice::{Notice, NoticeKind};
use serde_json::Value;

/// One line, and what else there is to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) title: String,
    pub(super) facts: Vec<(&'static str, String)>,
}

impl Summary {
    pub(super) fn of(notice: &Notice) -> Self {
        let text = |name: &str| notice.data.get(name).map(words).filter(|text| !text.is_empty());
        let named = |name: &str| text(name).unwrap_or_else(|| "?".to_owned());
        let (title, facts) = match notice.event {
            NoticeKind::AlertFired => {
                (format!("the alert {} fired", named("alert")), vec![("Figure", text("value"))])
            }
            NoticeKind::AlertCleared => {
                (format!("the alert {} cleared", named("alert")), vec![("Figure", text("value"))])
            }
            NoticeKind::DriftDeclared => ("drift".to_owned(), vec![("In", text("features"))]),
            NoticeKind::DriftCleared => ("no drift any more".to_owned(), vec![("In", text("features"))]),
            NoticeKind::PredictionReviewed => (
                format!("a prediction was reviewed by {}", named("reviewer")),
                vec![("Prediction", text("prediction")), ("Revision", text("revision"))],
            ),
            NoticeKind::TrainingStarted => (
                format!("the training {} was launched", named("experiment")),
                vec![("Submitted images", text("submissions"))],
            ),
            NoticeKind::TrainingFinished => (
                format!("the training {} has ended", named("experiment")),
                vec![("Outcome", text("outcome")), ("Verdict", text("verdict"))],
            ),
            NoticeKind::ModelDeployed => {
                let model = text("model").or_else(|| text("champion")).unwrap_or_else(|| "?".to_owned());
                (format!("{model} is the champion"), vec![])
            }
        };
        let title = match &notice.deployment {
            Some(deployment) => format!("{deployment}: {title}"),
            None => title,
        };
        let at = Some(notice.at.to_string());
        let facts = facts.into_iter().chain([("At", at)]);
        Self {
            title: one_line(&title),
            facts: facts.filter_map(|(name, value)| Some((name, value?))).collect(),
        }
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => one_line(text),
        Value::Array(values) => values.iter().map(words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// A line break in a subject would begin another header.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::Timestamp;
    use serde_json::json;

    #[test]
    fn a_summary_says_what_where_and_when() {
        let data = json!({ "features": ["box area", "labels"], "window": {} });
        let event = NoticeKind::DriftDeclared;
        let notice = Notice { event, at: Timestamp(0), deployment: Some("gate".into()), data };
        let expected = Summary {
            title: "gate: drift".to_owned(),
            facts: vec![("In", "box area, labels".to_owned()), ("At", "1970-01-01T00:00:00.000Z".to_owned())],
        };
        assert_eq!(Summary::of(&notice), expected);
    }

    #[test]
    fn a_title_is_one_line() {
        let data = json!({ "alert": "slow\r\nBcc: x@y" });
        let notice = Notice { event: NoticeKind::AlertFired, at: Timestamp(0), deployment: None, data };
        assert_eq!(Summary::of(&notice).title, "the alert slow  Bcc: x@y fired");
    }
}
