//! Debian's packages: installed where we may, else the command to type.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process::{on_path, run, say, succeeds};

/// How packages can be installed here.
enum Rights {
    Root,
    Sudo,
    None,
}

/// Installs packages, or fails with the exact command that would.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let by_hand = command_by_hand(packages);
    if on_path("apt-get").is_none() {
        bail!(
            "this is not a Debian: install what these packages hold, then call again: {}",
            packages.join(" ")
        );
    }
    let rights = rights();
    if matches!(rights, Rights::None) {
        bail!("not allowed to install packages here; please run\n\n    {by_hand}\n");
    }
    say(&format!("Installing {} …", packages.join(", ")));
    let install = || run(&mut apt(&rights, packages));
    if install().is_ok() {
        return Ok(());
    }
    say("Once more, with fresh package lists.");
    run(apt_get(&rights).arg("update"))?;
    if install().is_err() {
        bail!("the packages cannot be installed; the command was\n\n    {by_hand}\n");
    }
    Ok(())
}

/// What a person with rights would type.
pub(crate) fn command_by_hand(packages: &[&str]) -> String {
    format!("sudo apt-get update && sudo apt-get install -y --no-install-recommends {}", packages.join(" "))
}

fn rights() -> Rights {
    let is_root =
        std::fs::metadata("/proc/self").is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0);
    if is_root {
        Rights::Root
    } else if succeeds(Command::new("sudo").args(["-n", "true"])) {
        Rights::Sudo
    } else {
        Rights::None
    }
}

fn apt_get(rights: &Rights) -> Command {
    match rights {
        Rights::Sudo => {
            let mut command = Command::new("sudo");
            command.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
            command
        }
        Rights::Root | Rights::None => {
            let mut command = Command::new("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive");
            command
        }
    }
}

fn apt(rights: &Rights, packages: &[&str]) -> Command {
    let mut command = apt_get(rights);
    command.args(["install", "-y", "--no-install-recommends", "-qq"]).args(packages);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_by_hand_names_every_package() {
        assert_eq!(
            command_by_hand(&["chromium", "postgresql"]),
            "sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium postgresql"
        );
    }
}
