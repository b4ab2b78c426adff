//! Addresses of databases and buckets: read as people write them, and shown
//! without what opens them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What stands for itself in a user's name or password (RFC 3986, 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An address for people: whoever it is opened by, the password and the query,
/// which may hold keys as well, are left out.
pub(crate) fn shown(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), url),
    };
    // A password may hold every character: the host begins after the last @.
    let (hidden, place) = match rest.rsplit_once('@') {
        Some((_, place)) => ("…@", place),
        None => ("", rest),
    };
    let place = place.split(['?', '#']).next().unwrap_or_default();
    let text: String = format!("{scheme}{hidden}{place}").chars().take(200).collect();
    text.escape_debug().to_string()
}

/// An address of a PostgreSQL server in which a user's name and password are
/// encoded, whatever characters they were written with, and which has a host:
/// with `?host=/run/postgresql` none needs to be written.
pub(crate) fn postgres(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let Some((user, place)) = rest.rsplit_once('@') else { return url.to_owned() };
    let place = if place.starts_with(['/', '?']) { format!("localhost{place}") } else { place.to_owned() };
    let (name, password) = match user.split_once(':') {
        Some((name, password)) => (name, Some(password)),
        None => (user, None),
    };
    let password = password.map(|password| format!(":{}", encoded(password))).unwrap_or_default();
    format!("{scheme}://{}{password}@{place}", encoded(name))
}

/// What is encoded already stays as it is.
fn encoded(text: &str) -> String {
    let decoded = percent_decode_str(text).decode_utf8_lossy();
    utf8_percent_encode(&decoded, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        for (url, expected) in [
            ("mysql://root:s3cret@host/db", "mysql://…@host/db"),
            (
                "postgres://u:p@ss/w?rd#x@db.example:5432/fovea?password=s3cret",
                "postgres://…@db.example:5432/fovea",
            ),
            ("u:s3cret@host/db", "…@host/db"),
            ("s3://key:s3cret@bucket/prefix", "s3://…@bucket/prefix"),
            ("sqlite://data/fovea.db?mode=ro", "sqlite://data/fovea.db"),
            ("nothing\u{1b}[2J", "nothing\\u{1b}[2J"),
        ] {
            assert_eq!(shown(url), expected, "{url}");
        }
    }

    #[test]
    fn a_password_may_have_any_character() {
        let check = |url: &str, user: &str, host: &str| {
            let read: sqlx::postgres::PgConnectOptions = postgres(url).parse().expect(url);
            assert_eq!((read.get_username(), read.get_host()), (user, host), "{url}");
        };
        check("postgres://u:p/w?x#y@z@db.example/fovea", "u", "db.example");
        check("postgres://u%40lab:p%2Fw@db.example/fovea", "u@lab", "db.example");
        check("postgres://u@db.example/fovea", "u", "db.example");
        assert_eq!(postgres("postgres://u:p%2Fw@h/d"), postgres("postgres://u:p/w@h/d"));
        let read: sqlx::postgres::PgConnectOptions =
            postgres("postgres://u:p@/db?host=/run/postgresql").parse().expect("a socket");
        assert_eq!(
            read.get_socket().map(|path| path.to_string_lossy().into_owned()),
            Some("/run/postgresql".into())
        );
    }
}
