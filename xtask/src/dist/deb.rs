//! A Debian package (deb(5)): an `ar` of a version, what `dpkg` is told, and the
//! files.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::archive::{Archive, Entry};
use super::{Release, gzipped};

/// What `dpkg` runs, in the order in which it does.
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];

/// The package's bytes.
pub(super) fn package(root: &Path, release: &Release, program: &[u8]) -> Result<Vec<u8>> {
    let read = |name: &str| fs::read(root.join(name)).with_context(|| format!("no {name}"));
    let unit = read("packaging/fovea.service")?;
    let defaults = read("packaging/fovea.default")?;
    let copyright = copyright(&[read("LICENSE-MIT")?, read("LICENSE-APACHE")?]);
    let files = [
        Entry::program("./usr/bin/fovea", program),
        Entry::file("./lib/systemd/system/fovea.service", &unit),
        Entry::file("./etc/default/fovea", &defaults),
        Entry::file("./usr/share/doc/fovea/copyright", &copyright),
    ];
    let size: usize = [program.len(), unit.len(), defaults.len(), copyright.len()].iter().sum();
    let mut data = Archive::new(release.time);
    for folder in
        folders(["./usr/bin/fovea", "./lib/systemd/system/x", "./etc/default/x", "./usr/share/doc/fovea/x"])
    {
        data.add(&Entry::folder(&folder))?;
    }
    for file in files {
        data.add(&file)?;
    }
    let mut control = Archive::new(release.time);
    control.add(&Entry::file("./control", control_file(release, size).as_bytes()))?;
    // What an administrator changed there stays at an upgrade.
    control.add(&Entry::file("./conffiles", b"/etc/default/fovea\n"))?;
    for script in SCRIPTS {
        control
            .add(&Entry::program(&format!("./{script}"), &read(&format!("packaging/debian/{script}"))?))?;
    }
    let members = [
        ("debian-binary", b"2.0\n".to_vec()),
        ("control.tar.gz", gzipped(&control.finish()?)?),
        ("data.tar.gz", gzipped(&data.finish()?)?),
    ];
    Ok(ar(release.time, &members))
}

/// Every folder above some files, from the top.
fn folders<const N: usize>(files: [&str; N]) -> BTreeSet<String> {
    let above = |file: &str| {
        let ends: Vec<usize> = file.match_indices('/').map(|(at, _)| at).skip(1).collect();
        ends.into_iter().filter_map(|end| file.get(..end).map(str::to_owned)).collect::<Vec<_>>()
    };
    files.into_iter().flat_map(above).collect()
}

fn control_file(release: &Release, size: usize) -> String {
    let Release { version, architecture, libc, .. } = release;
    let kibibytes = size.div_ceil(1024);
    format!(
        "Package: fovea\n\
         Version: {version}\n\
         Architecture: {architecture}\n\
         Maintainer: The Fovea developers <fovea@example.org>\n\
         Installed-Size: {kibibytes}\n\
         Depends: libc6 (>= {libc}), libgcc-s1, adduser\n\
         Recommends: ca-certificates\n\
         Section: science\n\
         Priority: optional\n\
         Description: Serve an object detector, watch it at work, make it better\n \
         Fovea serves an object detector, shows live what it predicts, and keeps\n \
         every image and box for people to look at, correct and train on.\n"
    )
}

fn copyright(licences: &[Vec<u8>]) -> Vec<u8> {
    let mut text = b"Fovea is licensed under MIT or Apache-2.0, as you prefer.\n".to_vec();
    for licence in licences {
        text.extend(b"\n");
        text.extend(licence);
    }
    text
}

/// An archive as ar(5) has it, with short names.
fn ar(time: u64, members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"!<arch>\n".to_vec();
    for (name, member) in members {
        let length = member.len();
        bytes.extend(format!("{name:<16}{time:<12}{:<6}{:<6}{:<8}{length:<10}`\n", 0, 0, 100_644).bytes());
        bytes.extend(member);
        if length % 2 == 1 {
            bytes.push(b'\n');
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn release() -> Release {
        Release {
            version: "1.2.3".to_owned(),
            architecture: "amd64",
            libc: "2.36".to_owned(),
            time: 1_700_000_000,
        }
    }

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    #[test]
    fn members_of_odd_length_are_followed_by_a_byte_that_is_theirs_not() {
        let bytes = ar(7, &[("a", b"xyz".to_vec()), ("b", b"1".to_vec())]);
        assert_eq!(bytes.len(), 8 + 60 + 4 + 60 + 2);
        let header = std::str::from_utf8(&bytes[8..68]).unwrap();
        assert_eq!(header, "a               7           0     0     100644  3         `\n");
    }

    #[test]
    fn every_folder_above_a_file_is_there_once() {
        let all: Vec<String> = folders(["./a/b/c", "./a/d"]).into_iter().collect();
        assert_eq!(all, ["./a", "./a/b"]);
    }

    #[test]
    fn dpkg_reads_the_package_and_the_same_program_gives_the_same_bytes() {
        let package = super::package(root(), &release(), b"#!/bin/sh\n").unwrap();
        assert_eq!(package, super::package(root(), &release(), b"#!/bin/sh\n").unwrap());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("fovea.deb");
        fs::write(&file, package).unwrap();
        let Ok(output) = Command::new("dpkg-deb").arg("--contents").arg(&file).output() else {
            // No Debian here: the members are tried above.
            return;
        };
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(said.contains("-rwxr-xr-x root/root") && said.contains("./usr/bin/fovea"), "{said}");
        let field =
            Command::new("dpkg-deb").arg("--field").arg(&file).args(["Package", "Version"]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&field.stdout), "Package: fovea\nVersion: 1.2.3\n");
    }
}
