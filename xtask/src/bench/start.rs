//! How soon `fovea serve` answers on a folder that is there.

use std::time::Duration;

use anyhow::{Context, Result};

use super::figures::{Row, Times, millis};
use super::server::Site;
use super::{Bed, machine, predict};

/// Starts, of which the slowest counts.
const STARTS: usize = 5;

/// Starts a server with a trained model several times.
pub(super) fn measure(bed: &Bed) -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let site: Site = predict::prepare(bed, folder.path())?;
    let token = site.token()?;
    let mut times = Vec::new();
    let mut memory = 0;
    for _ in 0..STARTS {
        let server = site.serve(token.clone())?;
        times.push(server.started_in);
        memory = machine::resident(server.pid()).unwrap_or(0);
        server.kill()?;
    }
    let slowest = Times::new(times).context("no start was made")?.percentile(100);
    Ok(vec![
        Row::judged(
            "start of serve, slowest of 5",
            millis(slowest),
            "≤ 1 s",
            slowest <= Duration::from_secs(1),
        ),
        Row::plain("resident memory after the start", format!("{} MB", memory / 1_000_000)),
    ])
}
