//! `fovea demo`.

use super::{
    WrongUse,
    global::{self, GlobalOptions},
    import::{FormatWord, show_faults},
    output::{self, Progress},
    serve::{Running, Serve, stop_signal},
    train::Shown,
};
use crate::demo::{DEPLOYMENT, DrawnTraffic, Stage, StoredTraffic, Traffic};
use clap::Args;
use domain::{
    access::{Actor, Role},
    dataset::DatasetVersion,
    name::{Name, VersionRef},
};
use formats::SplitChoice;
use service::{ImportRequest, PredictOptions};
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// Shows everything, with pictures of its own or with yours: imports, trains
/// a first model, serves it, and lets images arrive.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  fovea demo\n  fovea demo --images photos --annotations boxes.json --format coco"
)]
pub(super) struct Demo {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:3000")]
    addr: SocketAddr,
    /// Your own images; without, the demo draws blood smears.
    #[arg(long, value_name = "DIR", requires = "annotations")]
    images: Option<PathBuf>,
    /// The boxes of your images.
    #[arg(long, value_name = "PATH", requires = "images")]
    annotations: Option<PathBuf>,
    /// The form of the boxes.
    #[arg(long, value_enum, default_value = "coco")]
    format: FormatWord,
    /// How long the first model may train.
    #[arg(long, value_name = "TIME", default_value = "90s", value_parser = super::train::parse_duration)]
    train_time: Duration,
    /// Time from one arriving image to the next, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 1500)]
    every_ms: u64,
    /// End after so many images; without, it goes on until you stop it.
    #[arg(long, value_name = "N")]
    stop_after: Option<u64>,
}

impl Demo {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let global = global.with_default_data_dir(global::default_data_dir()?.join("demo"));
        let data = global.open().await?;
        let had_people = !data.service.users(&Actor::system()).await?.is_empty();
        let running = Serve::at(self.addr).start(data).await?;
        if had_people {
            print_sign_in(&running).await?;
        }
        let shutdown = running.shutdown.clone();
        let told = shutdown.clone();
        tokio::spawn(async move {
            stop_signal().await;
            told.cancel();
        });
        let played = tokio::select! {
            played = self.play(&running) => played,
            () = shutdown.cancelled() => Ok(()),
        };
        shutdown.cancel();
        running.wait().await?;
        played
    }

    async fn play(&self, running: &Running) -> anyhow::Result<()> {
        let service = &running.data.service;
        let stage = Stage::new(service.clone());
        let dataset = self.dataset(&stage, running).await?;
        let name = if self.images.is_some() { dataset.dataset.clone() } else { Name::new(DEPLOYMENT)? };
        output::note("A first model is trained, unless there is one; watch it on the page Experiments.");
        let mut shown = Shown::new();
        let model = stage.model(&dataset, self.train_time, &mut |event| shown.event(event)).await?;
        shown.progress.finish();
        self.say_how_good(running, &model).await?;
        stage.deployment(&name, model).await?;
        let seen = service.count(&Actor::system(), name.as_str(), None).await?;
        let traffic = match self.images {
            Some(_) => Traffic::Stored(StoredTraffic::after(service.clone(), dataset.id, seen).await?),
            None => Traffic::Drawn(DrawnTraffic::after(seen)),
        };
        output::line(&format!(
            "Images arrive, one every {} ms. Watch them at\nhttp://{}/deployments/{name}\nStop with Ctrl-C; the next start goes on from there.",
            self.every_ms, running.addr
        ));
        self.stream(running, &name, traffic).await
    }

    async fn dataset(&self, stage: &Stage, running: &Running) -> anyhow::Result<DatasetVersion> {
        let mut progress = Progress::new("pictures");
        let (Some(images), Some(annotations)) = (&self.images, &self.annotations) else {
            output::note("Pictures of blood smears are drawn, unless a former run has done it.");
            let dataset = stage.dataset(&mut |done, all| progress.set(done, all)).await?;
            progress.finish();
            return Ok(dataset);
        };
        let name = Name::new("demo")?;
        if let Some(version) = stage.former(&name).await? {
            output::note("The images of a former run are used; name another --data-dir to begin anew.");
            return Ok(version);
        }
        let request = ImportRequest {
            format: self.format.into(),
            images: images.clone(),
            annotations: annotations.clone(),
            dataset: name,
            version: None,
            split: SplitChoice::FromFile,
            strict: false,
        };
        let actor = Actor::system();
        let report =
            running.data.service.import(&actor, request, &mut |done, all| progress.set(done, all)).await?;
        progress.finish();
        show_faults(&report.faults);
        if report.version.counts.by_split.len() < 2 {
            let message = "The annotations put all images into one split: nothing is left to arrive. \
                           Give at least some of them the split val or test.";
            return Err(WrongUse(message.to_owned()).into());
        }
        Ok(report.version)
    }

    async fn say_how_good(&self, running: &Running, model: &VersionRef) -> anyhow::Result<()> {
        let version = running.data.service.model_version(&Actor::system(), model).await?;
        for evaluation in &version.evaluations {
            let s = &evaluation.summary;
            output::note(&format!(
                "{model} on {} images of {}: AP {:.2}, AP50 {:.2}",
                evaluation.images, evaluation.split, s.AP, s.AP50
            ));
        }
        Ok(())
    }

    async fn stream(&self, running: &Running, name: &Name, mut traffic: Traffic) -> anyhow::Result<()> {
        let actor = Actor::system();
        let mut every = tokio::time::interval(Duration::from_millis(self.every_ms.max(1)));
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut sent = 0;
        while self.stop_after.is_none_or(|most| sent < most) {
            every.tick().await;
            let Some(arrival) = traffic.next().await? else {
                output::note("All images have arrived. The server goes on; stop it with Ctrl-C.");
                running.shutdown.cancelled().await;
                return Ok(());
            };
            if let Some(note) = arrival.note {
                output::note(note);
            }
            let options = PredictOptions::default();
            running
                .data
                .service
                .predict(&actor, name.as_str(), arrival.bytes, arrival.provenance, options)
                .await?;
            sent += 1;
        }
        Ok(())
    }
}

/// A way in for whoever has lost the first one.
async fn print_sign_in(running: &Running) -> anyhow::Result<()> {
    let people = running.data.service.users(&Actor::system()).await?;
    let Some(admin) = people.iter().find(|user| user.role == Role::Admin && !user.disabled) else {
        return Ok(());
    };
    let link = running.data.service.reset_link(&Actor::system(), admin.id).await?;
    output::line(&format!(
        "Sign in as {}, or choose a new password here (the link works once):\nhttp://{}/setup?secret={}",
        admin.email, running.addr, link.secret
    ));
    Ok(())
}
