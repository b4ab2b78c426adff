//! Pages as the server renders them.

use crate::bed::Bed;
use axum::{
    body::Body,
    http::{Request, header},
};

async fn page(bed: &Bed, path: &str, cookie: &str) -> crate::bed::Answer {
    let request = Request::get(path).header(header::COOKIE, cookie).header(header::ACCEPT, "text/html");
    bed.send(request.body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn without_a_sign_in_every_page_leads_to_it() {
    let bed = Bed::new().await;
    for path in ["/", "/models", "/deployments/cells"] {
        let answer = page(&bed, path, "").await;
        let location = answer.header(header::LOCATION);
        assert!(
            answer.status.is_redirection() && location.starts_with("/sign-in"),
            "{path}: {} {location}",
            answer.status
        );
    }
    let curious = Request::get("/").header(header::ACCEPT, "*/*").body(Body::empty()).expect("a request");
    assert!(bed.send(curious).await.status.is_redirection());
    let sign_in = page(&bed, "/sign-in", "").await;
    assert_eq!(sign_in.status, 200);
    assert!(sign_in.text().contains("action=\"/auth/sign-in\""), "{}", sign_in.text());
}

#[tokio::test]
async fn a_signed_in_person_sees_the_deployments_without_any_script() {
    let bed = Bed::new().await;
    let cookie = bed.first_admin().await;
    let answer = page(&bed, "/", &cookie).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("cells"), "{}", answer.text());
}

#[tokio::test]
async fn only_scripts_with_the_pages_own_nonce_may_run() {
    let bed = Bed::new().await;
    let answer = page(&bed, "/sign-in", "").await;
    let policy = answer.header(header::CONTENT_SECURITY_POLICY).to_owned();
    let nonce =
        policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned();
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains(" 'unsafe-eval'"), "{policy}");
    let text = answer.text();
    for script in text.split("<script").skip(1) {
        let tag = script.split('>').next().unwrap_or_default();
        assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "a script without the nonce: <script{tag}>");
    }
    let other = page(&bed, "/sign-in", "").await;
    assert_ne!(other.header(header::CONTENT_SECURITY_POLICY), policy);
    assert_eq!(answer.header(header::X_FRAME_OPTIONS), "DENY");
    assert_eq!(answer.header(header::REFERRER_POLICY), "same-origin");
}

#[tokio::test]
async fn an_unknown_page_is_a_page_that_says_so() {
    let bed = Bed::new().await;
    let cookie = bed.first_admin().await;
    let answer = page(&bed, "/no/such/page", &cookie).await;
    assert_eq!(answer.status, 404);
    assert!(answer.header(header::CONTENT_TYPE).starts_with("text/html"));
}
