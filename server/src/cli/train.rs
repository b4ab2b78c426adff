//! `fovea train`.

use super::{
    WrongUse, backbone,
    global::{GlobalOptions, Target},
    output::{self, Progress},
    serve::stop_signal,
};
use crate::{
    client::Client,
    http::api::{ExperimentBody, LaunchBody, LaunchedBody, ModelVersionBody},
};
use clap::Args;
use domain::{
    model::Experiment,
    name::{Name, VersionRef},
    training::{BUILT_IN, InvalidParam, PARAMS, ParamValue, ParamValues, RunParams, TrainEvent, TrainParams},
};
use serde_json::json;
use service::{As, LaunchRequest, Service};
use std::{fmt::Write as _, path::PathBuf, time::Duration};

/// Trains a detector. Progress goes to stderr, the result to stdout as one
/// JSON object.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  fovea train --dataset cells/v1 --model cells --time-limit 15m\n  fovea train --dataset cells/v2 --model cells --base cells/1 --set epochs=30 --set batch_size=16\n  fovea train --dataset cells/v2 --model cells --trainer yolo --set epochs=50\n  fovea train --dataset dogs/v1 --model dogs --backbone efficientnet-lite0.pth"
)]
pub(super) struct Train {
    /// What to train on.
    #[arg(long, value_name = "NAME/VERSION")]
    dataset: VersionRef,
    /// The model that receives the new version.
    #[arg(long, value_name = "NAME")]
    model: Name,
    /// Weights to start from; nothing when left out.
    #[arg(long, value_name = "NAME/N")]
    base: Option<VersionRef>,
    /// A backbone that others trained, to start from: a file of
    /// EfficientNet-Lite0 as safetensors or of torch.save, which is kept in
    /// the data folder; or the name of one that is kept there already.
    #[arg(long, value_name = "FILE", conflicts_with = "trainer")]
    backbone: Option<PathBuf>,
    /// Who trains: a trainer of trainers.toml in the data folder, or of the
    /// server (`fovea trainer list`); the built-in one when left out.
    #[arg(long, value_name = "NAME")]
    trainer: Option<Name>,
    /// A parameter that differs from its default; may be repeated (--help
    /// lists them; `fovea trainer list` those of other trainers).
    #[arg(long, value_name = "KEY=VALUE", long_help = parameters_help())]
    set: Vec<String>,
    /// Stop after this time with what there is: 90s, 10m, 1h.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    time_limit: Option<Duration>,
    /// Fixes every random choice.
    #[arg(long)]
    seed: Option<u64>,
    /// The experiment's name; made from the model's name when left out.
    #[arg(long)]
    name: Option<Name>,
}

impl Train {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let mut params = self.params()?;
        if let (Some(given), RunParams::BuiltIn(params)) = (&self.backbone, &mut params) {
            let data_dir = if global.names_a_server() { None } else { Some(global.location()?.data_dir) };
            params.backbone = backbone::keep(given, data_dir.as_deref())?;
        }
        match global.target().await? {
            Target::Data(data) => {
                let request = LaunchRequest {
                    name: self.name,
                    dataset: self.dataset,
                    model: self.model,
                    base: self.base,
                    params,
                };
                let mut progress = TrainingProgress::new();
                let experiment = train_here(&data.service, request, &mut progress).await?;
                progress.finish();
                let version = match &experiment.model_version {
                    Some(name) => {
                        Some(data.service.catalogue().model_version(&As::system(), &name.parse()?).await?)
                    }
                    None => None,
                };
                report(&experiment.into(), version.map(Into::into).as_ref())
            }
            Target::Server(server) => {
                let body = LaunchBody {
                    name: self.name.map(|name| name.to_string()),
                    dataset: self.dataset.to_string(),
                    model: self.model.to_string(),
                    base: self.base.map(|base| base.to_string()),
                    trainer: params.trainer().map(ToString::to_string),
                    params: params.to_map(),
                };
                follow(&server, &body).await
            }
        }
    }

    fn params(&self) -> anyhow::Result<RunParams> {
        match self.trainer.as_ref().filter(|name| name.as_str() != BUILT_IN) {
            None => self.built_in_params().map(RunParams::BuiltIn),
            Some(name) => {
                let mut values = given_params(&self.set)?;
                let whole = |number: u64| ParamValue::Whole(number.try_into().unwrap_or(i64::MAX));
                let limit = self.time_limit.map(|limit| ("time_limit_s".to_owned(), whole(limit.as_secs())));
                values.extend(limit);
                values.extend(self.seed.map(|seed| ("seed".to_owned(), whole(seed))));
                Ok(RunParams::Declared { trainer: name.clone(), values })
            }
        }
    }

    fn built_in_params(&self) -> anyhow::Result<TrainParams> {
        let wrong = |error: InvalidParam| WrongUse(format!("--set: {error}"));
        let mut params = TrainParams::default();
        for (key, value) in given_params(&self.set)? {
            params.set(&key, &value.to_string()).map_err(wrong)?;
        }
        if let Some(limit) = self.time_limit {
            params.time_limit_s = limit.as_secs();
        }
        if let Some(seed) = self.seed {
            params.seed = seed;
        }
        // Also for a server: a mistake is told before anything is sent.
        params.validate().map_err(wrong)?;
        Ok(params)
    }
}

