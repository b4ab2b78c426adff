//! The whole program: the site, then the server that embeds it.

use anyhow::Result;

use crate::process::{cargo, run};
use crate::site;
use crate::workspace::{Profile, Workspace};

/// Builds the site and the `fovea` binary around it.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<site::Built> {
    let built = site::build(workspace, profile)?;
    build_server(workspace, profile)?;
    Ok(built)
}

/// Builds the `fovea` binary around the site that is there.
pub(crate) fn build_server(workspace: &Workspace, profile: Profile) -> Result<()> {
    let mut build = cargo(workspace);
    // Every crate at once, as the tests are built: one choice of features, so
    // that nothing is compiled twice.
    build.args(["build", "--workspace", "--exclude", "frontend", "--bin", "fovea"]);
    build.args(["--profile", profile.native_name()]);
    match profile {
        // The place where `server/build.rs` looks by itself: a build by hand
        // and one from here are then the same build.
        Profile::Dev => build.env_remove("FOVEA_SITE_DIR"),
        Profile::Release => build.env("FOVEA_SITE_DIR", workspace.site(profile)),
    };
    run(&mut build)
}
