//! What stands between a browser and the server: names, TLS, buffers.

use crate::bed::{Answer, Bed, with_token};
use axum::{
    body::Body,
    http::{Request, header},
};
use futures::StreamExt;
use server::http::{HttpConfig, KnownHosts};
use tower::ServiceExt;
use url::Url;

const FORM: &str = "email=ada%40example.org&password=correct+horse+battery";

async fn get(bed: &Bed, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request =
        headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
    bed.send(request.body(Body::empty()).expect("a request")).await
}

async fn sign_in(bed: &Bed, headers: &[(&str, &str)]) -> Answer {
    bed.first_admin().await;
    bed.post_form("/auth/sign-in", FORM, headers).await
}

#[tokio::test]
async fn an_unknown_name_is_refused_with_the_option_that_makes_it_known() {
    let bed = Bed::new().await;
    let host = [("host", "rebind.evil.example:8080")];
    for path in ["/sign-in", "/api/v1/deployments", "/metrics", "/api/openapi.json", "/pkg/fovea.css"] {
        let problem = get(&bed, path, &host).await.problem(421);
        let detail = problem["detail"].as_str().expect("a sentence");
        assert!(detail.contains("--allowed-host rebind.evil.example"), "{path}: {detail}");
    }
    let page = get(&bed, "/sign-in", &[host[0], ("accept", "text/html,*/*")]).await;
    assert_eq!((page.status.as_u16(), page.header(header::CONTENT_TYPE)), (421, "text/html; charset=utf-8"));
    assert!(page.text().contains("fovea serve --allowed-host rebind.evil.example"), "{}", page.text());
    for path in ["/healthz", "/readyz"] {
        assert_eq!(get(&bed, path, &host).await.status, 200, "{path}");
    }
    let bearer = format!("Bearer {}", bed.viewer);
    let with_token = [host[0], ("authorization", bearer.as_str())];
    assert_eq!(get(&bed, "/api/v1/deployments", &with_token).await.status, 200, "a token is no browser's");
}

#[tokio::test]
async fn the_public_address_and_named_hosts_are_known() {
    let public = Url::parse("https://fovea.example").expect("a URL");
    let hosts = KnownHosts::new(["watch.lan".to_owned()], Some(&public));
    let bed = Bed::with(HttpConfig { public_url: Some(public), hosts, ..HttpConfig::default() }).await;
    for host in ["fovea.example", "watch.lan:3000", "10.1.2.3", "localhost:3000"] {
        assert_ne!(get(&bed, "/sign-in", &[("host", host)]).await.status, 421, "{host}");
    }
    let rewritten = [("host", "127.0.0.1:3000"), ("origin", "https://fovea.example")];
    let answer = sign_in(&bed, &rewritten).await;
    assert_eq!((answer.status.as_u16(), answer.header(header::LOCATION)), (303, "/"), "its own page");
}

#[tokio::test]
async fn a_form_through_a_proxy_that_hides_the_name_is_answered_with_what_to_set() {
    let bed = Bed::new().await;
    let headers = [("host", "127.0.0.1:3000"), ("origin", "http://fovea.example"), ("accept", "text/html")];
    let page = bed.post_form_as("/auth/sign-in", FORM, &headers).await;
    assert_eq!((page.status.as_u16(), page.header(header::CONTENT_TYPE)), (403, "text/html; charset=utf-8"));
    for line in ["proxy_set_header Host $http_host;", "fovea serve --public-url http://fovea.example"] {
        assert!(page.text().contains(line), "{}", page.text());
    }
    bed.post_form_as("/auth/sign-in", FORM, &headers[..2]).await.problem(403);
}

#[tokio::test]
async fn over_tls_the_session_is_of_this_host_only() {
    for forwarded in [
        ("x-forwarded-proto", "https"),
        ("x-forwarded-proto", "https,http"),
        ("x-forwarded-proto", "https, https"),
        ("forwarded", "for=192.0.2.1;proto=https"),
    ] {
        let bed = Bed::new().await;
        let answer = sign_in(&bed, &[forwarded]).await;
        let cookie = answer.header(header::SET_COOKIE).to_owned();
        assert!(cookie.starts_with("__Host-fovea_session=") && cookie.contains("; Secure"), "{cookie}");
        let session = cookie.split(';').next().unwrap_or_default().to_owned();
        let asked = get(&bed, "/api/v1/deployments", &[forwarded, ("cookie", &session)]).await;
        assert_eq!(asked.status, 200, "{forwarded:?}");
        let plain = session.trim_start_matches("__Host-").to_owned();
        let put_there = get(&bed, "/api/v1/deployments", &[forwarded, ("cookie", &plain)]).await;
        assert_eq!(put_there.status, 401, "over TLS a plain cookie is none of ours");
    }
}

#[tokio::test]
async fn tls_is_kept_for_a_year_only_on_a_trusted_word() {
    let check = async |config: HttpConfig, expected: bool| {
        let bed = Bed::with(config).await;
        let answer = get(&bed, "/sign-in", &[("x-forwarded-proto", "https")]).await;
        assert_eq!(answer.headers.contains_key(header::STRICT_TRANSPORT_SECURITY), expected);
    };
    check(HttpConfig::default(), false).await;
    check(HttpConfig { trust_proxy: true, ..HttpConfig::default() }, true).await;
    check(HttpConfig { secure_cookies: true, ..HttpConfig::default() }, true).await;
}

#[tokio::test]
async fn proxies_are_told_to_hand_events_on_at_once() {
    let bed = Bed::new().await;
    let request = with_token(Request::get("/api/v1/events"), &bed.viewer)
        .header(header::ACCEPT_ENCODING, "gzip, br")
        .body(Body::empty());
    let response = bed.router.clone().oneshot(request.expect("a request")).await.expect("infallible");
    let headers = response.headers();
    assert_eq!(headers["x-accel-buffering"], "no");
    assert_eq!(headers[header::CACHE_CONTROL], "no-cache, no-transform");
    assert!(!headers.contains_key(header::CONTENT_ENCODING), "an encoder would hold events back");
    assert!(response.into_body().into_data_stream().next().await.is_some(), "something comes at once");
}

#[tokio::test]
async fn signing_out_forgets_the_images_in_the_browser() {
    let bed = Bed::new().await;
    let cookie = bed.first_admin().await;
    let answer = bed.post_form("/auth/sign-out", "", &[("cookie", cookie.as_str())]).await;
    assert_eq!(answer.headers["clear-site-data"], "\"cache\"");
    for path in ["/sign-in", "/api/v1/deployments", "/pkg/nothing"] {
        let answer = get(&bed, path, &[]).await;
        assert_eq!(answer.headers["cross-origin-resource-policy"], "same-origin", "{path}");
    }
}
