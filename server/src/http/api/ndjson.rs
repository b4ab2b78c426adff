//! Many reports at once: one JSON object a line in, one a line out, in the
//! same order. A faulty line fails alone.
//!
//! The answers are collected and sent at the end: a client that writes all
//! before it reads would otherwise wait for us while we wait for it. They are
//! kept in a file once there are many.

use super::{
    reports::{check_key, read_json},
    spool::Spool,
};
use crate::http::{
    AppState,
    admission::Unread,
    body::broken_off,
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
use serde::Serialize;
use service::{As, KeyedReport, Reviewer};
use utoipa::ToSchema;
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

/// Stores all lines of a request.
///
/// # Errors
/// Only for what concerns all lines: who may not report has been told before.
pub(super) async fn report_lines(
    state: &AppState,
    deployment: &str,
    unread: Unread<Reviewer>,
) -> Result<Response, Problem> {
    let Unread { actor, body, mut share, .. } = unread;
    let mut batch = Batch {
        state,
        actor: &actor,
        deployment,
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
        let found = memchr::memchr(b'\n', self.rest.get(self.searched..)?);
        let Some(end) = found.map(|end| self.searched + end + 1) else {
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
    deployment: &'a str,
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
        match parse(text) {
            Ok((report, key)) => {
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
        let results = match reports.is_empty() {
            true => Vec::new(),
            false => self.state.service.intake().report_many(self.actor, self.deployment, reports).await?,
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
    let (report, key) = read_json(text)?.checked()?;
    if let Some(key) = &key {
        check_key(key)?;
    }
    Ok((report, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_the_same_however_they_come() {
        let text = b"one\n\ntwo two\nrest";
        for size in 1..=text.len() {
            let (mut lines, mut found) = (Lines::default(), Vec::new());
            for chunk in text.chunks(size) {
                lines.extend(chunk);
                while let Some(line) = lines.next() {
                    found.push((lines.number, line));
                }
            }
            let expected: [(usize, &[u8]); 3] = [(1, b"one\n"), (2, b"\n"), (3, b"two two\n")];
            assert!(found.iter().map(|(n, line)| (*n, line.as_ref())).eq(expected), "{size}: {found:?}");
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
