//! `/api/openapi.json`, and a page that lists the operations for people. The
//! page is made here, from the description alone: it needs no other host.

use crate::http::AppState;
use app::BasePath;
use axum::{Json, Router, response::Html, routing::get};
use std::{fmt::Write as _, sync::Arc};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        ContentBuilder, OpenApi as Description, Ref, Response, Server,
        path::Operation,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

/// What holds for all operations.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Fovea",
        description = "Serve an object detector, watch it at work, make it better. Boxes are always x, y, w, h in pixels of the upright image. Errors are RFC 9457 problems.",
    ),
    modifiers(&Doors),
    security(("token" = []), ("session" = [])),
)]
pub(super) struct ApiDescription;

struct Doors;

impl Modify for Doors {
    fn modify(&self, openapi: &mut Description) {
        let components = openapi.components.get_or_insert_with(Default::default);
        let token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("Made by `fovea token create`, or on the page Users and tokens."));
        components.add_security_scheme("token", SecurityScheme::Http(token.build()));
        let session = ApiKey::Cookie(ApiKeyValue::new("fovea_session"));
        components.add_security_scheme("session", SecurityScheme::ApiKey(session));
    }
}

/// The two routes; neither needs a sign-in.
pub fn routes(mut description: Description, base: &BasePath) -> Router<AppState> {
    add_failures(&mut description);
    if !base.is_root() {
        description.servers = Some(vec![Server::new(base.as_str())]);
    }
    let page = Arc::new(page(&description, base));
    let description = Arc::new(description);
    Router::new()
        .route("/api/openapi.json", get(move || std::future::ready(Json(Arc::clone(&description)))))
        .route("/api/docs", get(move || std::future::ready(page_response(&page))))
}

/// What every operation may answer when it is the server that fails: 503, and
/// 507 where something is stored.
fn add_failures(description: &mut Description) {
    let problem = |text: &str| {
        let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemBody"))).build();
        Response::builder().description(text).content("application/problem+json", body).build()
    };
    let away = problem("The database cannot be used at this moment; Retry-After says when to try again");
    let full = problem("The server has no space left to store it");
    for item in description.paths.paths.values_mut() {
        for operation in
            [&mut item.get, &mut item.post, &mut item.put, &mut item.delete].into_iter().flatten()
        {
            operation.responses.responses.insert("503".to_owned(), away.clone().into());
        }
        for operation in [&mut item.post, &mut item.put, &mut item.delete].into_iter().flatten() {
            operation.responses.responses.insert("507".to_owned(), full.clone().into());
        }
    }
}

fn page_response(page: &str) -> ([(http::HeaderName, &'static str); 1], Html<String>) {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";
    ([(http::header::CONTENT_SECURITY_POLICY, policy)], Html(page.to_owned()))
}

const STYLE: &str = "
:root { color-scheme: light dark; }
body { font: 14px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code, .method { font-family: ui-monospace, monospace; font-size: 13px; }
details { border-top: 1px solid #8884; padding: 6px 0; } summary { cursor: pointer; }
.method { display: inline-block; width: 4.5rem; font-weight: 600; } td { padding: 2px 12px 2px 0; vertical-align: top; }
";

fn page(description: &Description, base: &BasePath) -> String {
    let mut html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Fovea API</title><style>{STYLE}</style>\
         <main><h1>Fovea API</h1><p>{} The whole description: <a href={}>openapi.json</a>.</p>",
        escaped(description.info.description.as_deref().unwrap_or_default()),
        base.at("/api/openapi.json"),
    );
    for (path, item) in &description.paths.paths {
        let operations =
            [("GET", &item.get), ("POST", &item.post), ("PUT", &item.put), ("DELETE", &item.delete)];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                write_operation(&mut html, method, &base.at(path.as_str()), operation);
            }
        }
    }
    html.push_str("</main>");
    html
}

fn write_operation(html: &mut String, method: &str, path: &str, operation: &Operation) {
    let summary = escaped(operation.summary.as_deref().unwrap_or_default());
    // Writing to a String does not fail.
    let _ = write!(
        html,
        "<details><summary><span class=method>{method}</span><code>{}</code> {summary}</summary>",
        escaped(path)
    );
    if let Some(text) = &operation.description {
        let _ = write!(html, "<p>{}</p>", escaped(text));
    }
    html.push_str("<table>");
    for parameter in operation.parameters.iter().flatten() {
        let utoipa::openapi::RefOr::T(parameter) = parameter else { continue };
        let text = parameter.description.as_deref().unwrap_or_default();
        let _ = write!(html, "<tr><td><code>{}</code><td>{}", escaped(&parameter.name), escaped(text));
    }
    if let Some(utoipa::openapi::RefOr::T(body)) = &operation.request_body {
        for kind in body.content.keys() {
            let _ = write!(html, "<tr><td>body<td><code>{}</code>", escaped(kind));
        }
    }
    for (status, response) in &operation.responses.responses {
        let text = match response {
            utoipa::openapi::RefOr::T(response) => escaped(&response.description),
            utoipa::openapi::RefOr::Ref(_) => String::new(),
        };
        let _ = write!(html, "<tr><td><code>{}</code><td>{text}", escaped(status));
    }
    html.push_str("</table></details>");
}

fn escaped(text: &str) -> String {
    html_escape::encode_double_quoted_attribute(text).into_owned()
}
