//! Where things are: pages and tabs by [`Route`], images and files of the API.
//! Every address begins with the base path, if the server has one.

mod go;
mod listing;

pub use crate::base_path::{BasePath, at, base};
pub use go::use_go;
pub use listing::{ListState, ListView, SIZES, export, review_among, saved};

use crate::routes::Route;
use domain::ids::{AssetId, PredictionId, WorkItemId};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The base path of a public address.
///
/// # Errors
/// A sentence when it is none, or begins as a page does.
pub fn base_path_of(path: &str) -> Result<BasePath, String> {
    let base = BasePath::parse(path)?;
    let is_page = Route::ALL.iter().any(|route| route.first_word() == Some(base.first_word()));
    if is_page { Err(base.is_taken()) } else { Ok(base) }
}

/// A prediction's page.
#[must_use]
pub fn prediction(id: PredictionId) -> String {
    Route::Prediction.with(&[&id.to_string()])
}

/// A prediction's picture, small.
#[must_use]
pub fn prediction_thumb(id: PredictionId) -> String {
    at(format!("/api/v1/predictions/{id}/image?size=thumb"))
}

/// A prediction's picture in full, as the model saw it.
#[must_use]
pub fn prediction_image(id: PredictionId) -> String {
    at(format!("/api/v1/predictions/{id}/image?size=plain"))
}

/// The picture of a dataset's image, small.
#[must_use]
pub fn asset_thumb(id: AssetId) -> String {
    at(format!("/api/v1/assets/{id}/image?size=thumb"))
}

/// The page of `model/number`.
#[must_use]
pub fn model(full_name: &str) -> String {
    Route::Model.with(&[full_name])
}

/// The page of `dataset/version`.
#[must_use]
pub fn dataset(full_name: &str) -> String {
    Route::Dataset.with(&[full_name])
}

/// The page of an import.
#[must_use]
pub fn import(id: WorkItemId) -> String {
    Route::Import.with(&[&id.to_string()])
}

/// The page of an experiment.
#[must_use]
pub fn experiment(name: &str) -> String {
    Route::Experiment.with(&[name])
}

/// The dashboard of a deployment.
#[must_use]
pub fn deployment(name: &str) -> String {
    Route::Dashboard.with(&[name])
}

/// The deployments, where the deletion of one can be undone.
#[cfg(feature = "ssr")]
#[must_use]
pub fn undo_removal(id: domain::ids::DeploymentId, name: &str) -> String {
    format!("{}?removed={id}&name={}", Route::Deployments.href(), escaped(name))
}

/// How such a query is answered.
#[must_use]
pub fn explain(deployment: &str, q: &str, sort: &str) -> String {
    Route::Explain.with(&[deployment]) + &query_of(q, sort)
}

/// The predictions of a deployment that match a query, in an order.
#[must_use]
pub fn predictions(deployment: &str, q: &str, sort: &str) -> String {
    Route::Predictions.with(&[deployment]) + &query_of(q, sort)
}

/// The review of an image, or of the next one, among those that match.
#[must_use]
pub fn review(deployment: &str, id: Option<PredictionId>, q: &str, sort: &str) -> String {
    let id = id.map(|id| id.to_string());
    let parameters: Vec<&str> = std::iter::once(deployment).chain(id.as_deref()).collect();
    Route::Review.with(&parameters) + &query_of(q, sort)
}

fn query_of(q: &str, sort: &str) -> String {
    let parts = [("q", q), ("sort", sort)].into_iter().filter(|(_, value)| !value.is_empty());
    let parts: Vec<String> = parts.map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
}

/// What stands for itself in a query's value (RFC 3986, 3.4); a `/` does, too.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// `text` as a part of a query.
#[must_use]
pub fn escaped(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

/// Sign in, and come back to `next`.
#[must_use]
pub fn sign_in(next: &str) -> String {
    format!("{}?next={}", Route::SignIn.href(), escaped(next))
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
    fn a_base_path_begins_with_no_word_of_fovea_s_own() {
        for path in ["/api", "/deployments/x", "/sign-in", "a"] {
            assert!(base_path_of(path).is_err(), "{path}");
        }
        assert_eq!(base_path_of("/fovea/").map(|base| base.to_string()), Ok("/fovea".to_owned()));
        assert!(base_path_of("/").is_ok_and(|base| base.is_root()));
    }

    #[test]
    fn what_comes_back_after_signing_in_stays_one_value() {
        assert_eq!(sign_in("/a?b=c&d=é\r\n"), "/sign-in?next=/a%3Fb%3Dc%26d%3D%C3%A9%0D%0A");
    }
}
