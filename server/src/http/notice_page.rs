//! A page for people where nothing of the application may be shown: what is
//! wrong between the browser and this server, and what to set.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// Whether a person's browser asks, and not a program.
#[must_use]
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/html"))
}

/// The page: a heading, sentences, and lines to copy.
#[must_use]
pub(super) fn answer(status: StatusCode, heading: &str, sentences: &[&str], lines: &[String]) -> Response {
    let paragraphs: String =
        sentences.iter().map(|text| format!("<p>{}</p>", html_escape::encode_text(text))).collect();
    let lines: String =
        lines.iter().map(|line| format!("<pre>{}</pre>", html_escape::encode_text(line))).collect();
    let heading = html_escape::encode_text(heading);
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{heading} · Fovea</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>:root{{color-scheme:light dark}}\
         body{{font:15px/1.5 system-ui,sans-serif;max-width:40em;margin:15vh auto 0;padding:0 24px}}\
         h1{{font-size:20px}}pre{{font:13px/1.5 ui-monospace,monospace;border:1px solid;border-radius:8px;\
         padding:8px 12px;overflow-x:auto}}</style></head><body><main><h1>{heading}</h1>{paragraphs}{lines}\
         </main></body></html>"
    );
    let mut response = (status, page).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_came_with_the_request_is_text_on_the_page() {
        let line = ["fovea serve --allowed-host <script>".to_owned()];
        let page = answer(StatusCode::FORBIDDEN, "No", &["<b>why</b>"], &line);
        assert_eq!(page.status(), StatusCode::FORBIDDEN);
        let body = axum::body::to_bytes(page.into_body(), 100_000).await.expect("a page");
        let text = String::from_utf8(body.to_vec()).expect("text");
        assert!(!text.contains("<script>") && !text.contains("<b>"), "{text}");
        assert!(text.contains("&lt;script&gt;"));
    }
}
