//! Trainers that the operator named: one that does well, those that do not,
//! and servers and workers that end in between. However it ends, nothing that
//! a trainer began is still there.

use crate::{
    interrupted::{Api, Running, serve_with, steps_of, take_from_the_dead},
    program::Program,
    story::imported_squares,
};
use domain::dataset::Split;
use futures::TryStreamExt as _;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use store::{Store, StoreOptions};

/// Our own, of the standard library only.
fn minimal() -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../trainers/minimal.py");
    format!("python3 '{}'", script.display())
}

/// Writes `trainers.toml`; each trainer is a command and what else stands in
/// its entry.
fn name_trainers(program: &Program, trainers: &[(&str, String, &str)]) {
    let entry = |(name, command, more): &(&str, String, &str)| {
        format!("[{name}]\ncommand = {}\n{more}\n", json!(command))
    };
    let text: String = trainers.iter().map(entry).collect();
    std::fs::create_dir_all(program.path("data")).expect("made");
    let path = program.path("data/trainers.toml");
    std::fs::write(&path, text).expect("written");
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("set");
}

/// A trainer that describes itself with no parameter, and does this with the
/// folder `$1` of its job. No process of another test has its name.
fn script(program: &Program, name: &str, lines: &str) -> String {
    let path = program.path(&format!("{name}-{}.sh", std::process::id()));
    let describe = r#"[ "$1" = --describe ] && { echo '{"protocol":1}'; exit 0; }"#;
    std::fs::write(&path, format!("{describe}\n{lines}\n")).expect("written");
    format!("/bin/sh '{}'", path.display())
}

/// Whether a process has this text in its command line.
fn is_running(text: &str) -> bool {
    let entries = std::fs::read_dir("/proc").expect("a Linux").flatten();
    let mut lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines.any(|line| String::from_utf8_lossy(&line).replace('\0', " ").contains(text))
}

#[allow(clippy::disallowed_methods, reason = "nothing tells that a process has ended: it is looked for")]
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(20)); // paced: a look whether it is gone
    }
}

/// What its working folder and checkpoints have left.
fn left_behind(program: &Program) -> usize {
    std::fs::read_dir(program.path("data/checkpoints")).map_or(0, Iterator::count)
}

fn log_of(experiment: &Value) -> String {
    let lines = experiment["log"].as_array().expect("a log").iter();
    lines.map(|line| line["message"].as_str().expect("a line")).collect::<Vec<_>>().join("\n")
}

impl Api {
    async fn train_with(&self, trainer: &str, params: Value) -> (u16, Value) {
        let body = json!({
            "name": trainer, "dataset": "squares/v1", "model": trainer, "trainer": trainer, "params": params,
        });
        self.post("experiments", &body).await
    }

    /// Waits until an experiment has ended, however.
    async fn ended(&self, name: &str) -> Value {
        loop {
            let experiment = self.get(&format!("experiments/{name}")).await;
            if !["queued", "running", "cancelling"].contains(&experiment["state"].as_str().expect("a state"))
            {
                return experiment;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }
}

#[test]
fn a_trainer_makes_a_model_and_finds_what_it_kept_the_next_time() {
    let program = Program::new();
    imported_squares(&program);
    let tried =
        program.good(&["trainer", "check", "minimal", "--trainer", &format!("minimal={}", minimal())]);
    assert!(tried.contains("minimal can train"), "{tried}");
    assert!(tried.contains("kept beside the model: sums.json"), "{tried}");

    name_trainers(&program, &[("minimal", minimal(), ""), ("gone", "/no/such/program".to_owned(), "")]);
    let listed = program.json(&["trainer", "list", "--json"]);
    let names: Vec<&str> =
        listed.as_array().expect("a list").iter().filter_map(|t| t["name"].as_str()).collect();
    assert_eq!(names, ["built-in", "gone", "minimal"]);
    assert!(listed[1]["problem"].as_str().expect("a reason").contains("does not start"), "{listed}");
    assert_eq!(listed[2]["parameters"][0]["name"], "steps");

    let train = ["train", "--dataset", "squares/v1", "--model", "squares", "--trainer", "minimal"];
    let first = program.json(&[&train[..], &["--set", "steps=3", "--seed", "7"]].concat());
    assert_eq!(first["model"], "squares/1", "{first}");
    assert_eq!(first["params"], json!({ "steps": 3, "pause_s": 0.0, "seed": 7, "time_limit_s": 0 }));
    assert_eq!(first["evaluations"].as_array().map(Vec::len), Some(2), "measured on val and test");
    let again = program.json(&[&train[..], &["--base", "squares/1", "--name", "again"]].concat());
    assert_eq!(again["model"], "squares/2");
    program.good(&["model", "export", "squares/2", "--out", "model.onnx"]);
    assert!(std::fs::read(program.path("model.onnx")).expect("written").len() > 100);

    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let store = Store::open(StoreOptions::in_folder(&program.path("data"))).await.expect("a store");
        let experiment = store.experiments().find_by_name(&"again".parse().expect("a name")).await;
        let experiment = experiment.expect("reads").expect("there");
        assert_eq!(experiment.params.trainer_name(), "minimal");
        let log = store.experiments().log(experiment.id, 100).await.expect("reads");
        let lines: Vec<&str> = log.iter().map(|(_, line)| line.as_str()).collect();
        assert!(lines.contains(&"started from squares/1, with model.onnx, sums.json"), "{lines:?}");
        assert_eq!(store.inconsistencies().await.expect("reads"), Vec::<String>::new());
        store.close().await.expect("closed");
    });
    program.good(&["doctor", "--full"]);
    assert_eq!(left_behind(&program), 0);
    // A wrong parameter is told before anything runs.
    let (code, said) = crate::program::told(&program.run(&[&train[..], &["--set", "steps=0"]].concat()));
    assert_eq!(code, Some(1));
    assert!(said.contains("steps: \"0\" is not a whole number from 1 to 10000"), "{said}");
}

