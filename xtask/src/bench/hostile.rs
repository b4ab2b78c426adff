//! What others notice while somebody tries to exhaust the server: slow heads,
//! bodies without an end, and event streams by the hundred.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use super::figures::{Row, Times, millis};
use super::http::Connection;
use super::predict::{ask, prepare};
use super::server::Server;
use super::{Bed, machine};

const SLOW_HEADS: usize = 200;
const ENDLESS_BODIES: usize = 50;
const EVENT_STREAMS: usize = 600;
const PREDICTIONS: u64 = 200;
/// Between two bytes of a slow head, and two pieces of an endless body.
const DRIP: Duration = Duration::from_millis(500);

/// Measures `/healthz` and predictions, first in peace and then under attack.
pub(super) fn measure(bed: &Bed) -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let site = prepare(bed, folder.path())?;
    let server = site.serve(site.token()?)?;
    ask(&server, 1, 20)?;
    let alone = ask(&server, 1, PREDICTIONS)?;
    let over = AtomicBool::new(false);
    let (health, beside) = std::thread::scope(|scope| -> Result<_> {
        let attackers: [fn(&Server, &AtomicBool); 3] = [slow_heads, endless_bodies, event_streams];
        for attack in attackers {
            let (server, over) = (&server, &over);
            scope.spawn(move || attack(server, over));
        }
        pause(Duration::from_secs(3));
        let health = scope.spawn(|| health(&server, &over));
        let beside = ask(&server, 1, PREDICTIONS);
        over.store(true, Ordering::Relaxed);
        let health = health.join().map_err(|_| anyhow!("asking for the health panicked"))??;
        Ok((health, beside?))
    })?;
    let memory = machine::resident_peak(server.pid()).unwrap_or(0);
    let twice = alone.percentile(95) * 2;
    Ok(vec![
        Row::judged(
            "/healthz under 200 slow heads, 50 endless bodies, 600 event streams",
            health.describe(),
            "each ≤ 100 ms",
            health.percentile(100) <= Duration::from_millis(100),
        ),
        Row::judged(
            "predict meanwhile, 1 client",
            beside.describe(),
            &format!("p95 ≤ 2 × p95 = {}", millis(twice)),
            beside.percentile(95) <= twice,
        ),
        Row::judged(
            "resident memory meanwhile, peak",
            format!("{} MB", memory / 1_000_000),
            "≤ 300 MB",
            memory <= 300_000_000,
        ),
    ])
}

/// How long each of many looks at the health takes, each on a connection of
/// its own, as a watchdog asks.
fn health(server: &Server, over: &AtomicBool) -> Result<Times> {
    let mut times = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let begun = Instant::now();
        Connection::open(server.address, "")?.get("/healthz")?.ok()?;
        times.push(begun.elapsed());
        pause(Duration::from_millis(100));
    }
    Times::new(times).context("the health was never asked for")
}

/// Heads of requests that never end.
fn slow_heads(server: &Server, over: &AtomicBool) {
    let begin = |_| opened(server, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
    drip((0..SLOW_HEADS).filter_map(begin).collect(), b"a", over);
}

/// Bodies that never end, of requests by somebody who may send them.
fn endless_bodies(server: &Server, over: &AtomicBool) {
    let head = format!(
        "POST /api/v1/deployments/bench/predict HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n\u{ff}\u{d8}\u{ff}\r\n",
        server.token
    );
    let head: Vec<u8> = head.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    let begin = |_| {
        let mut stream = TcpStream::connect(server.address).ok()?;
        stream.write_all(&head).ok().map(|()| stream)
    };
    let piece = [b"2000\r\n".as_slice(), &[0; 0x2000], b"\r\n"].concat();
    drip((0..ENDLESS_BODIES).filter_map(begin).collect(), &piece, over);
}

/// Event streams that stay open and are read; those that are refused close.
fn event_streams(server: &Server, over: &AtomicBool) {
    let head = format!(
        "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n",
        server.token
    );
    let mut streams: Vec<TcpStream> = (0..EVENT_STREAMS).filter_map(|_| opened(server, &head)).collect();
    for stream in &mut streams {
        // What cannot be told not to wait is read no further: it stays open.
        let _ = stream.set_nonblocking(true);
    }
    let mut buffer = [0; 4096];
    while !over.load(Ordering::Relaxed) {
        for stream in &mut streams {
            while stream.read(&mut buffer).is_ok_and(|count| count > 0) {}
        }
        pause(DRIP);
    }
}

fn opened(server: &Server, head: &str) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(server.address).ok()?;
    stream.write_all(head.as_bytes()).ok().map(|()| stream)
}

/// Sends `piece` on every stream again and again; those that the server
/// closed are left alone.
fn drip(mut streams: Vec<TcpStream>, piece: &[u8], over: &AtomicBool) {
    for stream in &streams {
        // Without it a stream that is not read would hold up all others.
        let _ = stream.set_nonblocking(true);
    }
    while !over.load(Ordering::Relaxed) {
        streams.retain_mut(|stream| match stream.write(piece) {
            Ok(_) => true,
            Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
        });
        pause(DRIP);
    }
}

#[allow(clippy::disallowed_methods, reason = "an attack keeps its pace by the clock")]
fn pause(time: Duration) {
    std::thread::sleep(time); // paced: as slowly as an attacker would
}
