//! The session's cookie over TLS: `Secure`, and called `__Host-…`, which
//! browsers take from this very host only (RFC 6265bis, 4.1.3.2), so that no
//! sibling host and no plain connection can put another session in its place.
//! Below a base path it goes to that path alone, and is called `__Secure-…`
//! (4.1.3.1): the other prefix is of cookies for a whole host. The layers within
//! know it by its plain name.

use super::SESSION_COOKIE;
use app::BasePath;
use http::{HeaderMap, HeaderValue, header};

fn prefix_below(base: &BasePath) -> &'static str {
    if base.is_root() { "__Host-" } else { "__Secure-" }
}

/// Gives the session's cookie of a request its plain name. Over TLS one that
/// came without the prefix is none of ours. Of several the first counts: it is
/// of the longest path (RFC 6265, 5.4), and others are of servers above.
pub(in crate::http) fn accept_prefixed(headers: &mut HeaderMap, base: &BasePath, over_tls: bool) {
    let own_prefix = prefix_below(base);
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs: Vec<&str> = cookies.flat_map(|value| value.split(';')).map(str::trim).collect();
    let session = |pair: &str, prefix: &str| {
        let (name, value) = pair.split_once('=')?;
        (name.strip_prefix(prefix)? == SESSION_COOKIE).then(|| value.to_owned())
    };
    let prefixed = pairs.iter().find_map(|pair| session(pair, own_prefix));
    let mut plain = pairs.iter().filter_map(|pair| session(pair, ""));
    let own = match (prefixed, over_tls) {
        (None, false) => match (plain.next(), plain.next()) {
            (Some(longest), Some(_)) => Some(longest),
            _ => return,
        },
        (prefixed, _) => prefixed,
    };
    let others =
        pairs.iter().filter(|pair| session(pair, own_prefix).is_none() && session(pair, "").is_none());
    let mut kept: Vec<String> = others.map(|pair| (*pair).to_owned()).collect();
    kept.extend(own.map(|value| format!("{SESSION_COOKIE}={value}")));
    headers.remove(header::COOKIE);
    if let Ok(value) = HeaderValue::from_str(&kept.join("; "))
        && !kept.is_empty()
    {
        headers.insert(header::COOKIE, value);
    }
}

/// Leaves the session's cookie in the browser, whatever has become of the
/// session. The layers within take it away where there is none any more; but
/// an answer to a request of before may come after the one that gave a new
/// session (a changed password, a second tab), and would take that.
pub(in crate::http) fn keep_session(headers: &mut HeaderMap) {
    let removal = format!("{SESSION_COOKIE}=;");
    let is_kept = |cookie: &&HeaderValue| !cookie.as_bytes().starts_with(removal.as_bytes());
    let kept: Vec<HeaderValue> =
        headers.get_all(header::SET_COOKIE).iter().filter(is_kept).cloned().collect();
    headers.remove(header::SET_COOKIE);
    for cookie in kept {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// Marks the cookies of an answer `Secure`, and prefixes the session's.
pub(in crate::http) fn prefix(headers: &mut HeaderMap, base: &BasePath) {
    let header::Entry::Occupied(mut cookies) = headers.entry(header::SET_COOKIE) else { return };
    for cookie in cookies.iter_mut() {
        let Ok(text) = cookie.to_str() else { continue };
        let is_session = text.strip_prefix(SESSION_COOKIE).is_some_and(|rest| rest.starts_with('='));
        let prefix = if is_session { prefix_below(base) } else { "" };
        let secure = if text.contains("; Secure") { "" } else { "; Secure" };
        if let Ok(value) = HeaderValue::from_str(&format!("{prefix}{text}{secure}")) {
            *cookie = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(cookie: &'static str, over_tls: bool) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
        accept_prefixed(&mut headers, &BasePath::default(), over_tls);
        headers.get(header::COOKIE).map(|value| value.to_str().expect("text").to_owned())
    }

    #[test]
    fn over_tls_every_cookie_is_secure_and_the_session_is_of_this_host() {
        let mut headers = HeaderMap::new();
        headers.append(header::SET_COOKIE, HeaderValue::from_static("fovea_session=1; HttpOnly; Path=/"));
        headers.append(header::SET_COOKIE, HeaderValue::from_static("b=2; Secure"));
        prefix(&mut headers, &BasePath::default());
        let cookies: Vec<_> = headers.get_all(header::SET_COOKIE).iter().collect();
        assert_eq!(cookies, ["__Host-fovea_session=1; HttpOnly; Path=/; Secure", "b=2; Secure"]);
    }

    #[test]
    fn a_session_is_known_by_the_name_that_its_connection_allows() {
        assert_eq!(accepted("fovea_session=a; x=1", false).as_deref(), Some("fovea_session=a; x=1"));
        assert_eq!(accepted("x=1; __Host-fovea_session=a", true).as_deref(), Some("x=1; fovea_session=a"));
        assert_eq!(accepted("__Host-fovea_session=a", false).as_deref(), Some("fovea_session=a"));
    }

    #[test]
    fn a_plain_cookie_put_there_by_somebody_else_is_not_taken_over_tls() {
        assert_eq!(accepted("fovea_session=theirs", true), None);
        let both = "fovea_session=theirs; __Host-fovea_session=mine";
        assert_eq!(accepted(both, true).as_deref(), Some("fovea_session=mine"));
    }

    #[test]
    fn below_a_base_path_the_session_is_secure_and_no_cookie_of_the_host() {
        let base = BasePath::parse("/fovea").expect("a path");
        let mut headers = HeaderMap::new();
        headers.append(header::SET_COOKIE, HeaderValue::from_static("fovea_session=1; Path=/fovea"));
        prefix(&mut headers, &base);
        assert_eq!(headers[header::SET_COOKIE], "__Secure-fovea_session=1; Path=/fovea; Secure");
        let accepted = |cookie: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
            accept_prefixed(&mut headers, &base, true);
            headers.get(header::COOKIE).map(|value| value.to_str().expect("text").to_owned())
        };
        assert_eq!(accepted("__Secure-fovea_session=a").as_deref(), Some("fovea_session=a"));
        let of_two_servers = "__Secure-fovea_session=below; __Host-fovea_session=root";
        assert_eq!(
            accepted(of_two_servers).as_deref(),
            Some("__Host-fovea_session=root; fovea_session=below")
        );
    }

    #[test]
    fn of_two_sessions_that_of_the_longest_path_counts() {
        let both = "fovea_session=below; fovea_session=root; x=1";
        assert_eq!(accepted(both, false).as_deref(), Some("x=1; fovea_session=below"));
    }
}
