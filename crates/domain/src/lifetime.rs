//! How long something lives, as people write it: `90d`, `12h`.

use crate::time::Timestamp;

/// Why a text says no end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no time: write 90d, 12h, 30m, or a moment like 2027-01-31T12:00:00Z")]
pub struct InvalidLifetime(pub String);

/// The end of what lives so long from `now` on, or until a moment (RFC 3339).
///
/// # Errors
/// A text that is neither.
pub fn end_of(text: &str, now: Timestamp) -> Result<Timestamp, InvalidLifetime> {
    let refused = || InvalidLifetime(text.chars().take(40).collect());
    let text = text.trim();
    if let Ok(moment) = chrono::DateTime::parse_from_rfc3339(text) {
        return Ok(Timestamp(moment.timestamp_millis()));
    }
    let unit_ms = match text.chars().next_back() {
        Some('d') => 86_400_000,
        Some('h') => 3_600_000,
        Some('m') => 60_000,
        _ => return Err(refused()),
    };
    let count = text.get(..text.len() - 1).and_then(|count| count.parse::<u32>().ok());
    count.map(|count| now.plus_ms(i64::from(count) * unit_ms)).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_a_length_or_a_moment() {
        let check = |text: &str, expected: Option<i64>| {
            assert_eq!(end_of(text, Timestamp(1_000)).ok(), expected.map(Timestamp), "{text}");
        };
        check("90d", Some(1_000 + 90 * 86_400_000));
        check("12h", Some(1_000 + 12 * 3_600_000));
        check(" 30m ", Some(1_000 + 30 * 60_000));
        check("1970-01-02T00:00:00Z", Some(86_400_000));
        for bad in ["", "d", "-1d", "1.5d", "90", "90 days", "d€", "tomorrow"] {
            check(bad, None);
        }
    }
}
