//! `fovea export --url`: asks a server for the images one by one and writes
//! them here.

use crate::client::Client;
use anyhow::Context as _;
use domain::{
    dataset::{Annotation, Split},
    geometry::Size,
    name::{Label, VersionRef},
};
use formats::{ExportImage, ExportReport, Exporter, Format};
use serde::Deserialize;
use std::path::PathBuf;

/// What is needed of a dataset version.
#[derive(Deserialize)]
struct Version {
    id: String,
    labels: Vec<Label>,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Item>,
    next_cursor: Option<String>,
}

/// What is needed of an image.
#[derive(Deserialize)]
struct Item {
    id: String,
    filename: String,
    width: u32,
    height: u32,
    split: Split,
    annotations: Vec<Annotation>,
}

/// Writes `dataset` into `folder`, which is empty or not there yet.
pub(super) async fn export(
    server: &Client,
    dataset: &VersionRef,
    format: Format,
    folder: PathBuf,
) -> anyhow::Result<ExportReport> {
    let version: Version = server.get(&format!("datasets/{dataset}")).await?;
    let Version { id, labels } = version;
    let mut exporter = tokio::task::spawn_blocking(move || Exporter::new(format, &folder, &labels)).await??;
    let mut cursor = None;
    loop {
        let after = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page: Page = server.get(&format!("dataset-versions/{id}/assets?limit=100{after}")).await?;
        for item in page.items {
            let bytes = server.get_bytes(&format!("assets/{}/image", item.id)).await?;
            let size = Size::new(item.width, item.height).context("an image has no size")?;
            let Item { filename, split, annotations, .. } = item;
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
