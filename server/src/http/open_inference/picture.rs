//! The tensor that is a picture: a file, or pixels; in the JSON, or behind it.

use super::{
    outputs::{IMAGE, INPUTS, PIXELS},
    tensors::{JsonData, elements},
};
use crate::http::{
    api::{AtMost, Pairs, decoded_image},
    problem::{Problem, shortened},
};
use bytes::Bytes;
use domain::{geometry::Size, inference::Pixels};
use serde::Deserialize;
use service::Picture;
use std::sync::Arc;

/// A tensor as it is described in the JSON.
#[derive(Deserialize)]
pub(super) struct InputBody {
    name: String,
    datatype: String,
    shape: AtMost<i64, 8>,
    #[serde(default)]
    data: Option<JsonData>,
    #[serde(default)]
    parameters: Option<Pairs>,
}

/// The text of one parameter.
pub(super) fn of_parameters<'a>(parameters: Option<&'a Pairs>, name: &str) -> Option<&'a str> {
    parameters?.0.get(name)?.as_deref()
}

/// The one tensor that is a picture; `bytes` are those of the binary ones, in
/// their order.
///
/// # Errors
/// Names the tensor, and what is wanted.
pub(super) fn picture_of(inputs: Vec<InputBody>, mut bytes: Bytes) -> Result<Picture, Problem> {
    let mut picture = None;
    for input in inputs {
        let name = shortened(&input.name);
        if !INPUTS.iter().any(|known| known.name == input.name) {
            let known =
                "image (BYTES: a JPEG, PNG or WebP file) and pixels (UINT8, height × width × 3, R G B)";
            return Err(Problem::invalid(
                "inputs",
                format!("There is no input {name:?}; there are {known}."),
            ));
        }
        if picture.is_some() {
            return Err(Problem::invalid("inputs", "Send one input, image or pixels, of one picture."));
        }
        let binary = taken(&input, &mut bytes)?;
        picture = Some(if input.name == IMAGE.name { file(input, binary) } else { pixels(input, binary) }?);
    }
    if !bytes.is_empty() {
        let message =
            format!("{} bytes lie behind the last tensor: binary_data_size says less.", bytes.len());
        return Err(Problem::invalid("body", message));
    }
    picture.ok_or_else(|| Problem::invalid("inputs", "Send one input: image, or pixels."))
}

/// The bytes of a binary tensor.
fn taken(input: &InputBody, bytes: &mut Bytes) -> Result<Option<Bytes>, Problem> {
    let Some(size) = of_parameters(input.parameters.as_ref(), "binary_data_size") else { return Ok(None) };
    let size: usize = size
        .parse()
        .map_err(|_| Problem::invalid("binary_data_size", "binary_data_size is no whole number of bytes."))?;
    if size > bytes.len() {
        let message = format!(
            "{} says binary_data_size {size}, but {} bytes follow the JSON. The header \
             Inference-Header-Content-Length says where the JSON ends.",
            input.name,
            bytes.len()
        );
        return Err(Problem::invalid("binary_data_size", message));
    }
    if input.data.is_some() {
        return Err(Problem::invalid(&input.name, "A tensor has either data or binary_data_size."));
    }
    Ok(Some(bytes.split_to(size)))
}

fn no_data(name: &str) -> Problem {
    Problem::invalid(name, format!("The tensor {name} has neither data nor binary_data_size."))
}

/// The file that a BYTES tensor of one element holds.
fn file(input: InputBody, binary: Option<Bytes>) -> Result<Picture, Problem> {
    let place = IMAGE.name;
    if input.datatype != IMAGE.datatype {
        let is = shortened(&input.datatype);
        let message = format!(
            "image is {is}: send BYTES, one JPEG, PNG or WebP file. Pixels go into the input pixels."
        );
        return Err(Problem::invalid(place, message));
    }
    if input.shape.0.iter().any(|length| *length != 1) || input.shape.0.len() > 2 {
        let message = format!(
            "image has the shape {:?}: send [1], one picture to a request. Requests that come together are \
             predicted together.",
            input.shape.0
        );
        return Err(Problem::invalid(place, message));
    }
    let Some(binary) = binary else {
        let data = input.data.ok_or_else(|| no_data(place))?;
        return match <[String; 1]>::try_from(data.texts) {
            Ok([text]) if data.numbers.is_empty() && data.other.is_none() => Ok(decoded_image(&text)?.into()),
            _ => Err(Problem::invalid(place, "In JSON, image is a list of one text: the file in base64.")),
        };
    };
    let found = elements(&binary).unwrap_or_default();
    let [element] = *found.as_slice() else {
        let message = "The bytes of image are not one element: four bytes say its length, little-endian, then the \
                       file comes.";
        return Err(Problem::invalid(place, message));
    };
    let bytes = binary.slice_ref(element);
    // Some send as bytes the base64 that JSON wants.
    let text = if imaging::sniff(element).is_none() { std::str::from_utf8(element).ok() } else { None };
    let decoded = text.and_then(|text| decoded_image(text).ok());
    Ok(decoded.filter(|decoded| imaging::sniff(decoded).is_some()).unwrap_or(bytes).into())
}

/// Rows of R G B of one picture.
fn pixels(input: InputBody, binary: Option<Bytes>) -> Result<Picture, Problem> {
    let place = PIXELS.name;
    let invalid = |message: String| Err(Problem::invalid(place, message));
    if input.datatype != PIXELS.datatype {
        let is = shortened(&input.datatype);
        return invalid(format!(
            "pixels is {is}: send UINT8, from 0 to 255, R G B, as the camera has them. Fovea scales and normalises by \
             itself, as each model wants it."
        ));
    }
    let Some(size) = size_of(&input.shape.0) else {
        return invalid(format!(
            "pixels has the shape {:?}: send [height, width, 3] or [1, height, width, 3], the colours last.",
            input.shape.0
        ));
    };
    let rgb: Arc<[u8]> = match binary {
        Some(binary) => binary.as_ref().into(),
        None => {
            let data = input.data.ok_or_else(|| no_data(place))?;
            if let Some(other) = data.other.or(data.texts.into_iter().next()) {
                return invalid(format!(
                    "pixels holds {}: whole numbers from 0 to 255 are wanted.",
                    shortened(&other)
                ));
            }
            data.numbers.into()
        }
    };
    let (wanted, is) = (size.pixels().saturating_mul(3), rgb.len());
    match Pixels::new(size, rgb) {
        Some(pixels) => Ok(Picture::Pixels(pixels)),
        None => invalid(format!("pixels has {is} numbers, and its shape stands for {wanted}.")),
    }
}

fn size_of(shape: &[i64]) -> Option<Size> {
    let [height, width] = match shape {
        [height, width, 3] | [1, height, width, 3] => [*height, *width],
        _ => return None,
    };
    let side = |length: i64| u32::try_from(length).ok().filter(|length| *length <= 1 << 20);
    Size::new(side(width)?, side(height)?)
}
