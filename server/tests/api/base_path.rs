//! A server below a path of a host: what it answers names that path everywhere.

use crate::bed::{Answer, Bed, DEPLOYMENT, cookie_of, jpeg};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use domain::name::{Label, Name};
use server::http::{HttpConfig, KnownHosts, page_patterns};
use service::As;
use url::Url;

const BASE: &str = "/tools/fovea";
const FORM: &str = "email=ada%40example.org&password=correct+horse+battery";

async fn bed() -> Bed {
    let public = Url::parse("http://fovea.localhost/tools/fovea").expect("a URL");
    let hosts = KnownHosts::new([], Some(&public));
    Bed::with(HttpConfig { public_url: Some(public), hosts, ..HttpConfig::default() }).await
}

async fn page(bed: &Bed, path: &str, cookie: &str) -> Answer {
    let request = Request::get(path).header(header::COOKIE, cookie).header(header::ACCEPT, "text/html");
    bed.send(request.body(Body::empty()).expect("a request")).await
}

/// A dataset and a prediction beside the deployment; gives the prediction's id.
async fn something_to_show(bed: &Bed) -> String {
    let labels = vec![Label::new("red").expect("a label")];
    let name = Name::new("cells").expect("a name");
    bed.service.catalogue().create_version(&As::system(), name, None, labels).await.expect("a dataset");
    let predicted = bed.predict(jpeg(64, 48)).await;
    predicted.json()["id"].as_str().expect("an id").to_owned()
}

/// An address of every page and tab, and of other views of some.
fn pages(prediction: &str) -> Vec<String> {
    let mut paths = vec!["/no/such/page".to_owned()];
    for pattern in page_patterns().iter().map(|pattern| pattern.replace("{name}", "cells")) {
        let version = if pattern.starts_with("/datasets") { "v1" } else { "1" };
        let path = pattern.replace("{version}", version).replace("{id}", prediction);
        match path.split_once("{tab}") {
            Some((before, _)) => {
                let tabs = ["predictions", "feedback", "learning", "settings", "nonsense"];
                paths.extend(tabs.map(|tab| format!("{before}{tab}")));
            }
            None => paths.push(path),
        }
    }
    let list = format!("/deployments/{DEPLOYMENT}/predictions");
    paths.extend(["?view=table", "?view=details", "?count=1"].map(|query| format!("{list}{query}")));
    assert!(paths.len() > 25 && !paths.iter().any(|path| path.contains('{')), "{paths:?}");
    paths
}

/// What follows each of these in a document, up to the quote.
fn attributes(html: &str) -> Vec<&str> {
    let names = [" href=\"", " src=\"", " action=\"", " formaction=\""];
    let values = |name| html.split(name).skip(1).filter_map(|rest| rest.split('"').next());
    names.into_iter().flat_map(values).collect()
}

/// Paths of the server in what scripts are given, without the base path.
fn spelled_out(html: &str) -> Vec<String> {
    let words = [
        "/api/",
        "/auth/",
        "/pkg/",
        "/deployments/",
        "/predictions/",
        "/models/",
        "/datasets/",
        "/experiments/",
    ];
    let mut found = Vec::new();
    for word in words {
        for (at, _) in html.match_indices(word) {
            let before = html.get(..at).unwrap_or_default();
            if before.ends_with('"') || before.ends_with('\'') {
                found.push(html.get(at..at + 40).unwrap_or(word).to_owned());
            }
        }
    }
    found
}

#[tokio::test]
async fn every_address_of_every_page_lies_below_the_base_path() {
    let bed = bed().await;
    let cookie = bed.first_admin_below(BASE).await;
    let prediction = something_to_show(&bed).await;
    for path in pages(&prediction) {
        let answer = page(&bed, &format!("{BASE}{path}"), &cookie).await;
        assert!(answer.header(header::CONTENT_TYPE).starts_with("text/html"), "{path}: {}", answer.status);
        let html = answer.text();
        let addresses = attributes(&html);
        assert!(addresses.len() > 3, "{path}: {html}");
        for address in addresses {
            let elsewhere = address.starts_with(['#', '?']) || address.starts_with("data:");
            assert!(elsewhere || address.starts_with(&format!("{BASE}/")), "{path}: {address}");
        }
        assert_eq!(spelled_out(&html), Vec::<String>::new(), "{path}");
        assert!(html.contains(&format!("data-base=\"{BASE}\"")), "{path}: the browser reads it there");
    }
}

