//! The tasks that do background work: one for each lane, each kind of long
//! work, and each periodic job.

use super::{
    JOBS, Job, JobContext, JobSettings, Lane, RegisteredJob,
    attempt::{Shutdown, Worker},
    lost_work::RecoverLostWork,
};
use crate::{Internal, Result, Service, jobs::Jobs};
use futures::{FutureExt as _, future::BoxFuture};
use serde_json::Value;
use std::{future::Future, time::Duration};
use tokio::sync::watch;

/// Rest of a lane that found nothing to do, or whose database failed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A task of its own for some of the background work.
pub struct BackgroundTask {
    service: Service,
    settings: JobSettings,
    name: &'static str,
    does: Does,
}

#[derive(Clone)]
enum Does {
    /// One item at a time of these jobs.
    Queued(Vec<RegisteredJob>),
    Periodic(RegisteredJob, Duration),
}

impl BackgroundTask {
    /// What it does, in a word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Works until `stop` resolves, and then gives back what is at hand: a
    /// job in the midst of an item hears of the end itself, a periodic one is
    /// broken off. `worker` must be unique to this run of the process.
    pub async fn run(&self, worker: &str, stop: impl Future<Output = ()> + Send) {
        let (sender, receiver) = watch::channel(false);
        let shutdown = Shutdown::when(receiver);
        let stopped = async {
            stop.await;
            sender.send_replace(true);
        };
        tokio::join!(stopped, async {
            match &self.does {
                Does::Queued(jobs) => {
                    let worker = Worker { name: worker, settings: &self.settings, shutdown: &shutdown };
                    self.run_queued(jobs, worker).await;
                }
                Does::Periodic(job, pause) => {
                    tokio::select! {
                        () = shutdown.requested() => {}
                        () = self.run_periodic(*job, *pause) => {}
                    }
                }
            }
        });
    }

    /// Does one item after another, with a rest when there is none or the
    /// database failed.
    async fn run_queued(&self, jobs: &[RegisteredJob], worker: Worker<'_>) {
        while !worker.shutdown.is_requested() {
            match next_item(&self.service, jobs, worker).await {
                Ok(busy) => {
                    self.service.base().worked(self.name);
                    if busy {
                        continue;
                    }
                }
                Err(error) => self.service.base().failed(self.name, &error),
            }
            tokio::select! {
                () = worker.shutdown.requested() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    async fn run_periodic(&self, job: RegisteredJob, pause: Duration) {
        loop {
            self.service.base().isolated("background work", &job.kind, self.once(job)).await;
            tokio::time::sleep(pause).await;
        }
    }

    async fn once(&self, job: RegisteredJob) -> Result<()> {
        let context = JobContext::new(&self.service, &self.settings, None);
        (job.run)(Value::Null, &context).await.map(drop)
    }
}

/// Does an item of the first of these jobs that has one, and says whether
/// there was one.
async fn next_item(service: &Service, jobs: &[RegisteredJob], worker: Worker<'_>) -> Result<bool> {
    for job in jobs {
        let work = service.store().work();
        if let Some(claimed) = work.claim(job.kind, worker.name, service.base().now()).await? {
            job.attempt(service, claimed, worker).await?;
            return Ok(true);
        }
    }
    Ok(false)
}

impl Jobs<'_> {
    /// The tasks that do all background work of a process. Any number of
    /// processes may run them beside each other.
    #[must_use]
    pub fn background(self, _: Internal, settings: &JobSettings) -> Vec<BackgroundTask> {
        let task = |name, does| BackgroundTask {
            service: self.service.clone(),
            settings: settings.clone(),
            name,
            does,
        };
        let of = |lane| JOBS.iter().copied().filter(|job| job.lane == lane).collect();
        let mut tasks =
            vec![task("train", Does::Queued(of(Lane::Train))), task("short", Does::Queued(of(Lane::Short)))];
        for &job in JOBS {
            match job.lane {
                Lane::Train | Lane::Short => {}
                Lane::Long => tasks.push(task(job.kind, Does::Queued(vec![job]))),
                Lane::Periodic(pause) => tasks.push(task(job.kind, Does::Periodic(job, pause))),
            }
        }
        tasks
    }

    /// Takes back what dead workers left, does one item of a lane if there is
    /// one, and says whether there was.
    ///
    /// # Errors
    /// When the database fails; a failure of the work itself is written into
    /// its item.
    pub async fn run_next(self, _: Internal, lane: Lane, worker: &str) -> Result<bool> {
        self.run_periodic(RecoverLostWork).await?;
        let jobs: Vec<RegisteredJob> = JOBS.iter().copied().filter(|job| job.lane == lane).collect();
        let (settings, shutdown) = (JobSettings::default(), Shutdown::never());
        next_item(self.service, &jobs, Worker { name: worker, settings: &settings, shutdown: &shutdown })
            .await
    }

    /// Moves rounds on and does all that is queued, and what follows from it,
    /// until nothing is left. Says whether there was anything.
    ///
    /// # Errors
    /// When the database fails; a failure of the work itself is written into
    /// its item.
    pub async fn run_all_queued(self, _: Internal, worker: &str) -> Result<bool> {
        let mut any = false;
        loop {
            self.advance_rounds(Internal).await?;
            let mut busy = false;
            for lane in [Lane::Train, Lane::Short, Lane::Long] {
                busy |= self.run_next(Internal, lane, worker).await?;
            }
            if !busy {
                return Ok(any);
            }
            any = true;
        }
    }

    /// Does a periodic job once, now.
    pub(crate) async fn run_periodic(self, job: impl Job) -> Result<()> {
        let settings = JobSettings::default();
        let context = JobContext::new(self.service, &settings, None);
        let run: BoxFuture<'_, _> = job.run(&context).boxed();
        run.await.map(drop)
    }
}
