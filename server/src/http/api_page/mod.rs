//! `/api/docs`: every operation of the API, to read and to try with the
//! reader's own session. Made of the OpenAPI description alone; needs no other
//! host. Knows no route by name.

mod operation;
mod schema;

use super::{
    AppState,
    reading::{self, NavigationEntry, Sheet, escaped},
};
use app::BasePath;
use axum::{Router, response::IntoResponse, routing::get};
use http::{HeaderMap, header};
use operation::Operation;
use serde_json::Value;
use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

/// What sends the requests, as a file of its own: no page runs lines inside.
const SCRIPT: &str = include_str!("try.js");
const SCRIPT_PATH: &str = "/api/docs.js";
/// The methods in the order in which an address lists them.
const METHODS: [&str; 4] = ["get", "post", "put", "delete"];

/// The page and its script; neither needs a sign-in.
pub(super) fn routes(description: &Value, base: &BasePath) -> Router<AppState> {
    let page = Arc::new((contents(description), body(description, base)));
    let base = base.clone();
    let answer = move |headers: HeaderMap| {
        let (contents, body) = &*page;
        let sheet = Sheet {
            entry: NavigationEntry::Api,
            title: "API",
            contents,
            body,
            beside: "",
            question: "",
            script: Some(SCRIPT_PATH),
        };
        std::future::ready(reading::answer(&base, &headers, &sheet))
    };
    let script = || {
        let kinds =
            [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
        std::future::ready((kinds, SCRIPT).into_response())
    };
    Router::new().route("/api/docs", get(answer)).route(SCRIPT_PATH, get(script))
}

/// The operations by what they are about, in the description's order.
fn by_subject(description: &Value) -> BTreeMap<String, Vec<Operation<'_>>> {
    let mut subjects: BTreeMap<String, Vec<Operation<'_>>> = BTreeMap::new();
    for (path, item) in schema::object(&description["paths"]) {
        for method in METHODS {
            if let Some(json) = item.get(method) {
                let operation = Operation { method, path, json, description };
                subjects.entry(operation.subject().to_owned()).or_default().push(operation);
            }
        }
    }
    subjects
}

fn contents(description: &Value) -> String {
    let mut html = String::from("<h2>Operations</h2>");
    for (subject, operations) in by_subject(description) {
        // Writing to a String does not fail.
        let _ = write!(
            html,
            "<a href=\"#{0}\">{0} <span class=\"dim\">{1}</span></a>",
            escaped(&subject),
            operations.len()
        );
    }
    html
}

fn body(description: &Value, base: &BasePath) -> String {
    let about = description["info"]["description"].as_str().unwrap_or_default();
    let mut html = format!(
        "<h1>API</h1><p>{about} Try an operation here with your own session or a token: what you send acts on this \
         server. Programs send a token as <code>Authorization: Bearer …</code>; how, is in <a href=\"{docs}\">the docs</a>. \
         The whole description is <a href=\"{json}\">openapi.json</a>.</p>\
         <div class=\"api-tools\"><label>Find <input class=\"field\" type=\"search\" id=\"api-find\" autocomplete=\"off\"></label>\
         <label>Token, instead of your session <input class=\"field\" type=\"password\" id=\"api-token\" autocomplete=\"off\"></label>\
         <span id=\"api-who\" class=\"dim\" role=\"status\"></span></div>",
        about = escaped(about),
        docs = escaped(&base.at("/docs/api")),
        json = escaped(&base.at("/api/openapi.json")),
    );
    for (subject, operations) in by_subject(description) {
        let _ = write!(html, "<section class=\"api-subject\" id=\"{0}\"><h2>{0}</h2>", escaped(&subject));
        for operation in operations {
            operation.write(&mut html, base);
        }
        html.push_str("</section>");
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn small() -> Value {
        json!({
            "info": { "description": "Boxes <are> boxes." },
            "components": { "schemas": {
                "Body": { "type": "object", "required": ["name"], "properties": {
                    "name": { "type": "string", "description": "What it is called" },
                    "threshold": { "type": ["number", "null"], "minimum": 0.25 },
                } },
            } },
            "paths": { "/api/v1/things/{thing}": { "put": {
                "tags": ["things"], "operationId": "change", "summary": "Changes a <thing>.",
                "parameters": [
                    { "name": "thing", "in": "path", "required": true, "schema": { "type": "string" } },
                    { "name": "sort", "in": "query", "schema": { "type": "string", "enum": ["a", "b"] } },
                ],
                "requestBody": { "required": true, "content": {
                    "application/json": { "schema": { "$ref": "#/components/schemas/Body" } },
                } },
                "responses": { "200": { "description": "Done" } },
            } } },
        })
    }

    #[test]
    fn an_operation_has_a_form_with_its_parameters_and_a_body_to_begin_with() {
        let base = BasePath::parse("/fovea").expect("a path");
        let html = body(&small(), &base);
        assert!(html.contains("data-method=\"PUT\" data-path=\"/fovea/api/v1/things/{thing}\""), "{html}");
        assert!(html.contains("data-in=\"path\" name=\"thing\" required"), "{html}");
        assert!(html.contains("<option>a</option>"), "{html}");
        assert!(
            html.contains("&quot;name&quot;: &quot;text&quot;") && html.contains("What it is called"),
            "{html}"
        );
        assert!(!html.contains("<thing>") && !html.contains("<are>"), "{html}");
        assert!(contents(&small()).contains("href=\"#things\""));
    }
}
