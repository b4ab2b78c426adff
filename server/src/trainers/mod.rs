//! Trainers that the operator named: programs that train a model, each run in
//! a process group that is watched by a child of this program and of which
//! nothing is left at the end. `docs/trainers.md` is the contract.
//!
//! `config` says which there are, `description` asks one about itself,
//! `supervisor` is the child that watches one at work: it reads what the
//! trainer prints (`speech`, `gate`) and ends all of its processes (`group`).

mod config;
mod description;
mod gate;
mod group;
mod speech;
mod supervisor;

pub(crate) use config::{TrainerCommand, TrainerOptions};
pub(crate) use supervisor::{SUPERVISOR_COMMAND, run_supervisor};

use crate::trainer_process::{clean_command, converse, ended_early};
use domain::{
    name::Name,
    training::{
        Control, TrainError, TrainEvent, TrainOutcome, TrainerDescription, TrainerInfo, TrainerJob, Trainers,
    },
};
use std::{
    path::PathBuf,
    process::{Child, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use supervisor::Order;

/// What could not be asked is asked again after this time.
const ASKED_AGAIN: Duration = Duration::from_secs(30);

/// The trainers of this process.
pub(crate) struct NamedTrainers {
    program: PathBuf,
    all: Vec<Arc<NamedTrainer>>,
}

struct NamedTrainer {
    command: TrainerCommand,
    /// What it last said of itself, and when.
    said: Mutex<Option<Said>>,
    /// Whether it is being asked again.
    asking: AtomicBool,
}

type Said = (Instant, Result<TrainerDescription, String>);

impl NamedTrainers {
    /// `program` must know the command [`SUPERVISOR_COMMAND`].
    pub(crate) fn new(program: PathBuf, commands: Vec<TrainerCommand>) -> Self {
        let named = |command| {
            Arc::new(NamedTrainer { command, said: Mutex::default(), asking: AtomicBool::default() })
        };
        Self { program, all: commands.into_iter().map(named).collect() }
    }

    fn find(&self, name: &Name) -> Option<&Arc<NamedTrainer>> {
        self.all.iter().find(|trainer| trainer.command.name == *name)
    }

    fn spawn(&self, trainer: &TrainerCommand) -> std::io::Result<Child> {
        let mut command = clean_command(&self.program, &trainer.environment);
        command
            .arg(SUPERVISOR_COMMAND)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
    }
}

impl NamedTrainer {
    /// What it says of itself. The first time everybody waits for that; what
    /// went wrong is asked again later, and nobody waits for it.
    fn info(self: &Arc<Self>) -> TrainerInfo {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, description) = said.get_or_insert_with(|| self.ask()).clone();
        drop(said);
        let again = description.is_err() && at.elapsed() >= ASKED_AGAIN;
        if again && !self.asking.swap(true, Ordering::Relaxed) {
            let trainer = Arc::clone(self);
            std::thread::spawn(move || {
                let said = trainer.ask();
                *trainer.said.lock().unwrap_or_else(PoisonError::into_inner) = Some(said);
                trainer.asking.store(false, Ordering::Relaxed);
            });
        }
        TrainerInfo { name: self.command.name.clone(), description }
    }

    fn ask(&self) -> Said {
        let description = description::ask(&self.command);
        if let Err(error) = &description {
            tracing::warn!(trainer = %self.command.name, error, "a trainer does not describe itself");
        }
        (Instant::now(), description)
    }
}

impl Trainers for NamedTrainers {
    fn list(&self) -> Vec<TrainerInfo> {
        // Side by side: each may take seconds to start.
        std::thread::scope(|scope| {
            let threads: Vec<_> = self.all.iter().map(|trainer| scope.spawn(|| trainer.info())).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
        })
    }

    fn run(
        &self,
        trainer: &Name,
        job: &TrainerJob,
        observe: &mut dyn FnMut(&TrainEvent) -> Control,
    ) -> Result<TrainOutcome, TrainError> {
        let Some(named) = self.find(trainer) else {
            return Err(TrainError::Request(format!(
                "this process has no trainer {trainer}: start it with --trainer {trainer}=COMMAND, as the \
                 server that launched this"
            )));
        };
        let failed =
            |what: &str, error: &dyn std::fmt::Display| TrainError::Failed(format!("{what}: {error}"));
        let mut child = self
            .spawn(&named.command)
            .map_err(|error| failed("the process that watches a trainer does not start", &error))?;
        let order = Order { command: named.command.clone(), job: job.clone() };
        let last = converse(&mut child, &order, observe);
        // However it ended: nothing of its group stays, and it is gone itself
        // only afterwards, so that its number is not another's yet.
        group::kill(&child, last.is_err());
        let status =
            child.wait().map_err(|error| failed("the process that watches a trainer is lost", &error))?;
        match last {
            Ok(Some(last)) => last.into_result(),
            Ok(None) => Err(ended_early(status)),
            Err(error) => Err(failed("the process that watches a trainer cannot be talked to", &error)),
        }
    }
}
