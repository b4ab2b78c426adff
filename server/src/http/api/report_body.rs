//! One report as it is sent: as JSON, or taken apart in a form.

use super::{
    bounded::any_json,
    form::{self, Form, pairs, words},
    provenance::body_with_provenance,
    shapes::{BoxList, BoxShape, checked_boxes, parsed},
};
use crate::http::{
    json_faults,
    problem::{Problem, shortened},
};
use domain::prediction::{Report, ReportedShadow};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

body_with_provenance! {
    /// A prediction that was made elsewhere.
    #[derive(Debug)]
    pub(super) struct ReportBody {
        /// Width of the upright image; taken from the image when there is one.
        #[serde(default)]
        pub width: Option<u32>,
        /// Height of the upright image; taken from the image when there is one.
        #[serde(default)]
        pub height: Option<u32>,
        /// How long the model took.
        pub latency_ms: f64,
        /// What it saw.
        #[schema(value_type = Vec<BoxShape>)]
        pub boxes: BoxList,
        /// What another model saw on the same image.
        #[serde(default)]
        pub shadow: Option<ReportedShadowBody>,
        /// `name/number` of the model; the champion when left out.
        #[serde(default)]
        pub model: Option<String>,
        /// Whether the image may be left out by the deployment's `sample_rate`;
        /// it may when left out.
        #[serde(default)]
        pub sample: Option<bool>,
        /// For NDJSON: the same key gives the same answer, once stored.
        #[serde(default)]
        pub idempotency_key: Option<String>,
    }
}

/// What another model saw on the same image.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportedShadowBody {
    /// How long it took.
    pub latency_ms: f64,
    /// What it saw.
    #[schema(value_type = Vec<BoxShape>)]
    pub boxes: BoxList,
}

impl ReportBody {
    /// Checked, and apart from it the key of its own line.
    ///
    /// # Errors
    /// Names the first field that is not allowed.
    pub(super) fn checked(mut self) -> Result<(Report, Option<String>), Problem> {
        let provenance = self.take_provenance()?;
        let shadow = match self.shadow {
            None => None,
            Some(shadow) => {
                let boxes = checked_boxes("shadow.boxes", shadow.boxes)?;
                Some(ReportedShadow { latency_ms: shadow.latency_ms, boxes })
            }
        };
        let report = Report {
            provenance,
            width: self.width,
            height: self.height,
            latency_ms: self.latency_ms,
            boxes: checked_boxes("boxes", self.boxes)?,
            shadow,
            model: self.model,
            sample: self.sample,
        };
        Ok((report, self.idempotency_key))
    }
}

/// The form of a report with its image.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the form for OpenAPI; it is read part by part")]
pub(super) struct ReportForm {
    /// The image: JPEG, PNG or WebP.
    #[schema(value_type = Option<String>, format = Binary)]
    media: Option<Vec<u8>>,
    /// The report as one JSON object; or each of its fields as a part.
    report: Option<ReportBody>,
}

/// Reads one report.
///
/// # Errors
/// With the place in the text.
pub(super) fn read_json(bytes: &[u8]) -> Result<ReportBody, Problem> {
    let first = json_faults::without_mark(bytes).iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'[') {
        let message = "This is a list: send its reports one object a line, as application/x-ndjson.";
        return Err(Problem::invalid("body", message));
    }
    json_faults::read("body", bytes)
}

/// Reads the report of a form.
///
/// # Errors
/// With the field that is wrong.
pub(super) fn body_of_form(form: &Form) -> Result<ReportBody, Problem> {
    let mut map = Map::new();
    for (name, text) in &form.fields {
        let json = |text: &str| -> Result<Value, Problem> {
            any_json(text).map_err(|error| Problem::invalid(name, shortened(&error.to_string())))
        };
        let value = match name.as_str() {
            "report" => {
                let Value::Object(report) = json(text)? else {
                    return Err(Problem::invalid(name, "The report must be a JSON object."));
                };
                map.extend(report);
                continue;
            }
            "boxes" | "shadow" => json(text)?,
            "width" | "height" => Value::from(parsed::<u32>(name, text)?),
            "latency_ms" => Value::from(parsed::<f64>(name, text)?),
            "sample" => Value::from(form::flag(name, text)?),
            // Given in several parts, or in one.
            "tags" => {
                let before = map.remove("tags").and_then(|tags| tags.as_array().cloned()).unwrap_or_default();
                before.into_iter().chain(words(name, text)?.into_iter().map(Value::from)).collect()
            }
            "metadata" | "custom_metadata" => {
                let before = map.remove("metadata").and_then(|pairs| pairs.as_object().cloned());
                let more = pairs(name, text)?.into_iter().map(|(key, value)| (key, Value::from(value)));
                let all: Map<String, Value> = before.unwrap_or_default().into_iter().chain(more).collect();
                map.insert("metadata".to_owned(), Value::Object(all));
                continue;
            }
            _ => Value::from(text.as_str()),
        };
        map.insert(name.clone(), value);
    }
    json_faults::read_value("body", Value::Object(map))
}
