//! Numbers as a query and as metadata write them. Knows no fields.

/// A finite decimal number.
pub(super) fn number(text: &str) -> Option<f64> {
    // Adding 0 turns -0 into 0, so that equal values print the same.
    units::text::number(text).map(|value| value + 0.0)
}

/// A time span in milliseconds: a bare number, or one with `ms` or `s`.
pub(super) fn duration_ms(text: &str) -> Option<f64> {
    if let Some(ms) = text.strip_suffix("ms") {
        return number(ms);
    }
    match text.strip_suffix('s') {
        Some(s) => number(s).map(|s| s * 1000.0).filter(|ms| ms.is_finite()),
        None => number(text),
    }
}

/// The number that a metadata value counts as when a query compares it with a
/// number: a finite decimal number (`5`, `-0.5`, `1e-3`) without blanks or
/// units. Whoever stores predictions can keep it in a column of its own.
#[must_use]
pub fn metadata_number(text: &str) -> Option<f64> {
    number(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_finite_decimals_are_numbers() {
        for (text, expected) in [
            ("5", Some(5.0)),
            ("-0.5", Some(-0.5)),
            ("+3", Some(3.0)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("007", Some(7.0)),
            ("1e-3", Some(0.001)),
            ("1E3", Some(1000.0)),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
        for text in ["", "-", ".", "e5", "1e", "inf", "nan", "1e999", "1_000", " 1", "1 ", "0x1", "1-2", "٣"]
        {
            assert_eq!(number(text), None, "{text}");
        }
        assert!(number("-0").is_some_and(f64::is_sign_positive));
    }

    #[test]
    fn a_bare_time_span_is_in_milliseconds() {
        for (text, expected) in [
            ("250", Some(250.0)),
            ("250ms", Some(250.0)),
            ("1.5s", Some(1500.0)),
            ("1e3s", Some(1e6)),
            ("s", None),
            ("ms", None),
            ("5m", None),
            ("1e308s", None),
        ] {
            assert_eq!(duration_ms(text), expected, "{text}");
        }
    }
}
