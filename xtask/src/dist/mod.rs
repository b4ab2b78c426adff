//! `dist`: what one gives to others. A tarball, a Debian package, and their
//! hashes, in `target/dist`. The same program gives the same bytes.

mod archive;
mod deb;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

use crate::process::{capture, say};
use crate::setup::{self, Purpose};
use crate::workspace::{Profile, Workspace};
use crate::{build, site};
use archive::{Archive, Entry};

/// What a package is of.
pub(crate) struct Release {
    /// `0.1.0`.
    pub(crate) version: String,
    /// As Debian calls it: `amd64`.
    pub(crate) architecture: &'static str,
    /// The GNU C library that the program was linked with: `2.36`.
    pub(crate) libc: String,
    /// The moment that all files get, in seconds since 1970.
    pub(crate) time: u64,
}

/// Packs the program: the one given, or the one that is built now.
pub(crate) fn dist(workspace: &Workspace, binary: Option<PathBuf>) -> Result<()> {
    let binary = match binary {
        Some(binary) => binary,
        None => built(workspace)?,
    };
    let program = fs::read(&binary).with_context(|| format!("cannot read {}", binary.display()))?;
    let release = Release {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        architecture: architecture()?,
        libc: libc()?,
        time: time_of(workspace),
    };
    let folder = workspace.root().join("target/dist");
    fs::create_dir_all(&folder)?;
    let stem = format!("fovea-{}-{}-linux", release.version, std::env::consts::ARCH);
    let tarball = gzipped(&tarball(workspace.root(), &release, &stem, &program)?)?;
    let package = deb::package(workspace.root(), &release, &program)?;
    let files = [
        (format!("{stem}.tar.gz"), tarball),
        (format!("fovea_{}_{}.deb", release.version, release.architecture), package),
    ];
    let mut hashes = String::new();
    for (name, bytes) in &files {
        fs::write(folder.join(name), bytes).with_context(|| format!("cannot write {name}"))?;
        hashes.push_str(&format!("{}  {name}\n", hex::encode(Sha256::digest(bytes))));
        say(&format!(
            "  dist           {} · {}",
            folder.join(name).display(),
            site::kilobytes(bytes.len() as u64)
        ));
    }
    fs::write(folder.join("SHA256SUMS"), hashes)?;
    Ok(())
}

fn built(workspace: &Workspace) -> Result<PathBuf> {
    setup::setup(workspace, Purpose::Run)?;
    site::build(workspace, Profile::Release)?.weight.check()?;
    build::build_server(workspace, Profile::Release)?;
    Ok(workspace.binary(Profile::Release))
}

/// The program, its unit for systemd, and what one must be given with it.
fn tarball(root: &Path, release: &Release, stem: &str, program: &[u8]) -> Result<Vec<u8>> {
    let mut archive = Archive::new(release.time);
    archive.add(&Entry::program(&format!("{stem}/fovea"), program))?;
    let beside = ["README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE-APACHE", "LICENSE-MIT"];
    for file in beside.into_iter().chain(["packaging/fovea.service", "packaging/fovea.default"]) {
        let bytes = fs::read(root.join(file)).with_context(|| format!("no {file}"))?;
        let name = file.rsplit('/').next().unwrap_or(file);
        archive.add(&Entry::file(&format!("{stem}/{name}"), &bytes))?;
    }
    archive.finish()
}

/// Compressed, without the time of compressing.
pub(crate) fn gzipped(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn architecture() -> Result<&'static str> {
    match std::env::consts::ARCH {
        "x86_64" => Ok("amd64"),
        "aarch64" => Ok("arm64"),
        other => bail!("there is no name of Debian's for {other} here; add it to `architecture`"),
    }
}

/// The version of the C library here, which the program needs at least.
fn libc() -> Result<String> {
    let said = capture(Command::new("getconf").arg("GNU_LIBC_VERSION"))?;
    Ok(said.trim().strip_prefix("glibc ").context("this machine's C library is not GNU's")?.to_owned())
}

/// `SOURCE_DATE_EPOCH`, else the last commit's time, else the beginning.
fn time_of(workspace: &Workspace) -> u64 {
    let named = std::env::var("SOURCE_DATE_EPOCH").ok();
    let commit = || {
        capture(Command::new("git").current_dir(workspace.root()).args(["log", "-1", "--format=%ct"])).ok()
    };
    named.or_else(commit).and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}
