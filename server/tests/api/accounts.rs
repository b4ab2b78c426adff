//! Signing in, setting up, signing out, and who may write from where.

use crate::bed::{Bed, cookie_of, jpeg};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use domain::access::{Actor, Role};
use server::http::HttpConfig;

const RIGHT: &str = "email=ada%40example.org&password=correct+horse+battery";
const WRONG: &str = "email=ada%40example.org&password=wrong+horse+battery";

async fn whoever(bed: &Bed, cookie: &str) -> u16 {
    let request = Request::get("/api/v1/deployments").header(header::COOKIE, cookie).body(Body::empty());
    bed.send(request.expect("a request")).await.status.as_u16()
}

#[tokio::test]
async fn the_first_link_makes_an_admin_once() {
    let bed = Bed::new().await;
    let link = bed.service.setup_link().await.expect("asked").expect("nobody is there");
    let body = format!("secret={}&{RIGHT}", link.secret);
    let first = bed.post_form("/auth/setup", &body, &[]).await;
    assert_eq!((first.status, first.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/"));
    let users = Request::get("/api/v1/users").header(header::COOKIE, cookie_of(&first)).body(Body::empty());
    let users = bed.send(users.expect("a request")).await.json();
    assert_eq!(
        (&users["items"][0]["email"], &users["items"][0]["role"]),
        (&"ada@example.org".into(), &"admin".into())
    );
    let second = bed.post_form("/auth/setup", &body, &[]).await;
    assert_eq!(second.header(header::LOCATION), "/sign-in?error=link");
    assert!(bed.service.setup_link().await.expect("asked").is_none());
}

#[tokio::test]
async fn a_weak_password_leaves_the_link_usable() {
    let bed = Bed::new().await;
    let link = bed.service.setup_link().await.expect("asked").expect("nobody is there");
    let body = format!("secret={}&email=ada%40example.org&password=short", link.secret);
    let answer = bed.post_form("/auth/setup", &body, &[]).await;
    assert_eq!(answer.header(header::LOCATION), format!("/setup?secret={}&error=password", link.secret));
    let body = format!("secret={}&{RIGHT}", link.secret);
    assert_eq!(bed.post_form("/auth/setup", &body, &[]).await.header(header::LOCATION), "/");
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    for (secure_cookies, secure) in [(false, false), (true, true)] {
        let bed = Bed::with(HttpConfig { secure_cookies, ..HttpConfig::default() }).await;
        bed.first_admin().await;
        let answer = bed.post_form("/auth/sign-in", RIGHT, &[]).await;
        let cookie = answer.header(header::SET_COOKIE);
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
            "{cookie}"
        );
        assert_eq!(cookie.contains("Secure"), secure, "{cookie}");
    }
}

#[tokio::test]
async fn behind_a_trusted_tls_proxy_the_cookie_is_secure() {
    for trust_proxy in [false, true] {
        let bed = Bed::with(HttpConfig { trust_proxy, ..HttpConfig::default() }).await;
        bed.first_admin().await;
        let answer = bed.post_form("/auth/sign-in", RIGHT, &[("x-forwarded-proto", "https")]).await;
        assert_eq!(answer.header(header::SET_COOKIE).contains("Secure"), trust_proxy);
    }
}

#[tokio::test]
async fn signing_in_gives_a_fresh_session_and_signing_out_ends_it() {
    let bed = Bed::new().await;
    let first = bed.first_admin().await;
    let answer = bed.post_form("/auth/sign-in", RIGHT, &[("cookie", &first)]).await;
    let second = cookie_of(&answer);
    assert_ne!(first, second);
    assert_eq!((whoever(&bed, &first).await, whoever(&bed, &second).await), (401, 200));
    let out = bed.post_form("/auth/sign-out", "", &[("cookie", &second)]).await;
    assert_eq!((out.status, out.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/sign-in"));
    assert_eq!(whoever(&bed, &second).await, 401);
}

#[tokio::test]
async fn a_wrong_password_says_so_and_keeps_where_to_go() {
    let bed = Bed::new().await;
    bed.first_admin().await;
    let answer = bed.post_form("/auth/sign-in", &format!("{WRONG}&next=%2Fmodels"), &[]).await;
    assert_eq!(answer.header(header::LOCATION), "/sign-in?error=credentials&next=%2Fmodels");
    let answer = bed.post_form("/auth/sign-in", "email=nobody%40example.org&password=x", &[]).await;
    assert_eq!(answer.header(header::LOCATION), "/sign-in?error=credentials");
    let answer = bed.post_form("/auth/sign-in", &format!("{RIGHT}&next=%2Fmodels"), &[]).await;
    assert_eq!(answer.header(header::LOCATION), "/models");
    let answer = bed.post_form("/auth/sign-in", &format!("{RIGHT}&next=https%3A%2F%2Fevil"), &[]).await;
    assert_eq!(answer.header(header::LOCATION), "/");
}

#[tokio::test]
async fn whoever_tries_too_often_must_wait() {
    let bed = Bed::new().await;
    bed.first_admin().await;
    let mut limited = false;
    for _ in 0..30 {
        let answer = bed.post_form("/auth/sign-in", WRONG, &[]).await;
        limited |= answer.header(header::LOCATION) == "/sign-in?error=limited";
    }
    assert!(limited);
}

#[tokio::test]
async fn a_page_of_another_site_cannot_write_with_the_persons_cookie() {
    let bed = Bed::new().await;
    let cookie = bed.first_admin().await;
    let predict = |headers: &[(&str, &str)]| {
        let mut request = Request::post("/api/v1/deployments/cells/predict")
            .header(header::HOST, "fovea.test")
            .header(header::COOKIE, &cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        bed.send(request.body(Body::from(jpeg(40, 30))).expect("a request"))
    };
    predict(&[("origin", "http://evil.test")]).await.problem(403);
    predict(&[("origin", "null")]).await.problem(403);
    predict(&[("sec-fetch-site", "cross-site")]).await.problem(403);
    assert_eq!(bed.count().await, 0);
    assert_eq!(predict(&[("origin", "http://fovea.test")]).await.status, 200);
    assert_eq!(predict(&[("sec-fetch-site", "same-origin")]).await.status, 200);
    for path in ["/auth/sign-in", "/auth/sign-out", "/api/some_server_function"] {
        bed.post_form(path, RIGHT, &[("origin", "http://evil.test"), ("cookie", &cookie)]).await.problem(403);
    }
}

#[tokio::test]
async fn a_role_taken_away_is_gone_at_the_next_request() {
    let bed = Bed::new().await;
    bed.first_admin().await;
    let (user, link) =
        bed.service.add_user(&Actor::system(), "bob@example.org", Role::Admin).await.expect("added");
    let body = format!("secret={}&email=bob%40example.org&password=correct+horse+battery", link.secret);
    let cookie = cookie_of(&bed.post_form("/auth/setup", &body, &[]).await);
    let users = |cookie: String| async {
        let request = Request::get("/api/v1/users").header(header::COOKIE, cookie).body(Body::empty());
        bed.send(request.expect("a request")).await.status.as_u16()
    };
    assert_eq!(users(cookie.clone()).await, 200);
    bed.service.set_role(&Actor::system(), user.id, Role::Viewer).await.expect("changed");
    assert_eq!(users(cookie.clone()).await, 403);
    bed.service.disable_user(&Actor::system(), user.id, true).await.expect("disabled");
    assert_eq!(users(cookie).await, 401);
}