#[test]
fn a_backup_holds_what_a_trainer_kept() {
    let program = Program::new();
    imported_squares(&program);
    name_trainers(&program, &[("minimal", minimal(), "")]);
    let train = ["train", "--dataset", "squares/v1", "--model", "squares", "--trainer", "minimal"];
    program.json(&[&train[..], &["--set", "steps=1"]].concat());
    program.good(&["backup", "backup.tar"]);
    let restored = program.path("restored");
    let ran = program.run_on(&restored, &["restore", "backup.tar"]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let looked = program.run_on(&restored, &["doctor", "--full"]);
    assert!(looked.status.success(), "{}", String::from_utf8_lossy(&looked.stdout));
    assert!(!restored.join("trainers.toml").exists(), "commands are not data");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trainer_is_given_no_image_that_is_held_out() {
    let program = Program::new();
    imported_squares(&program);
    let hashes = program.path("hashes");
    let lines = format!("cd \"$1\" && find . -type f -o -type l | xargs sha256sum > {}", hashes.display());
    name_trainers(&program, &[("recorder", script(&program, "recorder", &lines), "")]);
    let train = ["train", "--dataset", "squares/v1", "--model", "m", "--trainer", "recorder"];
    let (code, said) = crate::program::told(&program.run(&train));
    assert_eq!(code, Some(1));
    assert!(said.contains("left no output/model.onnx"), "{said}");
    let given = std::fs::read_to_string(hashes).expect("written");
    let given: BTreeSet<&str> = given.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let store = Store::open(StoreOptions::in_folder(&program.path("data"))).await.expect("a store");
    let dataset = store.datasets().find_by_name(&"squares/v1".parse().expect("a name")).await;
    let dataset = dataset.expect("reads").expect("there");
    let assets: Vec<_> = store.datasets().asset_stream(dataset.id, None).try_collect().await.expect("reads");
    for asset in assets {
        let is_given = given.contains(asset.content_hash.as_str());
        assert_eq!(is_given, asset.split != Split::Test, "{} is {}", asset.filename, asset.split);
    }
    store.close().await.expect("closed");
    assert_eq!(left_behind(&program), 0, "nothing of it stays");
}

/// What trainers do wrong, and what is said of it.
fn misbehaving(program: &Program) -> Vec<(&'static str, String, &'static str, &'static str)> {
    let script = |name: &str, lines: &str| script(program, name, lines);
    vec![
        ("hangs", script("hangs", "exec sleep 1000"), "silence_s = 1", "said nothing for 1 s"),
        (
            "floods",
            script("floods", "i=0; while [ $i -lt 30000 ]; do echo line $i; i=$((i+1)); done; exit 1"),
            "",
            "line 29999",
        ),
        (
            "breaks",
            script("breaks", "echo almost; echo garbage > \"$1/output/model.onnx\""),
            "",
            "model cannot be used",
        ),
        ("gives-up", script("gives-up", "echo out of luck >&2; exit 3"), "", "exit status: 3"),
        (
            "forks",
            script(
                "forks",
                "setsid sleep 86399 & sleep 86399 & (sleep 86399 &) ; sleep 0.3; echo forked; exit 1",
            ),
            "",
            "forked",
        ),
        (
            "ignores",
            script("ignores", "trap '' TERM INT; echo working; while true; do sleep 0.1; echo on; done"),
            "stop_s = 1",
            "",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trainer_that_misbehaves_is_a_failed_experiment_with_a_reason_and_nothing_else() {
    let program = Program::new();
    let all = misbehaving(&program);
    let named: Vec<_> = all.iter().map(|(name, command, more, _)| (*name, command.clone(), *more)).collect();
    name_trainers(&program, &named);
    let (_server, api) = serve_with(&program, &[]);
    for (name, command, _, reason) in &all {
        let (status, launched) = api.train_with(name, json!({})).await;
        assert_eq!(status, 202, "{launched}");
        if *name == "ignores" {
            api.wait_for(name, |experiment| log_of(experiment).contains("working")).await;
            api.post(&format!("experiments/{name}/cancel"), &json!({})).await;
        }
        let ended = api.ended(name).await;
        let wanted = if *name == "ignores" { "cancelled" } else { "failed" };
        assert_eq!(ended["state"], wanted, "{ended}");
        let said = ended["error"].as_str().unwrap_or_default();
        assert!(said.contains(reason), "{name}: {said}");
        assert_eq!(ended["model_version"], Value::Null);
        let path = command.trim_start_matches("/bin/sh '").trim_end_matches('\'').to_owned();
        assert!(!is_running(&path), "{name} is still there");
        match *name {
            "floods" => {
                let log = log_of(&ended);
                assert!(log.contains("lines left out"), "{log}");
                assert!(log.lines().count() < 1_000, "{}", log.lines().count());
            }
            "breaks" => assert!(said.contains("Its last lines:\nalmost"), "{said}"),
            "gives-up" => assert!(said.contains("Its last lines:\nout of luck"), "{said}"),
            _ => {}
        }
    }
    assert!(!is_running("sleep 86399"), "what a trainer forked is gone");
    assert_eq!(api.get("trainers").await["items"].as_array().map(Vec::len), Some(7));
    let (status, problem) = api.train_with("nobody", json!({})).await;
    assert_eq!((status, &problem["place"]), (400, &json!("trainer")), "{problem}");
    wait_until("its folders stay", || left_behind(&program) == 0);
}

fn slow_minimal() -> (Vec<(&'static str, String, &'static str)>, Value) {
    (vec![("minimal", minimal(), "")], json!({ "steps": 60, "pause_s": 0.05 }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trainer_that_is_cancelled_leaves_the_model_that_there_is() {
    let program = Program::new();
    let (trainers, params) = slow_minimal();
    name_trainers(&program, &trainers);
    let (_server, api) = serve_with(&program, &[]);
    assert_eq!(api.train_with("minimal", params).await.0, 202);
    api.wait_for("minimal", |experiment| steps_of(experiment).len() > 3).await;
    api.post("experiments/minimal/cancel", &json!({})).await;
    let ended = api.ended("minimal").await;
    assert_eq!(ended["model_version"], "minimal/1", "{ended}");
    assert!(steps_of(&ended).len() < 60);
    assert!(log_of(&ended).contains("told to stop"), "{ended}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trainer_ends_with_a_killed_worker_and_goes_on_with_the_next() {
    let program = Program::new();
    let (trainers, params) = slow_minimal();
    name_trainers(&program, &trainers);
    let (_server, api) = serve_with(&program, &["--no-worker"]);
    let (status, launched) = api.train_with("minimal", params).await;
    assert_eq!(status, 202, "{launched}");
    let folder = PathBuf::from("checkpoints").join(launched["id"].as_str().expect("an id"));
    let folder = folder.display().to_string();
    for kill in 0..2 {
        let worker = Running::start(&program, &["worker"]);
        api.wait_for("minimal", |experiment| steps_of(experiment).len() > 4 * (kill + 1)).await;
        assert!(is_running(&folder), "it works in its folder");
        worker.killed();
        wait_until("a trainer outlives its worker", || !is_running(&folder));
        take_from_the_dead(&program).await;
    }
    // Told to end, as a supervisor does it.
    let worker = Running::start(&program, &["worker"]);
    api.wait_for("minimal", |experiment| steps_of(experiment).len() > 15).await;
    worker.ended_gracefully();
    assert!(!is_running(&folder));
    assert_eq!(api.get("experiments/minimal").await["state"], "queued");
    let _worker = Running::start(&program, &["worker"]);
    let ended = api.ended("minimal").await;
    assert_eq!(ended["state"], "succeeded", "{ended}");
    let steps = steps_of(&ended);
    assert_eq!(steps.last(), Some(&60));
    assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{steps:?}");
    assert_eq!(ended["model_version"], "minimal/1");
    // It went on: had it begun anew, its last line would not count from there.
    take_from_the_dead(&program).await;
    assert_eq!(left_behind(&program), 0);
}
