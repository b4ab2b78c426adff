//! `film`: the pictures of README and docs, and the film, taken in a browser of
//! a demo that has run.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{on_path, run};
use crate::setup::{self, Purpose};
use crate::workspace::{Profile, Workspace};
use crate::{build, site};

/// Takes the pictures into `docs`.
pub(crate) fn film(workspace: &Workspace, data: Option<PathBuf>, binary: Option<PathBuf>) -> Result<()> {
    setup::setup(workspace, Purpose::Test)?;
    setup::for_films()?;
    let binary = match binary {
        Some(binary) => binary,
        None => {
            site::build(workspace, Profile::Demo)?;
            build::build_server(workspace, Profile::Demo)?;
            workspace.binary(Profile::Demo)
        }
    };
    let data = data.unwrap_or_else(|| workspace.root().join("target/film"));
    // One of npm's comes before a machine's own that is too old.
    let node = workspace.end2end().join("node_modules/.bin/node");
    let node = if node.exists() { node } else { on_path("node").context("no node")? };
    let mut film = Command::new(node);
    film.current_dir(workspace.end2end()).arg("film/film.mjs").arg(std::path::absolute(data)?);
    film.arg(workspace.root().join("docs")).env("FOVEA_BIN", std::path::absolute(binary)?);
    run(film.env("FOVEA_CHROMIUM", setup::chromium().context("no browser; run `cargo xtask setup`")?))
}