#[tokio::test]
async fn without_a_base_path_pages_name_none() {
    let bed = Bed::new().await;
    let answer = page(&bed, "/sign-in", "").await;
    assert!(!answer.text().contains("data-base"));
    assert!(attributes(&answer.text()).contains(&"/pkg/fovea.css"));
}

#[tokio::test]
async fn whoever_signs_in_is_led_along_below_the_base_path() {
    let bed = bed().await;
    bed.first_admin_below(BASE).await;
    let asked = page(&bed, &format!("{BASE}/models?cursor=x"), "").await;
    assert!(asked.status.is_redirection());
    let to_sign_in = format!("{BASE}/sign-in?next={BASE}/models%3Fcursor%3Dx");
    assert_eq!(asked.header(header::LOCATION), to_sign_in);
    let door = page(&bed, &to_sign_in, "").await;
    assert!(door.text().contains(&format!("value=\"{BASE}/models?cursor=x\"")), "{}", door.text());

    let sign_in = format!("{BASE}/auth/sign-in");
    for (next, location) in [
        (format!("{BASE}/models"), format!("{BASE}/models")),
        (String::new(), format!("{BASE}/")),
        ("/other/application".to_owned(), format!("{BASE}/")),
        (format!("{BASE}.evil"), format!("{BASE}/")),
        (format!("{BASE}//evil.example"), format!("{BASE}/")),
    ] {
        let answer = bed.post_form(&sign_in, &format!("{FORM}&next={next}"), &[]).await;
        assert_eq!(
            (answer.status, answer.header(header::LOCATION)),
            (StatusCode::SEE_OTHER, &*location),
            "{next}"
        );
    }
    let wrong = bed.post_form(&sign_in, "email=ada%40example.org&password=wrong", &[]).await;
    assert_eq!(wrong.header(header::LOCATION), format!("{BASE}/sign-in?error=credentials"));
}

#[tokio::test]
async fn the_session_is_for_the_base_path_alone() {
    let bed = bed().await;
    bed.first_admin_below(BASE).await;
    let sign_in = format!("{BASE}/auth/sign-in");
    let plain = bed.post_form(&sign_in, FORM, &[]).await;
    let cookie = plain.header(header::SET_COOKIE);
    assert!(cookie.starts_with("fovea_session=") && cookie.contains(&format!("; Path={BASE}")), "{cookie}");

    let tls = ("x-forwarded-proto", "https");
    let secure = bed.post_form(&sign_in, FORM, &[tls]).await;
    let cookie = secure.header(header::SET_COOKIE);
    assert!(cookie.starts_with("__Secure-fovea_session=") && cookie.contains("; Secure"), "{cookie}");
    let session = cookie_of(&secure);
    let request =
        Request::get(format!("{BASE}/")).header(tls.0, tls.1).header(header::COOKIE, session.as_str());
    let start = bed.send(request.body(Body::empty()).expect("a request")).await;
    assert!(start.text().contains("cells"), "{}", start.status);

    let headers = [tls, ("cookie", session.as_str())];
    let out = bed.post_form(&format!("{BASE}/auth/sign-out"), "", &headers).await;
    assert_eq!(out.header(header::LOCATION), format!("{BASE}/sign-in"));
}

#[tokio::test]
async fn the_base_path_itself_leads_to_the_start_page() {
    let bed = bed().await;
    let answer = page(&bed, &format!("{BASE}?x=1"), "").await;
    let location = format!("{BASE}/?x=1");
    assert_eq!(
        (answer.status, answer.header(header::LOCATION)),
        (StatusCode::PERMANENT_REDIRECT, &*location)
    );
    assert_eq!(page(&bed, "/tools/foveal", "").await.status, 404);
}

