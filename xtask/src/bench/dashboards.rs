//! A hundred open dashboards while predictions arrive: what they cost the
//! server, and how long it is from a report to the first of them that has it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use serde_json::json;

use super::figures::{Row, Times};
use super::http::Content;
use super::server::{Server, Site};
use super::{Bed, machine};

pub(super) const DASHBOARDS: usize = 100;
/// Predictions that are there before, and those that arrive, one each half second.
const BEFORE: u64 = 5_000;
const ARRIVALS: u64 = 60;
const EVERY: Duration = Duration::from_millis(500);
/// As the page does: it asks so long after an event, and for the rest less often.
const THROTTLE: Duration = Duration::from_millis(600);
const REST: Duration = Duration::from_secs(10);
pub(super) const PATH: &str = "/api/v1/deployments/watched/predictions";
const FORM: &str = "application/x-www-form-urlencoded";
const ASKED: &[u8] = b"name=watched&stretch[last_ms]=86400000";

/// Measures with all of them open.
pub(super) fn measure(bed: &Bed) -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let site = Site::new(bed, folder.path());
    site.run(&["model", "register", "outside", "--labels", "a,b,c"])?;
    site.run(&["deploy", "--name", "watched", "--model", "outside/1"])?;
    let server = site.serve(site.token()?)?;
    fill(&server)?;
    let over = Arc::new(AtomicBool::new(false));
    let seen = Mutex::new(Vec::new());
    let (times, share) = std::thread::scope(|scope| {
        let watching: Vec<_> =
            (0..DASHBOARDS).map(|_| scope.spawn(|| watch(&server, &over, &seen))).collect();
        let arriving = arrive(&server, &seen);
        over.store(true, Ordering::Relaxed);
        for thread in watching {
            thread.join().map_err(|_| anyhow!("a dashboard panicked"))??;
        }
        arriving
    })?;
    let slowest = times.percentile(100);
    Ok(vec![
        Row::judged(
            "100 open dashboards, 2 predictions a second",
            format!("{:.1} % of a core", share * 100.0),
            "< 20 % of a core",
            share < 0.2,
        ),
        Row::judged(
            "from a report to a dashboard that has it",
            times.describe(),
            "≤ 1 s",
            slowest <= Duration::from_secs(1),
        ),
    ])
}

fn fill(server: &Server) -> Result<()> {
    let line = |number: u64| report(&format!("before-{number}")).to_string() + "\n";
    let body: String = (0..BEFORE).map(line).collect();
    let content =
        Content { media_type: "application/x-ndjson", body: body.as_bytes(), idempotency_key: None };
    server.connect()?.post(PATH, &content)?.ok().map(drop)
}

/// A report of ten boxes.
pub(super) fn report(filename: &str) -> serde_json::Value {
    let boxes: Vec<_> = (0..10)
        .map(|i| json!({"label": "a", "score": 0.5, "x": i * 50, "y": 20, "w": 40, "h": 30}))
        .collect();
    json!({"filename": filename, "width": 640, "height": 480, "latency_ms": 12.5, "boxes": boxes})
}

/// Sends one each half second, and waits until some dashboard has it. The
/// server's share of a core meanwhile.
fn arrive(server: &Server, seen: &Mutex<Vec<String>>) -> Result<(Times, f64)> {
    let mut connection = server.connect()?;
    // All of them have opened, and have asked once.
    pause(Duration::from_secs(3));
    let (began, before) = (Instant::now(), machine::cpu_time(server.pid()).unwrap_or_default());
    let mut times = Vec::new();
    for number in 0..ARRIVALS {
        let (filename, sent) = (format!("arrival-{number}"), Instant::now());
        let body = report(&filename).to_string();
        let content =
            Content { media_type: "application/json", body: body.as_bytes(), idempotency_key: None };
        connection.post(PATH, &content)?.ok()?;
        if number.is_multiple_of(4) {
            while !seen.lock().map_err(|_| anyhow!("poisoned"))?.contains(&filename) {
                anyhow::ensure!(sent.elapsed() < Duration::from_secs(10), "no dashboard has {filename}");
                pause(Duration::from_millis(2));
            }
            times.push(sent.elapsed());
        }
        pause(EVERY.saturating_sub(sent.elapsed()));
    }
    let spent = machine::cpu_time(server.pid()).unwrap_or_default().saturating_sub(before);
    let share = spent.as_secs_f64() / began.elapsed().as_secs_f64();
    Ok((Times::new(times).context("nothing arrived")?, share))
}

/// One dashboard: listens, and asks as the page does, until it is over.
pub(super) fn watch(server: &Server, over: &Arc<AtomicBool>, seen: &Mutex<Vec<String>>) -> Result<()> {
    let woken = Arc::new(AtomicBool::new(true));
    listen(server, woken.clone(), over.clone())?;
    let mut connection = server.connect()?;
    let mut rest = Instant::now();
    let asked = Content { media_type: FORM, body: ASKED, idempotency_key: None };
    connection.post("/api/sections", &asked)?.ok()?;
    while !over.load(Ordering::Relaxed) {
        if !woken.load(Ordering::Relaxed) {
            pause(Duration::from_millis(10));
            continue;
        }
        pause(THROTTLE);
        woken.store(false, Ordering::Relaxed);
        let live = String::from_utf8(connection.post("/api/live", &asked)?.ok()?)?;
        let names = live.split("arrival-").skip(1).filter_map(|rest| {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            (!digits.is_empty()).then(|| format!("arrival-{digits}"))
        });
        seen.lock().map_err(|_| anyhow!("poisoned"))?.extend(names);
        if rest.elapsed() > REST {
            rest = Instant::now();
            connection.post("/api/sections", &asked)?.ok()?;
        }
    }
    Ok(())
}

/// Reads the events in a thread of its own, which ends with the server.
fn listen(server: &Server, woken: Arc<AtomicBool>, over: Arc<AtomicBool>) -> Result<()> {
    let mut stream = TcpStream::connect(server.address)?;
    let head = format!(
        "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n",
        server.token
    );
    stream.write_all(head.as_bytes())?;
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            let Ok(line) = line else { break };
            if line.contains("predictions_arrived") {
                woken.store(true, Ordering::Relaxed);
            }
            if over.load(Ordering::Relaxed) {
                break;
            }
        }
    });
    Ok(())
}

#[allow(clippy::disallowed_methods, reason = "a load keeps its pace by the clock")]
fn pause(time: Duration) {
    std::thread::sleep(time); // paced: as often as a page asks
}
