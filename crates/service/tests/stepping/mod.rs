//! A trainer that counts to [`STEPS`] and leaves checkpoints, a service around
//! it, and a door before its database that can be shut.

use bytes::Bytes;
use domain::{
    dataset::{Annotation, Split},
    geometry::Rect,
    model::Experiment,
    name::{Name, VersionRef},
    training::{
        Control, TrainError, TrainEvent, TrainOutcome, TrainParams, TrainPlan, TrainRequest, Trainer,
    },
};
use service::{AssetUpload, LaunchRequest, Limits, Parts, Service};
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use store::{Store, StoreOptions};
use tempfile::TempDir;
use test_support::{FreshIds, NoModels, QueueCheck, TestClock, admin, label, picture};
use tokio::{
    net::{UnixListener, UnixStream},
    sync::{Notify, watch},
};

/// Steps of every training.
pub(crate) const STEPS: u32 = 40;
/// Steps between two checkpoints.
const CHECKPOINT_EVERY: u32 = 10;

/// What happens before a step.
pub(crate) enum Act {
    /// The step.
    Step,
    /// Waiting until it is told to end, one way or the other.
    Hold,
    /// An end before the schedule's: nothing gets better any more.
    EndEarly,
    /// An end.
    End(TrainError),
}

type Script = Box<dyn Fn(u32, u32) -> Act + Send + Sync>;

/// Follows a script, which is asked before each step of each attempt.
pub(crate) struct Stepping {
    script: Script,
    folder: TempDir,
    held: Notify,
    killed: AtomicBool,
    done: Mutex<Vec<Vec<u32>>>,
}

impl Stepping {
    pub(crate) fn new(script: impl Fn(u32, u32) -> Act + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            script: Box::new(script),
            folder: tempfile::tempdir().expect("a folder"),
            held: Notify::new(),
            killed: AtomicBool::new(false),
            done: Mutex::default(),
        })
    }

    /// Resolves once an attempt holds.
    pub(crate) async fn held(&self) {
        self.held.notified().await;
    }

    /// Ends an attempt that holds as a killed process ends.
    pub(crate) fn kill(&self) {
        self.killed.store(true, Ordering::SeqCst);
    }

    /// The steps that each attempt did.
    pub(crate) fn done(&self) -> Vec<Vec<u32>> {
        self.done.lock().expect("never poisoned").clone()
    }

    pub(crate) fn folder_of(&self, experiment: &Experiment) -> PathBuf {
        self.folder.path().join(experiment.id.to_string())
    }

    /// The step of the checkpoint that the next attempt would go on from.
    pub(crate) fn confirmed(&self, experiment: &Experiment) -> Option<u32> {
        step_of(&self.folder_of(experiment).join("confirmed.checkpoint"))
    }

    #[allow(clippy::disallowed_methods, reason = "paces a thread that has nothing to wait on")]
    fn hold(&self, step: u32, observe: &mut dyn FnMut(&TrainEvent) -> Control) -> Control {
        self.held.notify_one();
        loop {
            if self.killed.load(Ordering::SeqCst) {
                return Control::Continue;
            }
            // The same point again changes no curve.
            let control = observe(&event(step));
            if control != Control::Continue {
                return control;
            }
            std::thread::sleep(Duration::from_millis(1)); // paced: the wait for a wish to end
        }
    }
}

fn step_of(path: &Path) -> Option<u32> {
    std::fs::read_to_string(path).ok()?.parse().ok()
}

fn event(step: u32) -> TrainEvent {
    TrainEvent::Step {
        step,
        steps: STEPS,
        loss: 1.0 / f64::from(step),
        loss_class: 0.0,
        loss_box: 0.0,
        learning_rate: 0.1,
        seconds_left: 1.0,
    }
}

fn save(request: &TrainRequest, step: u32, observe: &mut dyn FnMut(&TrainEvent) -> Control) -> Control {
    let Some(checkpoints) = &request.checkpoints else { return Control::Continue };
    let path = checkpoints.folder.join(format!("step-{step}.checkpoint"));
    std::fs::write(&path, step.to_string()).expect("written");
    observe(&TrainEvent::Checkpoint { step, path })
}

impl Trainer for Stepping {
    fn checkpoints(&self) -> Option<&Path> {
        Some(self.folder.path())
    }

    fn train(
        &self,
        request: &TrainRequest,
        observe: &mut dyn FnMut(&TrainEvent) -> Control,
    ) -> Result<TrainOutcome, TrainError> {
        let attempt = {
            let mut done = self.done.lock().expect("never poisoned");
            done.push(Vec::new());
            done.len() - 1
        };
        let resume = request.checkpoints.as_ref().and_then(|checkpoints| checkpoints.resume.as_deref());
        let first = resume.and_then(step_of).unwrap_or(0);
        let mut control = observe(&TrainEvent::Started { step: first });
        let plan = TrainPlan::new(&request.params, &request.labels, &request.images).expect("a plan");
        control = control.max(observe(&TrainEvent::Planned { plan: plan.record() }));
        let mut last = first;
        for step in first + 1..=STEPS {
            match (self.script)(u32::try_from(attempt).expect("few"), step) {
                Act::Step => {}
                Act::Hold => control = control.max(self.hold(last.max(1), observe)),
                Act::EndEarly => {
                    observe(&TrainEvent::StoppedEarly { step: last });
                    control = Control::Stop;
                }
                Act::End(error) => return Err(error),
            }
            if self.killed.load(Ordering::SeqCst) && attempt == 0 {
                return Err(TrainError::Failed("killed".to_owned()));
            }
            match control {
                Control::Continue => {}
                Control::Stop => break,
                Control::Suspend => {
                    save(request, last, observe);
                    return Err(TrainError::Suspended);
                }
            }
            self.done.lock().expect("never poisoned")[attempt].push(step);
            last = step;
            control = control.max(observe(&event(step)));
            if step % CHECKPOINT_EVERY == 0 {
                control = control.max(save(request, step, observe));
            }
        }
        let weights = format!("weights after {last} steps");
        std::fs::write(&request.output, &weights).expect("written");
        Ok(TrainOutcome {
            steps: last,
            seconds: 0.0,
            stopped_early: last < STEPS,
            validation: None,
            sha256: imaging::content_hash(weights.as_bytes()),
        })
    }
}

