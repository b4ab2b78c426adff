//! `fovea trainer …`.

use super::{
    WrongUse,
    global::{GlobalOptions, Target},
    output,
    train::{TrainingProgress, given_params},
};
use crate::{
    http::api::{TrainerBody, TrainerList},
    trainers::TrainerOptions,
};
use clap::{Args, Subcommand};
use domain::{
    name::Name,
    training::{ParamValues, TrainEvent},
};
use engine::InferenceOptions;
use service::As;

/// Commands of yours that train models (docs/trainers.md).
#[derive(Args)]
pub(super) struct Trainer {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    List(List),
    Check(Check),
}

/// Lists the trainers, with their parameters or why they cannot be used.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  fovea trainer list\n  fovea trainer list --trainer yolo='python3 train.py'"
)]
struct List {
    #[command(flatten)]
    trainers: TrainerOptions,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Tries a trainer on a dozen drawn pictures, and loads the model that it
/// leaves. Stores nothing.
#[derive(Args)]
#[command(
    after_help = "Example:\n  fovea trainer check minimal --trainer minimal='python3 trainers/minimal.py'"
)]
struct Check {
    /// Which.
    name: Name,
    #[command(flatten)]
    trainers: TrainerOptions,
    /// A parameter that differs from its default; may be repeated. Where
    /// nothing is said of epochs or steps, the trial has the fewest.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl Trainer {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        match self.act {
            Act::List(list) => list.run(global).await,
            Act::Check(check) => check.run(global).await,
        }
    }
}

impl List {
    async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let trainers: Vec<TrainerBody> = if global.names_a_server() {
            match global.target().await? {
                Target::Server(server) => server.get::<TrainerList>("trainers").await?.items,
                Target::Data(_) => Vec::new(),
            }
        } else {
            let data = global.open_with(InferenceOptions::default(), &self.trainers).await?;
            let all = data.service.learning().trainers(&As::system()).await?;
            all.into_iter().map(Into::into).collect()
        };
        if self.json {
            return output::json(&serde_json::to_value(trainers)?);
        }
        for trainer in trainers {
            let said = trainer.problem.unwrap_or(trainer.about);
            output::line(&format!("{}: {said}", trainer.name));
            for param in trainer.parameters {
                let (name, default, help) = (param.name, param.default, param.help);
                output::line(&format!("  {name}={default}  {help} ({})", param.allowed));
            }
        }
        Ok(())
    }
}

impl Check {
    async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        if global.names_a_server() {
            let message = "A trainer is tried on the machine that it runs on: leave --url out.";
            return Err(WrongUse(message.to_owned()).into());
        }
        let given: ParamValues = given_params(&self.set)?;
        let data = global.open_with(InferenceOptions::default(), &self.trainers).await?;
        let mut progress = TrainingProgress::new();
        let observe = move |event: &TrainEvent| progress.event(event);
        let trial = data.service.jobs().try_trainer(&As::system(), &self.name, &given, observe).await?;
        let (name, declared) = (self.name, trial.description.parameters.len());
        output::line(&format!("{name} describes itself: {declared} parameters"));
        output::line(&format!("{name} trained {} steps and left {} bytes", trial.steps, trial.model_bytes));
        if !trial.kept.is_empty() {
            output::line(&format!("kept beside the model: {}", trial.kept.join(", ")));
        }
        trial.notes.iter().for_each(|note| output::line(note));
        output::line(&format!("{name} can train"));
        Ok(())
    }
}
