//! Training as a child process of low priority.
//!
//! The parent writes the request as one line of JSON, then `stop` when it
//! wants an end, or `suspend` when another attempt is to go on. The child
//! answers with one line of JSON for each event and a last one with the outcome
//! or the error. A child whose parent has gone ends by itself. Knows nothing of
//! networks: the child gets its trainer.

mod last_line;
mod memory;

use anyhow::Context as _;
use domain::training::{Control, TrainError, TrainEvent, TrainOutcome, TrainRequest, Trainer};
pub(crate) use last_line::LastLine;
use memory::{check_memory, machine_memory};
use serde::Serialize;
use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

/// The hidden command that makes a process the child.
pub(crate) const CHILD_COMMAND: &str = "train-child";

/// What the child gets of the parent's environment: where programs, libraries
/// and temporary files lie, how it logs, how many threads and which device it
/// takes. Not the rest, in which there may be passwords and keys.
const INHERITED: [&str; 22] = [
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "TMP",
    "TEMP",
    "SYSTEMROOT",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "RUST_BACKTRACE",
    "RUST_MIN_STACK",
    "RAYON_NUM_THREADS",
    "MALLOC_ARENA_MAX",
    "CUDA_VISIBLE_DEVICES",
    "CUDA_PATH",
    "FOVEA_LOG",
    "FOVEA_LOG_FORMAT",
    "FOVEA_DEVICE",
    NICE,
];

/// The variable that says how far a training steps back.
const NICE: &str = "FOVEA_TRAINING_NICE";

/// As far as it goes: beside a busy server a training gets what is left over.
const NICEST: i32 = 19;

/// Trains in a child process.
#[derive(Clone, Debug)]
pub(crate) struct ChildTrainer {
    program: PathBuf,
    checkpoints: PathBuf,
    backbones: Option<PathBuf>,
    device: Option<String>,
}

impl ChildTrainer {
    /// `program` must know the command [`CHILD_COMMAND`]; `checkpoints` is a
    /// folder of this machine that outlives the process.
    #[must_use]
    pub(crate) fn new(program: PathBuf, checkpoints: PathBuf) -> Self {
        Self { program, checkpoints, backbones: None, device: None }
    }

    /// Backbones that others trained lie in this folder.
    #[must_use]
    pub(crate) fn with_backbones(self, folder: PathBuf) -> Self {
        Self { backbones: Some(folder), ..self }
    }

    /// The child takes this device, as `--device` names it.
    #[must_use]
    pub(crate) fn on(self, device: String) -> Self {
        Self { device: Some(device), ..self }
    }

    fn spawn(&self) -> std::io::Result<Child> {
        let mut command = clean_command(&self.program, &[]);
        command
            .arg(CHILD_COMMAND)
            .args(self.device.iter().flat_map(|device| ["--device", device]))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
    }
}

/// A program in a process group of its own, with what is [`INHERITED`] of the
/// environment, and with `also`.
pub(crate) fn clean_command(program: &Path, also: &[String]) -> Command {
    let mut command = Command::new(program);
    // A group of its own: Ctrl-C is for the parent, which then asks the
    // child to stop and to leave what it has.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let names = INHERITED.into_iter().chain(also.iter().map(String::as_str));
    command.env_clear().envs(names.filter_map(|name| Some((name, std::env::var_os(name)?))));
    command
}

impl Trainer for ChildTrainer {
    fn checkpoints(&self) -> Option<&Path> {
        Some(&self.checkpoints)
    }

    fn backbones(&self) -> Option<&Path> {
        self.backbones.as_deref()
    }

    fn train(
        &self,
        request: &TrainRequest,
        observe: &mut dyn FnMut(&TrainEvent) -> Control,
    ) -> Result<TrainOutcome, TrainError> {
        let failed =
            |what: &str, error: &dyn std::fmt::Display| TrainError::Failed(format!("{what}: {error}"));
        let mut child =
            self.spawn().map_err(|error| failed("the training process does not start", &error))?;
        let last = converse(&mut child, request, observe);
        if last.is_err() {
            // It may be gone already; either way it must not linger.
            let _ = child.kill();
        }
        let status =
            child.wait().map_err(|error| failed("the training process cannot be waited for", &error))?;
        match last {
            Ok(Some(last)) => last.into_result(),
            Ok(None) => Err(ended_early(status)),
            Err(error) => Err(failed("the training process cannot be talked to", &error)),
        }
    }
}

