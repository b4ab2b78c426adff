//! The whole program: the site, then the server that embeds it.

use std::path::PathBuf;
use std::process::Command;

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
    let mut build = match profile {
        // Nothing but the program: no tests will want the same artifacts.
        Profile::Demo => {
            let mut build = cargo(workspace);
            build.args(["build", "--package", "server", "--profile", profile.native_name()]);
            build
        }
        Profile::Dev | Profile::Release => build_native(workspace, profile),
    };
    build.args(["--bin", "fovea"]);
    for feature in workspace.features() {
        build.args(["--features", feature.name()]);
    }
    match profile {
        // The place where `server/build.rs` looks by itself: a build by hand
        // and one from here are then the same build.
        Profile::Dev | Profile::Demo => build.env_remove("FOVEA_SITE_DIR"),
        Profile::Release => build.env("FOVEA_SITE_DIR", workspace.site(profile)),
    };
    run(&mut build)
}

/// Builds an example of one of the crates and gives the program.
pub(crate) fn build_example(workspace: &Workspace, profile: Profile, name: &str) -> Result<PathBuf> {
    run(build_native(workspace, profile).args(["--example", name]))?;
    Ok(workspace.binary(profile).with_file_name("examples").join(name))
}

/// A build of every native crate at once, as the tests are built: one choice
/// of features, so that nothing is compiled twice.
fn build_native(workspace: &Workspace, profile: Profile) -> Command {
    let mut build = cargo(workspace);
    build.args(["build", "--workspace", "--exclude", "frontend", "--profile", profile.native_name()]);
    build
}
