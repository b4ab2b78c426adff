//! Server-sent events.

use crate::bed::{Bed, DEPLOYMENT, jpeg, with_token};
use axum::{
    body::{Body, BodyDataStream},
    http::Request,
};
use futures::StreamExt;
use serde_json::Value;
use server::http::HttpConfig;
use service::Anyone;
use std::time::Duration;
use tower::ServiceExt;

/// Far beyond what anything here takes; only a hang reaches it.
const PATIENCE: Duration = Duration::from_secs(30);

struct Listener {
    stream: BodyDataStream,
    text: String,
}

impl Listener {
    async fn open(bed: &Bed, path: &str, last: Option<&str>) -> Self {
        let mut request = with_token(Request::get(path), &bed.viewer);
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let response = bed.router.clone().oneshot(request.body(Body::empty()).expect("a request")).await;
        let response = response.expect("infallible");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { stream: response.into_body().into_data_stream(), text: String::new() }
    }

    /// Reads until a line starts with `field` and gives back its rest.
    async fn next(&mut self, field: &str) -> String {
        loop {
            if let Some((line, rest)) = self.text.split_once('\n') {
                let (line, rest) = (line.to_owned(), rest.to_owned());
                self.text = rest;
                if let Some(value) = line.strip_prefix(field) {
                    return value.trim_start_matches(':').trim().to_owned();
                }
                continue;
            }
            let chunk = tokio::time::timeout(PATIENCE, self.stream.next()).await.expect("an event in time");
            self.text.push_str(&String::from_utf8_lossy(&chunk.expect("still open").expect("read")));
        }
    }
}

#[tokio::test]
async fn a_stream_ends_when_the_session_does() {
    let often = Duration::from_millis(20);
    let bed = Bed::with(HttpConfig { look_after_listeners: often, ..HttpConfig::default() }).await;
    let cookie = bed.first_admin().await;
    let request = Request::get("/api/v1/events").header("cookie", &cookie).body(Body::empty());
    let response = bed.router.clone().oneshot(request.expect("a request")).await.expect("infallible");
    let mut stream = response.into_body().into_data_stream();
    assert!(stream.next().await.is_some(), "it says that it listens");
    let ada = bed
        .service
        .people()
        .sign_in(Anyone, "ada@example.org", "correct horse battery", [127, 0, 0, 1].into())
        .await
        .expect("signs in");
    let actor = service::As::<service::Admin>::check(&domain::access::Actor::user(&ada.user))
        .expect("the role reaches");
    bed.service
        .people()
        .change_password(&actor, "correct horse battery", "staple staple staple")
        .await
        .expect("set");
    let end = tokio::time::timeout(PATIENCE, async { while stream.next().await.is_some() {} });
    end.await.expect("it ends");
}

#[tokio::test]
async fn an_open_page_hears_of_a_prediction() {
    let bed = Bed::new().await;
    let mut listeners = [
        Listener::open(&bed, "/api/v1/events", None).await,
        Listener::open(&bed, &format!("/api/v1/deployments/{DEPLOYMENT}/events"), None).await,
    ];
    let id = bed.predict(jpeg(40, 30)).await.json()["id"].clone();
    for listener in &mut listeners {
        let event: Value = serde_json::from_str(&listener.next("data").await).expect("JSON");
        assert_eq!(
            (&event["event"]["type"], &event["event"]["latest"]),
            (&"predictions_arrived".into(), &id)
        );
    }
}

#[tokio::test]
async fn a_page_that_comes_back_gets_what_it_missed() {
    let bed = Bed::new().await;
    let mut first = Listener::open(&bed, "/api/v1/events", None).await;
    bed.predict(jpeg(40, 30)).await;
    let last = first.next("id").await;
    drop(first);
    let missed = bed.predict(jpeg(40, 30)).await.json()["id"].clone();
    let mut second = Listener::open(&bed, "/api/v1/events", Some(&last)).await;
    let event: Value = serde_json::from_str(&second.next("data").await).expect("JSON");
    assert_eq!(event["event"]["latest"], missed);
}

#[tokio::test]
async fn an_id_of_a_former_start_asks_for_everything_anew() {
    let bed = Bed::new().await;
    let mut listener = Listener::open(&bed, "/api/v1/events", Some("5")).await;
    assert_eq!(listener.next("event").await, "refetch");
}

#[tokio::test]
async fn streams_end_when_the_server_stops() {
    let bed = Bed::new().await;
    let mut listener = Listener::open(&bed, "/api/v1/events", None).await;
    bed.shutdown.cancel();
    let end = async { while listener.stream.next().await.is_some() {} };
    tokio::time::timeout(PATIENCE, end).await.expect("the stream ends");
}
