//! What is handed to others: the container's root, and the unit for systemd.

use std::{path::Path, process::Command};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

#[test]
fn the_container_s_root_has_all_that_the_server_needs() {
    let script = root().join("packaging/check-image.sh");
    let output = Command::new("bash").arg(script).arg(env!("CARGO_BIN_EXE_fovea")).output().expect("a shell");
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{errors}");
    assert!(said.contains("is healthy"), "{said}");
}

#[test]
fn the_service_sets_what_the_program_knows() {
    let help =
        Command::new(env!("CARGO_BIN_EXE_fovea")).args(["serve", "--help"]).output().expect("it starts");
    let help = String::from_utf8_lossy(&help.stdout);
    let unit = include_str!("../../../packaging/fovea.service");
    let defaults = include_str!("../../../packaging/fovea.default");
    let names = |text: &str| -> Vec<String> {
        let parts = text.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
        parts.filter(|part| part.starts_with("FOVEA_") && part.len() > 6).map(str::to_owned).collect()
    };
    let set: Vec<String> = [names(unit), names(defaults)].concat();
    assert!(set.len() > 3, "{set:?}");
    for name in set {
        assert!(help.contains(&name), "{name} is set and unknown");
    }
    assert!(unit.contains("ExecStart=/usr/bin/fovea serve\n") && unit.contains("StateDirectory=fovea\n"));
}
