//! Many reports at once: one JSON object a line in, one a line out, in the
//! same order. A faulty line fails alone.
//!
//! The answers are collected and sent at the end: a client that writes all
//! before it reads would otherwise wait for us while we wait for it. They are
//! kept in a file once there are many.

use super::{idempotency::check_key, report_body::read_json, spool::Spool};
use crate::http::{
    AppState,
    admission::Unread,
    body::broken_off,
    json_faults,
    problem::{Problem, ProblemBody, shortened},
    telemetry,
};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use domain::{
    fault::{ApiError, ErrorKind},
    prediction::Report,
};
use futures::StreamExt;
use http::header;
use serde::{Deserialize, Serialize};
use service::{Admin, As, KeyedReport, Reviewer};
use sha2::{Digest as _, Sha256};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Lines that are stored together, and their bytes: what is parsed of them is
/// in memory until then.
const BATCH: usize = 256;
const BATCH_BYTES: usize = 1024 * 1024;
/// How much more memory a parsed line takes than its text, at most; what could
/// take more is counted while it is read.
const PARSED: usize = 4;
/// Bytes of one line.
const LINE_BYTES: usize = 1024 * 1024;
/// Lines of one request; bounds what is kept of the answer.
const LINES: usize = 200_000;

/// What such bodies are called: there is no registered name.
pub(super) const MEDIA_TYPES: [&str; 8] = [
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonl",
    "application/jsonlines",
    "application/x-jsonlines",
    "application/json-lines",
    "application/x-json-stream",
];

/// Whether reports are of the past.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct HistoryParams {
    /// Admins, NDJSON: each line is stored as if it had arrived at its
    /// timestamp, and once however often it is sent.
    #[serde(default)]
    pub(super) history: bool,
}

/// The answer to one line.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LineAnswer {
    /// Counted from 1; empty lines count too.
    line: usize,
    /// The prediction that was stored, now or before.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Uuid>,
    /// Whether it had been stored before under the same key.
    #[serde(skip_serializing_if = "Option::is_none")]
    repeated: Option<bool>,
    /// Why the line was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<ProblemBody>,
}

/// Stores all lines of a request; as of the time that each names when they are
/// `history`. Under the `key` of the request, a line without a key of its own
/// has that of its number: the same lines sent again are stored once.
///
/// # Errors
/// Only for what concerns all lines: who may not report has been told before.
pub(super) async fn report_lines(
    state: &AppState,
    deployment: &str,
    history: bool,
    key: Option<&str>,
    unread: Unread<Reviewer>,
) -> Result<Response, Problem> {
    let historian = history.then(|| As::check(unread.actor.actor())).transpose()?;
    let Unread { actor, body, mut share, .. } = unread;
    let mut batch = Batch {
        state,
        actor: &actor,
        historian,
        deployment,
        key: key.map(|key| format!("{:x}", Sha256::digest(key))),
        waiting: Vec::new(),
        faults: Vec::new(),
        bytes: 0,
        answers: Spool::new(state.store.blobs().scratch_folder()),
    };
    let mut stream = body.into_data_stream();
    let mut lines = Lines::default();
    while let Some(chunk) = stream.next().await {
        lines.extend(&chunk.map_err(broken_off)?);
        while let Some(text) = lines.next() {
            share.hold(LINE_BYTES + PARSED * (batch.bytes + text.len())).await?;
            batch.take(lines.number, &text).await?;
            if lines.number >= LINES {
                batch.flush().await?;
                let message = format!("More than {LINES} lines: these are stored. Send the rest apart.");
                return Err(Problem::new(ErrorKind::TooLarge, message));
            }
        }
        if batch.bytes == 0 {
            share.shrink_to(LINE_BYTES);
        }
        if lines.rest.len() > LINE_BYTES {
            let message = format!("Line {} is longer than {LINE_BYTES} bytes.", lines.number + 1);
            return Err(Problem::new(ErrorKind::TooLarge, message));
        }
    }
    batch.take(lines.number + 1, &lines.rest.freeze()).await?;
    batch.flush().await?;
    let answers = batch.answers.into_body().await?;
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], answers).into_response())
}

/// What came, cut at the ends of lines.
#[derive(Default)]
struct Lines {
    rest: BytesMut,
    /// Bytes of the rest that were searched and have no end of a line: a line
    /// that comes byte by byte is not searched anew with each.
    searched: usize,
    /// Of the line that was given last, from 1.
    number: usize,
}

impl Lines {
    fn extend(&mut self, chunk: &[u8]) {
        self.rest.extend_from_slice(chunk);
    }

    /// The next whole line with its end.
    fn next(&mut self) -> Option<Bytes> {
        let newline = memchr::memchr(b'\n', self.rest.get(self.searched..)?);
        let Some(end) = newline.map(|end| self.searched + end + 1) else {
            self.searched = self.rest.len();
            return None;
        };
        self.searched = 0;
        self.number += 1;
        Some(self.rest.split_to(end).freeze())
    }
}

