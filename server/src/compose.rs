//! The composition root: the one place that knows every part.

use crate::{
    clock::{RisingIds, SystemClock},
    private_files,
    trainer_process::ChildTrainer,
    trainers::{NamedTrainers, TrainerOptions},
};
use anyhow::{Context as _, ensure};
use engine::{
    InferenceOptions, Loader,
    onnx::{Accelerators, AnswerLimits, OnnxFormat, OnnxRuntime, Rten, TrialProgram},
};
use service::{Limits, Parts, Service};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use store::{Durability, Store, StoreOptions};
use vision::{DeviceChoice, VisionFormat};

/// The folder of backbones that others trained, in the data folder.
pub(crate) const BACKBONES: &str = "backbones";
/// The database, in the data folder.
pub(crate) const DATABASE: &str = "fovea.db";
/// Images and weights, in the data folder.
pub(crate) const OBJECTS: &str = "objects";
/// Begins the name of the folder with a backup's copy of the database.
pub(crate) const COPYING: &str = ".fovea-backup-";
/// Where a restore unpacks, in the data folder.
pub(crate) const RESTORING: &str = ".fovea-restoring";
/// Where files lie that were sent and wait to be used, in the data folder.
const STAGED: &str = "staged";
/// A backup reads its copy for as long as it writes the archive.
const OLD_COPY: Duration = Duration::from_secs(24 * 3600);

/// Where the data lies.
#[derive(Clone, Debug)]
pub(crate) struct DataLocation {
    /// The folder of everything that has no place of its own.
    pub data_dir: PathBuf,
    /// Another database than SQLite in the folder.
    pub database_url: Option<String>,
    /// Another place for images and weights than the folder.
    pub storage_url: Option<String>,
    /// What a power cut may lose.
    pub durability: Durability,
}

impl DataLocation {
    /// The file of an SQLite database.
    pub(crate) fn database_file(&self) -> Option<PathBuf> {
        let Some(url) = &self.database_url else { return Some(self.data_dir.join(DATABASE)) };
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"))?;
        Some(PathBuf::from(path.split('?').next().unwrap_or(path)))
    }

    /// What nobody but its owner may read, the data folder aside: that may be
    /// another's, and the files in it are private by themselves.
    pub(crate) fn private_paths(&self) -> Vec<PathBuf> {
        let mut paths = vec![self.data_dir.join(OBJECTS)];
        if let Some(file) = self.database_file() {
            for end in ["", "-wal", "-shm"] {
                let mut path = file.clone().into_os_string();
                path.push(end);
                paths.push(path.into());
            }
        }
        paths
    }

    /// `--data-dir DIR`, for a shell; `None` where that is not all.
    fn command_options(&self) -> Option<String> {
        if self.database_url.is_some() || self.storage_url.is_some() {
            return None;
        }
        let folder = std::path::absolute(&self.data_dir).ok()?;
        let folder = folder.to_str()?.replace('\'', "'\\''");
        let plain = folder.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
        Some(if plain { format!("--data-dir {folder}") } else { format!("--data-dir '{folder}'") })
    }

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
    /// What a command on this machine is given to work on the same data:
    /// `--data-dir DIR`; `None` where the data is elsewhere, which takes secrets.
    pub command_options: Option<String>,
}

/// What runs models.
#[derive(Clone, Debug)]
pub(crate) struct Runtimes {
    /// The built-in detector, in answers and in trainings.
    pub device: DeviceChoice,
    /// Models of other programs: this library of ONNX Runtime.
    pub onnxruntime: Option<PathBuf>,
    /// Least score of the boxes that they tell.
    pub least_score: f32,
}

