//! Asks a trainer about itself: its command with `--describe` after it, in a
//! clean environment, with little time and little to say.

use super::{config::TrainerCommand, group, speech::plain};
use crate::trainer_process::clean_command;
use domain::training::TrainerDescription;
use std::{
    io::Read,
    path::Path,
    process::Stdio,
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

/// A program that loads a large library before it answers takes this long.
const PATIENCE: Duration = Duration::from_secs(30);
const LARGEST: u64 = 256 << 10;
/// Of what it complains.
const LAST_LINES: usize = 3;
/// Its pipes end with it, unless something else still holds them.
const DRAINED: Duration = Duration::from_secs(1);

/// What the trainer prints on `--describe`, read.
///
/// # Errors
/// Why there is no description, in a sentence.
pub(super) fn ask(trainer: &TrainerCommand) -> Result<TrainerDescription, String> {
    ask_within(trainer, PATIENCE)
}

#[allow(clippy::disallowed_methods, reason = "nothing tells that a process has ended: it is looked for")]
fn ask_within(trainer: &TrainerCommand, patience: Duration) -> Result<TrainerDescription, String> {
    let [program, arguments @ ..] = trainer.words.as_slice() else {
        return Err("there is no command".to_owned());
    };
    let mut command = clean_command(Path::new(program), &trainer.environment);
    command.args(arguments).arg("--describe");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("{program} does not start: {error}"))?;
    let (answer, complaint) = (read(child.stdout.take()), read(child.stderr.take()));
    let until = Instant::now() + patience;
    while !group::has_ended(&mut child) && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10)); // paced: a look whether the process has ended
    }
    let ended = group::has_ended(&mut child);
    group::kill(&child, true);
    let status = child.wait().map_err(|error| format!("{program} is lost: {error}"))?;
    if !ended {
        return Err(format!("it did not answer to --describe within {} s", patience.as_secs_f64()));
    }
    let said = |pipe: Receiver<String>| pipe.recv_timeout(DRAINED).unwrap_or_default();
    if !status.success() {
        let complaint = said(complaint);
        let lines: Vec<String> = complaint.lines().map(plain).filter(|line| !line.is_empty()).collect();
        let shown = lines.iter().rev().take(LAST_LINES).rev().cloned().collect::<Vec<_>>().join("; ");
        return Err(format!("--describe ended with {status}. {shown}").trim().to_owned());
    }
    TrainerDescription::read(&said(answer))
}

/// All that comes, up to the most; on a thread, since whatever the trainer
/// began may hold the pipe open.
fn read(pipe: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = channel();
    if let Some(pipe) = pipe {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Err(error) = pipe.take(LARGEST).read_to_end(&mut bytes) {
                tracing::debug!(%error, "what a trainer says of itself is not read to its end");
            }
            // Nobody listens once it took too long.
            let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
        });
    }
    receiver
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use domain::name::Name;

    fn asked(script: &str) -> Result<TrainerDescription, String> {
        let words = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        let name = Name::new("yolo").expect("a name");
        let trainer = TrainerCommand { name, words, silence_s: 1, stop_s: 1, environment: Vec::new() };
        ask_within(&trainer, Duration::from_millis(1500))
    }

    #[test]
    fn a_trainer_describes_itself_or_it_is_said_why_not() {
        let described =
            asked("echo '{\"protocol\":1,\"about\":\"a test\"}'; echo noise >&2").expect("described");
        assert_eq!(described.about, "a test");
        let failed = asked("echo 'no module named yolo' >&2; exit 3").expect_err("failed");
        assert_eq!(failed, "--describe ended with exit status: 3. no module named yolo");
        assert!(asked("echo hello").expect_err("no JSON").contains("no JSON"));
        assert!(asked("sleep 60").expect_err("slow").contains("did not answer"));
        // It neither blocks nor fills the memory.
        assert!(asked("yes & exec sleep 60").expect_err("a flood").contains("did not answer"));
        // What holds its pipe open ends with it.
        assert!(asked("sleep 60 & echo '{\"protocol\":1}'").is_ok());
    }
}
