//! The images of a dataset version, with their true boxes.

use super::{
    bounded::AtMost,
    form,
    shapes::{PageOf, PageParams, parsed},
};
use crate::http::{
    AppState,
    admission::{Admin, Unread},
    auth::SignedIn,
    base_path::at,
    json_faults,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{Json, extract::State};
use domain::{
    dataset::{Annotation, Asset, Split},
    geometry::Rect,
    ids::DatasetVersionId,
    name::Label,
    page::PageRequest,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::AssetUpload;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// One image of a dataset version.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct AssetBody {
    /// Identity.
    pub id: Uuid,
    /// As the importer saw it.
    pub filename: String,
    /// SHA-256 of the file.
    pub content_hash: String,
    /// Of the upright image.
    pub width: u32,
    /// Of the upright image.
    pub height: u32,
    /// `train`, `val` or `test`.
    #[schema(value_type = String)]
    pub split: Split,
    /// Its true boxes.
    pub annotations: Vec<AnnotationBody>,
    /// Where the image is.
    pub image_url: String,
}

/// A true box, in pixels of the upright image.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnnotationBody {
    /// One of the version's labels.
    pub label: String,
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width, above 0.
    pub w: f64,
    /// Height, above 0.
    pub h: f64,
    /// A region that metrics leave alone.
    #[serde(default)]
    pub ignore: bool,
}

impl From<Annotation> for AnnotationBody {
    fn from(a: Annotation) -> Self {
        let r = a.rect;
        Self { label: a.label.into(), x: r.x(), y: r.y(), w: r.w(), h: r.h(), ignore: a.ignore }
    }
}

impl AnnotationBody {
    /// The box, if it is one; `place` names it where it is not.
    ///
    /// # Errors
    /// A label or a rectangle that is none.
    pub(crate) fn checked(self, place: &str) -> Result<Annotation, Problem> {
        let label: Label = parsed(place, &self.label)?;
        let rect = Rect::new(self.x, self.y, self.w, self.h);
        let rect = rect.map_err(|error| Problem::invalid(place, error.to_string()))?;
        Ok(Annotation { label, rect, ignore: self.ignore })
    }
}

impl From<Asset> for AssetBody {
    fn from(a: Asset) -> Self {
        Self {
            id: a.id.0,
            image_url: at(format!("/api/v1/assets/{}/image", a.id)),
            filename: a.filename,
            content_hash: a.content_hash,
            width: a.size.width,
            height: a.size.height,
            split: a.split,
            annotations: a.annotations.into_iter().map(Into::into).collect(),
        }
    }
}

/// Which images.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AssetParams {
    /// `train`, `val` or `test`; all when left out.
    pub split: Option<String>,
    /// 1 to 200; 50 when left out.
    pub limit: Option<u32>,
    /// From a former page's `next_cursor`.
    pub cursor: Option<String>,
}

/// Lists the images of a dataset version.
#[utoipa::path(
    get, path = "/dataset-versions/{id}/assets", tag = "datasets", operation_id = "list_assets",
    params(("id" = Uuid, Path, description = "The version"), AssetParams),
    responses(
        (status = 200, description = "A page", body = PageOf<AssetBody>),
        (status = 400, description = "A parameter is not allowed", body = ProblemBody),
        (status = 404, description = "No such version", body = ProblemBody),
    )
)]
pub(super) async fn list(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
    QueryParams(params): QueryParams<AssetParams>,
) -> Result<Json<PageOf<AssetBody>>, Problem> {
    let split = params.split.as_deref().map(|text| parsed::<Split>("split", text)).transpose()?;
    let page = PageRequest::from(PageParams { limit: params.limit, cursor: params.cursor });
    Ok(Json(PageOf::of(state.service.catalogue().assets(&actor, DatasetVersionId(id), split, page).await?)))
}

/// The form of an image with its true boxes.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the form for OpenAPI; it is read part by part")]
pub(super) struct AssetForm {
    /// The image: JPEG, PNG or WebP.
    #[schema(value_type = String, format = Binary)]
    media: Vec<u8>,
    /// `train`, `val` or `test`; `train` when left out.
    split: Option<String>,
    /// A name for people; the file's when left out.
    filename: Option<String>,
    /// The boxes, as a JSON array.
    annotations: Option<Vec<AnnotationBody>>,
}

/// Adds an image with its true boxes to an open dataset version.
#[utoipa::path(
    post, path = "/dataset-versions/{id}/assets", tag = "datasets", operation_id = "add_asset",
    params(("id" = Uuid, Path, description = "The version")),
    request_body(content((AssetForm = "multipart/form-data"))),
    responses(
        (status = 201, description = "Added", body = AssetBody),
        (status = 400, description = "The image is broken or a field is not allowed", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such version", body = ProblemBody),
        (status = 409, description = "The version is frozen", body = ProblemBody),
        (status = 413, description = "Too many bytes or pixels", body = ProblemBody),
        (status = 415, description = "Not a form, or not a JPEG, PNG or WebP image", body = ProblemBody),
    )
)]
pub(super) async fn add(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    unread: Unread<Admin>,
) -> Result<(StatusCode, Json<AssetBody>), Problem> {
    if !form::is_multipart(&unread.headers) {
        let message = "Send a form (multipart/form-data) with the image as media.";
        return Err(Problem::new(domain::fault::ErrorKind::UnsupportedMedia, message));
    }
    let (actor, mut form) = form::read(&state, unread).await?;
    let media = form.media.take();
    let media = media.ok_or_else(|| Problem::invalid("media", "The form has no file called media."))?;
    let mut upload = AssetUpload {
        filename: media.filename.unwrap_or_else(|| "image".to_owned()),
        split: Split::Train,
        annotations: Vec::new(),
        bytes: media.bytes,
    };
    for (name, text) in &form.fields {
        match name.as_str() {
            "filename" => upload.filename.clone_from(text),
            "split" => upload.split = parsed("split", text)?,
            "annotations" => upload.annotations = annotations(text)?,
            other => {
                let known = "media, filename, split, annotations";
                return Err(Problem::invalid(
                    other,
                    format!("There is no field {other:?}; there are: {known}."),
                ));
            }
        }
    }
    let asset = state.service.catalogue().add_asset(&actor, DatasetVersionId(id), upload).await?;
    Ok((StatusCode::CREATED, Json(asset.into())))
}

fn annotations(text: &str) -> Result<Vec<Annotation>, Problem> {
    let bodies: AtMost<AnnotationBody, 20_000> = json_faults::read("annotations", text.as_bytes())?;
    let checked = bodies.0.into_iter().enumerate();
    checked.map(|(index, body)| body.checked(&format!("annotations[{index}]"))).collect()
}
