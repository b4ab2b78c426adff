//! What proxies say of a request: `X-Forwarded-For`, `-Proto`, `-Host`, and
//! `Forwarded` (RFC 7239). Each may be a list, to which every proxy on the way
//! adds at the end. Does not know whom to believe: that is the caller's.

use http::{HeaderMap, header, header::AsHeaderName};
use std::net::IpAddr;

/// Whether any proxy on the way was reached over TLS. Whoever pretends so makes
/// their own cookies travel over TLS only, and nothing else.
#[must_use]
pub(super) fn over_tls(headers: &HeaderMap) -> bool {
    let said = [list(headers, "x-forwarded-proto"), parameters(headers, "proto")];
    said.iter().flatten().any(|scheme| scheme.eq_ignore_ascii_case("https"))
}

/// The client of the last proxy, which is the one that a proxy of ours saw.
#[must_use]
pub(super) fn client(headers: &HeaderMap) -> Option<IpAddr> {
    let last = list(headers, "x-forwarded-for").pop().or_else(|| parameters(headers, "for").pop());
    last.and_then(|text| address(&text))
}

/// The host that the first proxy was asked for.
#[must_use]
pub(super) fn host(headers: &HeaderMap) -> Option<String> {
    let said = [list(headers, "x-forwarded-host"), parameters(headers, "host")];
    said.into_iter().flatten().next()
}

/// The elements of a list that may be spread over several headers.
fn list(headers: &HeaderMap, name: impl AsHeaderName) -> Vec<String> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let elements = values.flat_map(|value| value.split(',')).map(|element| element.trim().to_owned());
    elements.filter(|element| !element.is_empty()).collect()
}

/// The values of a parameter in the elements of `Forwarded`.
fn parameters(headers: &HeaderMap, name: &str) -> Vec<String> {
    let of_element = |element: String| {
        let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
        let named = pairs.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.trim().trim_matches('"').to_owned()).collect::<Vec<_>>()
    };
    list(headers, header::FORWARDED).into_iter().flat_map(of_element).collect()
}

/// An address as either header writes it: `10.0.0.1`, `10.0.0.1:80`,
/// `2001:db8::1`, `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix('[') {
        return rest.split(']').next()?.parse().ok();
    }
    text.parse().ok().or_else(|| text.rsplit_once(':').and_then(|(address, _)| address.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn tls_anywhere_on_the_way_is_tls() {
        let check = |name, value, expected| {
            assert_eq!(over_tls(&headers(&[(name, value)])), expected, "{name}: {value}");
        };
        check("x-forwarded-proto", "https", true);
        check("x-forwarded-proto", "HTTPS", true);
        check("x-forwarded-proto", "https,http", true);
        check("x-forwarded-proto", "https, https", true);
        check("x-forwarded-proto", "http", false);
        check("x-forwarded-proto", "httpsx", false);
        check("forwarded", "for=192.0.2.60;proto=https;by=203.0.113.43", true);
        check("forwarded", "for=192.0.2.60; Proto=\"https\", for=10.0.0.1;proto=http", true);
        check("forwarded", "for=\"proto=https\"", false);
    }

    #[test]
    fn the_client_is_whom_the_last_proxy_saw() {
        let check = |name, value, expected: Option<&str>| {
            let expected = expected.map(|text| text.parse().expect("an address"));
            assert_eq!(client(&headers(&[(name, value)])), expected, "{name}: {value}");
        };
        check("x-forwarded-for", "203.0.113.5, 10.0.0.7", Some("10.0.0.7"));
        check("x-forwarded-for", "10.0.0.7:5123", Some("10.0.0.7"));
        check("x-forwarded-for", "2001:db8::1", Some("2001:db8::1"));
        check("x-forwarded-for", "[2001:db8::1]:443", Some("2001:db8::1"));
        check("x-forwarded-for", "unknown", None);
        check("forwarded", "for=1.2.3.4, for=\"[2001:db8:cafe::17]:4711\"", Some("2001:db8:cafe::17"));
    }

    #[test]
    fn the_host_is_what_the_first_proxy_was_asked_for() {
        assert_eq!(host(&headers(&[("x-forwarded-host", "a.example, b")])).as_deref(), Some("a.example"));
        assert_eq!(
            host(&headers(&[("forwarded", "host=a.example;proto=http")])).as_deref(),
            Some("a.example")
        );
        assert_eq!(host(&headers(&[])), None);
    }
}
