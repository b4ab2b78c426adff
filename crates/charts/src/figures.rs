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
    fn negative_nothing_is_nothing() {
        assert_eq!(decimal(-0.0001, 2), "0");
    }
}