/// Opens the data, creating and migrating it when needed.
///
/// # Errors
/// When the folder, the database or the storage cannot be used, the library of
/// ONNX Runtime is none that can be used, or a trainer is named in a way that cannot
/// be read.
pub(crate) async fn open(
    location: &DataLocation,
    inference: InferenceOptions,
    runtimes: &Runtimes,
    trainers: &TrainerOptions,
    limits: Limits,
) -> anyhow::Result<Composed> {
    let trainers = trainers.all(&location.data_dir)?;
    let program = std::env::current_exe().context("the program does not know its own file")?;
    let loader = loader(inference, &program, runtimes)?;
    let trainer = ChildTrainer::new(program.clone(), location.data_dir.join("checkpoints"))
        .with_backbones(location.data_dir.join(BACKBONES))
        .on(runtimes.device.to_string());
    let store = open_store(location).await?;
    let service = Service::new(Parts {
        store: store.clone(),
        loader: Arc::new(loader),
        trainer: Arc::new(trainer),
        trainers: Arc::new(NamedTrainers::new(program, trainers)),
        clock: Arc::new(SystemClock),
        ids: Arc::new(RisingIds),
        limits: Limits { staging_folder: Some(location.data_dir.join(STAGED)), ..limits },
    });
    Ok(Composed { service, store, command_options: location.command_options() })
}

/// Loads weights of every format. Files of other programs are tried in a
/// process of their own, and run by the library of ONNX Runtime where one is
/// named.
///
/// # Errors
/// When the system gives no threads, or the library cannot be used.
pub(crate) fn loader(
    inference: InferenceOptions,
    program: &Path,
    runtimes: &Runtimes,
) -> anyhow::Result<Loader> {
    let trial = TrialProgram::new(program);
    let onnx = match &runtimes.onnxruntime {
        None => OnnxFormat::new(Rten::new(inference.threads)).tried_by(trial),
        Some(path) => {
            let runtime = OnnxRuntime::open(path, inference.threads, Accelerators::IfThere)
                .context("--onnxruntime names the shared library of ONNX Runtime, 1.17 or later")?;
            tracing::info!(
                version = runtime.version(),
                providers = runtime.providers().join(", "),
                "ONNX Runtime runs the models of other programs"
            );
            let trial = trial.with_library(runtime.path());
            OnnxFormat::new(runtime).tried_by(trial)
        }
    };
    let limits = AnswerLimits { least_score: runtimes.least_score, ..AnswerLimits::default() };
    Ok(Loader::new(inference)?.with(VisionFormat::on(runtimes.device)).with(onnx.with_limits(limits)))
}

/// Rows and files without the use cases, created and migrated when needed.
///
/// # Errors
/// When the folder, the database or the storage cannot be used.
pub(crate) async fn open_store(location: &DataLocation) -> anyhow::Result<Store> {
    make_data_dir(location)?;
    let store = Store::open(location.store_options()).await.context("the data cannot be opened")?;
    for path in location.private_paths() {
        private_files::make_private(&path);
    }
    Ok(store)
}

/// Makes the folder, readable by its owner only, when it is not there.
///
/// # Errors
/// When it cannot be made, or holds what a killed restore left.
pub(crate) fn make_data_dir(location: &DataLocation) -> anyhow::Result<()> {
    let folder = &location.data_dir;
    ensure!(
        !unfinished_restore(folder),
        "a restore into {} did not end: run `fovea restore` again, or empty the folder",
        folder.display()
    );
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))
}

/// Whether a restore was killed before it had put the database in its place.
pub(crate) fn unfinished_restore(folder: &Path) -> bool {
    folder.join(RESTORING).is_dir() && !folder.join(DATABASE).exists()
}

/// Refuses a place without data: for commands that must not make any.
///
/// # Errors
/// When there is no database.
pub(crate) fn require_data(location: &DataLocation) -> anyhow::Result<()> {
    if let Some(file) = location.database_file() {
        ensure!(file.is_file(), "there is no database {}", file.display());
    }
    Ok(())
}

/// Removes the copies of the database that killed backups left, unless one may
/// be at work on them.
pub(crate) fn remove_copies(folder: &Path) {
    for path in copies(folder) {
        let modified = std::fs::metadata(&path).and_then(|metadata| metadata.modified());
        let age = modified.ok().and_then(|modified| modified.elapsed().ok());
        if age.is_some_and(|age| age > OLD_COPY)
            && let Err(error) = std::fs::remove_dir_all(&path)
        {
            tracing::warn!(path = %path.display(), %error, "what a killed backup left cannot be removed");
        }
    }
}

/// The copies of the database that backups make, or left when they were killed.
pub(crate) fn copies(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let copies = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(COPYING));
    copies.map(|entry| entry.path()).collect()
}
