//! A training whose worker is told to end, or killed, goes on where it was and
//! comes to the same weights as one that nobody disturbed.

use crate::{program::Program, story::imported_squares};
use domain::time::Clock as _;
use serde_json::{Value, json};
use server::SystemClock;
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};
use store::{Store, StoreOptions};

const STEPS: u32 = 150;

fn params() -> Value {
    json!({
        "input_width": 64, "input_height": 64, "width": 0.25, "max_steps": STEPS, "epochs": 10_000,
        "batch_size": 2, "evaluations": 3, "seed": 7,
    })
}

/// A program that keeps running; killed when it is dropped.
pub(crate) struct Running {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Running {
    pub(crate) fn start(program: &Program, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_fovea"))
            .args(arguments)
            .env_clear()
            .env("HOME", program.path("."))
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("FOVEA_DATA_DIR", program.path("data"))
            .envs(program.environment())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        Self { child, lines }
    }

    pub(crate) fn line_with(&mut self, text: &str) -> String {
        let found = self.lines.by_ref().map_while(Result::ok).find(|line| line.contains(text));
        found.unwrap_or_else(|| panic!("it ended without a line with {text:?}"))
    }

    /// Asks it to end, as a supervisor does.
    pub(crate) fn ended_gracefully(mut self) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("told");
        assert!(self.child.wait().expect("waited for").success());
    }

    pub(crate) fn killed(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("waited for");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) struct Api {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Api {
    pub(crate) async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}/api/v1/{path}", self.url)).bearer_auth(&self.token);
        request.send().await.expect("sent").json().await.expect("JSON")
    }

    async fn launch(&self, name: &str) -> (u16, Value) {
        self.launch_with(name, params()).await
    }

