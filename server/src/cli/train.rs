//! `fovea train`.

use super::{
    WrongUse,
    global::{GlobalOptions, Target},
    output::{self, Progress},
    serve::stop_signal,
};
use crate::{client::Client, clock::SystemClock};
use clap::Args;
use domain::{
    access::Actor,
    model::Experiment,
    name::{Name, VersionRef},
    time::Clock as _,
    training::{InvalidParam, PARAMS, TrainEvent, TrainParams},
};
use serde_json::{Value, json};
use service::{LaunchRequest, Service};
use std::{fmt::Write as _, time::Duration};

/// Trains a detector. Progress goes to stderr, the result to stdout as one
/// JSON object.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  fovea train --dataset cells/v1 --model cells --time-limit 15m\n  fovea train --dataset cells/v2 --model cells --base cells/1 --set epochs=30 --set batch_size=16"
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
    /// A parameter that differs from its default; may be repeated (--help
    /// lists them).
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
        let params = self.params()?;
        match global.target().await? {
            Target::Data(data) => {
                let name = match self.name {
                    Some(name) => name,
                    None => Name::new(format!("{}-{}", self.model, SystemClock.now().0 / 1000))?,
                };
                let request = LaunchRequest {
                    name: Some(name.clone()),
                    dataset: self.dataset,
                    model: self.model,
                    base: self.base,
                    params,
                };
                let mut shown = Shown::new();
                let experiment = train_here(&data.service, &name, request, &mut shown).await?;
                shown.progress.finish();
                let version = match &experiment.model_version {
                    Some(name) => Some(data.service.model_version(&Actor::system(), &name.parse()?).await?),
                    None => None,
                };
                report(
                    &serde_json::to_value(&experiment)?,
                    version.map(|version| json!(version.evaluations)).as_ref(),
                )
            }
            Target::Server(server) => {
                let body = json!({
                    "name": self.name, "dataset": self.dataset.to_string(), "model": self.model,
                    "base": self.base.map(|base| base.to_string()), "params": params,
                });
                follow(&server, &body).await
            }
        }
    }

    fn params(&self) -> anyhow::Result<TrainParams> {
        let wrong = |error: InvalidParam| WrongUse(format!("--set: {error}"));
        let mut params = TrainParams::default();
        for pair in &self.set {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| WrongUse(format!("--set {pair}: write it as key=value, like epochs=30")))?;
            params.set(key.trim(), value).map_err(wrong)?;
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

/// A whole number with `s`, `m` or `h`; without, seconds.
pub(super) fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let factor = match text.get(digits.len()..) {
        Some("" | "s") => 1,
        Some("m" | "min") => 60,
        Some("h") => 3600,
        _ => return Err("write it like 90s, 10m or 1h".to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| "write it like 90s, 10m or 1h".to_owned())?;
    number.checked_mul(factor).map(Duration::from_secs).ok_or_else(|| "that is too long".to_owned())
}

/// Progress on stderr.
pub(super) struct Shown {
    pub(super) progress: Progress,
}

impl Shown {
    pub(super) fn new() -> Self {
        Self { progress: Progress::new("training") }
    }

    pub(super) fn event(&mut self, event: &TrainEvent) {
        match event {
            TrainEvent::Step { step, steps, loss, seconds_left, .. } => {
                self.progress.set(u64::from(*step), u64::from(*steps));
                self.progress.label(&format!("training, loss {loss:.3}, {seconds_left:.0} s left"));
            }
            TrainEvent::Validated { step, summary } => {
                self.progress
                    .note(&format!("step {step}: AP {:.3}, AP50 {:.3} on val", summary.AP, summary.AP50));
            }
            TrainEvent::Log { message } => self.progress.note(message),
            TrainEvent::Started { .. } | TrainEvent::Checkpoint { .. } => {}
        }
    }
}

/// Trains in this process; the first Ctrl-C asks for an end with what there
/// is, a second one ends at once.
async fn train_here(
    service: &Service,
    name: &Name,
    request: LaunchRequest,
    shown: &mut Shown,
) -> anyhow::Result<Experiment> {
    let actor = Actor::system();
    let mut observe = |event: &TrainEvent| shown.event(event);
    let mut training = std::pin::pin!(service.train_now(&actor, request, &mut observe));
    tokio::select! {
        trained = &mut training => return Ok(trained?),
        () = stop_signal() => output::note("Stopping with what there is; once more to end at once."),
    }
    let id = service.experiment(&actor, name.as_str()).await?.experiment.id;
    service.cancel_experiment(&actor, id).await?;
    tokio::select! {
        trained = &mut training => Ok(trained?),
        () = stop_signal() => anyhow::bail!("ended at once; the training is left unfinished"),
    }
}

/// The result on stdout; an experiment without one is a failure.
fn report(experiment: &Value, evaluations: Option<&Value>) -> anyhow::Result<()> {
    let text = |key: &str| experiment.get(key).and_then(Value::as_str);
    let Some(version) = text("model_version") else {
        anyhow::bail!("{}", text("error").unwrap_or("the training gave no model"));
    };
    output::json(&json!({
        "experiment": text("name"), "model": version, "state": text("state"),
        "params": experiment.get("params"), "evaluations": evaluations,
    }))
}

/// Launches on a server and waits for the end.
async fn follow(server: &Client, body: &Value) -> anyhow::Result<()> {
    let launched: Value = server.post("experiments", body).await?;
    let id = launched.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut progress = Progress::new("training, %");
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let experiment: Value = server.get(&format!("experiments/{id}")).await?;
        let share = experiment.get("progress").and_then(Value::as_f64).unwrap_or_default();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of 100")]
        progress.set((share * 100.0) as u64, 100);
        let state = experiment.get("state").and_then(Value::as_str).unwrap_or_default();
        if !matches!(state, "succeeded" | "failed" | "cancelled") {
            continue;
        }
        progress.finish();
        let version = experiment.get("model_version").and_then(Value::as_str);
        let evaluations = match version {
            Some(version) => {
                let version: Value = server.get(&format!("models/{version}")).await?;
                version.get("evaluations").cloned()
            }
            None => None,
        };
        return report(&experiment, evaluations.as_ref());
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
        for wrong in ["", "m", "10 parsecs", "-1s", "1.5h"] {
            assert!(parse_duration(wrong).is_err(), "{wrong:?}");
        }
    }
}
