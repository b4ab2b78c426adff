//! Backups, what doctor sees, what gc removes, and who may read what.

use crate::{
    program::{Program, told},
    story::write_pictures,
};
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

const IMPORT: [&str; 9] = [
    "import",
    "--format",
    "coco",
    "--images",
    "pictures",
    "--annotations",
    "boxes.json",
    "--dataset",
    "squares",
];

fn with_images() -> Program {
    let program = Program::new();
    write_pictures(&program);
    program.good(&IMPORT);
    program
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Every file and folder with its bytes and when it was changed.
fn everything(folder: &Path) -> BTreeMap<PathBuf, (Option<Vec<u8>>, SystemTime)> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let modified = fs::metadata(&folder).expect("there").modified().expect("known");
        all.insert(folder.clone(), (None, modified));
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let modified = fs::metadata(&path).expect("there").modified().expect("known");
                all.insert(path.clone(), (Some(fs::read(&path).expect("read")), modified));
            }
        }
    }
    all
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("there").permissions().mode() & 0o777
}

fn stdout(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn data_backups_and_what_is_restored_are_their_owners_alone() {
    let program = with_images();
    let open = program.path("open");
    fs::create_dir(&open).expect("made");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).expect("opened");
    let added = program.run_on(&open, &["user", "add", "a@example.org", "--role", "admin"]);
    assert_eq!(told(&added).0, Some(0));
    program.good(&["backup", "b.tar"]);
    let restored = program.path("restored");
    assert_eq!(told(&program.run_on(&restored, &["restore", "b.tar"])).0, Some(0));
    for folder in [program.path("data"), restored.clone()] {
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
        for file in files(&folder) {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    }
    assert_eq!(mode(&open.join("fovea.db")), 0o600);
    assert_eq!(mode(&program.path("b.tar")), 0o600);
    // What an earlier version or a copy left open is closed at the next start.
    fs::set_permissions(restored.join("fovea.db"), fs::Permissions::from_mode(0o644)).expect("opened");
    fs::set_permissions(restored.join("objects"), fs::Permissions::from_mode(0o755)).expect("opened");
    let doctor = stdout(&program.run_on(&restored, &["doctor"]));
    assert!(doctor.contains("is open to other users"), "{doctor}");
    program.run_on(&restored, &["token", "create", "--name", "a", "--role", "viewer"]);
    assert_eq!(mode(&restored.join("fovea.db")), 0o600);
    assert_eq!(mode(&restored.join("objects")), 0o700);
}

#[test]
fn doctor_changes_nothing_and_tells_what_is_wrong_with_the_files() {
    let program = with_images();
    let data = program.path("data");
    let missing_folder = program.path("nowhere");
    let output = program.run_on(&missing_folder, &["doctor"]);
    assert_eq!(told(&output).0, Some(0));
    assert!(!missing_folder.exists(), "{}", stdout(&output));
    let before = everything(&data);
    let seen = program.good(&["doctor", "--full"]);
    assert!(seen.contains("all 12 files that rows name are with the right bytes"), "{seen}");
    assert!(everything(&data) == before, "doctor changed something");

    let images = files(&data.join("objects/images"));
    fs::remove_file(&images[0]).expect("removed");
    fs::write(&images[1], b"other bytes").expect("damaged");
    let output = program.run(&["doctor", "--full"]);
    assert_eq!(told(&output).0, Some(1));
    let seen = stdout(&output);
    assert!(seen.contains("is missing: put it back from a backup"), "{seen}");
    assert!(seen.contains("has other bytes than it was stored with"), "{seen}");
    let output = program.run(&["doctor"]);
    assert!(!stdout(&output).contains("has other bytes"), "only --full reads them");
}

#[test]
fn gc_removes_old_files_without_a_row_and_nothing_else() {
    let program = with_images();
    let images = program.path("data/objects/images");
    let number = files(&images).len();
    for (name, hours) in [("11", 3), ("22", 0)] {
        let path = images.join(name).join(name.repeat(31));
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, b"orphan").expect("written");
        let file = fs::File::options().write(true).open(&path).expect("opened");
        file.set_modified(SystemTime::now() - Duration::from_secs(hours * 3600)).expect("aged");
    }
    assert!(program.good(&["doctor"]).contains("2 files have no row (12 bytes)"));
    let would = program.json(&["gc", "--dry-run", "--json"]);
    assert_eq!((&would["files"], &would["bytes"]), (&1.into(), &6.into()), "the other one is young");
    assert_eq!(files(&images).len(), number + 2);
    assert!(program.good(&["gc"]).contains("1 file without a row, 6 bytes, removed"));
    assert_eq!(files(&images).len(), number + 1);
    assert_eq!(program.json(&["gc", "--json"])["files"], 0);
    program.good(&["export", "--format", "yolo", "--dataset", "squares/v1", "--out", "exported"]);
    let elsewhere = program.path("nowhere");
    assert_eq!(told(&program.run_on(&elsewhere, &["gc"])).0, Some(1));
    assert!(!elsewhere.exists());
}

