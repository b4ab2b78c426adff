//! Our client for Python against a server: each operation of the description
//! is a method, and each method is called once.

use crate::bed::Bed;
use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// What the client needs at least.
const LEAST: &str = "import sys; sys.exit(sys.version_info < (3, 11))";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../clients/python")
}

/// Python in the client's folder; `None` where there is none that is new enough.
fn python() -> Option<Command> {
    let python = || {
        let mut command = Command::new("python3");
        command.current_dir(folder()).env("PYTHONPATH", "src").env("PYTHONDONTWRITEBYTECODE", "1");
        command
    };
    let is_there = python().args(["-c", LEAST]).output().is_ok_and(|output| output.status.success());
    if !is_there {
        eprintln!("the Python client is not tried: there is no python3 of 3.11 or later here");
    }
    is_there.then(python)
}

/// Runs beside the server, which goes on answering.
async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().expect("it starts")).await.expect("it ends")
}

#[tokio::test]
async fn the_generated_half_is_what_the_description_gives() {
    let Some(mut command) = python() else { return };
    let bed = Bed::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("openapi.json");
    std::fs::write(&file, bed.get("/api/openapi.json", "").await.bytes).expect("written");
    command.arg("generate.py").arg(&file);
    if std::env::var_os("FOVEA_WRITE_CLIENT").is_none() {
        command.arg("--check");
    }
    let output = run(command).await;
    let told = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}{errors}\nFOVEA_WRITE_CLIENT=1 on this test writes it anew.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_operation_is_called_once_by_its_method() {
    let Some(mut command) = python() else { return };
    let bed = Bed::new().await;
    // Nobody works here.
    for kind in ["train", "import", "replay", "compare", "training_reference"] {
        bed.leaves(kind);
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let router = bed.router.clone();
    let serving = tokio::spawn(async move { axum::serve(listener, router).await.expect("serves") });
    command.args(["-m", "unittest", "discover", "--start-directory", "tests"]);
    command.env("FOVEA_URL", url).env("FOVEA_TOKEN", &bed.admin);
    let output = run(command).await;
    serving.abort();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("Ran 4 tests") && !told.contains("skipped"), "{told}");
}
