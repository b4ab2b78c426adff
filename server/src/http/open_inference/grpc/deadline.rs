//! How long a client waits: `grpc-timeout`.

use super::status::{Code, Status};
use http::HeaderMap;
use std::{future::Future, time::Duration};

/// What becomes of a call within the time that its client waits, or why not.
///
/// # Errors
/// Those of the call; `DEADLINE_EXCEEDED` when it takes longer.
pub(super) async fn within<T>(
    headers: &HeaderMap,
    call: impl Future<Output = Result<T, Status>>,
) -> Result<T, Status> {
    let Some(text) = headers.get("grpc-timeout") else { return call.await };
    let time = text.to_str().ok().and_then(parsed).ok_or_else(|| {
        let message = "grpc-timeout is up to eight digits, and one of H, M, S, m, u, n.";
        Status::new(Code::InvalidArgument, message)
    })?;
    let late = |_| {
        let message = format!("It was not done within {time:?}, as long as the client said it would wait.");
        Err(Status::new(Code::DeadlineExceeded, message))
    };
    tokio::time::timeout(time, call).await.unwrap_or_else(late)
}

fn parsed(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(3_600 * number),
        "M" => Duration::from_secs(60 * number),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_digits_and_a_unit() {
        assert_eq!(parsed("99999999H"), Some(Duration::from_secs(359_999_996_400)));
        assert_eq!(parsed("250m"), Some(Duration::from_millis(250)));
        assert_eq!(
            [parsed("1S"), parsed("1000000u"), parsed("1M")].map(|t| t.map(|t| t.as_secs())),
            [Some(1), Some(1), Some(60)]
        );
        for wrong in ["", "S", "1", "1x", "-1S", "+1S", "1.5S", "123456789S", "1 S", "ä"] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }

    #[tokio::test]
    async fn what_takes_longer_is_given_up() {
        let headers = [(http::HeaderName::from_static("grpc-timeout"), http::HeaderValue::from_static("1m"))];
        let outcome = within(&headers.into_iter().collect(), std::future::pending::<Result<(), _>>()).await;
        assert_eq!(outcome.map_err(|status| status.code), Err(Code::DeadlineExceeded));
    }
}