#[tokio::test]
async fn a_request_that_a_proxy_has_shortened_is_answered_alike() {
    let bed = bed().await;
    let cookie = bed.first_admin_below(BASE).await;
    let (whole, shortened) = (format!("{BASE}/models"), "/models");
    for path in [whole.as_str(), shortened] {
        let answer = page(&bed, path, &cookie).await;
        assert_eq!(answer.status, 200, "{path}");
        let html = answer.text();
        assert!(html.contains(&format!("href=\"{BASE}/datasets\"")), "{path}: {html}");
        assert!(html.contains(&format!("href=\"{BASE}/models\" aria-current=\"page\"")), "{path}: {html}");
        let led = page(&bed, path, "").await;
        assert_eq!(led.header(header::LOCATION), format!("{BASE}/sign-in?next={BASE}/models"), "{path}");
    }
    for path in ["/healthz", "/readyz", "/api/v1/deployments"] {
        for path in [path.to_owned(), format!("{BASE}{path}")] {
            assert_eq!(bed.get(&path, &bed.viewer).await.status, 200, "{path}");
        }
    }
}

#[tokio::test]
async fn the_api_names_its_addresses_below_the_base_path() {
    let bed = bed().await;
    let id = something_to_show(&bed).await;
    let api = |path: &str| format!("{BASE}/api/v1{path}");
    let prediction = bed.get(&api(&format!("/predictions/{id}")), &bed.viewer).await.json();
    let image = prediction["image_url"].as_str().expect("an address");
    assert_eq!(image, api(&format!("/predictions/{id}/image")));
    assert_eq!(bed.get(image, &bed.viewer).await.status, 200);
    let invited = serde_json::json!({ "email": "bo@example.org", "role": "viewer" });
    let invited = bed.post_json(&api("/users"), &bed.admin, &invited).await.json();
    let setup = invited["setup_path"].as_str().expect("a path");
    assert!(setup.starts_with(&format!("{BASE}/setup?secret=")), "{setup}");

    let description = bed.get(&format!("{BASE}/api/openapi.json"), "").await.json();
    assert_eq!(description["servers"], serde_json::json!([{ "url": BASE }]));
    assert!(description["paths"].get("/api/v1/deployments").is_some(), "paths follow the server's address");
    let docs = bed.get(&format!("{BASE}/api/docs"), "").await.text();
    assert!(docs.contains(&format!("<a href=\"{BASE}/api/openapi.json\">")), "{docs}");
    let unknown = bed.get(&format!("{BASE}/api/nothing"), &bed.viewer).await.problem(404);
    assert!(unknown["detail"].as_str().is_some_and(|text| text.contains(&format!("{BASE}/api/docs"))));
}

#[tokio::test]
async fn a_form_of_a_page_works_without_scripts_below_the_base_path() {
    let bed = bed().await;
    let cookie = bed.first_admin_below(BASE).await;
    let html = page(&bed, &format!("{BASE}/users"), &cookie).await.text();
    let action = attributes(&html).into_iter().find(|address| address.contains("/api/add_user"));
    let action = action.unwrap_or_else(|| panic!("no form in {html}")).to_owned();
    assert!(action.starts_with(&format!("{BASE}/api/")), "{action}");
    let from = format!("http://fovea.localhost{BASE}/users");
    let headers = [("accept", "text/html"), ("referer", from.as_str()), ("cookie", cookie.as_str())];
    let sent = bed.post_form(&action, "email=bo%40example.org&role=viewer", &headers).await;
    // A former error would be taken out of its query.
    let back = sent.header(header::LOCATION).trim_end_matches('?');
    assert_eq!((sent.status, back), (StatusCode::FOUND, from.as_str()));
    assert!(page(&bed, &format!("{BASE}/users"), &cookie).await.text().contains("bo@example.org"));
    // Without a session and a page to go back to, home it is, which asks to sign in.
    let nobody = bed.post_form(&action, "email=c%40example.org&role=viewer", &headers[..1]).await;
    assert_eq!(nobody.header(header::LOCATION), format!("{BASE}/"));
}
