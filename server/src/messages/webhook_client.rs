//! Posts messages over HTTP.

use super::outgoing::client_for;
use reqwest::Url;
use std::time::Duration;

/// A receiver has only to say that it has the message. Deliveries to one address
/// go one at a time, so that a longer wait would hold up those behind.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Posts over HTTP.
#[derive(Clone, Copy, Debug)]
pub(super) struct WebhookClient {
    /// Private and local addresses may be told too.
    pub(super) allow_private: bool,
}

impl WebhookClient {
    pub(super) async fn post(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: &str,
    ) -> Result<String, String> {
        // Looking up the name is part of the time: a name server that does not
        // answer must not hold up the deliveries to everybody else.
        let sent = tokio::time::timeout(ANSWER_WITHIN, self.post_in_time(url, headers, body)).await;
        sent.unwrap_or_else(|_| Err(format!("no answer within {} s", ANSWER_WITHIN.as_secs())))
    }

    async fn post_in_time(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: &str,
    ) -> Result<String, String> {
        let url = Url::parse(url).map_err(|error| format!("the address cannot be read: {error}"))?;
        let client = client_for(&url, self.allow_private, ANSWER_WITHIN).await?;
        let mut request = client.post(url).header("Content-Type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let answer = request.body(body.to_owned()).send().await;
        let answer = answer.map_err(|error| error.without_url().to_string())?;
        let status = answer.status();
        if status.is_success() { Ok(status.to_string()) } else { Err(format!("it answered {status}")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_private_address_is_refused_unless_allowed() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listens");
        let port = listener.local_addr().expect("bound").port();
        let url = format!("http://127.0.0.1:{port}/hook");
        let headers = [("Fovea-Signature", "t=1,v1=00".to_owned())];
        let closed = WebhookClient { allow_private: false };
        let refused = closed.post(&url, &headers, "{}").await.expect_err("refused");
        assert!(refused.contains("private"), "{refused}");
        let app = axum::Router::new().route(
            "/hook",
            axum::routing::post(|headers: http::HeaderMap, body: String| async move {
                let signed = headers.get("fovea-signature").is_some_and(|value| value == "t=1,v1=00");
                if signed && body == "{}" {
                    http::StatusCode::NO_CONTENT
                } else {
                    http::StatusCode::BAD_REQUEST
                }
            }),
        );
        let server = tokio::spawn(async move { axum::serve(listener, app).await });
        let open = WebhookClient { allow_private: true };
        let taken = open.post(&url, &headers, "{}").await.expect("taken");
        assert!(taken.starts_with("204"), "{taken}");
        let elsewhere = format!("http://127.0.0.1:{port}/nothing");
        assert!(open.post(&elsewhere, &headers, "{}").await.is_err());
        server.abort();
    }
}
