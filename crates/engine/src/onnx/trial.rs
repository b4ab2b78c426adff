//! A file tried once: loaded, and asked for one picture.
//!
//! Whoever sends a file may have made it to take all memory or never to end,
//! and nobody can tell from its text: so it is tried in a process that may take
//! so much memory and so long, and is killed otherwise.

mod looking;
mod memory;

use super::session::{Runtime, Tensor, Values};
use crate::{
    input::prepare,
    time_budget::{GLANCE, TimeBudget},
};
use domain::{
    geometry::Size,
    inference::{ModelError, Pixels},
    recipe::InputRecipe,
};
use looking::{look, picture};
use memory::limit_memory;
use serde::{Deserialize, Serialize};
use std::{
    io::{BufRead, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::RecvTimeoutError,
    time::{Duration, Instant},
};

/// The hidden command that makes a process try a model.
pub const TRIAL_COMMAND: &str = "trial-child";

/// What the child may take beside what grows with the file.
const MEMORY: u64 = 256 << 20;
/// A file is read, its weights are copied and arranged.
const COPIES: u64 = 4;
/// Longest time, for a file of no size: of the clock and of the processor both,
/// since a machine that has other things to do is no fault of the file. With it
/// a refusal comes within five seconds.
const TIME: Duration = Duration::from_secs(4);
/// Bytes of a file that allow for another second.
const BYTES_A_SECOND: u64 = 16 << 20;
/// Longest answer of a child in bytes.
const LONGEST_ANSWER: u64 = 1 << 20;

/// How a file is asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrialRequest {
    /// The name of the input for the picture.
    pub input: String,
    /// How the picture gets there.
    pub recipe: InputRecipe,
    /// The outputs' names.
    pub outputs: Vec<String>,
    /// Bytes of the file.
    pub bytes: u64,
}

/// What an output held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputSeen {
    /// Its name.
    pub name: String,
    /// Lengths of its axes.
    pub shape: Vec<usize>,
    /// Whether its numbers are whole by their type.
    pub is_whole: bool,
    /// The least and the greatest number; nothing for no numbers.
    pub range: Option<[f32; 2]>,
    /// The same of the first five columns of the last axis, or of each where
    /// there are eight at most.
    pub columns: Vec<[f32; 2]>,
    /// Whether the first four columns are two corners in their order, in every
    /// row.
    pub has_corners: bool,
}

/// How a trial went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialReport {
    /// In the order of the request.
    pub outputs: Vec<OutputSeen>,
    /// Seconds that loading took.
    pub load_s: f64,
    /// Seconds that the picture took.
    pub run_s: f64,
}

/// The last line of a child.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Answer {
    Report(TrialReport),
    Refusal(String),
}

/// Tries a file in this process, without any limit.
///
/// # Errors
/// [`ModelError::Weights`] when it cannot be loaded or run.
pub(super) fn try_here(
    runtime: &dyn Runtime,
    bytes: &[u8],
    request: &TrialRequest,
) -> Result<TrialReport, ModelError> {
    let begun = Instant::now();
    let session = runtime.load(bytes)?;
    let load_s = begun.elapsed().as_secs_f64();
    let inputs = inputs(&picture(), &request.input, &request.recipe);
    let begun = Instant::now();
    let outputs = session.run(inputs, &request.outputs).map_err(|error| {
        ModelError::Weights(format!("the network does not run on a picture: {}", reason(&error)))
    })?;
    let run_s = begun.elapsed().as_secs_f64();
    Ok(TrialReport { outputs: outputs.into_iter().map(look).collect(), load_s, run_s })
}

fn reason(error: &ModelError) -> String {
    match error {
        ModelError::Weights(reason) | ModelError::Failed(reason) => reason.clone(),
        other => other.to_string(),
    }
}

/// A network's inputs for one picture.
pub(super) fn inputs(image: &Pixels, input: &str, recipe: &InputRecipe) -> Vec<Tensor> {
    let prepared = prepare(image, recipe);
    let size = prepared.placement.input;
    let mut inputs = vec![Tensor {
        name: input.to_owned(),
        shape: prepared.shape,
        values: Values::Floats(prepared.values),
    }];
    inputs.extend(recipe.size_tensor.as_deref().map(|name| size_tensor(name, size)));
    inputs
}

/// Width and height of the input, for networks that ask for them.
pub(super) fn size_tensor(name: &str, size: Size) -> Tensor {
    let values = vec![i64::from(size.width), i64::from(size.height)];
    Tensor { name: name.to_owned(), shape: vec![1, 2], values: Values::Integers(values) }
}

