//! `fovea demo`.

mod dataset;

use super::{
    WrongUse,
    global::{self, GlobalOptions},
    import::FormatWord,
    output::{self, Progress},
    serve::{Running, Serve, stop_signal},
    train::TrainingProgress,
};
use crate::demo::{
    Arrival, DEPLOYMENT, DRAWN_TRAINING, DrawnTraffic, FirstTraining, Plan, REVIEWS_PER_TRAINING, Reviewer,
    Stage, StoredTraffic, Traffic,
};
use anyhow::Context as _;
use clap::Args;
use domain::{
    access::Role,
    dataset::{DatasetVersion, Split},
    name::{Name, VersionRef},
    training::TrainEvent,
};
use service::{As, PredictOptions};
use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

/// Shows everything, with pictures of its own or with yours: imports, trains
/// a first model, serves it, and lets images arrive.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  fovea demo\n  fovea demo --images photos --annotations boxes.json --format coco\n  fovea demo --images photos --annotations boxes.json --auto-review --report report.md"
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
    #[arg(long, value_name = "MS", default_value_t = 1000)]
    every_ms: u64,
    /// End after so many images; without, it goes on until you stop it.
    #[arg(long, value_name = "N")]
    stop_after: Option<u64>,
    #[command(flatten)]
    auto: AutoReview,
}

/// The whole loop by itself.
#[derive(Args)]
struct AutoReview {
    /// Plays the reviewer from the known boxes, through submission, continuous
    /// training, shadow and promotion, and ends with a report.
    #[arg(long)]
    auto_review: bool,
    /// Of your train split, the images that the first model learns from; the
    /// others arrive.
    #[arg(long, value_name = "N", default_value_t = 30)]
    train_images: u64,
    /// How long a training on reviews may take [default: 3m for drawn
    /// pictures, 8m for yours].
    #[arg(long, value_name = "TIME", value_parser = super::train::parse_duration)]
    improve_time: Option<Duration>,
    /// A parameter of the second training that differs; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    improve: Vec<String>,
    /// Fixes every random choice of both trainings, and what is drawn.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Also write the report to this Markdown file.
    #[arg(long, value_name = "FILE", requires = "auto_review")]
    report: Option<PathBuf>,
}

/// Drawn images that arrive before the loop is closed, unless told otherwise.
const DRAWN_ARRIVALS: u64 = 180;
/// How long a training on reviews takes: of drawn pictures, and of others.
const IMPROVE_TIME: [Duration; 2] = [Duration::from_secs(3 * 60), Duration::from_secs(8 * 60)];

