//! The composition root: the one place that knows every part.

use crate::{
    clock::{RisingIds, SystemClock},
    trainer_process::ChildTrainer,
};
use anyhow::Context as _;
use service::{Limits, Parts, Service};
use std::{path::PathBuf, sync::Arc};
use store::{Durability, Store, StoreOptions};
use vision::{InferenceOptions, VisionLoader};

/// Where the data lies.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The folder of everything that has no place of its own.
    pub data_dir: PathBuf,
    /// Another database than SQLite in the folder.
    pub database_url: Option<String>,
    /// Another place for images and weights than the folder.
    pub storage_url: Option<String>,
    /// What a power cut may lose.
    pub durability: Durability,
}

impl Place {
    /// As the store wants it.
    #[must_use]
    pub(crate) fn store_options(&self) -> StoreOptions {
        let mut options = StoreOptions::in_folder(&self.data_dir);
        if let Some(url) = &self.database_url {
            options.database_url.clone_from(url);
        }
        if let Some(url) = &self.storage_url {
            options.storage_url.clone_from(url);
        }
        options.durability = self.durability;
        options
    }
}

/// The use cases, with everything they need behind them.
#[derive(Clone)]
pub(crate) struct Composed {
    /// The use cases.
    pub service: Service,
    /// For the parts of the server that keep rows of their own.
    pub store: Store,
}

/// Opens the data, creating and migrating it when needed.
///
/// # Errors
/// When the folder, the database or the storage cannot be used.
pub(crate) async fn open(place: &Place, inference: InferenceOptions) -> anyhow::Result<Composed> {
    make_private_folder(&place.data_dir)?;
    let store = Store::open(place.store_options()).await.context("the data cannot be opened")?;
    let program = std::env::current_exe().context("the program does not know its own file")?;
    let service = Service::new(Parts {
        store: store.clone(),
        loader: Arc::new(VisionLoader::new(inference)?),
        trainer: Arc::new(ChildTrainer::new(program, place.data_dir.join("checkpoints"))),
        clock: Arc::new(SystemClock),
        ids: Arc::new(RisingIds),
        limits: Limits::default(),
    });
    Ok(Composed { service, store })
}

/// Makes the folder readable by its owner only: it holds images and hashes.
fn make_private_folder(folder: &std::path::Path) -> anyhow::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))
}
