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

/// A tensor that was sent, in whatever form.
pub(super) struct Input {
    pub name: String,
    pub datatype: String,
    pub shape: Vec<i64>,
    pub content: Content,
}

/// The values of a tensor.
pub(super) enum Content {
    /// One by one; in JSON, a file is its base64.
    Listed(JsonData),
    /// The elements of a BYTES tensor, each by itself.
    Elements(Vec<Bytes>),
    /// The bytes of all of it.
    Raw(Bytes),
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
        check_input(&input.name, picture.is_some())?;
        let raw = taken(&input, &mut bytes)?;
        let content = raw.map(Content::Raw).or(input.data.map(Content::Listed));
        let content = content.ok_or_else(|| {
            let message = format!("The tensor {} has neither data nor binary_data_size.", input.name);
            Problem::invalid(&input.name, message)
        })?;
        let InputBody { name, datatype, shape: AtMost(shape), .. } = input;
        picture = Some(Input { name, datatype, shape, content }.picture()?);
    }
    if !bytes.is_empty() {
        let message =
            format!("{} bytes lie behind the last tensor: binary_data_size says less.", bytes.len());
        return Err(Problem::invalid("body", message));
    }
    picture.ok_or_else(none_sent)
}

/// Refuses a tensor that is no picture, and a second one.
pub(super) fn check_input(name: &str, is_second: bool) -> Result<(), Problem> {
    if !INPUTS.iter().any(|known| known.name == name) {
        let known = "image (BYTES: a JPEG, PNG or WebP file) and pixels (UINT8, height × width × 3, R G B)";
        let message = format!("There is no input {:?}; there are {known}.", shortened(name));
        return Err(Problem::invalid("inputs", message));
    }
    if is_second {
        return Err(Problem::invalid("inputs", "Send one input, image or pixels, of one picture."));
    }
    Ok(())
}

/// What is said of a request without a tensor.
pub(super) fn none_sent() -> Problem {
    Problem::invalid("inputs", "Send one input: image, or pixels.")
}

impl Input {
    /// The picture that it is.
    ///
    /// # Errors
    /// Says what is wanted instead.
    pub(super) fn picture(self) -> Result<Picture, Problem> {
        if self.name == IMAGE.name { file(self) } else { pixels(self) }
    }
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

/// The file that a BYTES tensor of one element holds.
fn file(input: Input) -> Result<Picture, Problem> {
    let place = IMAGE.name;
    if input.datatype != IMAGE.datatype {
        let is = shortened(&input.datatype);
        let message = format!(
            "image is {is}: send BYTES, one JPEG, PNG or WebP file. Pixels go into the input pixels."
        );
        return Err(Problem::invalid(place, message));
    }
    if input.shape.iter().any(|length| *length != 1) || input.shape.len() > 2 {
        let message = format!(
            "image has the shape {:?}: send [1], one picture to a request. Requests that come together are \
             predicted together.",
            input.shape
        );
        return Err(Problem::invalid(place, message));
    }
    let bytes = match input.content {
        Content::Listed(data) => {
            return match <[String; 1]>::try_from(data.texts) {
                Ok([text]) if data.numbers.is_empty() && data.other.is_none() => {
                    Ok(decoded_image(&text)?.into())
                }
                _ => {
                    let message = "image is one element, the file: in JSON a list of one text, its base64.";
                    Err(Problem::invalid(place, message))
                }
            };
        }
        Content::Elements(elements) => match <[Bytes; 1]>::try_from(elements) {
            Ok([element]) => element,
            Err(_) => return Err(Problem::invalid(place, "image is one element: the file.")),
        },
        Content::Raw(raw) => {
            let texts = elements(&raw).unwrap_or_default();
            let [element] = *texts.as_slice() else {
                let message = "The bytes of image are not one element: four bytes say its length, little-endian, \
                               then the file comes.";
                return Err(Problem::invalid(place, message));
            };
            raw.slice_ref(element)
        }
    };
    // Some send as bytes the base64 that JSON wants.
    let text = if imaging::sniff(&bytes).is_none() { std::str::from_utf8(&bytes).ok() } else { None };
    let decoded = text.and_then(|text| decoded_image(text).ok());
    Ok(decoded.filter(|decoded| imaging::sniff(decoded).is_some()).unwrap_or(bytes).into())
}

/// Rows of R G B of one picture.
fn pixels(input: Input) -> Result<Picture, Problem> {
    let place = PIXELS.name;
    let invalid = |message: String| Err(Problem::invalid(place, message));
    if input.datatype != PIXELS.datatype {
        let is = shortened(&input.datatype);
        return invalid(format!(
            "pixels is {is}: send UINT8, from 0 to 255, R G B, as the camera has them. Fovea scales and normalises by \
             itself, as each model wants it."
        ));
    }
    let Some(size) = size_of(&input.shape) else {
        return invalid(format!(
            "pixels has the shape {:?}: send [height, width, 3] or [1, height, width, 3], the colours last.",
            input.shape
        ));
    };
    let rgb: Arc<[u8]> = match input.content {
        Content::Raw(raw) => raw.as_ref().into(),
        Content::Elements(_) => return invalid("pixels holds bytes: numbers are wanted.".to_owned()),
        Content::Listed(data) => {
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
