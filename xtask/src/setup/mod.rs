//! What a machine needs, found or installed. Says what it does; does nothing
//! when all is there.

mod apt;
mod npm;
pub(crate) mod wasm;

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::process::{on_path, say};
use crate::workspace::Workspace;

/// What the machine is to be made ready for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Purpose {
    /// To build and run the program.
    Run,
    /// To run every test as well.
    Test,
}

/// Makes the machine ready, and says in one line per part what there is.
pub(crate) fn setup(workspace: &Workspace, purpose: Purpose) -> Result<()> {
    let toolchain = wasm::find_or_install()?;
    found("WASM compiler", &toolchain.describe());
    if purpose == Purpose::Test {
        let missing = missing_packages();
        if !missing.is_empty() {
            apt::install(&missing)?;
        }
        found("browser", &chromium().map_or_else(|| "missing".to_owned(), |path| path.display().to_string()));
        found(
            "PostgreSQL",
            &postgres().map_or_else(|| "missing".to_owned(), |path| path.display().to_string()),
        );
        found("proxies", "nginx, Caddy");
    }
    npm::setup(workspace, purpose)
}

/// What only films need: it puts pictures together.
pub(crate) fn for_films() -> Result<()> {
    if on_path("img2webp").is_none() { apt::install(&["webp"]) } else { Ok(()) }
}

/// One line about a part that is there.
fn found(part: &str, place: &str) {
    say(&format!("  {part:<14} {place}"));
}

fn missing_packages() -> Vec<&'static str> {
    let mut missing = Vec::new();
    if chromium().is_none() {
        missing.extend(["chromium", "fonts-liberation"]);
    }
    if postgres().is_none() {
        missing.push("postgresql");
    }
    // Debian keeps servers out of the path of people.
    if on_path("nginx").is_none() && !Path::new("/usr/sbin/nginx").exists() {
        missing.push("nginx-light");
    }
    // An external trainer of the tests is a Python program.
    for program in ["caddy", "openssl", "python3"] {
        if on_path(program).is_none() {
            missing.push(program);
        }
    }
    if on_path("node").is_none() || on_path("npm").is_none() {
        missing.extend(["nodejs", "npm"]);
    }
    missing
}

/// The browser for the tests: `FOVEA_CHROMIUM`, else the distribution's.
pub(crate) fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("FOVEA_CHROMIUM").map(PathBuf::from);
    let usual =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].map(PathBuf::from);
    named.into_iter().chain(usual).find(|path| path.exists())
}

/// The folder of PostgreSQL's server programs, newest version first.
fn postgres() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut folders: Vec<PathBuf> = versions.flatten().map(|entry| entry.path().join("bin")).collect();
    folders.sort();
    folders.into_iter().rev().find(|bin| bin.join("initdb").exists() && bin.join("pg_ctl").exists())
}
