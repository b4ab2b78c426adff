//! What each stage does.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::Stage;
use super::outcome::{Counts, SlowTests};
use crate::process::{capture, cargo, on_path, run, say, shown, succeeds, within};
use crate::workspace::{Profile, Workspace};
use crate::{build, setup, site, tidy};

/// Tests that take longer hang, and are stopped while it can still be said
/// which stage it was.
const LONGEST: Duration = Duration::from_secs(35 * 60);
/// A network that is not there may swallow questions instead of refusing them.
const LONGEST_FETCH: Duration = Duration::from_secs(60);

/// How far the trainings of the tests step back: at their lowest priority,
/// tests that wait for them would wait for whatever else this machine does.
const TRAINING_NICE: (&str, &str) = ("FOVEA_TRAINING_NICE", "5");

/// Runs one stage. An error is one failed check; tests that failed are counts.
pub(super) fn run_stage(workspace: &Workspace, stage: Stage) -> Result<Counts> {
    match stage {
        Stage::Lock => lock(workspace).map(|()| Counts::ONE),
        Stage::Fmt => run(cargo(workspace).args(["fmt", "--all", "--check"])).map(|()| Counts::ONE),
        Stage::Tidy => tidy::tidy(workspace).map(|()| Counts::ONE),
        Stage::Deny => deny(workspace),
        Stage::Site => compile_site(workspace).map(|()| Counts::ONE),
        Stage::Clippy => clippy(workspace).map(|()| Counts::ONE),
        Stage::Unit => unit(workspace),
        Stage::Server => build::build_server(workspace, Profile::Dev).map(|()| Counts::ONE),
        Stage::End2end => end2end(workspace),
    }
}

fn lock(workspace: &Workspace) -> Result<()> {
    capture(cargo(workspace).args(["metadata", "--locked", "--format-version", "1"]))
        .map(drop)
        .context("`Cargo.lock` does not fit the manifests; run `cargo check` and commit it")
}

/// Licences, sources and bans need no network. Advisories need their database,
/// which is fetched, or was fetched before, or is not there: a machine without
/// a network must not fail for that.
fn deny(workspace: &Workspace) -> Result<Counts> {
    if on_path("cargo-deny").is_none() {
        say("cargo-deny is not installed: neither licences nor advisories are checked");
        return Ok(Counts::default());
    }
    run(cargo(workspace).args(["deny", "check", "licenses", "bans", "sources"]))?;
    let mut fetch = cargo(workspace);
    fetch.args(["deny", "fetch", "db"]);
    if !succeeds(&mut within(LONGEST_FETCH, &fetch)) {
        if !has_advisories() {
            say("the advisory database cannot be fetched: advisories are not checked");
            return Ok(Counts::ONE);
        }
        say("the advisory database cannot be fetched: the one that was fetched before is used");
    }
    run(cargo(workspace).args(["deny", "--offline", "check", "advisories"]))?;
    Ok(Counts::ONE.plus(Counts::ONE))
}

/// Whether an advisory database lies where cargo-deny keeps it.
fn has_advisories() -> bool {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let databases = home.and_then(|home| std::fs::read_dir(home.join("advisory-dbs")).ok());
    databases.is_some_and(|mut entries| entries.any(|entry| entry.is_ok_and(|entry| entry.path().is_dir())))
}

fn compile_site(workspace: &Workspace) -> Result<()> {
    let built = site::build(workspace, Profile::Dev)?;
    if built.warnings > 0 {
        bail!("{} warnings while compiling for the browser", built.warnings);
    }
    built.weight.foretell()
}

fn clippy(workspace: &Workspace) -> Result<()> {
    let all = ["clippy", "--workspace", "--exclude", "frontend", "--all-targets", "--", "-D", "warnings"];
    run(cargo(workspace).args(all))
}

fn unit(workspace: &Workspace) -> Result<Counts> {
    let all = ["test", "--workspace", "--exclude", "frontend"];
    // Apart from the run, whose time is limited: compiling all programs takes
    // as long as it takes, on a new machine longer than their tests.
    run(cargo(workspace).args(all).arg("--no-run"))?;
    let mut tests = cargo(workspace);
    tests.args(all).arg("--no-fail-fast").env(TRAINING_NICE.0, TRAINING_NICE.1);
    counted(&mut tests, Counts::of_cargo, &mut std::io::stdout())
}

fn end2end(workspace: &Workspace) -> Result<Counts> {
    let binary = workspace.binary(Profile::Dev);
    if !binary.exists() {
        bail!("{} is missing; run the stage `server` before", binary.display());
    }
    let folder = workspace.end2end();
    run(Command::new("npx").current_dir(&folder).args(["--no-install", "tsc", "--noEmit"]))?;
    let mut tests = Command::new("npx");
    tests.current_dir(&folder).args(["--no-install", "playwright", "test"]).env("FOVEA_BIN", binary);
    tests.env(TRAINING_NICE.0, TRAINING_NICE.1);
    tests.env("FOVEA_CHROMIUM", setup::chromium().context("no browser; run `cargo xtask setup`")?);
    counted(&mut tests, Counts::of_playwright, &mut std::io::stdout())
}

/// Runs tests, passes on what they print, and adds up their summaries. When the
/// runner fails and no test did, the run itself is what failed.
fn counted(
    command: &mut Command,
    read: fn(&str) -> Option<Counts>,
    terminal: &mut impl Write,
) -> Result<Counts> {
    say(&format!("$ {}", shown(command)));
    let mut child = within(LONGEST, command).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let output = child.stdout.take().context("the output is piped")?;
    let mut counts = Counts::default();
    let mut slow = SlowTests::default();
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        writeln!(terminal, "{line}")?;
        slow.follow(&line);
        if let Some(more) = read(&line) {
            counts = counts.plus(more);
        }
    }
    let status = child.wait()?;
    if !status.success() && counts.failed == 0 {
        bail!("{}`{}` ended with {status} after {} tests", slow.words(), shown(command), counts.passed);
    }
    if counts == Counts::default() {
        bail!("`{}` ran no test", shown(command));
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(script: &str) -> Result<Counts> {
        counted(Command::new("sh").args(["-c", script]), Counts::of_cargo, &mut Vec::new())
    }

    #[test]
    fn counts_of_several_test_programs_add_up() {
        let line = "echo 'test result: ok. 2 passed; 0 failed; 0 ignored'";
        assert_eq!(check(&format!("{line}; {line}")).unwrap(), Counts { passed: 4, failed: 0 });
    }

    #[test]
    fn a_runner_that_fails_without_a_failed_test_is_an_error() {
        assert!(check("echo 'test result: ok. 2 passed; 0 failed; 0 ignored'; exit 101").is_err());
    }

    #[test]
    fn what_still_ran_when_the_runner_was_stopped_is_named() {
        let slow = "echo 'test hangs has been running for over 60 seconds'";
        let error = check(&format!("{slow}; exit 124")).unwrap_err().to_string();
        assert!(error.starts_with("still running: hangs; "), "{error}");
    }

    #[test]
    fn a_run_without_any_test_is_an_error() {
        assert!(check("echo nothing").is_err());
    }
}
