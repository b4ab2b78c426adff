//! What came back instead of an answer, in words: the server's own refusals,
//! and those of what stands between it and the browser.

use crate::json;
use serde::Deserialize;

/// Why something was not done, in words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// In a few words.
    pub title: String,
    /// In a sentence, with what to do.
    pub detail: String,
}

/// The part of a problem+json (RFC 9457) that people read.
#[derive(Deserialize)]
struct Problem {
    title: Option<String>,
    detail: Option<String>,
}

/// A refusal by its body, or by its status alone: a proxy answers with a page
/// of its own.
#[must_use]
pub fn refusal(body: &str, status: u16) -> Refusal {
    let (title, detail) = match json::read::<Problem>(body) {
        Ok(Problem { title, detail: Some(detail) }) => (title, detail),
        _ => (None, by_status(status)),
    };
    Refusal { title: title.unwrap_or_else(|| format!("Refused ({status})")), detail }
}

/// An answer of success that is none of the server's.
#[must_use]
pub fn foreign() -> Refusal {
    Refusal {
        title: "Not the server's answer".to_owned(),
        detail:
            "Something between the browser and the server answered, such as a network's sign-in page. Open \
                 this page in a new tab, and try again."
                .to_owned(),
    }
}

fn by_status(status: u16) -> String {
    let words = match status {
        401 | 403 | 407 | 511 => {
            "A proxy or a network on the way asks for a sign-in. Open this page in a new tab, and try again."
        }
        408 => "The file came too slowly. Check the connection and try again.",
        413 => {
            "A proxy before the server takes no file of this size. Send a smaller one, or raise its limit \
             (nginx: client_max_body_size)."
        }
        429 => "A proxy before the server takes no more requests for now. Try again in a minute.",
        502..=504 => "A proxy cannot reach the server. Try again in a moment.",
        _ => "The server gave no reason. Its log may have one.",
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, status: u16, title: &str, detail: &str) {
        let refusal = refusal(body, status);
        assert_eq!(refusal.title, title);
        assert!(refusal.detail.contains(detail), "{}", refusal.detail);
    }

    #[test]
    fn the_server_is_heard_in_its_own_words() {
        check(r#"{"title":"Too large","detail":"At most 25 MB."}"#, 413, "Too large", "At most 25 MB.");
    }

    #[test]
    fn a_proxy_is_heard_by_its_status() {
        let page = "<html><head><title>413 Request Entity Too Large</title></head></html>";
        check(page, 413, "Refused (413)", "client_max_body_size");
        check("<html>502 Bad Gateway</html>", 502, "Refused (502)", "cannot reach the server");
        check("", 504, "Refused (504)", "cannot reach the server");
        check("{\"error\":\"login\"}", 511, "Refused (511)", "sign-in");
        check("{}", 500, "Refused (500)", "no reason");
    }
}
