//! Training as a child process of low priority.
//!
//! The parent writes the request as one line of JSON, then `stop` when it
//! wants an end. The child answers with one line of JSON for each event and
//! a last one with the outcome or the error. A child whose parent has gone
//! ends by itself. Knows nothing of networks: the child gets its trainer.

use anyhow::Context as _;
use domain::training::{Control, TrainError, TrainEvent, TrainOutcome, TrainRequest, Trainer};
use serde::{Deserialize, Serialize};
use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// The hidden command that makes a process the child.
pub(crate) const CHILD_COMMAND: &str = "train-child";

/// The last line of a child.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum LastLine {
    Outcome { outcome: TrainOutcome },
    Error { kind: ErrorWord, message: String, step: Option<u32> },
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ErrorWord {
    Request,
    Diverged,
    Failed,
}

impl From<TrainError> for LastLine {
    fn from(error: TrainError) -> Self {
        let message = error.to_string();
        match error {
            TrainError::Request(_) => Self::Error { kind: ErrorWord::Request, message, step: None },
            TrainError::Diverged { step } => {
                Self::Error { kind: ErrorWord::Diverged, message, step: Some(step) }
            }
            TrainError::Failed(_) => Self::Error { kind: ErrorWord::Failed, message, step: None },
        }
    }
}

impl LastLine {
    fn into_result(self) -> Result<TrainOutcome, TrainError> {
        match self {
            Self::Outcome { outcome } => Ok(outcome),
            Self::Error { kind: ErrorWord::Diverged, step: Some(step), .. } => {
                Err(TrainError::Diverged { step })
            }
            Self::Error { kind: ErrorWord::Request, message, .. } => Err(TrainError::Request(message)),
            Self::Error { message, .. } => Err(TrainError::Failed(message)),
        }
    }
}

/// Trains in a child process.
#[derive(Clone, Debug)]
pub(crate) struct ChildTrainer {
    program: PathBuf,
}

impl ChildTrainer {
    /// `program` must know the command [`CHILD_COMMAND`].
    #[must_use]
    pub(crate) fn new(program: PathBuf) -> Self {
        Self { program }
    }

    fn spawn(&self) -> std::io::Result<Child> {
        let mut command = Command::new(&self.program);
        // A group of its own: Ctrl-C is for the parent, which then asks the
        // child to stop and to leave what it has.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command
            .arg(CHILD_COMMAND)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
    }
}

impl Trainer for ChildTrainer {
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
            Ok(None) => Err(TrainError::Failed(format!("the training process ended early ({status})"))),
            Err(error) => Err(failed("the training process cannot be talked to", &error)),
        }
    }
}

fn converse(
    child: &mut Child,
    request: &TrainRequest,
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
    let mut stopping = false;
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        if let Ok(last) = serde_json::from_str::<LastLine>(&line) {
            return Ok(Some(last));
        }
        let event: TrainEvent =
            serde_json::from_str(&line).with_context(|| format!("a strange line: {line}"))?;
        if observe(&event) == Control::Stop && !stopping {
            stopping = true;
            stdin.write_all(b"stop\n").and_then(|()| stdin.flush())?;
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
    let stop = Arc::new(AtomicBool::new(false));
    watch_parent(Arc::clone(&stop));
    let mut out = std::io::stdout().lock();
    let mut broken = false;
    let result = trainer.train(&request, &mut |event| {
        broken |= write_line(&mut out, event).is_err();
        if broken || stop.load(Ordering::Relaxed) { Control::Stop } else { Control::Continue }
    });
    let last = match result {
        Ok(outcome) => LastLine::Outcome { outcome },
        Err(error) => error.into(),
    };
    write_line(&mut out, &last)
}

fn write_line(out: &mut impl Write, value: &impl Serialize) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    out.write_all(&line)?;
    Ok(out.flush()?)
}

/// Lowest priority, so that whoever serves is served first; and an end when
/// the parent ends.
fn step_back() {
    if let Err(error) = rustix::process::setpriority_process(None, 19) {
        tracing::warn!(%error, "the training runs at normal priority");
    }
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
    {
        tracing::debug!(%error, "no signal at the parent's death; its closed pipe will do");
    }
}

fn watch_parent(stop: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            match line {
                Ok(line) if line.trim() == "stop" => stop.store(true, Ordering::Relaxed),
                Ok(_) => {}
                Err(_) => break,
            }
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
        let trainer = ChildTrainer::new(PathBuf::from("/bin/true"));
        let request = TrainRequest {
            labels: Vec::new(),
            images: Vec::new(),
            params: domain::training::TrainParams::default(),
            base: None,
            output: PathBuf::from("/nowhere"),
        };
        let result = trainer.train(&request, &mut |_| Control::Continue);
        assert!(matches!(result, Err(TrainError::Failed(message)) if message.contains("ended early")));
    }
}
