//! Numbers as people read them; the same in every locale.

/// `12881` → `12,881`.
#[must_use]
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `value` with at most `places` decimals and no trailing zeros.
#[must_use]
pub fn decimal(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Three figures at most, with `k`, `M` or `G`: for axes and small places.
#[must_use]
pub fn compact(value: f64) -> String {
    let magnitude = value.abs();
    let (divisor, unit) = match magnitude {
        m if m >= 1e9 => (1e9, "G"),
        m if m >= 1e6 => (1e6, "M"),
        m if m >= 1e4 => (1e3, "k"),
        _ => (1.0, ""),
    };
    let scaled = value / divisor;
    let places = match scaled.abs() {
        s if s >= 100.0 => 0,
        s if s >= 1.0 => 1,
        s if s >= 0.01 => 2,
        _ => 4,
    };
    format!("{}{unit}", decimal(scaled, places))
}

/// The roundest number within 1 % of `value`, for figures that are no more
/// exact than that: quantiles of sketches.
#[must_use]
pub fn about(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let first = value.abs().log10().floor() as i32;
    let rounded = |digits: i32| {
        let unit = 10f64.powi(first + 1 - digits);
        (value / unit).round() * unit
    };
    let near = |candidate: &f64| (candidate / value - 1.0).abs() <= 0.01;
    (1..=3).map(rounded).find(near).unwrap_or_else(|| rounded(3))
}

/// A text as a field of comma-separated values (RFC 4180).
pub(crate) fn csv_field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_parted_by_commas() {
        let read: Vec<String> = [0, 999, 1000, 12_881, 1_000_000].map(grouped).to_vec();
        assert_eq!(read, ["0", "999", "1,000", "12,881", "1,000,000"]);
    }

    #[test]
    fn compact_numbers_stay_short() {
        let read: Vec<String> = [0.0, 0.002, 0.25, 7.5, 120.0, 9999.0, 12_500.0, 3.2e6].map(compact).to_vec();
        assert_eq!(read, ["0", "0.002", "0.25", "7.5", "120", "9999", "12.5k", "3.2M"]);
    }

    #[test]
    fn a_quantile_of_a_sketch_is_told_as_roundly_as_it_is_known() {
        let read = [640.751, 484.264, 20.136, 1.326, 309_541.2, 0.0, -640.751].map(|v| decimal(about(v), 3));
        assert_eq!(read, ["640", "480", "20", "1.33", "310000", "0", "-640"]);
    }

    #[test]
    fn a_field_with_a_comma_or_a_quote_is_quoted() {
        assert_eq!(["a", "a,b", "say \"b\""].map(csv_field), ["a", "\"a,b\"", "\"say \"\"b\"\"\""]);
    }

    #[test]
    fn negative_nothing_is_nothing() {
        assert_eq!(decimal(-0.0001, 2), "0");
    }
}
