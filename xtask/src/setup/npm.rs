//! The npm packages of the browser tests, exactly as locked.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{Purpose, found};
use crate::process::{capture, on_path, run, say};
use crate::workspace::Workspace;

/// Copy of the lock file that the installed packages came from.
const INSTALLED: &str = "node_modules/.installed-lock.json";

/// npm's package of node itself; `npx` finds it before the machine's.
const OWN_NODE: &str = "node@22";
/// What Playwright asks for.
const OLDEST_NODE: u32 = 20;

/// Installs the packages when they are not those of the lock file. Without
/// node, tests cannot run; a build can, with a larger WASM file.
pub(crate) fn setup(workspace: &Workspace, purpose: Purpose) -> Result<()> {
    let folder = workspace.end2end();
    if is_current(&folder) {
        found("npm packages", &folder.join("node_modules").display().to_string());
        return Ok(());
    }
    let outcome = install(&folder);
    match (outcome, purpose) {
        (Err(error), Purpose::Run) => {
            say(&format!(
                "  npm packages   not installed ({error:#}); the WASM stays larger than it could be"
            ));
            Ok(())
        }
        (outcome, _) => outcome,
    }
}

fn is_current(folder: &Path) -> bool {
    let locked = fs::read(folder.join("package-lock.json"));
    let installed = fs::read(folder.join(INSTALLED));
    matches!((locked, installed), (Ok(locked), Ok(installed)) if locked == installed)
}

fn install(folder: &Path) -> Result<()> {
    if on_path("npm").is_none() {
        bail!("npm is missing; install node and npm");
    }
    say("Installing the npm packages of the browser tests …");
    run(Command::new("npm").current_dir(folder).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1").args([
        "ci",
        "--no-fund",
        "--no-audit",
        "--loglevel=error",
    ]))?;
    if !node_is_recent() {
        say("node is older than 20 (Debian 12 has 18): the tests get one of their own from npm.");
        run(Command::new("npm").current_dir(folder).args([
            "install",
            "--no-save",
            "--no-fund",
            "--no-audit",
            "--loglevel=error",
            OWN_NODE,
        ]))?;
    }
    fs::copy(folder.join("package-lock.json"), folder.join(INSTALLED))
        .context("cannot note what is installed")?;
    Ok(())
}

fn node_is_recent() -> bool {
    let said = capture(Command::new("node").arg("--version")).unwrap_or_default();
    major(&said).is_some_and(|major| major >= OLDEST_NODE)
}

/// 20 of `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_node_is_read() {
        assert_eq!(["v18.19.0\n", "v20.20.2", ""].map(major), [Some(18), Some(20), None]);
    }

    #[test]
    fn packages_are_current_only_while_the_lock_file_is_the_one_installed() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("node_modules")).unwrap();
        assert!(!is_current(folder.path()), "nothing there");
        fs::write(folder.path().join("package-lock.json"), "{1}").unwrap();
        assert!(!is_current(folder.path()), "not installed");
        fs::write(folder.path().join(INSTALLED), "{1}").unwrap();
        assert!(is_current(folder.path()));
        fs::write(folder.path().join("package-lock.json"), "{2}").unwrap();
        assert!(!is_current(folder.path()), "the lock moved on");
    }
}
