//! A busy minute: a hundred open dashboards while twenty clients report as
//! fast as they are answered.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use super::dashboards::{self, DASHBOARDS};
use super::figures::{Row, Times};
use super::http::Content;
use super::server::{Server, Site};
use super::{Bed, machine};

const CLIENTS: usize = 20;
const MINUTE: Duration = Duration::from_secs(60);
/// What the build of November 2026 reached on two cores; a build must not be
/// slower by more than the noise of the measurement, about a twentieth.
const REPORTS_A_SECOND: f64 = 1_329.0;
const NOISE: f64 = 0.95;

/// Measures reports a second, their latency, and the server's memory.
pub(super) fn measure(bed: &Bed) -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let site = Site::new(bed, folder.path());
    site.run(&["model", "register", "outside", "--labels", "a,b,c"])?;
    site.run(&["deploy", "--name", "watched", "--model", "outside/1"])?;
    let server = site.serve(site.token()?)?;
    let over = Arc::new(AtomicBool::new(false));
    let seen = Mutex::new(Vec::new());
    let (times, elapsed) = std::thread::scope(|scope| -> Result<_> {
        let watching: Vec<_> =
            (0..DASHBOARDS).map(|_| scope.spawn(|| dashboards::watch(&server, &over, &seen))).collect();
        let reported = report_for(&server, MINUTE);
        over.store(true, Ordering::Relaxed);
        for thread in watching {
            thread.join().map_err(|_| anyhow!("a dashboard panicked"))??;
        }
        reported
    })?;
    let rate = times.len() as f64 / elapsed.as_secs_f64();
    let stored = server.connect()?.get(&format!("{}/count", dashboards::PATH))?.ok()?;
    let stored: serde_json::Value = serde_json::from_slice(&stored)?;
    let stored = stored.get("count").and_then(serde_json::Value::as_u64).context("no count")?;
    let memory = machine::resident_peak(server.pid()).unwrap_or(0);
    Ok(vec![
        Row::judged(
            "100 dashboards, 20 reporting clients",
            format!("{rate:.0} a second, {}, {stored} of {} stored", times.describe(), times.len()),
            &format!("≥ {REPORTS_A_SECOND:.0} a second, none lost"),
            rate >= REPORTS_A_SECOND * NOISE && stored == times.len() as u64,
        ),
        Row::judged(
            "resident memory meanwhile, peak",
            format!("{} MB", memory / 1_000_000),
            "≤ 300 MB",
            memory <= 300_000_000,
        ),
    ])
}

/// Reports from all clients at once, each on its own connection, until the
/// time is over.
fn report_for(server: &Server, time: Duration) -> Result<(Times, Duration)> {
    let (began, number) = (Instant::now(), AtomicU64::new(0));
    let times = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                scope.spawn(|| -> Result<Vec<Duration>> {
                    let (mut connection, mut times) = (server.connect()?, Vec::new());
                    while began.elapsed() < time {
                        let name = format!("{}.jpg", number.fetch_add(1, Ordering::Relaxed));
                        let body = dashboards::report(&name).to_string();
                        let content = Content {
                            media_type: "application/json",
                            body: body.as_bytes(),
                            idempotency_key: None,
                        };
                        let sent = Instant::now();
                        connection.post(dashboards::PATH, &content)?.ok()?;
                        times.push(sent.elapsed());
                    }
                    Ok(times)
                })
            })
            .collect();
        let joined =
            clients.into_iter().map(|thread| thread.join().map_err(|_| anyhow!("a client panicked"))?);
        joined.collect::<Result<Vec<_>>>()
    })?;
    let elapsed = began.elapsed();
    let times = Times::new(times.into_iter().flatten().collect()).context("no report was sent")?;
    Ok((times, elapsed))
}