    async fn launch_with(&self, name: &str, params: Value) -> (u16, Value) {
        let body = json!({ "name": name, "dataset": "squares/v1", "model": name, "params": params });
        self.post("experiments", &body).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.http.post(format!("{}/api/v1/{path}", self.url)).bearer_auth(&self.token);
        let answer = request.json(body).send().await.expect("sent");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    /// Waits until an experiment is as it should be.
    pub(crate) async fn wait_for(&self, name: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        loop {
            let experiment = self.get(&format!("experiments/{name}")).await;
            assert_ne!(experiment["state"], "failed", "{experiment}");
            if is_so(&experiment) {
                return experiment;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }
}

pub(crate) fn steps_of(experiment: &Value) -> Vec<u64> {
    let points = experiment["curves"].as_array().expect("curves").iter();
    points.filter(|p| p["series"] == "loss").map(|p| p["step"].as_u64().expect("a step")).collect()
}

/// A server without a worker on a data folder with pictures, and its API.
fn serve(program: &Program) -> (Running, Api) {
    serve_with(program, &["--no-worker"])
}

/// The same with other options.
pub(crate) fn serve_with(program: &Program, options: &[&str]) -> (Running, Api) {
    imported_squares(program);
    let mut server = Running::start(program, &[&["serve", "--addr", "127.0.0.1:0"], options].concat());
    let url = server.line_with("listens on").rsplit_once(' ').expect("a URL").1.to_owned();
    let token = program.json(&["token", "create", "--name", "t", "--role", "admin", "--json"]);
    let token = token["secret"].as_str().expect("a secret").to_owned();
    (server, Api { http: reqwest::Client::new(), url, token })
}

/// Lets the time pass after which a silent worker is taken for dead.
pub(crate) async fn take_from_the_dead(program: &Program) {
    let store = Store::open(StoreOptions::in_folder(&program.path("data"))).await.expect("a store");
    let later = SystemClock.now().plus_ms(3_600_000);
    for item in store.work().stale(later).await.expect("reads") {
        // As many deaths as a training may outlive.
        store.work().requeue_stale(item.id, later, 20, later).await.expect("taken");
    }
    assert_eq!(store.inconsistencies().await.expect("reads"), Vec::<String>::new());
    store.close().await.expect("closed");
}

#[tokio::test]
async fn a_worker_that_is_killed_again_and_again_ends_with_one_model_and_a_whole_curve() {
    let program = Program::new();
    let (_server, api) = serve(&program);
    assert_eq!(api.launch("killed").await.0, 202);
    for kill in 0..5 {
        let worker = Running::start(&program, &["worker"]);
        // Another moment each time.
        api.wait_for("killed", |e| e["state"] == "running" && steps_of(e).len() > 2 + 3 * kill).await;
        worker.killed();
        take_from_the_dead(&program).await;
        let seen = api.wait_for("killed", |_| true).await;
        assert_eq!(seen["state"], "queued", "kill {kill}");
    }
    let _worker = Running::start(&program, &["worker"]);
    let ended = api.wait_for("killed", |e| e["state"] == "succeeded").await;
    assert_eq!(steps_of(&ended), (1..=u64::from(STEPS)).collect::<Vec<_>>(), "no step twice");
    assert_eq!(ended["model_version"], "killed/1");
    // That an experiment made two models would be told here.
    take_from_the_dead(&program).await;
    let launched = api.launch("next").await;
    assert_eq!(launched.0, 202, "{launched:?}");
    api.wait_for("next", |e| e["state"] == "succeeded").await;
}

#[tokio::test]
async fn a_worker_that_is_stopped_again_and_again_ends_with_the_weights_of_one_that_is_not() {
    let program = Program::new();
    let (_server, api) = serve(&program);
    let (status, _) = api.launch("interrupted").await;
    assert_eq!(status, 202);
    let mut reached = 0;
    for stop in 0..5 {
        let worker = Running::start(&program, &["worker"]);
        let seen = api.wait_for("interrupted", |e| steps_of(e).len() as u64 > reached + 3).await;
        reached = steps_of(&seen).len() as u64;
        worker.ended_gracefully();
        let seen = api.wait_for("interrupted", |_| true).await;
        assert_eq!(seen["state"], "queued", "stop {stop}: it goes back at once");
        let steps = steps_of(&seen);
        assert!(steps.len() as u64 >= reached && steps.len() < STEPS as usize, "{steps:?}");
        reached = steps.len() as u64;
    }
    let _worker = Running::start(&program, &["worker"]);
    let ended = api.wait_for("interrupted", |e| e["state"] == "succeeded").await;
    assert_eq!(steps_of(&ended), (1..=u64::from(STEPS)).collect::<Vec<_>>());
    let (status, _) = api.launch("undisturbed").await;
    assert_eq!(status, 202);
    let undisturbed = api.wait_for("undisturbed", |e| e["state"] == "succeeded").await;
    assert_eq!(ended["curves"], undisturbed["curves"], "point by point");
    for name in ["interrupted", "undisturbed"] {
        program.good(&["model", "export", &format!("{name}/1"), "--out", name]);
    }
    let read = |name: &str| std::fs::read(program.path(name)).expect("written");
    assert!(read("interrupted") == read("undisturbed"), "the same weights, bit for bit");
    let left = std::fs::read_dir(program.path("data/checkpoints")).expect("there").count();
    assert_eq!(left, 0, "checkpoints are removed with the end");

    for (name, value) in
        [("time_limit_s", json!(u64::MAX)), ("batch_size", json!(100_000)), ("input_width", json!(4096))]
    {
        let mut wrong = params();
        wrong[name] = value;
        let (status, problem) = api.launch_with("wrong", wrong).await;
        assert_eq!((status, &problem["place"]), (400, &json!(format!("params.{name}"))), "{problem}");
    }
    // Each in its range, and together more than any machine has.
    let mut large = params();
    for (name, value) in
        [("input_width", 1280.0), ("input_height", 1280.0), ("width", 4.0), ("batch_size", 256.0)]
    {
        large[name] = if name == "width" { json!(value) } else { json!(value as u32) };
    }
    let (status, problem) = api.launch_with("large", large).await;
    assert_eq!(status, 400, "{problem}");
    assert!(problem["detail"].as_str().expect("words").contains("of memory"), "{problem}");
}

/// The last line of a child, and all lines before.
fn conversation(child: &mut Running, until: &str) -> Vec<Value> {
    let mut told = Vec::new();
    while told.last().is_none_or(|event: &Value| event["event"] != until) {
        let line = child.lines.next().expect("a line").expect("read");
        told.push(serde_json::from_str(&line).expect("JSON"));
    }
    told
}

#[test]
fn a_child_that_is_killed_goes_on_from_any_checkpoint_to_the_same_weights() {
    let program = Program::new();
    let images = imported_squares(&program);
    let ask = |steps: u32, resume: Option<&Value>| {
        let mut params = params();
        params["max_steps"] = json!(steps);
        let request = json!({
            "labels": ["square"], "images": images, "params": params, "base": null,
            "output": program.path("weights"),
            "checkpoints": { "folder": program.path("kept"), "every_s": 0, "resume": resume },
        });
        let mut child = Running::start(&program, &["train-child"]);
        let stdin = child.child.stdin.as_mut().expect("piped");
        writeln!(stdin, "{request}").expect("asked");
        child
    };
    let whole = conversation(&mut ask(12, None), "outcome").pop().expect("an end");
    let mut resume = None;
    for _ in 0..3 {
        let mut child = ask(12, resume.as_ref());
        let told = conversation(&mut child, "checkpoint");
        resume = told.last().map(|event| event["path"].clone());
        child.killed();
    }
    let told = conversation(&mut ask(12, resume.as_ref()), "outcome");
    assert_eq!(told[0], json!({ "event": "started", "step": 3 }));
    assert_eq!(told.last().expect("an end")["outcome"]["sha256"], whole["outcome"]["sha256"]);
    // So many that it cannot come to its end before it hears the wish.
    let mut child = ask(1_000_000, None);
    conversation(&mut child, "step");
    writeln!(child.child.stdin.as_mut().expect("piped"), "suspend").expect("asked");
    let last = conversation(&mut child, "error").pop().expect("an end");
    assert_eq!(last["kind"], "suspended");
}
