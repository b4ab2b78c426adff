//! The program with a data folder of its own.

use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// A data folder, and the program on it.
pub(crate) struct Program {
    folder: tempfile::TempDir,
    /// Another database than the file in the data folder.
    database: Option<String>,
}

impl Program {
    pub(crate) fn new() -> Self {
        Self::on(None)
    }

    pub(crate) fn on(database: Option<String>) -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), database }
    }

    /// What a command finds in its environment beside its data folder.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let database = self.database.iter().map(|url| ("FOVEA_DATABASE_URL", url.clone()));
        let nice = std::env::var("FOVEA_TRAINING_NICE").ok().map(|nice| ("FOVEA_TRAINING_NICE", nice));
        database.chain(nice).collect()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_on(&self.path("data"), arguments)
    }

    /// Runs with more in its environment.
    pub(crate) fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        self.command(&self.path("data"), arguments)
            .envs(environment.iter().copied())
            .output()
            .expect("it starts")
    }

    pub(crate) fn run_on(&self, data: &Path, arguments: &[&str]) -> Output {
        self.command(data, arguments).output().expect("the program starts")
    }

    fn command(&self, data: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fovea"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("FOVEA_DATA_DIR", data)
            .envs(self.environment())
            .stdin(Stdio::null());
        command
    }

    /// Runs what must succeed, and gives back its stdout.
    #[track_caller]
    pub(crate) fn good(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "fovea {}: {errors}", arguments.join(" "));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Runs what must succeed and print one JSON value.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let text = self.good(arguments);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

/// Exit code and stderr.
pub(crate) fn told(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}
