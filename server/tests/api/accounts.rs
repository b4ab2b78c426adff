//! Signing in, setting up, signing out, and who may write from where.

use crate::bed::{Bed, cookie_of, jpeg};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use domain::access::Role;
use server::http::HttpConfig;
use service::{Anyone, As};

const RIGHT: &str = "email=ada%40example.org&password=correct+horse+battery";
const WRONG: &str = "email=ada%40example.org&password=wrong+horse+battery";

async fn whoever(bed: &Bed, cookie: &str) -> u16 {
    let request = Request::get("/api/v1/deployments").header(header::COOKIE, cookie).body(Body::empty());
    bed.send(request.expect("a request")).await.status.as_u16()
}

#[tokio::test]
async fn the_first_link_makes_an_admin_once() {
    let bed = Bed::new().await;
    let link = bed.service.people().setup_link(Anyone).await.expect("asked").expect("nobody is there");
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
    assert!(bed.service.people().setup_link(Anyone).await.expect("asked").is_none());
}

#[tokio::test]
async fn the_secret_of_a_link_leaves_the_address_at_once_and_still_works() {
    let bed = Bed::new().await;
    let link = bed.service.people().setup_link(Anyone).await.expect("asked").expect("nobody is there");
    let followed = bed.get(&format!("/setup?secret={}", link.secret), "").await;
    assert_eq!((followed.status, followed.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/setup"));
    assert_eq!(followed.header(header::CACHE_CONTROL), "no-store");
    let cookie = followed.header(header::SET_COOKIE);
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=3600"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let cookie = cookie_of(&followed);
    let again = bed.get(&format!("/setup?secret={}&error=email", link.secret), "").await;
    assert_eq!(again.header(header::LOCATION), "/setup?error=email", "following it uses nothing up");
    let weak = "secret=&email=ada%40example.org&password=short";
    let answer = bed.post_form("/auth/setup", weak, &[("cookie", &cookie)]).await;
    assert_eq!(answer.header(header::LOCATION), "/setup?error=password");
    let answer = bed.post_form("/auth/setup", RIGHT, &[("cookie", &cookie)]).await;
    assert_eq!(answer.header(header::LOCATION), "/");
    assert!(bed.service.people().setup_link(Anyone).await.expect("asked").is_none(), "there is an admin");
    let strange = bed.get("/setup?secret=%0d%0aSet-Cookie:x", "").await;
    assert_eq!((strange.status, strange.header(header::SET_COOKIE)), (StatusCode::OK, ""), "none of ours");
}

#[tokio::test]
async fn a_weak_password_leaves_the_link_usable() {
    let bed = Bed::new().await;
    let link = bed.service.people().setup_link(Anyone).await.expect("asked").expect("nobody is there");
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
async fn behind_a_tls_proxy_the_cookie_is_secure_and_only_there() {
    for trust_proxy in [false, true] {
        let bed = Bed::with(HttpConfig { trust_proxy, ..HttpConfig::default() }).await;
        bed.first_admin().await;
        for (scheme, secure) in [("https", true), ("http", false)] {
            let answer = bed.post_form("/auth/sign-in", RIGHT, &[("x-forwarded-proto", scheme)]).await;
            assert_eq!(answer.header(header::SET_COOKIE).contains("Secure"), secure, "{scheme}");
        }
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
async fn only_signing_out_takes_a_session_from_the_browser() {
    let bed = Bed::new().await;
    let first = bed.first_admin().await;
    let second = cookie_of(&bed.post_form("/auth/sign-in", RIGHT, &[("cookie", &first)]).await);
    // A request of before: its answer may come after that of the sign-in.
    let late = Request::get("/api/v1/deployments").header(header::COOKIE, &first).body(Body::empty());
    let late = bed.send(late.expect("a request")).await;
    assert_eq!((late.status, late.header(header::SET_COOKIE)), (StatusCode::UNAUTHORIZED, ""));
    let out = bed.post_form("/auth/sign-out", "", &[("cookie", &second)]).await;
    assert!(out.header(header::SET_COOKIE).contains("Max-Age=0"), "{}", out.header(header::SET_COOKIE));
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
            .header(header::HOST, "fovea.localhost")
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
    assert_eq!(predict(&[("origin", "http://fovea.localhost")]).await.status, 200);
    assert_eq!(predict(&[("sec-fetch-site", "same-origin")]).await.status, 200);
    for path in ["/auth/sign-in", "/auth/sign-out", "/api/some_server_function"] {
        bed.post_form(path, RIGHT, &[("origin", "http://evil.test"), ("cookie", &cookie)]).await.problem(403);
    }
}

#[tokio::test]
async fn a_changed_role_and_a_block_end_the_session_for_good() {
    let bed = Bed::new().await;
    bed.first_admin().await;
    let (user, link) =
        bed.service.people().add_user(&As::system(), "bob@example.org", Role::Admin).await.expect("added");
    let body = format!("secret={}&email=bob%40example.org&password=correct+horse+battery", link.secret);
    let cookie = cookie_of(&bed.post_form("/auth/setup", &body, &[]).await);
    let sign_in = || async {
        let body = "email=bob%40example.org&password=correct+horse+battery";
        cookie_of(&bed.post_form("/auth/sign-in", body, &[]).await)
    };
    assert_eq!(whoever(&bed, &cookie).await, 200);
    bed.service
        .people()
        .change_user(&As::system(), user.id, Some(Role::Viewer), None)
        .await
        .expect("changed");
    assert_eq!(whoever(&bed, &cookie).await, 401);
    let cookie = sign_in().await;
    assert_eq!(whoever(&bed, &cookie).await, 200);
    for disabled in [true, false] {
        bed.service
            .people()
            .change_user(&As::system(), user.id, None, Some(disabled))
            .await
            .expect("changed");
    }
    assert_eq!(whoever(&bed, &cookie).await, 401, "a session does not come back with the account");
    bed.service.people().change_user(&As::system(), user.id, None, Some(true)).await.expect("changed");
    assert_eq!(whoever(&bed, &sign_in().await).await, 401);
}

#[tokio::test]
async fn a_new_password_ends_every_session_but_the_one_that_set_it() {
    let bed = Bed::new().await;
    let here = bed.first_admin().await;
    let elsewhere = cookie_of(&bed.post_form("/auth/sign-in", RIGHT, &[]).await);
    let change = |old: &str, new: &str, again: &str| {
        let body = format!("old={old}&new={new}&again={again}");
        let (bed, cookie) = (&bed, here.clone());
        async move { bed.post_form("/auth/password", &body, &[("cookie", &cookie)]).await }
    };
    const OLD: &str = "correct+horse+battery";
    for (answer, code) in [
        (change("wrong", "staple+staple+staple", "staple+staple+staple").await, "old"),
        (change(OLD, "short", "short").await, "password"),
        (change(OLD, "staple+staple+staple", "stable+stable+stable").await, "again"),
    ] {
        assert_eq!(answer.header(header::LOCATION), format!("/account?error={code}"));
    }
    assert_eq!((whoever(&bed, &here).await, whoever(&bed, &elsewhere).await), (200, 200));
    let answer = change(OLD, "staple+staple+staple", "staple+staple+staple").await;
    assert_eq!(answer.header(header::LOCATION), "/account?done=password");
    assert_eq!((whoever(&bed, &here).await, whoever(&bed, &elsewhere).await), (401, 401));
    assert_eq!(whoever(&bed, &cookie_of(&answer)).await, 200);
    assert_eq!(
        bed.post_form("/auth/sign-in", RIGHT, &[]).await.header(header::LOCATION),
        "/sign-in?error=credentials"
    );
    let stranger = bed.post_form("/auth/password", "old=a&new=b&again=b", &[]).await;
    assert_eq!(stranger.header(header::LOCATION), "/sign-in?next=/account");
}

#[tokio::test]
async fn a_reset_link_sets_a_password_and_ends_the_sessions() {
    let bed = Bed::new().await;
    let cookie = bed.first_admin().await;
    let users = bed.get("/api/v1/users", &bed.admin).await.json();
    let id = users["items"][0]["id"].as_str().expect("an id").to_owned();
    let made = bed.post_json(&format!("/api/v1/users/{id}/link"), &bed.admin, &serde_json::json!({})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    let secret =
        made["setup_path"].as_str().and_then(|path| path.strip_prefix("/setup?secret=")).expect("a path");
    assert_eq!(whoever(&bed, &cookie).await, 200);
    let body = format!("secret={secret}&email=ada%40example.org&password=staple+staple+staple");
    assert_eq!(bed.post_form("/auth/setup", &body, &[]).await.header(header::LOCATION), "/");
    assert_eq!(whoever(&bed, &cookie).await, 401);
}