/// What `--set KEY=VALUE` says, as texts.
///
/// # Errors
/// One that has no `=`.
pub(super) fn given_params(set: &[String]) -> Result<ParamValues, WrongUse> {
    set.iter()
        .map(|pair| {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| WrongUse(format!("--set {pair}: write it as key=value, like epochs=30")))?;
            Ok((key.trim().to_owned(), ParamValue::Text(value.to_owned())))
        })
        .collect()
}

/// All parameters with their defaults.
fn parameters_help() -> String {
    let default = TrainParams::default();
    let mut text = "A parameter that differs from its default; may be repeated:\n".to_owned();
    for info in PARAMS {
        let value = default.text(info.key).unwrap_or_default();
        // Writing into a text does not fail.
        let _ = write!(text, "\n  {:<22} {}", format!("{}={value}", info.key), info.what);
    }
    text
}

/// A time like `90s`, `10m` or `1h 30m`; a number alone is seconds.
pub(super) fn parse_duration(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    humantime::parse_duration(text).map_err(|error| format!("write it like 90s, 10m or 1h: {error}"))
}

/// Progress on stderr.
pub(super) struct TrainingProgress {
    bar: Progress,
}

impl TrainingProgress {
    pub(super) fn new() -> Self {
        Self { bar: Progress::new("training") }
    }

    pub(super) fn finish(self) {
        self.bar.finish();
    }

    pub(super) fn event(&mut self, event: &TrainEvent) {
        match event {
            TrainEvent::Step { step, steps, loss, seconds_left, .. } => {
                self.bar.set(u64::from(*step), u64::from(*steps));
                self.bar.label(&format!("training, loss {loss:.3}, {seconds_left:.0} s left"));
            }
            TrainEvent::Validated { step, summary } => {
                self.bar.note(&format!("step {step}: AP {:.3}, AP50 {:.3} on val", summary.AP, summary.AP50));
            }
            TrainEvent::Log { message } => self.bar.note(message),
            TrainEvent::Progress { step, steps, .. } => {
                self.bar.set(u64::from(*step), u64::from(*steps));
            }
            // Their words are in the log.
            TrainEvent::Planned { .. } | TrainEvent::StoppedEarly { .. } => {}
            TrainEvent::Started { .. }
            | TrainEvent::Checkpoint { .. }
            | TrainEvent::Point(_)
            | TrainEvent::Kept { .. } => {}
        }
    }
}

/// Trains in this process; the first Ctrl-C asks for an end with what there
/// is, a second one ends at once.
async fn train_here(
    service: &Service,
    request: LaunchRequest,
    progress: &mut TrainingProgress,
) -> anyhow::Result<Experiment> {
    let actor = As::system();
    let notes = service.learning().training_notes(&actor, &request.dataset).await?;
    notes.iter().for_each(|note| output::note(note));
    let mut observe = |event: &TrainEvent| progress.event(event);
    let launched = service.learning().launch(&actor, request).await?;
    let mut training = std::pin::pin!(service.jobs().run_launched(&actor, &launched, &mut observe));
    tokio::select! {
        trained = &mut training => return Ok(trained?),
        () = stop_signal() => output::note("Stopping with what there is; once more to end at once."),
    }
    service.learning().cancel_experiment(&actor, launched.id).await?;
    tokio::select! {
        trained = &mut training => Ok(trained?),
        () = stop_signal() => anyhow::bail!("ended at once; the training is left unfinished"),
    }
}

/// The result on stdout; an experiment without one is a failure.
fn report(experiment: &ExperimentBody, version: Option<&ModelVersionBody>) -> anyhow::Result<()> {
    let ExperimentBody { name, state, params, plan, stopped_early, model_version, error, .. } = experiment;
    let Some(model) = model_version else {
        anyhow::bail!("{}", error.as_deref().unwrap_or("the training gave no model"));
    };
    output::json(&json!({
        "experiment": name, "model": model, "state": state, "params": params, "plan": plan,
        "stopped_early": stopped_early,
        "evaluations": version.map(|version| &version.evaluations),
    }))
}

/// Launches on a server and waits for the end.
async fn follow(server: &Client, body: &LaunchBody) -> anyhow::Result<()> {
    let LaunchedBody { experiment: launched, notes } = server.post("experiments", body).await?;
    notes.iter().for_each(|note| output::note(note));
    let mut progress = Progress::new("training, %");
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let experiment: ExperimentBody = server.get(&format!("experiments/{}", launched.id)).await?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of 100")]
        progress.set((experiment.progress * 100.0) as u64, 100);
        if !experiment.state.is_final() {
            continue;
        }
        progress.finish();
        let version = match &experiment.model_version {
            Some(name) => Some(server.get(&format!("models/{name}")).await?),
            None => None,
        };
        return report(&experiment, version.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_limits_read_as_people_write_them() {
        assert_eq!(parse_duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(parse_duration("1h"), Ok(Duration::from_secs(3600)));
        assert_eq!(parse_duration("45"), Ok(Duration::from_secs(45)));
        assert_eq!(parse_duration("1h 30m"), Ok(Duration::from_secs(5400)));
        for wrong in ["", "m", "10 parsecs", "-1s"] {
            assert!(parse_duration(wrong).is_err(), "{wrong:?}");
        }
    }
}
