//! `dev`: build, run, and do both again when a file changes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};

use crate::process::{say, shown};
use crate::workspace::{Profile, Workspace};
use crate::{build, setup};

/// Folders whose files the program is made of.
const WATCHED: [&str; 7] = ["app", "crates", "frontend", "migration", "server", "style", "Cargo.toml"];

/// How long to wait between two looks at the files.
const LOOK_EVERY: Duration = Duration::from_millis(700);

/// When each file was last written.
type FileTimes = BTreeMap<PathBuf, SystemTime>;

/// Builds and runs the server until it is interrupted; builds and starts anew
/// after each change of a file. A build that fails leaves the old server be.
#[allow(clippy::disallowed_methods, reason = "watching looks at intervals")]
pub(crate) fn dev(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    setup::setup(workspace, setup::Purpose::Run)?;
    let mut server = None;
    let mut built_from = FileTimes::new();
    loop {
        let now = look(workspace.root())?;
        if now != built_from {
            match build::build(workspace, Profile::Dev) {
                Ok(_) => server = Some(restart(workspace, server.take(), arguments)?),
                Err(error) => say(&format!("{error:#}\nwaiting for a change …")),
            }
            built_from = now;
        }
        std::thread::sleep(LOOK_EVERY); // paced: the interval of watching
    }
}

fn restart(workspace: &Workspace, old: Option<Child>, arguments: &[String]) -> Result<Child> {
    if let Some(mut old) = old {
        old.kill()?;
        old.wait()?;
    }
    let mut serve = Command::new(workspace.binary(Profile::Dev));
    serve.arg("serve").args(arguments);
    say(&format!("$ {}", shown(&serve)));
    serve.spawn().context("cannot start the server")
}

fn look(root: &Path) -> Result<FileTimes> {
    let mut times = FileTimes::new();
    for name in WATCHED {
        look_into(&root.join(name), &mut times)?;
    }
    Ok(times)
}

fn look_into(path: &Path, times: &mut FileTimes) -> Result<()> {
    // A file may go between listing and reading: then it is not seen.
    let Ok(meta) = fs::metadata(path) else {
        return Ok(());
    };
    if meta.is_dir() {
        for entry in fs::read_dir(path)? {
            look_into(&entry?.path(), times)?;
        }
    } else {
        times.insert(path.to_owned(), meta.modified()?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_a_change_and_a_removal_are_seen() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("app/src")).unwrap();
        let file = root.path().join("app/src/lib.rs");
        let empty = look(root.path()).unwrap();
        fs::write(&file, "1").unwrap();
        let first = look(root.path()).unwrap();
        assert_ne!(empty, first);
        let later = SystemTime::now() + Duration::from_secs(5);
        fs::File::options().append(true).open(&file).unwrap().set_modified(later).unwrap();
        assert_ne!(look(root.path()).unwrap(), first);
        fs::remove_file(&file).unwrap();
        assert_eq!(look(root.path()).unwrap(), empty);
    }
}
