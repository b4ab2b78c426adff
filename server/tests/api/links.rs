//! Links with a signature: what they open, and what they do not.

use crate::bed::{Answer, Bed, DEPLOYMENT, jpeg};
use axum::{
    body::Body,
    http::{Request, header},
};
use domain::time::Clock;
use serde_json::json;
use server::http::HttpConfig;
use url::Url;

async fn link_to(bed: &Bed, address: &str, seconds: u32) -> String {
    let body = json!({ "addresses": [address], "seconds": seconds });
    let answer = bed.post_json("/api/v1/links", &bed.viewer, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["links"][0].as_str().expect("a link").to_owned()
}

/// The address as the server sees it: without its name.
fn path_of(link: &str) -> String {
    let url = Url::parse(link).expect("a whole address");
    format!("{}?{}", url.path(), url.query().expect("a signature"))
}

async fn open(bed: &Bed, path: &str) -> Answer {
    bed.send(Request::get(path).body(Body::empty()).expect("a request")).await
}

async fn image_of_a_prediction(bed: &Bed) -> String {
    let made = bed.predict(jpeg(40, 30)).await.json();
    made["image_url"].as_str().expect("an address").to_owned()
}

#[tokio::test]
async fn a_link_opens_its_image_without_a_token_and_with_its_length() {
    let bed = Bed::new().await;
    let address = image_of_a_prediction(&bed).await;
    assert_eq!(open(&bed, &address).await.status, 401);
    let opened = open(&bed, &path_of(&link_to(&bed, &address, 60).await)).await;
    assert_eq!((opened.status.as_u16(), opened.bytes.len()), (200, jpeg(40, 30).len()));
    assert_eq!(opened.header(header::CONTENT_LENGTH), opened.bytes.len().to_string());
    assert_eq!(opened.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert!(opened.header(header::CONTENT_SECURITY_POLICY).starts_with("sandbox"));
    assert_eq!(opened.header(header::SET_COOKIE), "");
    let small = open(&bed, &path_of(&link_to(&bed, &format!("{address}?size=thumb"), 60).await)).await;
    assert_eq!(small.status, 200);
}

#[tokio::test]
async fn a_link_of_which_a_byte_was_changed_opens_nothing() {
    let bed = Bed::new().await;
    let address = image_of_a_prediction(&bed).await;
    let path = path_of(&link_to(&bed, &format!("{address}?size=thumb"), 60).await);
    assert_eq!(open(&bed, &path).await.status, 200);
    let from = address.len();
    for at in from..path.len() {
        let mut changed = path.clone().into_bytes();
        changed[at] = if changed[at] == b'1' { b'2' } else { b'1' };
        let changed = String::from_utf8(changed).expect("ASCII");
        let status = open(&bed, &changed).await.status.as_u16();
        // Where the word `signature` itself is gone, it is no link any more;
        // without the `?`, no address.
        assert!([401, 403, 404].contains(&status), "{status}: {changed}");
    }
    for more in ["&size=full", "&expires=99999999999", "&signature=00"] {
        assert_eq!(open(&bed, &format!("{path}{more}")).await.status, 403, "{more}");
    }
}

#[tokio::test]
async fn a_link_opens_nothing_else_and_writes_nothing() {
    let bed = Bed::new().await;
    let (mine, other) = (image_of_a_prediction(&bed).await, image_of_a_prediction(&bed).await);
    let link = path_of(&link_to(&bed, &mine, 60).await);
    let (_, signature) = link.split_once('?').expect("a query");
    for path in [other.as_str(), "/api/v1/users", "/api/v1/deployments", "/", "/metrics"] {
        let status = open(&bed, &format!("{path}?{signature}")).await.status.as_u16();
        // What needs nobody is not opened by anything.
        assert!(status == 403 || path == "/metrics", "{status}: {path}");
    }
    let delete = Request::delete(link.replace("/image?", "?")).body(Body::empty()).expect("a request");
    assert_eq!(bed.send(delete).await.status, 403);
    let delete = Request::delete(&link).body(Body::empty()).expect("a request");
    assert!(bed.send(delete).await.status.is_client_error());
}

#[tokio::test]
async fn a_link_ends_with_its_second() {
    let bed = Bed::new().await;
    let link = path_of(&link_to(&bed, &image_of_a_prediction(&bed).await, 1).await);
    assert_eq!(open(&bed, &link).await.status, 200);
    tokio::time::sleep(std::time::Duration::from_millis(2_100)).await;
    let over = open(&bed, &link).await.problem(403);
    assert!(over["detail"].as_str().is_some_and(|detail| detail.contains("over")), "{over}");
}

#[tokio::test]
async fn links_carry_the_public_address_and_the_base_path() {
    let public = Url::parse("https://fovea.example/watch").expect("a URL");
    let hosts = server::http::KnownHosts::new([], Some(&public));
    let bed = Bed::with(HttpConfig { public_url: Some(public), hosts, ..HttpConfig::default() }).await;
    let address = image_of_a_prediction(&bed).await;
    let link = link_to(&bed, &address, 60).await;
    assert!(link.starts_with("https://fovea.example/watch/api/v1/predictions/"), "{link}");
    // With the base path, and as a proxy leaves it.
    let whole = path_of(&link);
    assert_eq!(open(&bed, &whole).await.status, 200);
    assert_eq!(open(&bed, whole.strip_prefix("/watch").expect("the base path")).await.status, 200);
}

#[tokio::test]
async fn a_proxy_that_is_trusted_says_how_the_server_is_reached() {
    let bed = Bed::with(HttpConfig { trust_proxy: true, ..HttpConfig::default() }).await;
    let address = image_of_a_prediction(&bed).await;
    let request = Request::post("/api/v1/links")
        .header(header::AUTHORIZATION, format!("Bearer {}", bed.viewer))
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::HOST, "127.0.0.1:3000")
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "watch.example")
        .body(Body::from(json!({ "addresses": [address] }).to_string()))
        .expect("a request");
    let link = bed.send(request).await.json()["links"][0].as_str().expect("a link").to_owned();
    assert!(link.starts_with("https://watch.example/api/v1/predictions/"), "{link}");
}

