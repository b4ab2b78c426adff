//! Many reports at once: one JSON object a line in, one a line out, in the
//! same order. A faulty line fails alone.
//!
//! The answers are collected and sent at the end: a client that writes all
//! before it reads would otherwise wait for us while we wait for it.

use super::reports::{check_key, read_json};
use crate::http::{
    AppState,
    body::broken_off,
    problem::{Problem, ProblemBody},
    telemetry,
};
use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use domain::{access::Actor, fault::ApiError, prediction::Report};
use futures::StreamExt;
use http::header;
use serde::Serialize;
use service::KeyedReport;
use utoipa::ToSchema;
use uuid::Uuid;

/// Lines that are stored together.
const BATCH: usize = 256;
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
/// Only for what concerns all lines, such as a missing deployment or role.
pub(super) async fn report_lines(
    state: &AppState,
    actor: &Actor,
    deployment: &str,
    request: Request,
) -> Result<Response, Problem> {
    // Asked once up front, so that an empty or wholly faulty request also
    // hears that the deployment is not there.
    state.service.deployment(actor, deployment).await?;
    let _share = state.bodies.reserve(2 * LINE_BYTES).await?;
    let mut batch =
        Batch { state, actor, deployment, waiting: Vec::new(), faults: Vec::new(), answers: BytesMut::new() };
    let mut stream = request.into_body().into_data_stream();
    let mut buffer = BytesMut::new();
    let mut line = 0;
    while let Some(chunk) = stream.next().await {
        buffer.extend_from_slice(&chunk.map_err(broken_off)?);
        while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            line += 1;
            let text = buffer.split_to(end + 1).freeze();
            batch.take(line, &text).await?;
        }
        if buffer.len() > LINE_BYTES {
            let message = format!("Line {} is longer than {LINE_BYTES} bytes.", line + 1);
            return Err(Problem(ApiError::new(domain::fault::ErrorKind::TooLarge, message)));
        }
        if line >= LINES {
            batch.flush().await?;
            let message =
                format!("More than {LINES} lines: the first {line} are stored. Send the rest apart.");
            return Err(Problem(ApiError::new(domain::fault::ErrorKind::TooLarge, message)));
        }
    }
    batch.take(line + 1, &buffer.freeze()).await?;
    batch.flush().await?;
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], batch.answers.freeze()).into_response())
}

struct Batch<'a> {
    state: &'a AppState,
    actor: &'a Actor,
    deployment: &'a str,
    waiting: Vec<(usize, Report, Option<String>)>,
    faults: Vec<(usize, Problem)>,
    answers: BytesMut,
}

impl Batch<'_> {
    async fn take(&mut self, line: usize, text: &Bytes) -> Result<(), Problem> {
        if text.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        match parse(text) {
            Ok((report, key)) => self.waiting.push((line, report, key)),
            Err(problem) => self.faults.push((line, problem)),
        }
        if self.waiting.len() + self.faults.len() >= BATCH {
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
            false => self.state.service.report_many(self.actor, self.deployment, reports).await?,
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
            let text = serde_json::to_vec(&answer).map_err(broken_off)?;
            self.answers.extend_from_slice(&text);
            self.answers.extend_from_slice(b"\n");
        }
        Ok(())
    }
}

fn refused(line: usize, error: &ApiError) -> LineAnswer {
    LineAnswer { line, id: None, repeated: None, problem: Some(ProblemBody::from(error)) }
}

fn parse(text: &[u8]) -> Result<(Report, Option<String>), Problem> {
    let (report, key) = read_json(text)?.checked()?;
    if let Some(key) = &key {
        check_key(key)?;
    }
    Ok((report, key))
}
