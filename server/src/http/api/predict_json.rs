//! An image in JSON, as programs send it that have no form: base64, or a data
//! URL (RFC 2397).

use super::provenance::body_with_provenance;
use crate::http::{json_faults, problem::Problem};
use base64::{
    Engine as _,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::Bytes;
use domain::prediction::Provenance;

body_with_provenance! {
    /// An image with what is said about it.
    pub(super) struct PredictBody {
        /// The file (JPEG, PNG or WebP) in base64, or a data URL of it.
        pub image: String,
        /// `false` predicts and stores nothing.
        #[serde(default)]
        pub monitor: Option<bool>,
    }
}

/// The image of such a body, what is said about it, and whether it is stored.
///
/// # Errors
/// Names the field that is not allowed.
pub(super) fn read(bytes: &[u8]) -> Result<(Bytes, Provenance, Option<bool>), Problem> {
    let mut body: PredictBody = json_faults::read("body", bytes)?;
    let image = decoded(&body.image)?;
    Ok((image, body.take_provenance()?, body.monitor))
}

/// Bytes of JSON for an image of so many bytes, and of what is said about it.
pub(in crate::http) fn json_bytes(image_bytes: usize) -> usize {
    image_bytes / 3 * 4 + 256 * 1024
}

/// The file that a text holds: base64 of either alphabet, or a data URL.
///
/// # Errors
/// When it is no base64.
pub(in crate::http) fn decoded(text: &str) -> Result<Bytes, Problem> {
    let text = match text.strip_prefix("data:") {
        None => text,
        Some(url) => match url.split_once(";base64,") {
            Some((_, data)) => data,
            None => {
                return Err(Problem::invalid(
                    "image",
                    "The data URL is not in base64: write data:image/jpeg;base64,….",
                ));
            }
        },
    };
    // Encoders of mail break lines.
    let mut plain: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    plain.shrink_to_fit();
    let any_padding = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if plain.iter().any(|byte| matches!(byte, b'-' | b'_')) { &URL_SAFE } else { &STANDARD };
    let image = GeneralPurpose::new(alphabet, any_padding).decode(plain);
    let image = image
        .map_err(|_| Problem::invalid("image", "The image is no base64: send the file's bytes in base64."))?;
    Ok(image.into())
}

/// What a body is that should be an image and is its text; `None` for anything
/// else.
pub(super) fn text_instead_of_bytes(beginning: &[u8]) -> Option<&'static str> {
    // The first bytes of JPEG, PNG and WebP files in base64.
    let base64 = [&b"data:"[..], b"/9j/", b"iVBORw0KGgo", b"UklGR"];
    if base64.iter().any(|text| beginning.starts_with(text)) {
        return Some(
            "This is an image in base64: send the bytes of the file themselves, or JSON with the field image and \
             the header Content-Type: application/json.",
        );
    }
    let json = beginning.trim_ascii_start().starts_with(b"{");
    json.then_some(
        "This is JSON: send it with the header Content-Type: application/json, or send the file's bytes.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_comes_in_base64_of_either_alphabet_with_or_without_padding() {
        for text in ["+/8=", "-_8", "+/8", "data:image/png;base64,+/8=", "+\n/8="] {
            assert_eq!(decoded(text).ok().as_deref(), Some(&[0xfb, 0xff][..]), "{text}");
        }
        for text in ["*", "data:image/png,abc", "+/8=="] {
            assert!(decoded(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_body_says_what_a_form_says() {
        let body =
            br#"{"image":"+/8=","tags":["a"],"metadata":{"n":1},"timestamp":1793527200,"monitor":false}"#;
        let (image, provenance, monitor) = read(body).unwrap_or_else(|problem| panic!("{:?}", problem.0));
        assert_eq!(
            (image.len(), provenance.tags.as_slice(), monitor),
            (2, &["a".to_owned()][..], Some(false))
        );
        assert_eq!(provenance.metadata.get("n").map(String::as_str), Some("1"));
        assert!(provenance.timestamp.is_some());
    }
}
