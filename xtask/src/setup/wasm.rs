//! A compiler for the browser: rustup's WASM target where it is or can be had,
//! else the second, complete toolchain of Debian's security suite.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::apt;
use crate::process::{self, capture, cargo, say, succeeds, without_leptos_names};
use crate::workspace::Workspace;

/// The target triple of the browser.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's second toolchain and the linker for it.
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];

/// The workspace's `rust-version` is 1.95.
const MINIMUM_MINOR: u32 = 95;

/// A way to compile for the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The toolchain that compiles everything else has the target, too.
    Rustup,
    /// `/usr/bin/rustc` with the standard library's source, and this linker.
    Debian { linker: PathBuf },
}

/// The toolchain that is there, without installing anything.
pub(crate) fn find() -> Option<Toolchain> {
    find_rustup().or_else(find_debian)
}

/// The toolchain that is there, or that can be installed.
pub(crate) fn find_or_install() -> Result<Toolchain> {
    if let Some(toolchain) = find() {
        return Ok(toolchain);
    }
    say("No compiler for WASM found; asking rustup for one.");
    if succeeds(Command::new("timeout").args(["120", "rustup", "target", "add", TARGET]))
        && let Some(toolchain) = find_rustup()
    {
        return Ok(toolchain);
    }
    say("rustup could not; taking the distribution's second toolchain.");
    apt::install(&DEBIAN_PACKAGES)?;
    find_debian().context("rustc-web, cargo-web, rust-web-src and lld-22 are installed but not usable")
}

fn find_rustup() -> Option<Toolchain> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = capture(Command::new(rustc).args(["--print", "sysroot"])).ok()?;
    let library = Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).join("lib");
    library.is_dir().then_some(Toolchain::Rustup)
}

fn find_debian() -> Option<Toolchain> {
    let complete = Path::new("/usr/bin/cargo").exists()
        && Path::new("/usr/lib/rustlib/src").exists()
        && capture(Command::new("/usr/bin/rustc").arg("--version")).is_ok_and(|said| is_recent(&said));
    let linker =
        ["/usr/bin/wasm-ld-22", "/usr/bin/wasm-ld"].map(PathBuf::from).into_iter().find(|file| file.exists());
    linker.filter(|_| complete).map(|linker| Toolchain::Debian { linker })
}

/// Whether `rustc 1.96.0 (…)` is one that the workspace can be built with; the
/// distribution's first toolchain is older.
fn is_recent(version: &str) -> bool {
    let number = version.split(' ').nth(1).unwrap_or("");
    let mut parts = number.split('.').map_while(|part| part.parse::<u32>().ok());
    matches!((parts.next(), parts.next()), (Some(1), Some(minor)) if minor >= MINIMUM_MINOR)
}

impl Toolchain {
    /// `cargo build` for the browser, still without package and profile.
    pub(crate) fn cargo_build(&self, workspace: &Workspace) -> Command {
        let mut command = match self {
            Self::Rustup => {
                let mut command = cargo(workspace);
                command.arg("build");
                command
            }
            Self::Debian { linker } => debian_build(workspace, linker),
        };
        command.args(["--target", TARGET, "--target-dir"]).arg(workspace.wasm_target());
        command
    }

    /// For people: which compiler this is.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Rustup => format!("rustup's {TARGET}"),
            Self::Debian { linker } => format!("Debian's /usr/bin/rustc with {}", linker.display()),
        }
    }
}

/// A stable compiler needs leave (`RUSTC_BOOTSTRAP`) to build the standard
/// library from source, and must not see what rustup put into the environment.
fn debian_build(workspace: &Workspace, linker: &Path) -> Command {
    let mut command = Command::new("/usr/bin/cargo");
    command
        .current_dir(workspace.root())
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", "-Clinker-flavor=wasm-ld")
        .args(["build", "-Zbuild-std=std,panic_abort"]);
    for name in ["CARGO", "RUSTUP_TOOLCHAIN", "RUSTUP_HOME", "RUSTC_WRAPPER", "RUSTFLAGS", "LD_LIBRARY_PATH"]
    {
        command.env_remove(name);
    }
    without_leptos_names(&mut command);
    command
}

/// The WASM optimiser among the npm packages of the browser tests, where there is one.
pub(crate) fn optimiser(workspace: &Workspace) -> Option<PathBuf> {
    let local = workspace.end2end().join("node_modules/.bin/wasm-opt");
    (process::on_path("node").is_some() && local.exists()).then_some(local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distributions_first_toolchain_is_too_old_and_its_second_is_not() {
        assert!(!is_recent("rustc 1.63.0 (Debian 1.63.0+dfsg1-2)"));
        assert!(is_recent("rustc 1.95.0 (59807616e 2026-04-14)"));
        assert!(is_recent("rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)"));
        assert!(!is_recent("command not found"));
    }
}
