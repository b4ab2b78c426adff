//! The REST API from the other side: what commands with `--url` speak.

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::{Method, header};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// How long one answer may take; a prediction may wait in a queue.
const TIMEOUT: Duration = Duration::from_secs(120);

/// A running server.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    base: Url,
    token: String,
    http: reqwest::Client,
}

/// A file for a form.
pub(crate) struct Upload {
    /// As it is called.
    pub filename: String,
    /// The file.
    pub bytes: Bytes,
}

impl Client {
    /// A client of the server at `base`.
    ///
    /// # Errors
    /// When there is no TLS to be had.
    pub(crate) fn new(mut base: Url, token: &str) -> anyhow::Result<Self> {
        if !base.path().ends_with('/') {
            let path = format!("{}/", base.path());
            base.set_path(&path);
        }
        let http = reqwest::Client::builder().timeout(TIMEOUT).build()?;
        Ok(Self { base, token: token.to_owned(), http })
    }

    /// The address of a page or route of the server.
    pub(crate) fn address(&self, path: &str) -> anyhow::Result<Url> {
        Ok(self.base.join(path.trim_start_matches('/'))?)
    }

    /// Gets a JSON answer from `/api/v1/{path}`.
    ///
    /// # Errors
    /// The server's own words, or why it could not be asked.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.send(self.request(Method::GET, path)?).await
    }

    /// Gets a JSON answer from `/api/v1/{path}?{query}`.
    ///
    /// # Errors
    /// The server's own words, or why it could not be asked.
    pub(crate) async fn get_with<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> anyhow::Result<T> {
        let mut url = self.address(&format!("api/v1/{path}"))?;
        url.query_pairs_mut().extend_pairs(query);
        self.send(self.http.get(url).bearer_auth(&self.token)).await
    }

    /// Gets the bytes of `/api/v1/{path}`.
    ///
    /// # Errors
    /// The server's own words, or why it could not be asked.
    pub(crate) async fn get_bytes(&self, path: &str) -> anyhow::Result<Bytes> {
        self.answer(self.request(Method::GET, path)?).await
    }

    /// Posts JSON to `/api/v1/{path}` and waits as long as `patience` for what
    /// may take long.
    ///
    /// # Errors
    /// The server's own words, or why it could not be asked.
    pub(crate) async fn post_patiently<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        patience: Duration,
    ) -> anyhow::Result<T> {
        self.send(self.request(Method::POST, path)?.timeout(patience).json(body)).await
    }

    /// Posts JSON to `/api/v1/{path}`.
    ///
    /// # Errors
    /// The server's own words, or why it could not be asked.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        self.send(self.request(Method::POST, path)?.json(body)).await
    }

    /// Posts bytes to `/api/v1/{path}`.
    ///
    /// # Errors
    /// The server's own words, or why it could not be asked.
    pub(crate) async fn post_bytes<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        bytes: Bytes,
    ) -> anyhow::Result<T> {
        let mut url = self.address(&format!("api/v1/{path}"))?;
        url.query_pairs_mut().extend_pairs(query);
        let request = self.http.post(url).bearer_auth(&self.token);
        let request = request.header(header::CONTENT_TYPE, "application/octet-stream").body(bytes);
        self.send(request).await
    }

    /// Posts lines of JSON to `/api/v1/{path}?{query}` and gives the lines of
    /// the answer.
    ///
    /// # Errors
    /// The server's own words, or why it could not be asked.
    pub(crate) async fn post_lines(
        &self,
        path: &str,
        query: &[(&str, &str)],
        lines: Bytes,
    ) -> anyhow::Result<Bytes> {
        let mut url = self.address(&format!("api/v1/{path}"))?;
        url.query_pairs_mut().extend_pairs(query);
        let request = self.http.post(url).bearer_auth(&self.token);
        self.answer(request.header(header::CONTENT_TYPE, "application/x-ndjson").body(lines)).await
    }

    /// Posts a form with one file, its part `media`, to `/api/v1/{path}`.
    ///
    /// # Errors
    /// The server's own words, or why it could not be asked.
    pub(crate) async fn post_form<T: DeserializeOwned>(
        &self,
        path: &str,
        media: Upload,
        fields: &[(&str, String)],
    ) -> anyhow::Result<T> {
        self.post_form_of("media", path, media, fields).await
    }

    /// Posts a form with one file, its part `part`, to `/api/v1/{path}`.
    ///
    /// # Errors
    /// The server's own words, or why it could not be asked.
    pub(crate) async fn post_form_of<T: DeserializeOwned>(
        &self,
        part: &str,
        path: &str,
        media: Upload,
        fields: &[(&str, String)],
    ) -> anyhow::Result<T> {
        let boundary = format!("fovea-{}", uuid::Uuid::new_v4().simple());
        let body = form_body(&boundary, part, &media, fields);
        let kind = format!("multipart/form-data; boundary={boundary}");
        self.send(self.request(Method::POST, path)?.header(header::CONTENT_TYPE, kind).body(body)).await
    }

    /// Deletes `/api/v1/{path}`.
    ///
    /// # Errors
    /// The server's own words, or why it could not be asked.
    pub(crate) async fn delete(&self, path: &str) -> anyhow::Result<()> {
        self.answer(self.request(Method::DELETE, path)?).await.map(|_| ())
    }

    fn request(&self, method: Method, path: &str) -> anyhow::Result<reqwest::RequestBuilder> {
        let url = self.address(&format!("api/v1/{path}"))?;
        Ok(self.http.request(method, url).bearer_auth(&self.token))
    }

    async fn send<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> anyhow::Result<T> {
        let bytes = self.answer(request).await?;
        serde_json::from_slice(&bytes).context("the server's answer is not what was expected")
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> anyhow::Result<Bytes> {
        let response =
            request.send().await.with_context(|| format!("the server at {} does not answer", self.base))?;
        let status = response.status();
        let bytes = response.bytes().await?;
        if status.is_success() {
            return Ok(bytes);
        }
        let problem: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        match problem.get("detail").and_then(Value::as_str) {
            Some(detail) => bail!("{detail} ({status})"),
            None => bail!("the server answered {status}"),
        }
    }
}

/// RFC 7578, with the quoting that browsers use.
fn form_body(boundary: &str, part: &str, media: &Upload, fields: &[(&str, String)]) -> Vec<u8> {
    let mut body = Vec::with_capacity(media.bytes.len() + 1024);
    for (name, value) in fields {
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(value.as_bytes());
        body.extend_from_slice(b"\r\n");
    }
    let filename = media.filename.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"{filename}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(&media.bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{
        extract::{FromRequest, Multipart},
        http::Request,
    };

    #[tokio::test]
    async fn a_form_reads_back_as_it_was_written() {
        let media = Upload { filename: "a \"b\".png".to_owned(), bytes: Bytes::from_static(b"\r\n--x\0") };
        let body = form_body("x1", "media", &media, &[("split", "train".to_owned())]);
        let request = Request::builder().header("content-type", "multipart/form-data; boundary=x1");
        let request = request.body(axum::body::Body::from(body)).expect("a request");
        let mut form = Multipart::from_request(request, &()).await.expect("a form");
        let field = form.next_field().await.expect("read").expect("a field");
        assert_eq!((field.name(), field.file_name()), (Some("split"), None));
        assert_eq!(field.text().await.expect("text"), "train");
        let file = form.next_field().await.expect("read").expect("a file");
        assert_eq!(file.name(), Some("media"));
        assert_eq!(file.bytes().await.expect("bytes"), Bytes::from_static(b"\r\n--x\0"));
        assert!(form.next_field().await.expect("read").is_none());
    }
}
