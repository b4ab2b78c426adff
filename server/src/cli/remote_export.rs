//! `fovea export --url`: asks a server for the images one by one and writes
//! them here.

use crate::{
    client::Client,
    http::api::{AssetBody, DatasetVersionBody, PageOf},
};
use anyhow::Context as _;
use domain::{
    dataset::Annotation,
    geometry::Size,
    name::{Label, VersionRef},
};
use formats::{ExportImage, ExportReport, Exporter, Format};
use std::path::PathBuf;

/// Writes `dataset` into `folder`, which is empty or not there yet.
pub(super) async fn export(
    server: &Client,
    dataset: &VersionRef,
    format: Format,
    folder: PathBuf,
) -> anyhow::Result<ExportReport> {
    let DatasetVersionBody { id, labels, .. } = server.get(&format!("datasets/{dataset}")).await?;
    let labels = labels.into_iter().map(Label::new).collect::<Result<Vec<_>, _>>()?;
    let mut exporter = tokio::task::spawn_blocking(move || Exporter::new(format, &folder, &labels)).await??;
    let mut cursor = None;
    loop {
        let after = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page: PageOf<AssetBody> =
            server.get(&format!("dataset-versions/{id}/assets?limit=100{after}")).await?;
        for item in page.items {
            let bytes = server.get_bytes(&format!("assets/{}/image", item.id)).await?;
            let size = Size::new(item.width, item.height).context("an image has no size")?;
            let AssetBody { filename, split, annotations, .. } = item;
            let annotations = annotations.into_iter().map(|body| body.checked("annotations"));
            let annotations: Result<Vec<Annotation>, _> = annotations.collect();
            let annotations = annotations.map_err(|problem| anyhow::anyhow!(problem.0.message))?;
            exporter = tokio::task::spawn_blocking(move || {
                exporter.add(&ExportImage { filename, size, split, annotations }, &bytes).map(|()| exporter)
            })
            .await??;
        }
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    Ok(tokio::task::spawn_blocking(move || exporter.finish()).await??)
}
