//! What the parent wants and what the trainer prints, as messages.

use super::Order;
use crate::trainers::{group, speech::read_lines};
use std::{
    io::BufRead,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::SyncSender,
};

pub(super) enum Message {
    /// A line, and the bytes that were read for it.
    Line(String, usize),
    /// A pipe has ended.
    Ended,
    Stop,
    Suspend,
}

/// The wishes of the parent. Without one nobody waits for the trainer.
pub(super) fn watch_parent(sender: SyncSender<Message>) {
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            let message = match line.trim() {
                "stop" => Message::Stop,
                "suspend" => Message::Suspend,
                _ => continue,
            };
            if sender.send(message).is_err() {
                return;
            }
        }
        group::kill_all_below();
        std::process::exit(1);
    });
}

pub(super) fn start(order: &Order, sender: SyncSender<Message>) -> std::io::Result<(Child, ChildStdin)> {
    let [program, arguments @ ..] = order.command.words.as_slice() else {
        return Err(std::io::ErrorKind::NotFound.into());
    };
    let mut command = Command::new(program);
    command.args(arguments).arg(&order.job.folder).current_dir(&order.job.folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let missing = || std::io::Error::from(std::io::ErrorKind::BrokenPipe);
    let stdin = child.stdin.take().ok_or_else(missing)?;
    forward(child.stdout.take().ok_or_else(missing)?, sender.clone());
    forward(child.stderr.take().ok_or_else(missing)?, sender);
    Ok((child, stdin))
}

fn forward(pipe: impl std::io::Read + Send + 'static, sender: SyncSender<Message>) {
    std::thread::spawn(move || {
        read_lines(pipe, |line, bytes| sender.send(Message::Line(line, bytes)).is_ok());
        // Nobody waits for it once the trainer was ended.
        let _ = sender.send(Message::Ended);
    });
}