/// A service that trains with a [`Stepping`] on one image.
pub(crate) struct Training {
    pub(crate) service: Service,
    pub(crate) trainer: Arc<Stepping>,
    pub(crate) clock: Arc<TestClock>,
    dataset: VersionRef,
    pub(crate) queue: QueueCheck,
}

impl Training {
    pub(crate) async fn on_sqlite(trainer: Arc<Stepping>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let options = StoreOptions::in_folder(folder.path());
        let queue = QueueCheck::new(options.clone(), Arc::new(folder));
        Self::of(trainer, options, Limits::default(), queue).await
    }

    /// On PostgreSQL behind these doors; `None` when that is left out.
    pub(crate) async fn on_postgres(
        trainer: Arc<Stepping>,
        doors: &Arc<Doors>,
        patience: Option<Duration>,
    ) -> Option<Self> {
        let url = test_postgres::fresh_database().await?;
        let folder = tempfile::tempdir().expect("a folder");
        let database_url = Arc::clone(doors).before(&url, folder.path());
        let options = StoreOptions { database_url, ..StoreOptions::in_folder(folder.path()) };
        let beside_the_doors = StoreOptions { database_url: url, ..options.clone() };
        let queue = QueueCheck::new(beside_the_doors, Arc::new(folder));
        let usual = Limits::default();
        let outage_patience = patience.unwrap_or(usual.outage_patience);
        Some(Self::of(trainer, options, Limits { outage_patience, ..usual }, queue).await)
    }

    async fn of(trainer: Arc<Stepping>, options: StoreOptions, limits: Limits, queue: QueueCheck) -> Self {
        let clock = Arc::new(TestClock::default());
        let store = Store::open(options).await.expect("a store");
        let service = Service::new(Parts {
            store,
            loader: Arc::new(NoModels),
            trainer: trainer.clone(),
            trainers: Arc::new(domain::training::NoTrainers),
            clock: clock.clone(),
            ids: Arc::new(FreshIds),
            limits,
        });
        let dataset = frozen(&service).await;
        Self { service, trainer, clock, dataset, queue }
    }

    /// A training of this name, queued.
    pub(crate) async fn launch(&self, name: &str) -> Experiment {
        self.launch_called(Some(Name::new(name).expect("a name"))).await
    }

    pub(crate) async fn launch_called(&self, name: Option<Name>) -> Experiment {
        let request = LaunchRequest {
            name,
            dataset: self.dataset.clone(),
            model: Name::new("cells").expect("a name"),
            base: None,
            params: TrainParams::default().into(),
        };
        self.service.learning().launch(&admin(), request).await.expect("launched")
    }
}

async fn frozen(service: &Service) -> VersionRef {
    let name = Name::new("photos").expect("a name");
    let version = service
        .catalogue()
        .create_version(&admin(), name, None, vec![label("car")])
        .await
        .expect("a version");
    let upload = AssetUpload {
        filename: "0.jpg".to_owned(),
        split: Split::Train,
        annotations: vec![Annotation {
            label: label("car"),
            rect: Rect::new(1.0, 1.0, 4.0, 4.0).expect("a box"),
            ignore: false,
        }],
        bytes: Bytes::from(picture(0)),
    };
    service.catalogue().add_asset(&admin(), version.id, upload).await.expect("added");
    let frozen = service.catalogue().freeze_version(&admin(), version.id).await.expect("frozen");
    frozen.full_name().parse().expect("a reference")
}

/// Doors before a PostgreSQL server: shut, they break off whoever is inside
/// and turn away whoever comes.
pub(crate) struct Doors {
    open: watch::Sender<bool>,
    turned_away: watch::Sender<usize>,
}

impl Default for Doors {
    fn default() -> Self {
        Self { open: watch::Sender::new(true), turned_away: watch::Sender::new(0) }
    }
}

impl Doors {
    pub(crate) fn shut(&self) {
        self.open.send_replace(false);
    }

    /// Opens again once that many were turned away.
    pub(crate) async fn opened_after(&self, turned_away: usize) {
        let mut count = self.turned_away.subscribe();
        count.wait_for(|count| *count >= turned_away).await.expect("the doors stand");
        self.open.send_replace(true);
    }

    /// The URL of the same database, through these doors in `folder`.
    fn before(self: Arc<Self>, url: &str, folder: &Path) -> String {
        let (database, socket) = url.split_once("?host=").expect("a socket");
        let server = Path::new(socket).join(".s.PGSQL.5432");
        let listener = UnixListener::bind(folder.join(".s.PGSQL.5432")).expect("listens");
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !*self.open.borrow() {
                    self.turned_away.send_modify(|count| *count += 1);
                    continue;
                }
                let (server, mut open) = (server.clone(), self.open.subscribe());
                tokio::spawn(async move {
                    tokio::select! {
                        () = pass(client, &server) => {}
                        _ = open.wait_for(|open| !open) => {}
                    }
                });
            }
        });
        format!("{database}?host={}", folder.display())
    }
}

async fn pass(mut client: UnixStream, server: &Path) {
    let Ok(mut server) = UnixStream::connect(server).await else { return };
    // Either side may go at any time: that is what this is for.
    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
}