impl Demo {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let global = global.with_default_data_dir(global::default_data_dir()?.join("demo"));
        let data = global.open().await?;
        let had_people = !data.service.people().users(&As::system()).await?.is_empty();
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
        let whole = self.dataset(&stage, running).await?;
        let own = self.images.is_some();
        let dataset = match own && self.auto.auto_review {
            true => {
                let mut progress = Progress::new("images of the first model");
                let name = Name::new(format!("{}-start", whole.dataset))?;
                let told = &mut |done, all| progress.set(done, all);
                stage.beginning(&whole, &name, self.auto.train_images, told).await?
            }
            false => whole.clone(),
        };
        let name = if own { whole.dataset.clone() } else { Name::new(DEPLOYMENT)? };
        output::note("A first model is trained, unless there is one; watch it on the page Experiments.");
        let mut progress = TrainingProgress::new();
        let observe = &mut |event: &TrainEvent| progress.event(event);
        let training = FirstTraining { limit: self.train_time, seed: self.auto.seed, drawn: !own };
        let model = stage.model(&dataset, training, observe).await?;
        progress.finish();
        self.say_how_good(running, &model).await?;
        stage.deployment(&name, model).await?;
        stage.watched(&name).await?;
        let predictions = service.browsing().count(&As::system(), name.as_str(), None).await?;
        let traffic = match (own, self.auto.auto_review) {
            (false, _) => Traffic::Drawn(DrawnTraffic::after(predictions, self.auto.seed)),
            (true, false) => {
                Traffic::Stored(StoredTraffic::after(service.clone(), whole.id, predictions).await?)
            }
            (true, true) => {
                let skipped = predictions + self.auto.train_images;
                Traffic::Stored(StoredTraffic::of(service.clone(), whole.id, &[Split::Train], skipped).await?)
            }
        };
        output::line(&format!(
            "Images arrive, one every {} ms. Watch them at\nhttp://{}/deployments/{name}\nStop with Ctrl-C; the next start goes on from there.",
            self.every_ms, running.addr
        ));
        if !self.auto.auto_review {
            stage.learning(&name, self.improving()?).await?;
            output::line(&format!(
                "Review {REVIEWS_PER_TRAINING} of them: a training launches by itself, and its model becomes the shadow."
            ));
            self.stream(running, &name, traffic, None).await?;
            return stage.caught_up().await;
        }
        self.close_the_loop(running, name, dataset, traffic).await
    }

    async fn close_the_loop(
        &self,
        running: &Running,
        name: Name,
        test: DatasetVersion,
        traffic: Traffic,
    ) -> anyhow::Result<()> {
        let arrivals = match &traffic {
            Traffic::Drawn(_) => self.stop_after.unwrap_or(DRAWN_ARRIVALS),
            Traffic::Stored(stored) => stored.left().min(self.stop_after.unwrap_or(u64::MAX)),
        };
        let plan = Plan { deployment: name.clone(), arrivals, params: self.improving()?, test };
        let mut reviewer = Reviewer::begin(running.data.service.clone(), plan).await?;
        self.stream(running, &name, traffic, Some((&mut reviewer, arrivals))).await?;
        let round = reviewer.submit_and_wait(&mut |text| output::note(text)).await?;
        output::note("The shadow looks at what had arrived.");
        let shadow = reviewer.replay().await?;
        let report = reviewer.conclude(&round, shadow.as_ref()).await?;
        output::line(&report);
        if let Some(path) = &self.auto.report {
            std::fs::write(path, &report).with_context(|| format!("{} cannot be written", path.display()))?;
        }
        Ok(())
    }

    /// The parameters of a training on reviews.
    fn improving(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let [drawn, own] = IMPROVE_TIME;
        let limit = self.auto.improve_time.unwrap_or(if self.images.is_some() { own } else { drawn });
        let mut params = BTreeMap::from([
            ("time_limit_s".to_owned(), limit.as_secs().to_string()),
            ("seed".to_owned(), self.auto.seed.to_string()),
            ("epochs".to_owned(), "60".to_owned()),
            ("learning_rate".to_owned(), "0.002".to_owned()),
        ]);
        if self.images.is_none() {
            params.extend(DRAWN_TRAINING.map(|(key, value)| (key.to_owned(), value.to_owned())));
        }
        for pair in &self.auto.improve {
            let (key, value) = pair.split_once('=').ok_or_else(|| {
                WrongUse(format!("--improve {pair}: write it as key=value, like epochs=30"))
            })?;
            params.insert(key.trim().to_owned(), value.trim().to_owned());
        }
        Ok(params)
    }

    async fn say_how_good(&self, running: &Running, model: &VersionRef) -> anyhow::Result<()> {
        let version = running.data.service.catalogue().model_version(&As::system(), model).await?;
        for evaluation in &version.evaluations {
            let s = &evaluation.summary;
            let caveat = evaluation.caveat().map(|caveat| format!(" ({caveat})")).unwrap_or_default();
            output::note(&format!(
                "{model} on {} images of {}: AP {:.2}, AP50 {:.2}{caveat}",
                evaluation.images, evaluation.split, s.AP, s.AP50
            ));
        }
        Ok(())
    }

    /// Lets images arrive until there are no more, or as many as asked for.
    async fn stream(
        &self,
        running: &Running,
        name: &Name,
        mut traffic: Traffic,
        mut reviewer: Option<(&mut Reviewer, u64)>,
    ) -> anyhow::Result<()> {
        let actor = As::system();
        let mut every = tokio::time::interval(Duration::from_millis(self.every_ms.max(1)));
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let most = reviewer.as_ref().map(|(_, arrivals)| *arrivals).or(self.stop_after);
        let mut sent = 0;
        while most.is_none_or(|most| sent < most) {
            every.tick().await;
            let Some(arrival) = traffic.next().await? else {
                output::note("All images have arrived. The server goes on; stop it with Ctrl-C.");
                running.shutdown.cancelled().await;
                return Ok(());
            };
            if let Some(note) = arrival.note {
                output::note(note);
            }
            let Arrival { bytes, truth, provenance, .. } = arrival;
            let options = PredictOptions::default();
            let predicted = running
                .data
                .service
                .intake()
                .predict(&actor, name.as_str(), bytes, provenance, options)
                .await?;
            if let Some((reviewer, _)) = &mut reviewer {
                reviewer.review(predicted.id, truth).await?;
            }
            sent += 1;
        }
        Ok(())
    }
}

/// A way in for whoever has lost the first one.
async fn print_sign_in(running: &Running) -> anyhow::Result<()> {
    let people = running.data.service.people().users(&As::system()).await?;
    let Some(admin) = people.iter().find(|user| user.role == Role::Admin && !user.disabled) else {
        return Ok(());
    };
    let link = running.data.service.people().reset_link(&As::system(), admin.id).await?;
    output::line(&format!(
        "Sign in as {}, or choose a new password here (the link works once):\nhttp://{}/setup?secret={}",
        admin.email, running.addr, link.secret
    ));
    Ok(())
}
