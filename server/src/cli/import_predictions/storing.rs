//! Where the reports go: into the data, or to a running server.

use super::{BATCH, Waiting};
use crate::{
    cli::{
        global::Target,
        import::show_faults,
        output::{self, Progress},
    },
    client::Client,
};
use domain::{prediction::Report, time::Timestamp};
use formats::DetectionReport;
use serde::Deserialize;
use serde_json::json;
use service::As;
use tokio::sync::mpsc;

/// Refusals shown one by one; the rest is counted.
const SHOWN_REFUSALS: usize = 20;

/// What became of the reports.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) images: u64,
    pub(super) stored: u64,
    pub(super) repeated: u64,
    pub(super) refused: u64,
    refusals: Vec<String>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

/// Stores what comes, a group at a time; without a target it is only counted.
pub(super) async fn store_all(
    target: Option<&Target>,
    deployment: &str,
    mut receiver: mpsc::Receiver<Waiting>,
) -> anyhow::Result<Outcome> {
    let (mut outcome, mut progress) = (Outcome::default(), Progress::new("predictions"));
    let mut group = Vec::with_capacity(BATCH);
    while receiver.recv_many(&mut group, BATCH).await > 0 {
        let total = group.last().map_or(0, |waiting: &Waiting| waiting.total);
        let reports: Vec<Report> = group.drain(..).map(|waiting| waiting.report).collect();
        outcome.images += reports.len() as u64;
        let times = || reports.iter().filter_map(|report| report.provenance.timestamp);
        outcome.first = outcome.first.into_iter().chain(times()).min();
        outcome.last = outcome.last.into_iter().chain(times()).max();
        match target {
            None => {}
            Some(Target::Data(data)) => {
                let intake = data.service.intake();
                let answers = intake.report_history(&As::system(), deployment, reports).await;
                for answer in answers.map_err(domain::fault::ApiError::from)? {
                    outcome
                        .count(answer.map(|received| received.repeated).map_err(|error| error.to_string()));
                }
            }
            Some(Target::Server(server)) => send(server, deployment, &reports, &mut outcome).await?,
        }
        progress.set(outcome.images, total.max(outcome.images));
    }
    progress.finish();
    Ok(outcome)
}

/// The answer to one line, as far as it is needed.
#[derive(Deserialize)]
struct LineAnswer {
    repeated: Option<bool>,
    problem: Option<LineProblem>,
}

#[derive(Deserialize)]
struct LineProblem {
    detail: String,
}

async fn send(
    server: &Client,
    deployment: &str,
    reports: &[Report],
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let mut body = Vec::new();
    for report in reports {
        serde_json::to_writer(&mut body, report)?;
        body.push(b'\n');
    }
    let path = format!("deployments/{deployment}/predictions");
    let answers = server.post_lines(&path, &[("history", "true")], body.into()).await?;
    for line in answers.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let LineAnswer { repeated, problem } = serde_json::from_slice(line)?;
        outcome.count(problem.map_or(Ok(repeated.unwrap_or_default()), |problem| Err(problem.detail)));
    }
    Ok(())
}

impl Outcome {
    /// Whether one had been stored before, or why it was refused.
    fn count(&mut self, answer: Result<bool, String>) {
        match answer {
            Ok(true) => self.repeated += 1,
            Ok(false) => self.stored += 1,
            Err(why) => {
                self.refused += 1;
                if self.refusals.len() < SHOWN_REFUSALS && !self.refusals.contains(&why) {
                    self.refusals.push(why);
                }
            }
        }
    }
}

pub(super) fn print(
    deployment: &str,
    outcome: &Outcome,
    read: &DetectionReport,
    json: bool,
) -> anyhow::Result<()> {
    let Outcome { images, stored, repeated, refused, refusals, first, last } = outcome;
    let (left_out_images, left_out_boxes) = read.left_out;
    if json {
        return output::json(&json!({
            "deployment": deployment, "images": images, "boxes": read.boxes, "stored": stored,
            "repeated": repeated, "refused": refused, "refusals": refusals, "from": first, "to": last,
            "left_out": { "images": left_out_images, "boxes": left_out_boxes }, "faults": read.faults,
        }));
    }
    show_faults(&read.faults);
    refusals.iter().for_each(|why| output::note(&format!("refused: {why}")));
    let span = first.zip(*last).map(|(first, last)| format!(", from {first} to {last}")).unwrap_or_default();
    output::line(&format!("{images} images, {} boxes{span}", read.boxes));
    output::line(&format!("{deployment}: {stored} stored, {repeated} there before, {refused} refused"));
    if read.left_out != (0, 0) {
        output::line(&format!("left out as faulty: {left_out_images} images, {left_out_boxes} boxes"));
    }
    Ok(())
}