struct Batch<'a> {
    state: &'a AppState,
    actor: &'a As<Reviewer>,
    /// Who may say that the lines are of the past, when they are.
    historian: Option<As<Admin>>,
    deployment: &'a str,
    /// A hash of the key of the whole request: with a number behind it, a key of
    /// any length would be too long.
    key: Option<String>,
    waiting: Vec<(usize, Report, Option<String>)>,
    faults: Vec<(usize, Problem)>,
    /// Of the texts of those that wait.
    bytes: usize,
    answers: Spool,
}

impl Batch<'_> {
    async fn take(&mut self, line: usize, text: &Bytes) -> Result<(), Problem> {
        if text.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        // A mark that some programs write before the first line.
        let text = if line == 1 { text.slice_ref(json_faults::without_mark(text)) } else { text.clone() };
        match parse(&text) {
            Ok((report, key)) => {
                let key = key.or_else(|| self.key.as_ref().map(|whole| format!("{whole} {line}")));
                self.waiting.push((line, report, key));
                self.bytes += text.len();
            }
            Err(problem) => self.faults.push((line, problem)),
        }
        if self.waiting.len() + self.faults.len() >= BATCH || self.bytes >= BATCH_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Problem> {
        let (mut lines, mut reports) = (Vec::new(), Vec::new());
        for (line, report, key) in self.waiting.drain(..) {
            lines.push(line);
            reports.push(KeyedReport { report, idempotency_key: key });
        }
        let intake = self.state.service.intake();
        let results = match &self.historian {
            _ if reports.is_empty() => Vec::new(),
            Some(admin) => {
                let reports = reports.into_iter().map(|keyed| keyed.report).collect();
                intake.report_history(admin, self.deployment, reports).await?
            }
            None => intake.report_many(self.actor, self.deployment, reports).await?,
        };
        let stored = results.iter().filter(|result| result.as_ref().is_ok_and(|one| !one.repeated)).count();
        telemetry::stored("reported", stored as u64);
        let mut answers: Vec<LineAnswer> = lines
            .into_iter()
            .zip(results)
            .map(|(line, result)| match result {
                Ok(one) => {
                    LineAnswer { line, id: Some(one.id.0), repeated: Some(one.repeated), problem: None }
                }
                Err(error) => refused(line, &error),
            })
            .collect();
        answers.extend(self.faults.drain(..).map(|(line, problem)| refused(line, &problem.0)));
        answers.sort_by_key(|answer| answer.line);
        for answer in answers {
            let mut text = serde_json::to_vec(&answer).map_err(broken_off)?;
            text.push(b'\n');
            self.answers.push(&text).await?;
        }
        self.bytes = 0;
        Ok(())
    }
}

fn refused(line: usize, error: &ApiError) -> LineAnswer {
    let mut problem = ProblemBody::from(error);
    problem.detail = shortened(&problem.detail);
    problem.place = problem.place.as_deref().map(shortened);
    LineAnswer { line, id: None, repeated: None, problem: Some(problem) }
}

pub(super) fn parse(text: &[u8]) -> Result<(Report, Option<String>), Problem> {
    let body = read_json(text).map_err(|problem| {
        match problem.0.message.starts_with(json_faults::ENDS_TOO_EARLY) {
            true => Problem::invalid(
                "body",
                "The line is no whole JSON object: write one object a line, without breaks.",
            ),
            false => problem,
        }
    })?;
    let (report, key) = body.checked()?;
    if let Some(key) = &key {
        check_key(key)?;
    }
    Ok((report, key))
}

/// A line as a report, without its key.
///
/// # Errors
/// What is wrong with it, in words.
pub(crate) fn report_of_line(text: &[u8]) -> Result<Report, String> {
    parse(text).map(|(report, _)| report).map_err(|problem| problem.0.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_the_same_however_they_come() {
        let text = b"one\n\ntwo two\nrest";
        for size in 1..=text.len() {
            let (mut lines, mut cut_lines) = (Lines::default(), Vec::new());
            for chunk in text.chunks(size) {
                lines.extend(chunk);
                while let Some(line) = lines.next() {
                    cut_lines.push((lines.number, line));
                }
            }
            let expected: [(usize, &[u8]); 3] = [(1, b"one\n"), (2, b"\n"), (3, b"two two\n")];
            assert!(
                cut_lines.iter().map(|(n, line)| (*n, line.as_ref())).eq(expected),
                "{size}: {cut_lines:?}"
            );
            assert_eq!(&lines.rest[..], b"rest", "{size}");
        }
    }

    #[test]
    fn what_was_searched_is_not_searched_again() {
        let mut lines = Lines::default();
        lines.extend(&[b'x'; 1000]);
        assert!(lines.next().is_none());
        assert_eq!(lines.searched, 1000);
        lines.extend(b"\n");
        assert_eq!(lines.next().map(|line| line.len()), Some(1001));
        assert_eq!(lines.searched, 0);
    }
}
