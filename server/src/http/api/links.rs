//! Links to files that open without a token, for programs that fetch by an
//! address alone.

use super::bounded::AtMost;
use crate::http::{
    AppState,
    admission::{JsonBody, Viewer},
    problem::{Problem, ProblemBody},
    signed::{PublicAddress, USUAL_S},
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Links of one request.
const MOST: usize = 1_000;

/// What links are wanted to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LinksBody {
    /// Addresses of images or weights, as other answers give them
    /// (`image_url`), with their query; 1,000 at most.
    #[schema(value_type = Vec<String>, example = json!(["/api/v1/assets/0190b2a4-0000-7000-8000-000000000000/image?size=thumb"]))]
    pub addresses: AtMost<String, MOST>,
    /// Seconds for which they are good: 3,600 when left out, a week at most.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 604_800)]
    pub seconds: Option<u32>,
}

/// Links, in the order of the addresses.
#[derive(Serialize, ToSchema)]
pub(super) struct LinksAnswer {
    /// Whole addresses, with the name that this server was asked under.
    pub links: Vec<String>,
}

/// Gives links to images and weights that open without a token.
///
/// Each is good for its own address and until it is over; it is refused (403)
/// when a byte of it was changed. Whoever has it can fetch that one file.
#[utoipa::path(
    post, path = "/links", tag = "predictions", operation_id = "make_links",
    request_body = LinksBody,
    responses(
        (status = 200, description = "The links", body = LinksAnswer),
        (status = 400, description = "An address that is none of an image or of weights", body = ProblemBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
    )
)]
pub(super) async fn make(
    State(state): State<AppState>,
    public: PublicAddress,
    JsonBody(actor, body, _): JsonBody<Viewer, LinksBody>,
) -> Result<Json<LinksAnswer>, Problem> {
    let mut links = Vec::with_capacity(body.addresses.0.len());
    for (index, address) in body.addresses.0.iter().enumerate() {
        let known = crate::http::base_path::strip(address).filter(|address| is_file(address));
        let known = known.ok_or_else(|| {
            let message = "A link goes to /api/v1/predictions/ID/image, /api/v1/assets/ID/image or \
                           /api/v1/models/NAME/NUMBER/weights.";
            Problem::invalid(&format!("addresses[{index}]"), message)
        })?;
        links.push(public.to_read(&state, &actor, known, body.seconds.unwrap_or(USUAL_S)).await?);
    }
    Ok(Json(LinksAnswer { links }))
}

/// Whether an address is one of an image or of weights, and nothing else.
fn is_file(address: &str) -> bool {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    if !["", "size=full", "size=thumb", "size=plain"].contains(&query) {
        return false;
    }
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["", "api", "v1", "predictions" | "assets", id, "image"] => Uuid::parse_str(id).is_ok(),
        ["", "api", "v1", "models", model, number, "weights"] => {
            query.is_empty() && is_name(model) && number.parse::<u32>().is_ok()
        }
        _ => false,
    }
}

fn is_name(text: &str) -> bool {
    domain::name::Name::new(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_made_to_files_and_to_nothing_else() {
        let id = Uuid::nil();
        for good in [
            format!("/api/v1/predictions/{id}/image"),
            format!("/api/v1/assets/{id}/image?size=thumb"),
            "/api/v1/models/cells/1/weights".to_owned(),
        ] {
            assert!(is_file(&good), "{good}");
        }
        for bad in [
            "/api/v1/users".to_owned(),
            format!("/api/v1/predictions/{id}"),
            format!("/api/v1/predictions/{id}/image?size=thumb&x=1"),
            format!("/api/v1/predictions/{id}/image/../../../users"),
            "/api/v1/models/../1/weights".to_owned(),
            format!("//evil.example/api/v1/predictions/{id}/image"),
            String::new(),
        ] {
            assert!(!is_file(&bad), "{bad}");
        }
    }
}
