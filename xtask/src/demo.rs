//! `demo`: says what is built and how long that takes, builds it, and runs the
//! demonstration.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::process::{capture, cargo, say, shown};
use crate::workspace::{Profile, Workspace};
use crate::{build, setup, site};

/// Minutes that a first build takes one processor, roughly: two of them take
/// half as long. The lock file has about this many crates.
const CORE_MINUTES: f64 = 24.0;
/// More processors than this wait for each other.
const MOST_CORES: usize = 8;

/// Builds everything and runs `fovea demo` with these arguments.
pub(crate) fn demo(
    workspace: &Workspace,
    profile: Profile,
    only_build: bool,
    arguments: &[String],
) -> Result<()> {
    setup::setup(workspace, setup::Purpose::Run)?;
    announce(workspace, profile);
    let started = Instant::now();
    site::build(workspace, profile)?;
    let half = started.elapsed();
    build::build_server(workspace, profile)?;
    say(&format!(
        "Built in {}: the browser's half in {}, the program in {}.",
        clock(started.elapsed().as_secs()),
        clock(half.as_secs()),
        clock((started.elapsed() - half).as_secs()),
    ));
    if only_build {
        return Ok(());
    }
    let mut demo = Command::new(workspace.binary(profile));
    demo.arg("demo").args(arguments);
    say(&format!("$ {}", shown(&demo)));
    let status = demo.status().context("cannot start the demo")?;
    if !status.success() {
        bail!("the demo ended with {status}");
    }
    Ok(())
}

/// What is about to happen, for somebody who sees a compiler at work for the
/// first time.
fn announce(workspace: &Workspace, profile: Profile) {
    if is_built_from_here(&workspace.binary(profile)) {
        say("Building what changed since the last time.");
        return;
    }
    let crates = crates_of(workspace).map_or_else(String::new, |crates| format!(" of {crates} crates"));
    if profile != Profile::Demo {
        say(&format!(
            "Building the program{crates}, as {profile:?}. It takes longer than the demo's own build."
        ));
        return;
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    say(&format!(
        "Building Fovea{crates}: first its half for the browser, then the program. On {cores} idle processors this takes \
         about {} minutes, the next time seconds. Cargo shows how far it is.",
        minutes(cores)
    ));
}

fn minutes(cores: usize) -> u32 {
    (CORE_MINUTES / cores.clamp(1, MOST_CORES) as f64).ceil() as u32
}

/// Whether a former run has come to its end.
fn is_built_from_here(binary: &Path) -> bool {
    binary.exists()
}

/// How many crates the program is made of; none where cargo cannot say.
fn crates_of(workspace: &Workspace) -> Option<usize> {
    let tree = ["tree", "--package", "server", "--edges", "normal,build", "--prefix", "none", "--no-dedupe"];
    let said = capture(cargo(workspace).args(tree)).ok()?;
    let crates: std::collections::BTreeSet<&str> =
        said.lines().map(|line| line.trim_end_matches(" (*)")).filter(|line| !line.is_empty()).collect();
    Some(crates.len())
}

fn clock(seconds: u64) -> String {
    format!("{}:{:02} min", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_that_is_told_falls_with_the_processors_up_to_a_point() {
        assert_eq!([1, 2, 4, 8, 64].map(minutes), [24, 12, 6, 3, 3]);
    }

    #[test]
    fn minutes_are_told_as_a_clock_tells_them() {
        assert_eq!([0, 61, 725].map(clock), ["0:00 min", "1:01 min", "12:05 min"]);
    }
}
