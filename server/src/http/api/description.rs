//! The OpenAPI description: what holds for all operations, and
//! `/api/openapi.json`. The page for people is made of it in `http/api_page`.

use crate::http::AppState;
use app::BasePath;
use axum::{Json, Router, routing::get};
use std::sync::Arc;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        ContentBuilder, OpenApi as Description, Ref, Response, Server,
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

/// The description as this server gives it out, complete.
pub fn described(mut description: Description, base: &BasePath) -> Description {
    add_failures(&mut description);
    if !base.is_root() {
        description.servers = Some(vec![Server::new(base.as_str())]);
    }
    description
}

/// The route of the description, which needs no sign-in.
pub fn routes(description: Description) -> Router<AppState> {
    let description = Arc::new(description);
    Router::new().route("/api/openapi.json", get(move || std::future::ready(Json(Arc::clone(&description)))))
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
