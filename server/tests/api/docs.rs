//! The book and the page of the API, as a reader's browser gets them.

use crate::bed::Bed;
use axum::{
    body::Body,
    http::{Request, header},
};
use server::http::{HttpConfig, KnownHosts};
use url::Url;

const BASE: &str = "/tools/fovea";

/// What follows ` href="` and ` src="` in a page.
fn addresses(html: &str) -> Vec<&str> {
    let after = |name| html.split(name).skip(1).filter_map(|rest| rest.split('"').next());
    [" href=\"", " src=\"", " action=\""].into_iter().flat_map(after).collect()
}

#[tokio::test]
async fn every_chapter_is_read_without_a_sign_in_and_lies_below_the_base_path() {
    let public = Url::parse("http://fovea.localhost/tools/fovea").expect("a URL");
    let hosts = KnownHosts::new([], Some(&public));
    let bed = Bed::with(HttpConfig { public_url: Some(public), hosts, ..HttpConfig::default() }).await;
    let mut places = vec![format!("{BASE}/docs"), format!("{BASE}/api/docs")];
    places.extend(book::CHAPTERS.iter().map(|chapter| format!("{BASE}/docs/{}", chapter.slug)));
    for place in places {
        let page = bed.get(&place, "").await;
        assert_eq!(page.status, 200, "{place}");
        let html = page.text();
        assert_eq!(html.matches("<h1").count(), 1, "{place}");
        for address in addresses(&html) {
            let own = address.starts_with('#') || address.starts_with(&format!("{BASE}/"));
            assert!(own || address.starts_with("https://"), "{place}: {address}");
        }
        for chapter in addresses(&html).into_iter().filter(|address| address.contains("/docs/")) {
            let path = chapter.split(['#', '?']).next().unwrap_or_default();
            assert_eq!(bed.get(path, "").await.status, 200, "{place} links to {path}");
        }
    }
}

#[tokio::test]
async fn a_search_gives_places_and_what_was_asked_is_text() {
    let bed = Bed::new().await;
    let found = bed.get("/docs?q=restore+backup", "").await.text();
    assert!(found.contains("/docs/data#"), "{found}");
    let strange = bed.get("/docs?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "").await;
    assert!(!strange.text().contains("<script>alert"), "{}", strange.text());
    assert_eq!(bed.get("/docs/nothing", "").await.status, 404);
    assert_eq!(bed.get("/docs/..%2Fdata", "").await.status, 404);
    let picture = bed.get("/docs/dashboard.png", "").await;
    assert_eq!(picture.header(header::CONTENT_TYPE), "image/png");
}

#[tokio::test]
async fn these_pages_run_nothing_but_a_file_of_this_server() {
    let bed = Bed::new().await;
    for place in ["/docs", "/api/docs"] {
        let page = bed.get(place, "").await;
        let policy = page.header(header::CONTENT_SECURITY_POLICY);
        assert!(policy.contains("script-src 'self';") && policy.contains("default-src 'none'"), "{policy}");
        assert!(!page.text().contains("<script>") && !page.text().contains(" onclick"), "{place}");
    }
    let script = bed.get("/api/docs.js", "").await;
    assert!(script.header(header::CONTENT_TYPE).starts_with("text/javascript"));
    let request = Request::get("/docs").header(header::COOKIE, "fovea_theme=dark");
    let dark = bed.send(request.body(Body::empty()).expect("a request")).await.text();
    assert!(dark.contains("data-theme=\"dark\""), "{dark}");
}