#[tokio::test]
async fn pages_by_offset_say_how_many_there_are() {
    let bed = Bed::new().await;
    for _ in 0..5 {
        image_of_a_prediction(&bed).await;
    }
    let list = |query: &str| format!("/api/v1/deployments/{DEPLOYMENT}/predictions?{query}");
    let all = bed.get(&list("limit=5"), &bed.viewer).await.json();
    assert!(all.get("count").is_none(), "{all}");
    let page = bed.get(&list("limit=2&offset=3"), &bed.viewer).await.json();
    assert_eq!(page["count"], json!({ "count": 5, "exact": true }));
    let ids = |page: &serde_json::Value| -> Vec<String> {
        let items = page["items"].as_array().expect("items").iter();
        items.map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!(ids(&page), ids(&all)[3..]);
    bed.get(&list("offset=100001"), &bed.viewer).await.problem(400);
}

#[tokio::test]
async fn a_deployment_is_renamed_deleted_and_brought_back() {
    let bed = Bed::new().await;
    image_of_a_prediction(&bed).await;
    let put = |body: serde_json::Value| {
        Request::put(format!("/api/v1/deployments/{DEPLOYMENT}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", bed.admin))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .expect("a request")
    };
    let renamed = bed.send(put(json!({ "name": "blood" }))).await;
    assert_eq!((renamed.status.as_u16(), &renamed.json()["name"]), (200, &json!("blood")));
    assert_eq!(bed.get(&format!("/api/v1/deployments/{DEPLOYMENT}"), &bed.viewer).await.status, 404);
    let delete = Request::delete("/api/v1/deployments/blood")
        .header(header::AUTHORIZATION, format!("Bearer {}", bed.admin))
        .body(Body::empty())
        .expect("a request");
    let gone = bed.send(delete).await;
    assert_eq!(gone.status, 200, "{}", gone.text());
    let gone = gone.json();
    for path in ["/api/v1/deployments/blood", "/api/v1/deployments/blood/predictions"] {
        assert_eq!(bed.get(path, &bed.viewer).await.status, 404, "{path}");
    }
    assert_eq!(bed.get("/api/v1/deployments", &bed.viewer).await.json()["items"], json!([]));
    let path = format!("/api/v1/removed-deployments/{}/restore", gone["id"].as_str().expect("an id"));
    let back = bed.post_json(&path, &bed.admin, &json!({})).await;
    assert_eq!((back.status.as_u16(), &back.json()["name"]), (200, &json!("blood")), "{}", back.text());
    let kept = bed.get("/api/v1/deployments/blood/predictions", &bed.viewer).await.json();
    assert_eq!(kept["items"].as_array().map(Vec::len), Some(1));
    bed.post_json(&path, &bed.admin, &json!({})).await.problem(409);
    let log = bed.get("/api/v1/audit", &bed.admin).await.json();
    let acts: Vec<&str> =
        log["items"].as_array().expect("items").iter().filter_map(|act| act["action"].as_str()).collect();
    assert_eq!(acts[..3], ["deployment.restore", "deployment.delete", "deployment.rename"]);
}

#[tokio::test]
async fn what_a_deleted_deployment_held_goes_when_it_can_no_longer_be_undone() {
    let bed = Bed::new().await;
    image_of_a_prediction(&bed).await;
    let admin = service::As::system();
    let removed = bed.service.catalogue().remove_deployment(&admin, DEPLOYMENT).await.expect("removed");
    assert_eq!(bed.service.catalogue().purge_deployments(service::Internal).await.expect("looked"), 0);
    let store = bed.service.store();
    let act = || {
        store::Act::new(
            store::By {
                actor: "a test".to_owned(),
                person: "test".to_owned(),
                at: server::SystemClock.now(),
            },
            "test.act",
            json!({}),
        )
    };
    let back = store.deployments().restore(removed.id, server::SystemClock.now(), act()).await.expect("back");
    store.deployments().remove(back.id, server::SystemClock.now().plus_ms(-1), act()).await.expect("removed");
    assert_eq!(bed.service.catalogue().purge_deployments(service::Internal).await.expect("purged"), 1);
    let late = store.deployments().restore(removed.id, server::SystemClock.now(), act()).await;
    assert!(late.is_err(), "{late:?}");
    assert_eq!(store.inconsistencies().await.expect("counted"), Vec::<String>::new());
}
