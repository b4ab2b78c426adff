//! The frame of pages that are only read: the book, and the page of the API.
//! They are made without the application, so they need no sign-in and come
//! with scripts off.

use app::{BasePath, Theme};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, header};

/// What may run on these pages: files of this server, and no line inside.
const POLICY: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; img-src 'self' blob: data:; \
                      connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Which entry of the head is open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NavigationEntry {
    /// The book.
    Docs,
    /// The page of the API.
    Api,
}

/// What stands in the frame; all but the title and the words searched for is HTML.
pub(super) struct Sheet<'a> {
    pub(super) entry: NavigationEntry,
    pub(super) title: &'a str,
    /// The list of contents.
    pub(super) contents: &'a str,
    /// The page itself.
    pub(super) body: &'a str,
    /// What stands at the right of the page on a wide screen.
    pub(super) beside: &'a str,
    /// What was searched for in the book.
    pub(super) question: &'a str,
    /// The address of a script, without the base path.
    pub(super) script: Option<&'a str>,
}

/// The page as an answer, light or dark as its reader's cookie says.
pub(super) fn answer(base: &BasePath, request: &HeaderMap, sheet: &Sheet<'_>) -> Response {
    let cookies = request.get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let html = document(base, Theme::in_cookies(cookies), sheet);
    let mut response = html.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

fn document(base: &BasePath, theme: Theme, sheet: &Sheet<'_>) -> String {
    let Sheet { contents, body, beside, .. } = *sheet;
    let at = |path: &str| escaped(&base.at(path));
    let link = |entry: NavigationEntry, path: &str, words: &str| {
        let current = if sheet.entry == entry { " aria-current=\"page\"" } else { "" };
        format!("<a href=\"{}\"{current}>{words}</a>", at(path))
    };
    let script =
        sheet.script.map(|path| format!("<script src=\"{}\" defer></script>", at(path))).unwrap_or_default();
    format!(
        "<!doctype html><html lang=\"en\" data-theme=\"{theme}\" data-base=\"{base}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title} · Fovea</title>\
         <link rel=\"stylesheet\" href=\"{style}\"><link rel=\"icon\" href=\"{icon}\">{script}</head><body class=\"book\">\
         <a class=\"skip\" href=\"#main\">To the text</a><header class=\"book-head\"><a class=\"book-mark\" href=\"{home}\">Fovea</a>\
         <nav aria-label=\"Places\">{docs}{api}</nav>\
         <form role=\"search\" action=\"{search}\"><input class=\"field\" type=\"search\" name=\"q\" value=\"{question}\" \
         placeholder=\"Search the docs\" aria-label=\"Search the docs\"></form></header>\
         <div class=\"book-frame\"><nav class=\"book-contents\" aria-label=\"Contents\">{contents}</nav>\
         <main id=\"main\" tabindex=\"-1\"><details class=\"book-folded\"><summary>Contents</summary>\
         <nav aria-label=\"Contents\">{contents}</nav></details>{body}</main>\
         <aside class=\"book-beside\">{beside}</aside></div></body></html>",
        theme = theme.as_str(),
        base = escaped(base.as_str()),
        title = escaped(sheet.title),
        style = at("/pkg/fovea.css"),
        icon = at("/favicon.svg"),
        home = at("/"),
        docs = link(NavigationEntry::Docs, "/docs", "Docs"),
        api = link(NavigationEntry::Api, "/api/docs", "API"),
        search = at("/docs"),
        question = escaped(sheet.question),
    )
}

/// Text as it may stand in HTML, between tags and in quoted attributes.
#[must_use]
pub(super) fn escaped(text: &str) -> String {
    html_escape::encode_double_quoted_attribute(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_with_the_request_is_text_and_the_theme_is_the_readers() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=b; fovea_theme=dark"));
        let theme = Theme::in_cookies("a=b; fovea_theme=dark");
        let sheet = Sheet {
            entry: NavigationEntry::Docs,
            title: "<b>",
            contents: "",
            body: "",
            beside: "",
            question: "\"><script>",
            script: None,
        };
        let html = document(&BasePath::parse("/fovea").expect("a path"), theme, &sheet);
        assert!(!html.contains("<script>") && !html.contains("<b>"), "{html}");
        assert!(
            html.contains("data-theme=\"dark\"") && html.contains("href=\"/fovea/docs\" aria-current"),
            "{html}"
        );
    }
}
