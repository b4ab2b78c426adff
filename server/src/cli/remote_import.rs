//! `fovea import --url`: reads the folder here and sends it image by image.

use crate::{
    client::{Client, Upload},
    http::api::{AssetBody, AtMost, DatasetVersionBody, NewDatasetVersionBody},
};
use anyhow::Context as _;
use bytes::Bytes;
use formats::{Fault, ImportedImage, LeftOut, Options};
use serde_json::json;
use service::ImportRequest;
use uuid::Uuid;

/// What became of an import: the version, what was left out, and why, and what
/// was decided while reading.
pub(super) type Imported = (DatasetVersionBody, LeftOut, Vec<Fault>, Vec<String>);

/// All that is sound, or nothing.
pub(super) async fn import(
    server: &Client,
    request: ImportRequest,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> anyhow::Result<Imported> {
    let ImportRequest { strict, split, choices, .. } = request;
    let options = Options { strict, split, choices, ..Options::default() };
    let ImportRequest { format, images, annotations, dataset, version, .. } = request;
    let read = tokio::task::spawn_blocking(move || {
        formats::read(format, &images, &annotations, &options, &mut |_| {})
    });
    let read = read.await??;
    read.check(choices.keep_going)?;
    let body = NewDatasetVersionBody {
        dataset: dataset.to_string(),
        version: version.map(|version| version.to_string()),
        labels: AtMost(read.labels.into_iter().map(String::from).collect()),
    };
    let made: DatasetVersionBody = server.post("datasets", &body).await?;
    let id = made.id;
    match send_all(server, id, read.images, progress).await {
        Ok(()) => {
            let frozen = server.post(&format!("dataset-versions/{id}/freeze"), &json!({})).await?;
            Ok((frozen, read.left_out, read.faults, read.notes))
        }
        Err(error) => {
            server.delete(&format!("dataset-versions/{id}")).await?;
            Err(error)
        }
    }
}

async fn send_all(
    server: &Client,
    version: Uuid,
    images: Vec<ImportedImage>,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> anyhow::Result<()> {
    let all = images.len() as u64;
    for (image, done) in images.into_iter().zip(1..) {
        let bytes = Bytes::from(tokio::fs::read(&image.path).await?);
        let split = image.split.map_or("train", domain::dataset::Split::as_str);
        let annotations = serde_json::to_string(&image.annotations)?;
        let fields = [("split", split.to_owned()), ("annotations", annotations)];
        let upload = Upload { filename: image.filename(), bytes };
        let sent: anyhow::Result<AssetBody> =
            server.post_form(&format!("dataset-versions/{version}/assets"), upload, &fields).await;
        sent.with_context(|| image.filename())?;
        progress(done, all);
    }
    Ok(())
}
