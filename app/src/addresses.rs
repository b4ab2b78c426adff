//! Where things are: paths of pages and of the API's images.

mod listing;

pub use listing::{Listed, SIZES, View, export, review_among, saved};

use domain::ids::{AssetId, PredictionId};

/// A prediction's page.
#[must_use]
pub fn prediction(id: PredictionId) -> String {
    format!("/predictions/{id}")
}

/// A prediction's picture, small.
#[must_use]
pub fn prediction_thumb(id: PredictionId) -> String {
    format!("/api/v1/predictions/{id}/image?size=thumb")
}

/// A prediction's picture as it was sent, upright.
#[must_use]
pub fn prediction_image(id: PredictionId) -> String {
    format!("/api/v1/predictions/{id}/image?size=full")
}

/// The picture of a dataset's image, small.
#[must_use]
pub fn asset_thumb(id: AssetId) -> String {
    format!("/api/v1/assets/{id}/image?size=thumb")
}

/// The page of `model/number`.
#[must_use]
pub fn model(full_name: &str) -> String {
    format!("/models/{full_name}")
}

/// The page of `dataset/version`.
#[must_use]
pub fn dataset(full_name: &str) -> String {
    format!("/datasets/{full_name}")
}

/// The page of an experiment.
#[must_use]
pub fn experiment(name: &str) -> String {
    format!("/experiments/{name}")
}

/// The dashboard of a deployment.
#[must_use]
pub fn deployment(name: &str) -> String {
    format!("/deployments/{name}")
}

/// How such a query is answered.
#[must_use]
pub fn explain(deployment: &str, q: &str, sort: &str) -> String {
    format!("/explain/{deployment}{}", query_of(q, sort))
}

/// The predictions of a deployment that match a query, in an order.
#[must_use]
pub fn predictions(deployment: &str, q: &str, sort: &str) -> String {
    format!("/deployments/{deployment}/predictions{}", query_of(q, sort))
}

/// The review of an image, or of the next one, among those that match.
#[must_use]
pub fn review(deployment: &str, id: Option<PredictionId>, q: &str, sort: &str) -> String {
    let id = id.map(|id| format!("/{id}")).unwrap_or_default();
    format!("/deployments/{deployment}/review{id}{}", query_of(q, sort))
}

fn query_of(q: &str, sort: &str) -> String {
    let parts = [("q", q), ("sort", sort)].into_iter().filter(|(_, value)| !value.is_empty());
    let parts: Vec<String> = parts.map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
}

/// `text` as a part of a query: every byte but letters, digits and `-._~/`
/// is written as its number.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// Sign in, and come back to `next`.
#[must_use]
pub fn sign_in(next: &str) -> String {
    format!("/sign-in?next={}", escaped(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_stays_one_value_of_the_address() {
        let q = "label = \"a&b\"";
        assert_eq!(predictions("d", q, ""), "/deployments/d/predictions?q=label%20%3D%20%22a%26b%22");
        assert_eq!(review("d", None, "", "-received"), "/deployments/d/review?sort=-received");
    }

    #[test]
    fn what_comes_back_after_signing_in_stays_one_value() {
        assert_eq!(sign_in("/a?b=c&d=é\r\n"), "/sign-in?next=/a%3Fb%3Dc%26d%3D%C3%A9%0D%0A");
    }
}