/// A signal came from outside: by hand, or because memory was short.
pub(crate) fn ended_early(status: ExitStatus) -> TrainError {
    let message = format!("the training process ended early ({status})");
    #[cfg(unix)]
    if std::os::unix::process::ExitStatusExt::signal(&status).is_some() {
        return TrainError::Killed(message);
    }
    TrainError::Failed(message)
}

pub(crate) fn converse(
    child: &mut Child,
    request: &impl Serialize,
    observe: &mut dyn FnMut(&TrainEvent) -> Control,
) -> anyhow::Result<Option<LastLine>> {
    // Held to the end: the child takes its closing for the parent's death.
    let mut stdin = child.stdin.take().context("the child has no stdin")?;
    let stdout = child.stdout.take().context("the child has no stdout")?;
    let mut line = serde_json::to_string(request)?;
    line.push('\n');
    if let Err(error) = stdin.write_all(line.as_bytes()).and_then(|()| stdin.flush()) {
        tracing::warn!(%error, "the training process took no request");
    }
    let mut control = Control::Continue;
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        if let Ok(last) = serde_json::from_str::<LastLine>(&line) {
            return Ok(Some(last));
        }
        let event: TrainEvent =
            serde_json::from_str(&line).with_context(|| format!("a strange line: {line}"))?;
        let wish = observe(&event);
        if wish > control {
            control = wish;
            let word: &[u8] = if wish == Control::Suspend { b"suspend\n" } else { b"stop\n" };
            // One that has just ended hears nothing; its last line is on its way.
            if let Err(error) = stdin.write_all(word).and_then(|()| stdin.flush()) {
                tracing::debug!(%error, "the training process did not hear that it should end");
            }
        }
    }
    Ok(None)
}

/// What the child does: reads a request from stdin, trains with `trainer`,
/// writes to stdout.
///
/// # Errors
/// When stdin or stdout fail; a training that fails is reported in the last
/// line instead.
pub(crate) fn run_child(trainer: &dyn Trainer) -> anyhow::Result<()> {
    step_back();
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("no request on stdin")?;
    let request: TrainRequest = serde_json::from_str(&line).context("the request on stdin is malformed")?;
    let wish = Arc::new(AtomicU8::new(0));
    watch_parent(Arc::clone(&wish));
    let mut out = std::io::stdout().lock();
    let mut broken = false;
    let result = check_memory(&request, machine_memory()).and_then(|()| {
        trainer.train(&request, &mut |event| {
            broken |= write_line(&mut out, event).is_err();
            match wish.load(Ordering::Relaxed) {
                // Nobody would take a model; another attempt may take a checkpoint.
                _ if broken => Control::Suspend,
                SUSPEND => Control::Suspend,
                STOP => Control::Stop,
                _ => Control::Continue,
            }
        })
    });
    let last = match result {
        Ok(outcome) => LastLine::Outcome { outcome },
        Err(error) => error.into(),
    };
    write_line(&mut out, &last)
}

pub(crate) fn write_line(out: &mut impl Write, value: &impl Serialize) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    out.write_all(&line)?;
    Ok(out.flush()?)
}

/// Low priority, so that whoever serves is served first; and an end when the
/// parent ends.
fn step_back() {
    lower_priority();
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
    {
        tracing::debug!(%error, "no signal at the parent's death; its closed pipe will do");
    }
}

pub(crate) fn lower_priority() {
    let wanted = std::env::var(NICE).ok();
    let nice = wanted.as_deref().map_or(Some(NICEST), niceness).unwrap_or_else(|| {
        tracing::warn!(
            value = wanted.as_deref(),
            "{NICE} is no number from 0 to {NICEST}: the training steps back all the way"
        );
        NICEST
    });
    if let Err(error) = rustix::process::setpriority_process(None, nice) {
        tracing::warn!(%error, "the training's priority stays as it is");
    }
}

/// From 0, normal priority, to [`NICEST`].
fn niceness(wanted: &str) -> Option<i32> {
    wanted.trim().parse().ok().filter(|nice| (0..=NICEST).contains(nice))
}

/// Wishes of the parent; the stronger one counts.
const STOP: u8 = 1;
const SUSPEND: u8 = 2;

