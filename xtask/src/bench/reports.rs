//! Predictions reported by others: how many a second, and whether each one that
//! was answered survives the sudden end of the process.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::json;

use super::figures::{Row, Times};
use super::http::Content;
use super::server::{Server, Site};
use super::{Bed, machine};

/// Reports of the measurement, and how many are under way at once.
const REPORTS: u64 = 20_000;
const IN_FLIGHT: u64 = 32;
/// Lines of one NDJSON request, and how many such requests.
const LINES: u64 = 2_000;
const BATCHES: u64 = 10;
/// Boxes of one report.
const BOXES: u64 = 10;
/// Where reports go.
const PATH: &str = "/api/v1/deployments/outside/predictions";

/// Measures one by one, in batches, and with a kill in the middle.
pub(super) fn measure(bed: &Bed) -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let site = Site::new(bed, folder.path());
    site.run(&["model", "register", "outside", "--labels", "a,b,c"])?;
    site.run(&["deploy", "--name", "outside", "--model", "outside/1"])?;
    let token = site.token()?;

    let server = site.serve(token.clone())?;
    let started = Instant::now();
    let times = send_all(&server, 0..REPORTS, &AtomicU64::new(0))?;
    let rate = REPORTS as f64 / started.elapsed().as_secs_f64();
    let stored = count(&server)?;

    let started = Instant::now();
    send_batches(&server)?;
    let batch_rate = (LINES * BATCHES) as f64 / started.elapsed().as_secs_f64();
    let stored_batches = count(&server)? - stored;
    let memory = machine::resident(server.pid()).unwrap_or(0);

    let (answered, lost, twice) = kill_in_the_middle(&site, server, &token)?;
    Ok(vec![
        Row::judged(
            "reports, 32 in flight",
            format!("{rate:.0} a second, {} lost, {}", REPORTS - stored.min(REPORTS), times.describe()),
            "≥ 1,000 a second, none lost",
            rate >= 1000.0 && stored == REPORTS,
        ),
        Row::judged(
            "reports, NDJSON",
            format!("{batch_rate:.0} a second"),
            "faster than one by one",
            batch_rate > rate && stored_batches == LINES * BATCHES,
        ),
        Row::plain("resident memory after reports", format!("{} MB", memory / 1_000_000)),
        Row::judged(
            "kill -9 in the middle",
            format!("{answered} answered, {lost} lost, {twice} twice"),
            "none lost, none twice",
            answered > 0 && lost == 0 && twice == 0,
        ),
    ])
}

fn report(number: u64) -> serde_json::Value {
    let boxes: Vec<_> = (0..BOXES)
        .map(|index| {
            let label = ["a", "b", "c"].into_iter().cycle().nth(usize::try_from(index).unwrap_or(0));
            let at = (number * 7 + index * 53) % 500;
            json!({"label": label, "score": 0.3 + index as f64 * 0.06, "x": at, "y": at / 2, "w": 40, "h": 30})
        })
        .collect();
    json!({"filename": format!("{number}.jpg"), "width": 640, "height": 480,
        "latency_ms": 20 + number % 30, "boxes": boxes})
}

/// Sends reports with these numbers as keys; every answer adds to `answered`.
fn send_all(server: &Server, numbers: std::ops::Range<u64>, answered: &AtomicU64) -> Result<Times> {
    let times = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..IN_FLIGHT)
            .map(|client| {
                let mine = numbers.clone().skip(usize::try_from(client).unwrap_or(0));
                scope.spawn(move || send_some(server, mine.step_by(IN_FLIGHT as usize), answered))
            })
            .collect();
        let joined =
            clients.into_iter().map(|thread| thread.join().map_err(|_| anyhow!("a client panicked"))?);
        joined.collect::<Result<Vec<_>>>()
    })?;
    Times::new(times.into_iter().flatten().collect()).context("no report was sent")
}

fn send_some(
    server: &Server,
    numbers: impl Iterator<Item = u64>,
    answered: &AtomicU64,
) -> Result<Vec<Duration>> {
    let mut connection = server.connect()?;
    let mut times = Vec::new();
    for number in numbers {
        let (body, key) = (serde_json::to_vec(&report(number))?, format!("report-{number}"));
        let sent = Instant::now();
        let content = Content { media_type: "application/json", body: &body, idempotency_key: Some(&key) };
        connection.post(PATH, &content)?.ok()?;
        times.push(sent.elapsed());
        answered.fetch_add(1, Ordering::Relaxed);
    }
    Ok(times)
}

fn send_batches(server: &Server) -> Result<()> {
    let mut connection = server.connect()?;
    for batch in 0..BATCHES {
        let first = 10_000_000 + batch * LINES;
        let mut lines = Vec::new();
        for number in first..first + LINES {
            serde_json::to_writer(&mut lines, &report(number))?;
            lines.push(b'\n');
        }
        let content = Content { media_type: "application/x-ndjson", body: &lines, idempotency_key: None };
        let answer = connection.post(PATH, &content)?.ok()?;
        let answers = answer.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count() as u64;
        ensure!(answers == LINES, "{answers} answers to {LINES} lines");
    }
    Ok(())
}

fn count(server: &Server) -> Result<u64> {
    let body = server.connect()?.get(&format!("{PATH}/count"))?.ok()?;
    let answer: serde_json::Value = serde_json::from_slice(&body)?;
    answer.get("count").and_then(serde_json::Value::as_u64).context("an answer without a count")
}

/// Kills the server while reports come in, starts it again and sends the
/// answered ones once more: what is then stored beyond them was lost or doubled.
fn kill_in_the_middle(site: &Site, server: Server, token: &str) -> Result<(u64, u64, u64)> {
    let before = count(&server)?;
    let first = 20_000_000;
    let answered = std::sync::Mutex::new(Vec::new());
    let enough = AtomicU64::new(0);
    let (address, open_token) = (server.address, server.token.clone());
    std::thread::scope(|scope| -> Result<()> {
        for client in 0..IN_FLIGHT {
            let (answered, enough, open_token) = (&answered, &enough, open_token.as_str());
            scope.spawn(move || -> Result<()> {
                let mut connection = super::http::Connection::open(address, open_token)?;
                for number in (first + client..).step_by(IN_FLIGHT as usize) {
                    let (body, key) = (serde_json::to_vec(&report(number))?, format!("report-{number}"));
                    let content =
                        Content { media_type: "application/json", body: &body, idempotency_key: Some(&key) };
                    // The connection breaks when the server is killed: that ends the client.
                    connection.post(PATH, &content)?.ok()?;
                    answered.lock().map_err(|_| anyhow!("a client panicked"))?.push(number);
                    enough.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            });
        }
        while enough.load(Ordering::Relaxed) < 2_000 {
            std::thread::yield_now();
        }
        server.kill()
    })?;
    let answered = answered.into_inner().map_err(|_| anyhow!("a client panicked"))?;

    let server = site.serve(token.to_owned())?;
    let stored = count(&server)? - before;
    let mut connection = server.connect()?;
    for number in &answered {
        let (body, key) = (serde_json::to_vec(&report(*number))?, format!("report-{number}"));
        let content = Content { media_type: "application/json", body: &body, idempotency_key: Some(&key) };
        connection.post(PATH, &content)?.ok()?;
    }
    let stored_again = count(&server)? - before;
    let sent = answered.len() as u64;
    // An answered report that was lost is stored anew by the second sending.
    let lost = (stored_again - stored).max(sent.saturating_sub(stored));
    // Unanswered ones may be stored: at most one for each client under way.
    let twice = stored.saturating_sub(sent + IN_FLIGHT);
    Ok((sent, lost, twice))
}
