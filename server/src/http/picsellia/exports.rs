//! Annotations as one file: COCO as JSON, YOLO and Pascal VOC as a tar with a
//! text for each image. The file is written when its link is followed, so that
//! it has a length and nothing has to be kept.

use super::{
    annotations, answers::wrong, data::bare_name, dataset_versions::version_of, params::Params,
    sdk_body::SdkBody, selection::Selection,
};
use crate::http::{
    AppState,
    api::AtMost,
    auth::SignedIn,
    problem::{PathParams, Problem},
    signed::{PublicAddress, USUAL_S},
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{
    dataset::{Asset, DatasetVersion},
    fault::ErrorKind,
    ids::DatasetVersionId,
};
use http::header;
use serde::Deserialize;
use serde_json::{Value, json};
use service::Viewer;
use std::fmt::Write as _;
use uuid::Uuid;

#[derive(Deserialize)]
pub(super) struct ExportBody {
    #[serde(rename = "type")]
    form: String,
    #[serde(default)]
    export_key: Option<String>,
    #[serde(default)]
    asset_ids: Option<AtMost<Uuid, 200_000>>,
    #[serde(default)]
    status: Option<String>,
}

/// Gives a link to the file.
pub(super) async fn export(
    State(state): State<AppState>,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Viewer, ExportBody>,
) -> Result<Json<Value>, Problem> {
    let version = version_of(&state, &actor, id).await?;
    let ending = match body.form.as_str() {
        "COCO" => "json",
        "YOLO" | "PASCAL_VOC" => "tar",
        other => return Err(wrong("type", format!("{other:?} is none: COCO, YOLO, PASCAL_VOC."))),
    };
    let key = body.export_key.unwrap_or_else(|| "FILENAME".to_owned());
    let mut path =
        format!("/api/dataset/version/{id}/annotations/file?type={}&key={}", body.form, word(&key));
    if let Some(ids) = body.asset_ids {
        let all = state.service.catalogue().all_assets(&actor, version.id).await?;
        let _ = write!(path, "&only={}", Selection::of(&ids.0, &all)?.to_word());
    }
    if let Some(status) = body.status {
        let _ = write!(path, "&status={}", word(&status));
    }
    let url = address.to_read(&state, &actor, &path, USUAL_S).await?;
    let name = format!("{}-{}-{}.{ending}", version.dataset, version.name, body.form.to_lowercase());
    Ok(Json(json!({ "object_name": name, "presigned_url": url })))
}

/// Only what a query holds as it is.
fn word(text: &str) -> String {
    text.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_').take(40).collect()
}

/// The file itself.
pub(super) async fn file(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
    params: Params,
) -> Result<Response, Problem> {
    let version = version_of(&state, &actor, id).await?;
    let mut assets = state.service.catalogue().all_assets(&actor, DatasetVersionId(id)).await?;
    if let Some(only) = params.all("only").next() {
        assets = Selection::from_word(only)?.narrow(assets)?;
    }
    if let Some(status) = params.one("status") {
        assets.retain(|asset| annotations::status(asset) == status);
    }
    let key = params.one("key").unwrap_or("FILENAME");
    let bytes = match params.one("type") {
        Some("COCO") => coco(&version, &assets, key).to_string().into_bytes(),
        Some("YOLO") => archive(yolo(&version, &assets, key))?,
        Some("PASCAL_VOC") => archive(voc(&version, &assets, key))?,
        _ => return Err(wrong("type", "There are COCO, YOLO and PASCAL_VOC.")),
    };
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, "attachment".to_owned()),
        (header::CONTENT_LENGTH, bytes.len().to_string()),
    ];
    Ok((headers, bytes).into_response())
}

/// What an image is called in the file.
fn called(asset: &Asset, key: &str) -> String {
    let name = bare_name(Some(&asset.filename), asset.id.0);
    let ending = name.rsplit_once('.').map_or("jpg", |(_, ending)| ending).to_owned();
    match key {
        "ASSET_ID" | "DATA_ID" => format!("{}.{ending}", asset.id),
        "OBJECT_NAME" => format!("assets/{}/{name}", asset.id),
        _ => name,
    }
}

