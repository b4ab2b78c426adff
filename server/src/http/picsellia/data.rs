//! Pictures as the SDK knows them, whether a deployment saw them or a dataset
//! has them.

use super::{answers::missing, ids};
use crate::http::{
    AppState,
    problem::Problem,
    signed::{PublicAddress, USUAL_S},
};
use domain::{
    dataset::Asset,
    geometry::Size,
    ids::{AssetId, PredictionId},
    prediction::Prediction,
};
use serde_json::{Map, Value, json};
use service::{As, Viewer};
use uuid::Uuid;

/// A word on a thing.
pub(super) fn tag(name: &str, target: &str) -> Value {
    json!({ "id": ids::tag(name), "name": name, "target_type": target })
}

/// A link to a picture.
///
/// # Errors
/// When the database fails.
pub(super) async fn link(
    state: &AppState,
    by: &As<Viewer>,
    address: &PublicAddress,
    path: &str,
) -> Result<String, Problem> {
    address.to_read(state, by, path, USUAL_S).await
}

/// What a file is called on the disk it is downloaded to: no path, and never
/// nothing.
pub(super) fn bare_name(filename: Option<&str>, id: Uuid) -> String {
    let bare = filename.unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    match bare.trim_matches('.') {
        "" => format!("{id}.jpg"),
        _ => bare.to_owned(),
    }
}

/// By the name: the SDK only knows two.
fn content_type(filename: &str) -> &'static str {
    let png = filename.rsplit('.').next().is_some_and(|ending| ending.eq_ignore_ascii_case("png"));
    if png { "image/png" } else { "image/jpeg" }
}

pub(super) fn of_prediction(prediction: &Prediction, url: Option<String>) -> Value {
    let name = bare_name(prediction.filename.as_deref(), prediction.id.0);
    let mut data = shape(prediction.id.0, "predictions", &name, prediction.size, url);
    data.insert("tags".to_owned(), prediction.tags.iter().map(|name| tag(name, "DATA")).collect());
    let source = prediction.source.as_ref();
    data.insert(
        "data_source".to_owned(),
        source.map_or(Value::Null, |name| json!({ "id": ids::source(name), "name": name })),
    );
    data.insert("metadata".to_owned(), json!(prediction.metadata));
    data.insert("custom_metadata".to_owned(), json!(prediction.metadata));
    Value::Object(data)
}

pub(super) fn of_asset(asset: &Asset, url: Option<String>) -> Value {
    let name = bare_name(Some(&asset.filename), asset.id.0);
    let mut data = shape(asset.id.0, "assets", &name, asset.size, url);
    data.insert("tags".to_owned(), json!([tag(asset.split.as_str(), "DATA")]));
    Value::Object(data)
}

fn shape(id: Uuid, kind: &str, name: &str, size: Size, url: Option<String>) -> Map<String, Value> {
    let data = json!({
        "id": id,
        "object_name": format!("{kind}/{id}/{name}"),
        "filename": name,
        "type": "IMAGE",
        "content_type": content_type(name),
        "upload_status": "DONE",
        "meta": { "width": size.width, "height": size.height },
        "datalake_id": ids::datalake(),
        "data_source": null,
        "tags": [],
        "metadata": {},
        "custom_metadata": {},
    });
    let mut data = match data {
        Value::Object(data) => data,
        _ => Map::new(),
    };
    data.insert("presigned_url".to_owned(), url.into());
    data
}

/// The picture of this id, wherever it is.
///
/// # Errors
/// 404 when there is none.
pub(super) async fn of_id(
    state: &AppState,
    by: &As<Viewer>,
    address: &PublicAddress,
    id: Uuid,
) -> Result<Value, Problem> {
    if let Ok(prediction) = state.service.browsing().prediction(by, PredictionId(id)).await {
        let path = format!("/api/v1/predictions/{id}/image");
        let url = match &prediction.image {
            Some(_) => Some(link(state, by, address, &path).await?),
            None => None,
        };
        return Ok(of_prediction(&prediction, url));
    }
    let asset = state.service.catalogue().asset(by, AssetId(id)).await;
    let asset = asset.map_err(|_| missing(&format!("data {id}")))?;
    let url = link(state, by, address, &asset_address(asset.id)).await?;
    Ok(of_asset(&asset, Some(url)))
}

/// Where an image of a dataset lies.
pub(super) fn asset_address(id: AssetId) -> String {
    format!("/api/v1/assets/{id}/image")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_on_a_disk_is_no_path() {
        for (given, bare) in [
            (Some("a.png"), "a.png"),
            (Some("../../etc/passwd"), "passwd"),
            (Some("c:\\x\\y.jpg"), "y.jpg"),
            (Some("a/.."), "00000000-0000-0000-0000-000000000000.jpg"),
            (Some(""), "00000000-0000-0000-0000-000000000000.jpg"),
            (None, "00000000-0000-0000-0000-000000000000.jpg"),
        ] {
            assert_eq!(bare_name(given, Uuid::nil()), bare);
        }
    }
}
