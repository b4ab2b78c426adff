//! `cargo xtask test`: every check there is, stage by stage, with what each
//! took. A stage that fails does not keep the others from running.

mod outcome;
mod run;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::process::say;
use crate::setup::{self, Purpose};
use crate::workspace::Workspace;
use outcome::{Counts, Outcome};

/// A part of the checks that can be run by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Stage {
    /// `Cargo.lock` says what is built.
    Lock,
    /// The code is formatted.
    Fmt,
    /// The rules of the repository hold.
    Tidy,
    /// Nobody reported a hole in what we depend on, and its licences are ours
    /// to use; where `cargo-deny` is installed.
    Deny,
    /// The site compiles for the browser, without a warning.
    Site,
    /// Clippy has nothing to say.
    Clippy,
    /// Unit and integration tests, on both databases.
    Unit,
    /// The server builds around the site.
    Server,
    /// A real browser does what a person does.
    End2end,
}

impl Stage {
    /// All stages, the quick ones first; each finds what the ones before built.
    const ALL: [Self; 9] = [
        Self::Lock,
        Self::Fmt,
        Self::Tidy,
        Self::Deny,
        Self::Site,
        Self::Clippy,
        Self::Unit,
        Self::Server,
        Self::End2end,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Fmt => "fmt",
            Self::Tidy => "tidy",
            Self::Deny => "deny",
            Self::Site => "site",
            Self::Clippy => "clippy",
            Self::Unit => "unit",
            Self::Server => "server",
            Self::End2end => "end2end",
        }
    }

    /// Only the browser and the databases need more than a compiler.
    fn purpose(self) -> Purpose {
        match self {
            Self::Unit | Self::End2end => Purpose::Test,
            _ => Purpose::Run,
        }
    }
}

/// Runs the stages asked for, or all, and prints what came of it.
pub(crate) fn test(workspace: &Workspace, only: &[Stage]) -> Result<()> {
    let stages: Vec<Stage> =
        Stage::ALL.into_iter().filter(|stage| only.is_empty() || only.contains(stage)).collect();
    let started = Instant::now();
    let needs_all = stages.iter().any(|stage| stage.purpose() == Purpose::Test);
    say("— setup");
    setup::setup(workspace, if needs_all { Purpose::Test } else { Purpose::Run })?;
    let mut outcomes = vec![Outcome { name: "setup", took: started.elapsed(), counts: None, error: None }];
    for stage in stages {
        outcomes.push(timed(workspace, stage));
    }
    print_table(&outcomes, started.elapsed());
    let total = outcomes.iter().filter_map(|outcome| outcome.counts).fold(Counts::default(), Counts::plus);
    println!("\n{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 {
        let failed = outcomes.iter().filter(|outcome| outcome.has_failed()).map(|outcome| outcome.name);
        bail!("failed: {}", failed.collect::<Vec<_>>().join(", "));
    }
    Ok(())
}

/// Runs every stage as a build server does: no colours, no questions, no retry.
pub(crate) fn ci(workspace: &Workspace) -> Result<()> {
    let this = std::env::current_exe()?;
    let mut test = std::process::Command::new(this);
    test.arg("test").env("CI", "1").env("CARGO_TERM_COLOR", "never").env("CARGO_TERM_PROGRESS_WHEN", "never");
    crate::process::run(test.current_dir(workspace.root()))
}

fn timed(workspace: &Workspace, stage: Stage) -> Outcome {
    say(&format!("\n— {}", stage.name()));
    let started = Instant::now();
    let result = run::run_stage(workspace, stage);
    let (counts, error) = match result {
        Ok(counts) => (counts, None),
        Err(error) => {
            say(&format!("{} failed: {error:#}", stage.name()));
            (Counts { passed: 0, failed: 1 }, Some(format!("{error:#}")))
        }
    };
    Outcome { name: stage.name(), took: started.elapsed(), counts: Some(counts), error }
}

fn print_table(outcomes: &[Outcome], total: Duration) {
    println!("\n{:<10} {:>8}  {:>7}  {:>7}", "stage", "time", "passed", "failed");
    for outcome in outcomes {
        println!("{}", outcome.row());
    }
    println!("{:<10} {:>8}", "all", outcome::clock(total));
}
