//! Options that every command takes: which data, or which server.

use super::{Command, WrongUse};
use crate::{
    client::Client,
    compose::{self, Composed, DataLocation, Runtimes},
    trainers::TrainerOptions,
};
use clap::{Args, ValueEnum};
use engine::{InferenceOptions, onnx::AnswerLimits};
use service::Limits;
use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
};
use store::Durability;
use tracing_subscriber::EnvFilter;
use url::Url;
use vision::DeviceChoice;

/// Where a command works.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Where it works")]
pub(super) struct GlobalOptions {
    /// Folder of the database, the images and the weights
    /// [default: fovea in the user's data folder].
    #[arg(long, global = true, env = "FOVEA_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Another database: `postgres://…` or `sqlite://FILE`.
    #[arg(long, global = true, env = "FOVEA_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Another place for images and weights: a folder or `s3://bucket/prefix`.
    #[arg(long, global = true, env = "FOVEA_STORAGE_URL", value_name = "URL", hide_env_values = true)]
    storage_url: Option<String>,
    /// What a power cut may lose: the last moments (normal), or nothing.
    #[arg(long, global = true, value_enum, default_value = "normal")]
    durability: DurabilityWord,
    /// The shared library of ONNX Runtime (`libonnxruntime.so…`), which then
    /// runs the models of other programs, on a GPU where it finds one.
    #[arg(long, global = true, env = "FOVEA_ONNXRUNTIME", value_name = "FILE")]
    onnxruntime: Option<PathBuf>,
    /// Least score of the boxes that models of other programs tell, from 0.001
    /// to 0.01; of more than 300 in an image the best 300 are told.
    #[arg(long, global = true, env = "FOVEA_LEAST_SCORE", value_name = "SCORE", default_value_t = AnswerLimits::default().least_score, value_parser = least_score)]
    least_score: f32,
    /// What runs and trains the built-in detector: cpu, gpu (the first one),
    /// gpu:1 (the second) or auto (a GPU where this build and the machine have
    /// one). `fovea doctor` lists them.
    #[arg(long, global = true, env = "FOVEA_DEVICE", value_name = "DEVICE", default_value = "auto")]
    device: DeviceChoice,
    /// Work on a running server instead, with the token in `FOVEA_TOKEN`.
    #[arg(long, global = true, env = "FOVEA_URL", value_name = "URL")]
    url: Option<Url>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DurabilityWord {
    Normal,
    Full,
}

/// What a command works on.
pub(super) enum Target {
    /// The data itself.
    Data(Box<Composed>),
    /// A running server.
    Server(Client),
}

impl GlobalOptions {
    /// Whether `--url` names a running server.
    pub(super) fn names_a_server(&self) -> bool {
        self.url.is_some()
    }

    /// The library of ONNX Runtime, where one is named.
    pub(super) fn onnxruntime(&self) -> Option<&Path> {
        self.onnxruntime.as_deref()
    }

    /// What runs the built-in detector.
    pub(super) fn device(&self) -> DeviceChoice {
        self.device
    }

    /// The same, opened and told: for what keeps running, which should not find
    /// with the first picture that its GPU is missing.
    pub(super) fn open_device(&self) -> anyhow::Result<()> {
        let device = vision::ComputeDevice::open(self.device)?;
        tracing::info!(device = device.name(), "runs the built-in detector");
        Ok(())
    }

    /// Where the data lies.
    pub(super) fn location(&self) -> anyhow::Result<DataLocation> {
        let durability = match self.durability {
            DurabilityWord::Normal => Durability::Normal,
            DurabilityWord::Full => Durability::Full,
        };
        Ok(DataLocation {
            data_dir: self.data_dir.clone().map_or_else(default_data_dir, Ok)?,
            database_url: self.database_url.clone(),
            storage_url: self.storage_url.clone(),
            durability,
        })
    }

    /// Another folder than the user's own, unless one was named.
    pub(super) fn with_default_data_dir(&self, folder: PathBuf) -> Self {
        Self { data_dir: self.data_dir.clone().or(Some(folder)), ..self.clone() }
    }

    /// The data; commands that need it refuse `--url`.
    pub(super) async fn open(&self) -> anyhow::Result<Composed> {
        self.open_with(InferenceOptions::default(), &TrainerOptions::default()).await
    }

    /// The data, with images gathered as `inference` says and these trainers
    /// beside those of the data folder.
    pub(super) async fn open_with(
        &self,
        inference: InferenceOptions,
        trainers: &TrainerOptions,
    ) -> anyhow::Result<Composed> {
        self.open_within(inference, trainers, Limits::default()).await
    }

    /// The same with other limits on what comes in.
    pub(super) async fn open_within(
        &self,
        inference: InferenceOptions,
        trainers: &TrainerOptions,
        limits: Limits,
    ) -> anyhow::Result<Composed> {
        if self.url.is_some() {
            let message = "This command works on the data itself: leave --url (and FOVEA_URL) out.";
            return Err(WrongUse(message.to_owned()).into());
        }
        let runtimes = Runtimes {
            device: self.device,
            onnxruntime: self.onnxruntime.clone(),
            least_score: self.least_score,
        };
        compose::open(&self.location()?, inference, &runtimes, trainers, limits).await
    }

    /// The data, or the server when `--url` names one.
    pub(super) async fn target(&self) -> anyhow::Result<Target> {
        let Some(url) = &self.url else { return Ok(Target::Data(Box::new(self.open().await?))) };
        let token = std::env::var("FOVEA_TOKEN").map_err(|_| {
            WrongUse("Set FOVEA_TOKEN to a token of the server (fovea token create).".to_owned())
        })?;
        Ok(Target::Server(Client::new(url.clone(), &token)?))
    }
}

/// What is less sure than 0.001 is told by no package either; and figures of
/// boxes that were cut off higher than usual could be compared with no others.
fn least_score(text: &str) -> Result<f32, String> {
    let score = text.parse().ok().filter(|score| (0.001..=0.01).contains(score));
    score.ok_or_else(|| "write a number from 0.001 to 0.01".to_owned())
}

pub(super) fn default_data_dir() -> anyhow::Result<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || absolute("HOME");
    let base = absolute("XDG_DATA_HOME").or_else(|| {
        let below = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".local/share" };
        home().map(|home| home.join(below))
    });
    let base =
        base.ok_or_else(|| WrongUse("There is no home folder: name a folder with --data-dir.".to_owned()))?;
    Ok(base.join("fovea"))
}

/// Logs go to stderr: `info` for what keeps running, `warn` for commands, and
/// whatever `FOVEA_LOG` says.
pub(super) fn start_logging(command: &Command) {
    let keeps_running = matches!(command, Command::Serve(_) | Command::Worker(_));
    let usual = if keeps_running { "info" } else { "warn" };
    let filter = std::env::var("FOVEA_LOG").ok().and_then(|text| EnvFilter::try_new(text).ok());
    let filter = filter.unwrap_or_else(|| {
        EnvFilter::new(format!("{usual},sqlx=warn,sea_orm=warn,sea_orm_migration=warn,tower_sessions=warn"))
    });
    let json = std::env::var("FOVEA_LOG_FORMAT").is_ok_and(|format| format == "json");
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    if json {
        builder.json().init();
    } else {
        builder.with_target(false).init();
    }
}
