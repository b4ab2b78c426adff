//! The child that watches a trainer at work.
//!
//! It reads an order from its stdin and then `stop` or `suspend`; a stdin that
//! ends is a parent that is gone. It tells what the trainer tells, and a last
//! line with what became of it. Before that line everything that the trainer
//! began has ended.

mod ends;
mod pipes;
mod telling;

use super::{
    config::TrainerCommand,
    gate::{EVENTS, Gate, LINES, LastLines},
    group,
    speech::{Line, TrainerEvent},
};
use crate::trainer_process::{LastLine, lower_priority, write_line};
use anyhow::Context as _;
use domain::training::{MODEL_FILE, OUTPUT_FOLDER, TrainError, TrainEvent, TrainOutcome, TrainerJob};
use ends::{Ended, Wish, killed_by};
use pipes::{Message, start, watch_parent};
use serde::{Deserialize, Serialize};
use std::{
    io::{BufRead, Write},
    process::{Child, ChildStdin, ExitStatus},
    sync::mpsc::{Receiver, RecvTimeoutError, sync_channel},
    time::{Duration, Instant},
};
use telling::{say, say_left_out};

/// The hidden command that makes a process the child.
pub(crate) const SUPERVISOR_COMMAND: &str = "watch-trainer";
/// Lines on their way; a trainer that prints faster waits.
const WAITING_LINES: usize = 256;
/// How often it is looked whether the trainer has ended.
const LOOK: Duration = Duration::from_millis(50);
/// Bytes that a trainer may print in all.
const MOST_OUTPUT: u64 = 1 << 30;
/// After `suspend` its server ends soon.
const SUSPENDED_WITHIN: Duration = Duration::from_secs(2);
/// Lines wait for the trainer to say where it begins, so that those of an
/// earlier attempt are known to be old: so many, or so long.
const HELD_LINES: usize = 50;
const HELD_FOR: Duration = Duration::from_secs(5);

/// What the child is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) command: TrainerCommand,
    pub(crate) job: TrainerJob,
}

/// What the child does.
///
/// # Errors
/// When stdin or stdout fail; a training that fails is told in the last line.
pub(crate) fn run_supervisor() -> anyhow::Result<()> {
    lower_priority();
    group::adopt_orphans();
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("no order on stdin")?;
    let order: Order = serde_json::from_str(&line).context("the order on stdin is malformed")?;
    let (sender, receiver) = sync_channel(WAITING_LINES);
    watch_parent(sender.clone());
    let result = match start(&order, sender) {
        Ok((child, stdin)) => Watch::new(&order, child, stdin).until_the_end(&receiver),
        Err(error) => {
            let program = order.command.words.first().map_or("", String::as_str);
            Err(TrainError::Trainer(format!("The trainer does not start: {program}: {error}")))
        }
    };
    let last = match result {
        Ok(outcome) => LastLine::Outcome { outcome },
        Err(error) => error.into(),
    };
    write_line(&mut std::io::stdout().lock(), &last)
}

/// A trainer that is watched.
struct Watch<'a> {
    order: &'a Order,
    child: Child,
    stdin: ChildStdin,
    begun: Instant,
    last_sign: Instant,
    wish: Option<(Wish, Instant)>,
    bytes: u64,
    step: u32,
    /// Lines that wait for the first event; `None` once it was told.
    held: Option<Vec<String>>,
    lines: Gate,
    events: Gate,
    last: LastLines,
    open_pipes: u8,
}

impl<'a> Watch<'a> {
    fn new(order: &'a Order, child: Child, stdin: ChildStdin) -> Self {
        let begun = Instant::now();
        Self {
            order,
            child,
            stdin,
            begun,
            last_sign: begun,
            wish: None,
            bytes: 0,
            step: 0,
            held: Some(Vec::new()),
            lines: Gate::new(LINES),
            events: Gate::new(EVENTS),
            last: LastLines::default(),
            open_pipes: 2,
        }
    }

