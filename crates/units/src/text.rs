//! Numbers and letters of a text.
//!
//! In the browser it is the browser that reads numbers and knows letters: the
//! tables that the standard library does both by would be 25 kB (gzip) of what
//! a page loads.

/// A finite decimal number: `5`, `-0.5`, `.5`, `1e-3`. Nothing else is one,
/// blanks, `inf` and `nan` included.
#[must_use]
pub fn number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    // To the browser an empty text is 0.
    let value = (plain && !text.is_empty()).then(|| by::number(text)).flatten()?;
    value.is_finite().then_some(value)
}

/// A text in small letters.
#[must_use]
pub fn lowercase(text: &str) -> String {
    by::lowercase(text)
}

/// A text in capitals.
#[must_use]
pub fn uppercase(text: &str) -> String {
    by::uppercase(text)
}

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
mod by {
    pub(super) fn number(text: &str) -> Option<f64> {
        text.parse().ok()
    }

    pub(super) fn lowercase(text: &str) -> String {
        text.to_lowercase()
    }

    pub(super) fn uppercase(text: &str) -> String {
        text.to_uppercase()
    }
}

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod by {
    use js_sys::{JsString, wasm_bindgen::JsValue};

    pub(super) fn number(text: &str) -> Option<f64> {
        // `+text`, of which the faults are NaN.
        Some(JsValue::from_str(text).unchecked_into_f64())
    }

    pub(super) fn lowercase(text: &str) -> String {
        JsString::from(text).to_lower_case().into()
    }

    pub(super) fn uppercase(text: &str) -> String {
        JsString::from(text).to_upper_case().into()
    }
}

#[cfg(test)]
mod tests {
    use super::{lowercase, number, uppercase};

    #[test]
    fn a_number_is_finite_and_decimal() {
        let numbers = ["5", "-0.5", ".5", "5.", "+2", "1e-3", "1E3", "0.1", "12345678901234567890"];
        let read = numbers.map(number);
        let meant = [5.0, -0.5, 0.5, 5.0, 2.0, 0.001, 1000.0, 0.1, 12_345_678_901_234_567_890.0];
        assert_eq!(read, meant.map(Some));
        for none in [
            "", " ", "5 ", "inf", "-inf", "nan", "Infinity", "1e400", "0x10", "1_000", "e5", ".", "1-2",
            "--1", "1e",
        ] {
            assert_eq!(number(none), None, "{none:?}");
        }
    }

    #[test]
    fn letters_beyond_ascii_have_their_other_case() {
        assert_eq!([lowercase("ÄΣΑΣ"), uppercase("straße")], ["äσας", "STRASSE"]);
    }
}
