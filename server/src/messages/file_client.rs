//! Fetches files over HTTP for tasks of annotation tools.

use super::outgoing::client_for;
use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use reqwest::{StatusCode, Url};
use service::{FileFetcher, FileRequest};
use std::time::Duration;

/// For one file, from looking up the name to its last byte.
const FETCHED_WITHIN: Duration = Duration::from_secs(30);

/// Fetches from where an admin said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileClient {
    /// Private and local addresses may be asked too.
    pub(crate) allow_private: bool,
}

impl FileFetcher for FileClient {
    fn fetch<'a>(&'a self, request: FileRequest<'a>) -> BoxFuture<'a, Result<Bytes, String>> {
        Box::pin(async move {
            let fetched = tokio::time::timeout(FETCHED_WITHIN, self.fetch_in_time(request));
            fetched.await.unwrap_or_else(|_| Err(format!("no file within {} s", FETCHED_WITHIN.as_secs())))
        })
    }
}

impl FileClient {
    async fn fetch_in_time(&self, file_request: FileRequest<'_>) -> Result<Bytes, String> {
        let url =
            Url::parse(file_request.url).map_err(|error| format!("the address cannot be read: {error}"))?;
        let client = client_for(&url, self.allow_private, FETCHED_WITHIN).await?;
        let mut request = match file_request.json {
            None => client.get(url),
            Some(json) => client.post(url).header("Content-Type", "application/json").body(json.to_owned()),
        };
        if let Some(authorization) = file_request.authorization {
            request = request.header("Authorization", authorization);
        }
        let answer = request.send().await.map_err(|error| error.without_url().to_string())?;
        if answer.status() != StatusCode::OK {
            return Err(format!("it answered {}", answer.status()));
        }
        read_up_to(answer, file_request.most_bytes).await
    }
}

async fn read_up_to(mut answer: reqwest::Response, most_bytes: u64) -> Result<Bytes, String> {
    let mut bytes = BytesMut::new();
    while let Some(piece) = answer.chunk().await.map_err(|error| error.without_url().to_string())? {
        if (bytes.len() + piece.len()) as u64 > most_bytes {
            return Err(format!("the file has more than {most_bytes} bytes"));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, http::HeaderMap, response::Redirect, routing::get};

    async fn guarded(headers: HeaderMap) -> Result<Vec<u8>, StatusCode> {
        let known = headers.get("authorization").is_some_and(|value| value == "Token abc");
        if known { Ok(vec![7; 100]) } else { Err(StatusCode::UNAUTHORIZED) }
    }

    #[tokio::test]
    async fn a_file_is_fetched_within_its_bound_and_from_nowhere_else() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listens");
        let base = format!("http://{}", listener.local_addr().expect("bound"));
        let elsewhere = get(|| async { Redirect::temporary("/file") });
        let app = Router::new().route("/file", get(guarded)).route("/elsewhere", elsewhere);
        let server = tokio::spawn(async move { axum::serve(listener, app).await });
        let open = FileClient { allow_private: true };
        let fetch = async |client: FileClient, path: &str, most_bytes: u64| {
            let url = format!("{base}{path}");
            let authorization = Some("Token abc");
            client.fetch(FileRequest { url: &url, authorization, json: None, most_bytes }).await
        };
        assert_eq!(fetch(open, "/file", 100).await, Ok(Bytes::from(vec![7; 100])));
        assert!(fetch(open, "/file", 99).await.is_err_and(|why| why.contains("more than 99")));
        assert!(fetch(open, "/elsewhere", 100).await.is_err_and(|why| why.contains("307")));
        let closed = FileClient { allow_private: false };
        assert!(fetch(closed, "/file", 100).await.is_err_and(|why| why.contains("private")));
        let url = format!("{base}/file");
        let nobody = FileRequest { url: &url, authorization: None, json: None, most_bytes: 100 };
        assert!(open.fetch(nobody).await.is_err_and(|why| why.contains("401")));
        let posted = FileRequest { json: Some("{}"), ..nobody };
        assert!(open.fetch(posted).await.is_err_and(|why| why.contains("405")));
        server.abort();
    }
}