#[test]
fn a_backup_names_what_is_missing_and_a_restore_of_it_is_a_choice() {
    let program = with_images();
    let gone = files(&program.path("data/objects/images")).remove(0);
    fs::remove_file(gone).expect("removed");
    let (code, errors) = told(&program.run(&["backup", "b.tar"]));
    assert_eq!(code, Some(1), "{errors}");
    assert!(
        errors.contains("is missing") && errors.contains("b.tar was written, but 1 file is missing"),
        "{errors}"
    );
    let restored = program.path("restored");
    let (code, errors) = told(&program.run_on(&restored, &["restore", "b.tar"]));
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("--incomplete") && !restored.exists(), "{errors}");
    let (code, errors) = told(&program.run_on(&restored, &["restore", "b.tar", "--incomplete"]));
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("it was restored, but 1 file is missing"), "{errors}");
    assert_eq!(
        told(&program.run_on(&restored, &["token", "create", "--name", "a", "--role", "viewer"])).0,
        Some(0)
    );
}

#[test]
fn a_cut_or_damaged_archive_restores_nothing_and_says_why() {
    let program = with_images();
    program.good(&["backup", "b.tar"]);
    let whole = fs::read(program.path("b.tar")).expect("read");
    let empty = program.path("empty");
    fs::create_dir(&empty).expect("made");
    let refused = |bytes: &[u8], wanted: &str| {
        fs::write(program.path("bad.tar"), bytes).expect("written");
        for target in [program.path("restored"), empty.clone()] {
            let (code, errors) = told(&program.run_on(&target, &["restore", "bad.tar"]));
            assert_eq!(code, Some(1), "{errors}");
            assert!(errors.contains(wanted), "{wanted}: {errors}");
            assert!(errors.contains("nothing was changed"), "{errors}");
        }
        assert!(!program.path("restored").exists());
        assert_eq!(fs::read_dir(&empty).expect("there").count(), 0);
    };
    for length in [0, 700, whole.len() / 3, whole.len() / 2, whole.len() - 2048] {
        refused(&whole[..length], "cut off");
    }
    let image = b"objects/images";
    let header = whole.windows(image.len()).position(|part| part == image).expect("an image");
    let mut damaged = whole.clone();
    damaged[header + 512 + 100] ^= 1;
    refused(&damaged, "1 file is missing or damaged");
    let mut damaged = whole;
    damaged[header] = b'x';
    refused(&damaged, "damaged");
    let mut foreign = tar::Builder::new(Vec::new());
    foreign.append_path_with_name(program.path("boxes.json"), "etc/passwd").expect("added");
    refused(&foreign.into_inner().expect("ended"), "it is no backup");
    assert_eq!(told(&program.run_on(&empty, &["restore", "b.tar"])).0, Some(0), "the folder is still good");
}

