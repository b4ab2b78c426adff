//! The champion's latency at two requests a second, alone and with a shadow
//! that sees every image after it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::figures::{Row, Times, millis};
use super::http::Content;
use super::server::Server;
use super::{Bed, pictures, predict};

/// Requests of each measurement, and the time from one to the next.
const REQUESTS: usize = 120;
const EVERY: Duration = Duration::from_millis(500);

/// Serves one model alone, and the same with a shadow.
pub(super) fn measure(bed: &Bed) -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let site = predict::prepare(bed, folder.path())?;
    site.run(&["train", "--dataset", "discs/v1", "--model", "discs", "--set", "max_steps=5", "--seed", "2"])?;
    site.run(&["deploy", "--name", "shadowed", "--model", "discs/1", "--shadow", "discs/2"])?;
    let server = site.serve(site.token()?)?;
    for deployment in ["bench", "shadowed"] {
        at_two_a_second(&server, deployment, 10)?;
    }
    let alone = at_two_a_second(&server, "bench", REQUESTS)?;
    let shadowed = at_two_a_second(&server, "shadowed", REQUESTS)?;
    let most = alone.percentile(95).mul_f64(1.1);
    Ok(vec![
        Row::plain("champion at 2 a second, alone", alone.describe()),
        Row::judged(
            "champion at 2 a second, with a shadow",
            shadowed.describe(),
            &format!("p95 ≤ 1.1 × p95 = {}", millis(most)),
            shadowed.percentile(95) <= most,
        ),
    ])
}

#[allow(clippy::disallowed_methods, reason = "a load keeps its pace by the clock")]
fn pause(time: Duration) {
    std::thread::sleep(time); // paced: two requests a second
}

fn at_two_a_second(server: &Server, deployment: &str, requests: usize) -> Result<Times> {
    let pictures: Vec<Vec<u8>> = (200..216).map(pictures::jpeg).collect::<Result<_>>()?;
    let mut connection = server.connect()?;
    let path = format!("/api/v1/deployments/{deployment}/predict");
    let mut times = Vec::new();
    for picture in pictures.iter().cycle().take(requests) {
        let sent = Instant::now();
        let content = Content { media_type: "image/jpeg", body: picture, idempotency_key: None };
        connection.post(&path, &content)?.ok()?;
        times.push(sent.elapsed());
        pause(EVERY.saturating_sub(sent.elapsed()));
    }
    Times::new(times).context("no request was made")
}
