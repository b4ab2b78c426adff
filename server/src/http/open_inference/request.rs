//! Reads a request: JSON, and perhaps bytes of tensors behind it.

use super::{
    outputs::{OUTPUTS, Output},
    picture::{InputBody, of_parameters, picture_of},
};
use crate::http::{
    api::{AtMost, Pairs, check_key, flag, moment, pairs, words},
    json_faults,
    problem::{Problem, shortened},
};
use bytes::Bytes;
use domain::{geometry::Score, prediction::Provenance};
use http::{HeaderMap, HeaderName};
use serde::Deserialize;
use service::Picture;

/// Says how long the JSON is that bytes of tensors follow.
pub(super) const HEADER_LENGTH: HeaderName = HeaderName::from_static("inference-header-content-length");

/// Bytes of an id that is given back.
const ID_BYTES: usize = 512;

/// Parameters that other servers act by and none of which changes an answer here.
const PASSED_OVER: [&str; 7] =
    ["priority", "timeout", "sequence_id", "sequence_start", "sequence_end", "content_type", "headers"];

/// What is asked.
#[derive(Debug)]
pub(super) struct InferRequest {
    pub picture: Picture,
    pub provenance: Provenance,
    /// Whether it is stored and watched.
    pub monitor: bool,
    /// Under which it is stored once.
    pub idempotency_key: Option<String>,
    pub answer: AnswerForm,
}

/// How the answer is to look.
#[derive(Debug)]
pub(super) struct AnswerForm {
    /// Given back as it came.
    pub id: Option<String>,
    /// The outputs, and whether each is to come as bytes.
    pub outputs: Vec<(Output, bool)>,
    /// From which score on, if not from the deployment's threshold on.
    pub threshold: Option<Score>,
}

#[derive(Deserialize)]
struct RequestBody {
    #[serde(default)]
    id: Option<String>,
    inputs: AtMost<InputBody, 8>,
    #[serde(default)]
    outputs: Option<AtMost<OutputBody, 16>>,
    #[serde(default)]
    parameters: Option<Pairs>,
}

#[derive(Deserialize)]
struct OutputBody {
    name: String,
    #[serde(default)]
    parameters: Option<Pairs>,
}

/// How long the JSON is, where bytes follow it.
///
/// # Errors
/// When the header is no number.
pub(super) fn header_length(headers: &HeaderMap) -> Result<Option<usize>, Problem> {
    let Some(value) = headers.get(HEADER_LENGTH) else { return Ok(None) };
    let length = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    let place = "Inference-Header-Content-Length";
    length.map(Some).ok_or_else(|| Problem::invalid(place, format!("{place} is no whole number of bytes.")))
}

/// Reads a body whose JSON is `header` bytes long, or all of it.
///
/// # Errors
/// Names the tensor or the parameter that is not allowed.
pub(super) fn read(bytes: &Bytes, header: Option<usize>) -> Result<InferRequest, Problem> {
    let length = header.unwrap_or(bytes.len());
    let json = bytes.get(..length).ok_or_else(|| {
        let message = format!(
            "Inference-Header-Content-Length says {length} bytes of JSON, but the whole body has {}.",
            bytes.len()
        );
        Problem::invalid("body", message)
    })?;
    let body: RequestBody = json_faults::read("body", json)?;
    let id = checked_id(body.id)?;
    let parameters = Parameters::read(body.parameters)?;
    let outputs = wanted(body.outputs, parameters.binary_data_output)?;
    let picture = picture_of(body.inputs.0, bytes.slice(length..))?;
    Ok(InferRequest {
        picture,
        provenance: parameters.provenance,
        monitor: parameters.monitor,
        idempotency_key: parameters.idempotency_key,
        answer: AnswerForm { id, outputs, threshold: parameters.threshold },
    })
}

/// An id that is short enough to be given back.
pub(super) fn checked_id(id: Option<String>) -> Result<Option<String>, Problem> {
    if id.as_ref().is_some_and(|id| id.len() > ID_BYTES) {
        return Err(Problem::invalid("id", format!("The id has more than {ID_BYTES} bytes.")));
    }
    Ok(id)
}

/// What stands beside the tensors.
pub(super) struct Parameters {
    pub provenance: Provenance,
    pub monitor: bool,
    pub idempotency_key: Option<String>,
    pub threshold: Option<Score>,
    pub binary_data_output: bool,
}

impl Parameters {
    pub(super) fn read(given: Option<Pairs>) -> Result<Self, Problem> {
        let mut read = Self {
            provenance: Provenance::default(),
            monitor: true,
            idempotency_key: None,
            threshold: None,
            binary_data_output: false,
        };
        for (name, value) in given.unwrap_or_default().0 {
            if PASSED_OVER.contains(&name.as_str()) || name.starts_with("triton_") {
                continue;
            }
            let place = format!("parameters.{}", shortened(&name));
            let value = value
                .ok_or_else(|| Problem::invalid(&place, "A parameter is a text, a number, true or false."))?;
            read.set(&name, value, &place)?;
        }
        Ok(read)
    }

    fn set(&mut self, name: &str, value: String, place: &str) -> Result<(), Problem> {
        match name {
            // Python writes them with a capital.
            "monitor" => self.monitor = flag(place, &value.to_ascii_lowercase())?,
            "binary_data_output" => self.binary_data_output = flag(place, &value.to_ascii_lowercase())?,
            "threshold" => {
                let score = value.parse::<f64>().ok().and_then(Score::new);
                let score = score.ok_or_else(|| Problem::invalid(place, "A threshold is from 0 to 1."))?;
                self.threshold = Some(score);
            }
            "idempotency_key" => {
                check_key(&value)?;
                self.idempotency_key = Some(value);
            }
            "filename" => self.provenance.filename = Some(value),
            "source" => self.provenance.source = Some(value),
            "tags" => self.provenance.tags = words(place, &value)?,
            "metadata" => self.provenance.metadata = pairs(place, &value)?,
            "timestamp" => self.provenance.timestamp = Some(moment(place, &value)?),
            _ => {
                let known = "monitor, threshold, filename, source, tags, metadata, timestamp, \
                             idempotency_key, binary_data_output";
                return Err(Problem::invalid(
                    place,
                    format!("There is no such parameter; there are: {known}."),
                ));
            }
        }
        Ok(())
    }
}

/// The outputs that are asked for; all when none is named.
fn wanted(named: Option<AtMost<OutputBody, 16>>, binary: bool) -> Result<Vec<(Output, bool)>, Problem> {
    let named = named.map(|named| named.0).filter(|named| !named.is_empty());
    let Some(named) = named else { return Ok(OUTPUTS.map(|output| (output, binary)).to_vec()) };
    let one = |body: OutputBody| {
        let output = Output::wanted(&body.name)?;
        let own =
            of_parameters(body.parameters.as_ref(), "binary_data").map(|text| flag("binary_data", text));
        Ok((output, own.transpose()?.unwrap_or(binary)))
    };
    named.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests;