/// A killed restore leaves a folder that no server starts on by mistake, and
/// that the next restore takes over.
#[test]
fn a_killed_restore_is_begun_anew() {
    let program = with_images();
    program.good(&["backup", "b.tar"]);
    let target = program.path("restored");
    fs::create_dir_all(target.join(".fovea-restoring/objects")).expect("made");
    fs::create_dir_all(target.join("objects/images")).expect("made");
    let (code, errors) =
        told(&program.run_on(&target, &["token", "create", "--name", "a", "--role", "viewer"]));
    assert_eq!(code, Some(1));
    assert!(errors.contains("did not end: run `fovea restore` again"), "{errors}");
    assert!(!target.join("fovea.db").exists());
    assert_eq!(told(&program.run_on(&target, &["doctor"])).0, Some(1));
    assert_eq!(told(&program.run_on(&target, &["restore", "b.tar"])).0, Some(0));
    assert!(!target.join(".fovea-restoring").exists());
    let seen = stdout(&program.run_on(&target, &["doctor", "--full"]));
    assert!(seen.contains("all 12 files"), "{seen}");
    let (code, errors) = told(&program.run_on(&target, &["restore", "b.tar"]));
    assert_eq!(code, Some(1));
    assert!(errors.contains("is not empty"), "{errors}");
}

/// Kills the program once `is_time` says so, or finds that it ended before.
fn killed(program: &Program, data: &Path, arguments: &[&str], is_time: impl Fn() -> bool) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_fovea"))
        .args(arguments)
        .current_dir(program.path("."))
        .env_clear()
        .env("HOME", program.path("."))
        .env("FOVEA_DATA_DIR", data)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    while !is_time() && child.try_wait().expect("asked").is_none() {
        std::thread::yield_now();
    }
    child.kill().expect("killed");
    child.wait().expect("waited for");
}

#[test]
fn kill_9_in_import_backup_and_restore_leaves_what_the_next_run_mends() {
    let program = with_images();
    let data = program.path("data");
    let images = files(&data.join("objects")).len();
    for picture in 1..=12 {
        // Other bytes, so that the second import has files of its own.
        let path = program.path(&format!("pictures/{picture}.jpg"));
        let mut bytes = fs::read(&path).expect("read");
        bytes.extend_from_slice(b"more");
        fs::write(path, bytes).expect("written");
    }
    killed(&program, &data, &IMPORT, || files(&data.join("objects")).len() > images + 4);
    let seen = program.good(&["doctor", "--full"]);
    assert!(seen.contains("an import fills squares/v2"), "{seen}");
    let again = program.json(&[&IMPORT[..], &["--json"]].concat());
    assert_eq!(again["version"]["images"], 12);

    killed(&program, &data, &["backup", "b.tar"], || program.path("b.tar.partial").exists());
    // It may have ended in the moment before it was killed.
    let _ = fs::remove_file(program.path("b.tar"));
    program.good(&["backup", "b.tar"]);
    program.good(&["doctor", "--full"]);

    let target = program.path("restored");
    killed(&program, &target, &["restore", "b.tar"], || target.join(".fovea-restoring/objects").exists());
    if !target.join("fovea.db").exists() {
        let restored = program.run_on(&target, &["restore", "b.tar"]);
        assert_eq!(told(&restored).0, Some(0), "{}", told(&restored).1);
    }
    assert_eq!(told(&program.run_on(&target, &["doctor", "--full"])).0, Some(0));
}

#[test]
fn a_newer_database_is_refused_in_words_by_every_command() {
    let program = Program::new();
    assert!(program.good(&["migrate"]).contains("migrations ran"));
    assert!(program.good(&["migrate"]).contains("up to date"));
    // The record of the last migration becomes that of one of tomorrow.
    let database = program.path("data/fovea.db");
    let mut bytes = fs::read(&database).expect("read");
    let (name, future) = (b"m20261101_000001_foundation", b"m20991101_000001_foundation");
    let places: Vec<usize> =
        (0..bytes.len() - name.len()).filter(|at| &bytes[*at..*at + name.len()] == name).collect();
    assert!(!places.is_empty(), "the record is in the file");
    for place in places {
        bytes[place..place + name.len()].copy_from_slice(future);
    }
    fs::write(&database, bytes).expect("written");
    for arguments in [
        &["migrate"][..],
        &["gc"],
        &["backup", "b.tar"],
        &["token", "create", "--name", "a", "--role", "viewer"],
    ] {
        let (code, errors) = told(&program.run(arguments));
        assert_eq!(code, Some(1), "{arguments:?}: {errors}");
        assert!(errors.contains("newer version of Fovea"), "{arguments:?}: {errors}");
    }
    let output = program.run(&["doctor"]);
    assert_eq!(told(&output).0, Some(1));
    assert!(stdout(&output).contains("newer version of Fovea"), "{}", stdout(&output));
}