fn watch_parent(wish: Arc<AtomicU8>) {
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            let heard = match line.trim() {
                "stop" => STOP,
                "suspend" => SUSPEND,
                _ => continue,
            };
            wish.fetch_max(heard, Ordering::Relaxed);
        }
        // Only a parent that is gone closes the pipe.
        std::process::exit(1);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_keep_their_kind_across_the_pipe() {
        for error in [
            TrainError::Request("no images".to_owned()),
            TrainError::Diverged { step: 7 },
            TrainError::Failed("disk full".to_owned()),
            TrainError::Suspended,
            TrainError::Stopped,
            TrainError::Killed("killed".to_owned()),
            TrainError::Trainer("no model".to_owned()),
        ] {
            let line = serde_json::to_string(&LastLine::from(error.clone())).expect("writes");
            let last: LastLine = serde_json::from_str(&line).expect("reads");
            assert_eq!(last.into_result(), Err(error));
        }
    }

    #[test]
    fn an_event_is_never_taken_for_the_last_line() {
        let event = TrainEvent::Log { message: "outcome".to_owned() };
        let line = serde_json::to_string(&event).expect("writes");
        assert!(serde_json::from_str::<LastLine>(&line).is_err());
    }

    #[test]
    fn a_program_that_is_no_child_gives_an_error_and_no_hang() {
        let result = asked_of(Path::new("/bin/true"));
        assert!(matches!(result, Err(TrainError::Failed(message)) if message.contains("ended early")));
    }

    fn request(params: domain::training::TrainParams) -> TrainRequest {
        TrainRequest {
            labels: Vec::new(),
            images: Vec::new(),
            params,
            base: None,
            backbone: None,
            output: PathBuf::from("/nowhere"),
            checkpoints: None,
        }
    }

    #[test]
    fn a_training_that_the_machine_has_no_memory_for_is_refused_at_once() {
        let small = request(domain::training::TrainParams::default());
        assert_eq!(check_memory(&small, Some(16 << 30)), Ok(()));
        assert_eq!(check_memory(&small, None), Ok(()), "a machine that does not say");
        let refused = check_memory(&small, Some(100 << 20));
        assert!(matches!(refused, Err(TrainError::Request(why)) if why.contains("too little memory")));
        assert!(machine_memory().is_none_or(|bytes| bytes > 100 << 20));
    }

    fn asked_of(program: &Path) -> Result<TrainOutcome, TrainError> {
        let trainer = ChildTrainer::new(program.to_owned(), PathBuf::from("/nowhere"));
        let request = request(domain::training::TrainParams::default());
        trainer.train(&request, &mut |_| Control::Continue)
    }

    /// A program that runs these lines.
    #[cfg(unix)]
    fn script(folder: &Path, lines: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let path = folder.join("program");
        std::fs::write(&path, format!("#!/bin/sh\n{lines}\n")).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).expect("set");
        path
    }

    #[cfg(unix)]
    #[test]
    fn a_child_that_is_killed_is_told_from_one_that_gives_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let killed = asked_of(&script(folder.path(), "kill -9 $$"));
        assert!(matches!(killed, Err(TrainError::Killed(message)) if message.contains("signal: 9")));
        let gave_up = asked_of(&script(folder.path(), "exit 3"));
        assert!(matches!(gave_up, Err(TrainError::Failed(_))));
    }

    #[test]
    fn a_training_steps_back_as_far_as_is_said() {
        let read = ["5", " 0 ", "19", "20", "-1", "", "five"].map(niceness);
        assert_eq!(read, [Some(5), Some(0), Some(19), None, None, None, None]);
    }

    #[cfg(unix)]
    #[test]
    fn the_child_gets_its_path_and_none_of_the_other_variables() {
        let folder = tempfile::tempdir().expect("a folder");
        let seen = folder.path().join("seen");
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some(), "cargo sets it for this test");
        let ended = asked_of(&script(folder.path(), &format!("env > {}", seen.display())));
        assert!(ended.is_err(), "it is no child");
        let seen = std::fs::read_to_string(seen).expect("written");
        assert!(seen.lines().any(|line| line.starts_with("PATH=")), "{seen}");
        assert!(!seen.contains("CARGO_"), "{seen}");
        let own = ["PWD", "OLDPWD", "SHLVL", "_"];
        for line in seen.lines() {
            let name = line.split('=').next().unwrap_or_default();
            assert!(INHERITED.contains(&name) || own.contains(&name), "{line}");
        }
    }
}
