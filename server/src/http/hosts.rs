//! Which names this server answers to.
//!
//! A page of another site can point its own name at this server's address (DNS
//! rebinding) and then read what a visitor's network lets through: to the
//! browser it is one site. It cannot change the name that the browser sends.
//! An address is no name and cannot be pointed elsewhere, and whoever sends a
//! bearer token, or has a link with a signature, is no such page.

use super::{AppState, notice_page, picsellia, problem::ProblemBody, signed};
use axum::{
    Json,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use std::net::{IpAddr, Ipv6Addr};
use url::Url;

/// The names, without ports, in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownHosts(Vec<String>);

impl KnownHosts {
    /// The names given, the public address's, and the machine's own.
    #[must_use]
    pub fn new(names: impl IntoIterator<Item = String>, public: Option<&Url>) -> Self {
        let public = public.and_then(|url| url.host_str()).map(str::to_owned);
        // Where there is none, the name has to be given.
        let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let names = names.into_iter().chain(public).chain([machine]);
        Self(names.map(|name| name.trim().to_lowercase()).filter(|name| !name.is_empty()).collect())
    }

    /// Whether `host`, with or without a port, is one of them, an address, or
    /// this machine to itself.
    #[must_use]
    pub fn contain(&self, host: &str) -> bool {
        let name = without_port(host).to_lowercase();
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        name == "localhost"
            || name.ends_with(".localhost")
            || bare.parse::<IpAddr>().is_ok()
            || self.0.contains(&name)
    }
}

fn without_port(host: &str) -> &str {
    if host.parse::<Ipv6Addr>().is_ok() {
        return host;
    }
    match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The middleware: 421 (RFC 9110, 15.5.20) for any other name.
pub(super) async fn refuse_unknown_hosts(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let looked_at = matches!(request.uri().path(), "/healthz" | "/readyz");
    let host = named(request.headers()).or_else(|| request.uri().host()).map(str::to_owned);
    let Some(host) = host.filter(|host| !looked_at && !state.config.hosts.contain(host)) else {
        return next.run(request).await;
    };
    if has_bearer(request.headers()) || signed::is_link(request.uri()) || picsellia::is_login(request.uri()) {
        return next.run(request).await;
    }
    let shown: String = host.chars().filter(|c| c.is_ascii_graphic()).take(100).collect();
    let name = without_port(&shown).to_owned();
    let message = format!(
        "This server does not know the name {shown}. If it is yours, start it with --allowed-host {name}, or \
         with --public-url and the address that people type."
    );
    if notice_page::is_wanted(request.headers()) {
        let commands = [format!("fovea serve --allowed-host {name}")];
        return notice_page::answer(
            StatusCode::MISDIRECTED_REQUEST,
            "An unknown name",
            &[&message],
            &commands,
        );
    }
    problem(message)
}

/// About the connection, which no use case knows of: hence no kind of error.
fn problem(detail: String) -> Response {
    let status = StatusCode::MISDIRECTED_REQUEST;
    let body = ProblemBody {
        kind: "urn:fovea:problem:misdirected".to_owned(),
        title: "Unknown name".to_owned(),
        status: status.as_u16(),
        detail,
        place: Some("Host".to_owned()),
    };
    let content_type = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, content_type, Json(body)).into_response()
}

fn named(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

fn has_bearer(headers: &HeaderMap) -> bool {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_this_machine_and_what_was_named_are_known() {
        let public = Url::parse("https://Watch.example:8443/").expect("a URL");
        let hosts = KnownHosts::new(["Fovea.lan".to_owned()], Some(&public));
        for known in [
            "localhost",
            "localhost:3000",
            "a.localhost:1",
            "127.0.0.1:3000",
            "192.168.1.4",
            "[::1]:3000",
            "::1",
            "fovea.lan",
            "FOVEA.LAN:8080",
            "watch.example",
            "watch.example:8443",
        ] {
            assert!(hosts.contain(known), "{known}");
        }
        for unknown in
            ["rebind.evil.example", "localhost.evil.example", "fovea.lan.evil", "", "1.2.3.4.evil:80"]
        {
            assert!(!hosts.contain(unknown), "{unknown}");
        }
    }
}