/// A program that tries models when it is started with [`TRIAL_COMMAND`].
#[derive(Clone, Debug)]
pub struct TrialProgram {
    program: PathBuf,
    library: Option<PathBuf>,
}

impl TrialProgram {
    /// It must call [`run_trial_child`] then.
    #[must_use]
    pub fn new(program: &Path) -> Self {
        Self { program: program.to_owned(), library: None }
    }

    /// It is also given `--onnxruntime LIBRARY`: what runs graphs here must try
    /// them there.
    #[must_use]
    pub fn with_library(self, library: &Path) -> Self {
        Self { library: Some(library.to_owned()), ..self }
    }

    /// Tries a file there.
    ///
    /// # Errors
    /// [`ModelError::Weights`] when it cannot be loaded or run, or not with so
    /// much memory and time; [`ModelError::Failed`] when the program does not
    /// start.
    pub(super) fn run(&self, bytes: &[u8], request: &TrialRequest) -> Result<TrialReport, ModelError> {
        let broken =
            |error: std::io::Error| ModelError::Failed(format!("the trial's process does not run: {error}"));
        let mut child = Command::new(&self.program)
            .arg(TRIAL_COMMAND)
            .args(self.library.iter().flat_map(|library| ["--onnxruntime".as_ref(), library.as_os_str()]))
            .env_clear()
            .envs(std::env::var_os("LD_LIBRARY_PATH").map(|path| ("LD_LIBRARY_PATH", path)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(broken)?;
        let limit = time_limit(request.bytes);
        let answer = converse(&mut child, bytes, request, limit);
        // It may be gone already; either way it must not linger.
        let _ = child.kill();
        let status = child.wait().map_err(broken)?;
        match answer {
            Heard::Answer(Answer::Report(report)) => Ok(report),
            Heard::Answer(Answer::Refusal(reason)) => Err(ModelError::Weights(reason)),
            Heard::Nothing => Err(ModelError::Weights(format!(
                "the network takes more than {} MB of memory to load and run once, or crashes ({status})",
                memory_limit(request.bytes) >> 20
            ))),
            Heard::Late => Err(ModelError::Weights(format!(
                "the network takes more than {} s to load and run once",
                limit.as_secs()
            ))),
        }
    }
}

fn memory_limit(file: u64) -> u64 {
    MEMORY + file.saturating_mul(COPIES)
}

fn time_limit(file: u64) -> Duration {
    TIME + Duration::from_secs(file / BYTES_A_SECOND)
}

enum Heard {
    Answer(Answer),
    Nothing,
    Late,
}

/// Gives the child its work and waits for its answer: both on threads, since
/// either may never end.
fn converse(child: &mut Child, bytes: &[u8], request: &TrialRequest, limit: Duration) -> Heard {
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Heard::Nothing;
    };
    let Ok(mut head) = serde_json::to_string(request) else { return Heard::Nothing };
    head.push('\n');
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A child that does not listen has said why, or will be missed.
            let _ = stdin.write_all(head.as_bytes()).and_then(|()| stdin.write_all(bytes));
        });
        scope.spawn(move || {
            let mut text = String::new();
            let read = stdout.take(LONGEST_ANSWER).read_to_string(&mut text);
            let answer = read.ok().and_then(|_| serde_json::from_str(&text).ok());
            let _ = sender.send(answer);
        });
        let budget = TimeBudget::begin(child.id(), limit);
        let heard = loop {
            let heard = receiver.recv_timeout(GLANCE);
            if heard != Err(RecvTimeoutError::Timeout) || budget.is_over() {
                break heard;
            }
        };
        // Ends the threads, too, when they wait for a child that does nothing.
        let _ = child.kill();
        match heard {
            Ok(Some(answer)) => Heard::Answer(answer),
            Ok(None) => Heard::Nothing,
            Err(_) => Heard::Late,
        }
    })
}

/// What a process started with [`TRIAL_COMMAND`] does: reads a request and a
/// file from its standard input, tries it with `runtime`, and writes one answer.
///
/// # Errors
/// When the request cannot be read or the answer not be written.
pub fn run_trial_child(runtime: &dyn Runtime) -> std::io::Result<()> {
    let mut stdin = std::io::stdin().lock();
    let mut head = String::new();
    stdin.read_line(&mut head)?;
    let request: TrialRequest = serde_json::from_str(&head)?;
    limit_memory(memory_limit(request.bytes))?;
    let mut bytes = Vec::new();
    stdin.read_to_end(&mut bytes)?;
    let answer = match try_here(runtime, &bytes, &request) {
        Ok(report) => Answer::Report(report),
        Err(error) => Answer::Refusal(reason(&error)),
    };
    std::io::stdout().write_all(serde_json::to_string(&answer)?.as_bytes())
}