fn coco(version: &DatasetVersion, assets: &[Asset], key: &str) -> Value {
    let categories: Vec<Value> = version
        .labels
        .iter()
        .enumerate()
        .map(|(index, label)| json!({ "id": index + 1, "name": label, "supercategory": "" }))
        .collect();
    let (mut images, mut annotations) = (Vec::new(), Vec::new());
    for (number, asset) in assets.iter().enumerate() {
        images.push(json!({
            "id": number + 1, "file_name": called(asset, key), "width": asset.size.width, "height": asset.size.height,
        }));
        for annotation in &asset.annotations {
            let category = version.labels.iter().position(|label| *label == annotation.label);
            let rect = &annotation.rect;
            annotations.push(json!({
                "id": annotations.len() + 1, "image_id": number + 1, "category_id": category.map(|at| at + 1),
                "bbox": [rect.x(), rect.y(), rect.w(), rect.h()], "area": rect.w() * rect.h(),
                "iscrowd": u8::from(annotation.ignore), "segmentation": [],
            }));
        }
    }
    json!({ "info": {}, "images": images, "categories": categories, "annotations": annotations })
}

/// Texts by the names of their files.
type Texts = Vec<(String, String)>;

/// `name` without its ending, with another.
fn with_ending(name: &str, ending: &str) -> String {
    let start = name.rsplit_once('.').map_or(name, |(start, _)| start);
    format!("{start}.{ending}")
}

fn yolo(version: &DatasetVersion, assets: &[Asset], key: &str) -> Texts {
    let mut texts = Vec::with_capacity(assets.len() + 1);
    let mut names = String::from("names:\n");
    for (index, label) in version.labels.iter().enumerate() {
        let _ = writeln!(names, "  {index}: {}", json!(label));
    }
    texts.push(("data.yaml".to_owned(), names));
    for asset in assets {
        let (width, height) = (f64::from(asset.size.width), f64::from(asset.size.height));
        let mut lines = String::new();
        for annotation in asset.annotations.iter().filter(|annotation| !annotation.ignore) {
            let class = version.labels.iter().position(|label| *label == annotation.label).unwrap_or(0);
            let rect = &annotation.rect;
            let (x, y) = ((rect.x() + rect.w() / 2.0) / width, (rect.y() + rect.h() / 2.0) / height);
            let _ = writeln!(lines, "{class} {x:.6} {y:.6} {:.6} {:.6}", rect.w() / width, rect.h() / height);
        }
        texts.push((with_ending(&called(asset, key), "txt"), lines));
    }
    texts
}

fn voc(_: &DatasetVersion, assets: &[Asset], key: &str) -> Texts {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let one = |asset: &Asset| {
        let name = called(asset, key);
        let mut xml = format!(
            "<annotation><filename>{}</filename><size><width>{}</width><height>{}</height><depth>3</depth></size>",
            escaped(&name),
            asset.size.width,
            asset.size.height
        );
        for annotation in &asset.annotations {
            let rect = &annotation.rect;
            // Corners count from 1 there.
            let _ = write!(
                xml,
                "<object><name>{}</name><difficult>{}</difficult><bndbox><xmin>{}</xmin><ymin>{}</ymin>\
                 <xmax>{}</xmax><ymax>{}</ymax></bndbox></object>",
                escaped(annotation.label.as_str()),
                u8::from(annotation.ignore),
                rect.x() + 1.0,
                rect.y() + 1.0,
                rect.x() + rect.w(),
                rect.y() + rect.h()
            );
        }
        xml.push_str("</annotation>\n");
        (with_ending(&name, "xml"), xml)
    };
    assets.iter().map(one).collect()
}

/// A tar of texts.
fn archive(texts: Texts) -> Result<Vec<u8>, Problem> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, text) in texts {
        let mut head = tar::Header::new_gnu();
        head.set_size(text.len() as u64);
        head.set_mode(0o644);
        tar.append_data(&mut head, name.trim_start_matches('/'), text.as_bytes())
            .map_err(|error| unwritable(&error))?;
    }
    tar.into_inner().map_err(|error| unwritable(&error))
}

fn unwritable(error: &std::io::Error) -> Problem {
    tracing::error!(%error, "an export cannot be written");
    Problem::new(ErrorKind::Internal, "The file cannot be written; the server's log says why.")
}
