//! What a request says, read field by field within bounds: a field of two bytes
//! could stand for a hundred times its memory.

use super::{
    status::Status,
    wire::{Field, Fields, WireFault},
};
use crate::http::{
    api::Pairs,
    open_inference::{
        outputs::{OUTPUTS, Output},
        picture::{Content, Input, check_input, none_sent},
        request::{AnswerForm, InferRequest, Parameters, checked_id},
        tensors::{JsonData, MOST_TEXTS},
    },
    problem::{Problem, shortened},
};
use bytes::Bytes;

/// Tensors, and bytes of such.
const MOST_INPUTS: usize = 8;
const MOST_OUTPUTS: usize = 16;
const MOST_PARAMETERS: usize = 100;
/// Lengths in a shape.
const MOST_LENGTHS: usize = 8;

/// The model that is asked, in all requests that ask one.
#[derive(Debug, Default, PartialEq)]
pub(super) struct NamedModel {
    pub name: String,
    /// Empty for the one that answers.
    version: String,
}

impl NamedModel {
    /// Of the requests that hold nothing else.
    pub(super) fn read(message: Bytes) -> Result<Self, Status> {
        let mut model = Self::default();
        let mut fields = Fields::new(message);
        while let Some(field) = fields.next()? {
            model.take(field)?;
        }
        Ok(model)
    }

    fn take(&mut self, field: Field) -> Result<(), WireFault> {
        match field.number {
            1 => self.name = field.text()?,
            2 => self.version = field.text()?,
            _ => {}
        }
        Ok(())
    }

    /// The version, where one is named.
    pub(super) fn version(&self) -> Option<&str> {
        Some(self.version.as_str()).filter(|version| !version.is_empty())
    }
}

/// A request to predict, as it was sent.
#[derive(Debug, Default)]
pub(super) struct InferMessage {
    pub model: NamedModel,
    id: String,
    parameters: Pairs,
    inputs: Vec<Tensor>,
    outputs: Vec<Output>,
    /// The bytes of the tensors, where they do not lie in them.
    raw: Vec<Bytes>,
}

#[derive(Debug, Default)]
struct Tensor {
    name: String,
    datatype: String,
    shape: Vec<i64>,
    elements: Vec<Bytes>,
    numbers: JsonData,
    has_contents: bool,
}

impl InferMessage {
    /// # Errors
    /// When the bytes are none, or hold more of something than is ever of use.
    pub(super) fn read(message: Bytes) -> Result<Self, Status> {
        let mut request = Self::default();
        let mut fields = Fields::new(message);
        while let Some(field) = fields.next()? {
            match field.number {
                3 => request.id = field.text()?,
                4 => add_parameter(&mut request.parameters, field.message()?)?,
                5 => push(&mut request.inputs, Tensor::read(field.message()?)?, MOST_INPUTS, "inputs")?,
                6 => push(&mut request.outputs, output(field.message()?)?, MOST_OUTPUTS, "outputs")?,
                7 => push(&mut request.raw, field.bytes()?, MOST_INPUTS, "raw_input_contents")?,
                _ => request.model.take(field)?,
            }
        }
        Ok(request)
    }

    /// Whether the answer's tensors come as bytes, too: as the request's do.
    pub(super) fn wants_bytes(&self) -> bool {
        !self.raw.is_empty()
    }

    /// What is asked, as over HTTP.
    ///
    /// # Errors
    /// Names the tensor or the parameter that is not allowed.
    pub(super) fn into_request(self) -> Result<InferRequest, Problem> {
        let parameters = Parameters::read(Some(self.parameters))?;
        let id = checked_id(Some(self.id).filter(|id| !id.is_empty()))?;
        let picture = picture(self.inputs, self.raw)?;
        let outputs = if self.outputs.is_empty() { OUTPUTS.to_vec() } else { self.outputs };
        let outputs = outputs.into_iter().map(|output| (output, parameters.binary_data_output)).collect();
        Ok(InferRequest {
            picture,
            provenance: parameters.provenance,
            monitor: parameters.monitor,
            idempotency_key: parameters.idempotency_key,
            answer: AnswerForm { id, outputs, threshold: parameters.threshold },
        })
    }
}

fn picture(inputs: Vec<Tensor>, raw: Vec<Bytes>) -> Result<service::Picture, Problem> {
    if !raw.is_empty() && raw.len() != inputs.len() {
        let message = format!("There are {} inputs, and raw_input_contents has {}.", inputs.len(), raw.len());
        return Err(Problem::invalid("raw_input_contents", message));
    }
    let mut raw = raw.into_iter();
    let mut picture = None;
    for tensor in inputs {
        check_input(&tensor.name, picture.is_some())?;
        picture = Some(tensor.into_input(raw.next())?.picture()?);
    }
    picture.ok_or_else(none_sent)
}