    fn until_the_end(mut self, receiver: &Receiver<Message>) -> Result<TrainOutcome, TrainError> {
        let ended = loop {
            match receiver.recv_timeout(LOOK) {
                Ok(message) => self.hear(message),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
            if group::has_ended(&mut self.child) {
                break Ended::Itself;
            }
            if let Some(ended) = self.reason_to_end() {
                break ended;
            }
        };
        if ended != Ended::Itself {
            // It may have ended meanwhile.
            let _ = self.child.kill();
        }
        let status = self.child.wait().map_err(|error| TrainError::Failed(error.to_string()))?;
        group::kill_descendants();
        self.drain(receiver);
        self.release_held(0);
        self.tell_what_was_cut();
        self.verdict(ended, status)
    }

    /// What was printed before the end.
    fn drain(&mut self, receiver: &Receiver<Message>) {
        while self.open_pipes > 0 && self.bytes < MOST_OUTPUT {
            match receiver.recv_timeout(Duration::from_secs(1)) {
                Ok(message) => self.hear(message),
                Err(_) => return,
            }
        }
    }

    fn hear(&mut self, message: Message) {
        match message {
            Message::Line(line, bytes) => {
                self.last_sign = Instant::now();
                self.bytes += bytes as u64;
                match Line::read(&line) {
                    Some(Line::Event(event)) => self.tell(event),
                    Some(Line::Log(line)) => self.log(line),
                    None => {}
                }
            }
            Message::Ended => self.open_pipes = self.open_pipes.saturating_sub(1),
            Message::Stop => self.wish_for(Wish::Stop),
            Message::Suspend => self.wish_for(Wish::Suspend),
        }
    }

    fn tell(&mut self, event: TrainerEvent) {
        self.step = event.step().unwrap_or(self.step).max(self.step);
        if let TrainerEvent::Started { step } = event {
            // It says so once, and before anything else.
            self.release_held(step);
            return;
        }
        self.release_held(0);
        let passes = matches!(event, TrainerEvent::Checkpoint { .. })
            || self.events.pass(self.begun.elapsed()).is_some();
        if passes {
            event.events().iter().for_each(say);
        }
    }

    fn log(&mut self, line: String) {
        if let Some(held) = &mut self.held {
            held.push(line);
            if held.len() >= HELD_LINES || self.begun.elapsed() >= HELD_FOR {
                self.release_held(0);
            }
            return;
        }
        let passed = self.lines.pass(self.begun.elapsed());
        self.last.push(&line, passed.is_some());
        if let Some(left_out) = passed {
            say_left_out(left_out, "lines");
            say(&TrainEvent::Log { message: line });
        }
    }

    /// Says where the trainer begins, if that was not said yet, and then what
    /// waited for it.
    fn release_held(&mut self, step: u32) {
        if let Some(held) = self.held.take() {
            say(&TrainEvent::Started { step });
            held.into_iter().for_each(|line| self.log(line));
        }
    }

    fn tell_what_was_cut(&mut self) {
        let unlogged = self.last.unlogged().count() as u64;
        say_left_out(self.lines.left_out().saturating_sub(unlogged), "lines");
        for line in self.last.unlogged() {
            say(&TrainEvent::Log { message: line.to_owned() });
        }
        say_left_out(self.events.left_out(), "events");
    }

    fn wish_for(&mut self, wish: Wish) {
        let word: &[u8] = if wish == Wish::Suspend { b"suspend\n" } else { b"stop\n" };
        if self.wish.is_none_or(|(earlier, _)| earlier != wish) {
            self.wish = Some((wish, Instant::now()));
            // One that does not read, or has closed it, is ended in the end.
            if let Err(error) = self.stdin.write_all(word).and_then(|()| self.stdin.flush()) {
                tracing::debug!(%error, "the trainer did not hear that it should end");
            }
        }
    }

    fn reason_to_end(&mut self) -> Option<Ended> {
        let limit = self.order.job.time_limit_s;
        if limit > 0 && self.wish.is_none() && self.begun.elapsed() >= Duration::from_secs(limit) {
            self.wish_for(Wish::TimeLimit);
        }
        let late = self.wish.is_some_and(|(wish, since)| {
            let patience = match wish {
                Wish::Suspend => SUSPENDED_WITHIN,
                Wish::Stop | Wish::TimeLimit => Duration::from_secs(self.order.command.stop_s),
            };
            since.elapsed() >= patience
        });
        if late {
            return Some(Ended::Late);
        }
        if self.bytes >= MOST_OUTPUT {
            return Some(Ended::Flooding);
        }
        let silence = Duration::from_secs(self.order.command.silence_s);
        (self.last_sign.elapsed() >= silence).then_some(Ended::Silent)
    }

    fn verdict(&self, ended: Ended, status: ExitStatus) -> Result<TrainOutcome, TrainError> {
        let model = self.order.job.folder.join(OUTPUT_FOLDER).join(MODEL_FILE);
        let wish = self.wish.map(|(wish, _)| wish);
        if ended == Ended::Itself && status.success() && model.is_file() {
            return Ok(TrainOutcome {
                steps: self.step,
                seconds: self.begun.elapsed().as_secs_f64(),
                stopped_early: wish.is_some(),
                validation: None,
                // Who takes the model hashes it; nothing was done to it here.
                sha256: String::new(),
            });
        }
        let why = match (ended, wish) {
            (_, Some(Wish::Suspend)) => return Err(TrainError::Suspended),
            (_, Some(Wish::Stop)) => return Err(TrainError::Stopped),
            (Ended::Late, _) => format!(
                "the time limit of {} s passed, and it did not end with a model within {} s of being told so",
                self.order.job.time_limit_s, self.order.command.stop_s
            ),
            (Ended::Silent, _) => {
                format!("it said nothing for {} s and was ended", self.order.command.silence_s)
            }
            (Ended::Flooding, _) => format!("it printed more than {} MiB and was ended", MOST_OUTPUT >> 20),
            (Ended::Itself, _) if status.success() => {
                format!("it ended and left no {OUTPUT_FOLDER}/{MODEL_FILE}")
            }
            (Ended::Itself, _) => {
                if let Some(signal) = killed_by(status) {
                    return Err(TrainError::Killed(format!("the trainer was killed by signal {signal}")));
                }
                format!("it ended with {status}")
            }
        };
        let name = &self.order.command.name;
        let lines: Vec<&str> = self.last.all().collect();
        let lines =
            if lines.is_empty() { String::new() } else { format!(". Its last lines:\n{}", lines.join("\n")) };
        Err(TrainError::Trainer(format!("The trainer {name} failed: {why}{lines}")))
    }
}