impl Tensor {
    fn read(mut fields: Fields) -> Result<Self, Status> {
        let mut tensor = Self::default();
        while let Some(field) = fields.next()? {
            match field.number {
                1 => tensor.name = field.text()?,
                2 => tensor.datatype = field.text()?,
                3 => {
                    let shape = &mut tensor.shape;
                    field.each_varint(|length| {
                        if shape.len() <= MOST_LENGTHS {
                            shape.push(length.cast_signed());
                        }
                    })?;
                }
                5 => tensor.contents(field.message()?)?,
                // Its parameters say nothing of a picture.
                _ => {}
            }
        }
        if tensor.shape.len() > MOST_LENGTHS {
            return Err(
                Problem::invalid("shape", format!("A shape has more than {MOST_LENGTHS} lengths.")).into()
            );
        }
        Ok(tensor)
    }

    fn contents(&mut self, mut fields: Fields) -> Result<(), Status> {
        self.has_contents = true;
        while let Some(field) = fields.next()? {
            let numbers = &mut self.numbers;
            match field.number {
                2..=5 => field.each_varint(|number| match u8::try_from(number) {
                    Ok(number) => numbers.numbers.push(number),
                    Err(_) => other(numbers, number.cast_signed()),
                })?,
                8 => push(&mut self.elements, field.bytes()?, MOST_TEXTS, "bytes_contents")?,
                1 => other(numbers, "bool_contents"),
                6 => other(numbers, "fp32_contents"),
                7 => other(numbers, "fp64_contents"),
                _ => {}
            }
        }
        Ok(())
    }

    fn into_input(self, raw: Option<Bytes>) -> Result<Input, Problem> {
        let content = match raw {
            Some(_) if self.has_contents => {
                let message = "A tensor has either contents or raw_input_contents.";
                return Err(Problem::invalid(&self.name, message));
            }
            Some(raw) => Content::Raw(raw),
            None if !self.has_contents => {
                let message =
                    format!("The tensor {} has neither contents nor raw_input_contents.", self.name);
                return Err(Problem::invalid(&self.name, message));
            }
            None if self.elements.is_empty() => Content::Listed(self.numbers),
            None => Content::Elements(self.elements),
        };
        Ok(Input { name: self.name, datatype: self.datatype, shape: self.shape, content })
    }
}

fn other(numbers: &mut JsonData, written: impl std::fmt::Display) {
    numbers.other.get_or_insert_with(|| written.to_string());
}

fn push<T>(list: &mut Vec<T>, item: T, most: usize, place: &str) -> Result<(), Problem> {
    if list.len() == most {
        return Err(Problem::invalid(place, format!("There are more than the {most} allowed.")));
    }
    list.push(item);
    Ok(())
}

/// The output of which a request speaks.
fn output(mut fields: Fields) -> Result<Output, Status> {
    let mut name = String::new();
    while let Some(field) = fields.next()? {
        if field.number == 1 {
            name = field.text()?;
        }
    }
    Ok(Output::wanted(&name)?)
}

/// An entry of a map: a key and a value of one of five kinds.
fn add_parameter(parameters: &mut Pairs, mut entry: Fields) -> Result<(), Status> {
    let (mut key, mut text) = (String::new(), None);
    while let Some(field) = entry.next()? {
        match field.number {
            1 => key = field.text()?,
            2 => text = parameter(field.message()?)?,
            _ => {}
        }
    }
    if parameters.0.len() == MOST_PARAMETERS {
        let message = format!("There are more than {MOST_PARAMETERS}, at {:?}.", shortened(&key));
        return Err(Problem::invalid("parameters", message).into());
    }
    parameters.0.insert(key, text);
    Ok(())
}

fn parameter(mut fields: Fields) -> Result<Option<String>, WireFault> {
    let mut text = None;
    while let Some(field) = fields.next()? {
        text = match field.number {
            1 => Some((field.varint()? != 0).to_string()),
            2 => Some(field.varint()?.cast_signed().to_string()),
            3 => Some(field.text()?),
            4 => Some(field.double()?.to_string()),
            5 => Some(field.varint()?.to_string()),
            _ => text,
        };
    }
    // A value is there, be it false, 0 or empty: fields of a choice are written.
    Ok(text)
}

#[cfg(test)]
mod tests;
