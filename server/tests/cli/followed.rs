//! Two servers and a worker on one database: each server's pages hear of what
//! the other one and the worker do.

use crate::{interrupted::Running, program::Program, story::imported_squares};
use serde_json::{Value, json};
use std::time::Duration;

/// Far beyond what anything here takes; only a hang reaches it.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server, and the stream of events of an open page of it.
struct Server {
    http: reqwest::Client,
    url: String,
    token: String,
    stream: reqwest::Response,
    text: String,
    _process: Running,
}

impl Server {
    async fn start(program: &Program, token: &str) -> Self {
        let mut process = Running::start(program, &["serve", "--addr", "127.0.0.1:0", "--no-worker"]);
        let url = process.line_with("listens on").rsplit_once(' ').expect("a URL").1.to_owned();
        let http = reqwest::Client::new();
        let stream = http.get(format!("{url}/api/v1/events")).bearer_auth(token).send().await;
        let stream = stream.expect("a stream");
        assert_eq!(stream.status(), 200);
        Self { http, url, token: token.to_owned(), stream, text: String::new(), _process: process }
    }

    async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}/api/v1/{path}", self.url)).bearer_auth(&self.token);
        request.send().await.expect("sent").json().await.expect("JSON")
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}/api/v1/{path}", self.url)).bearer_auth(&self.token);
        let answer = request.json(body).send().await.expect("sent");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.expect("JSON")
    }

    /// The next event of this type that an open page hears of.
    async fn next(&mut self, kind: &str) -> Value {
        loop {
            if let Some((line, rest)) = self.text.split_once('\n') {
                let (line, rest) = (line.to_owned(), rest.to_owned());
                self.text = rest;
                let Some(data) = line.strip_prefix("data:") else { continue };
                let message: Value = serde_json::from_str(data).expect("JSON");
                if message["event"]["type"] == kind {
                    return message["event"].clone();
                }
                continue;
            }
            let chunk = tokio::time::timeout(PATIENCE, self.stream.chunk()).await.expect("an event in time");
            self.text.push_str(&String::from_utf8_lossy(&chunk.expect("it goes on").expect("it is open")));
        }
    }

    /// Reads events until one tells of a curve that has points.
    async fn sees_a_curve(&mut self, experiment: &Value) {
        loop {
            let moved = self.next("experiment_changed").await;
            assert_eq!(moved["id"], *experiment);
            let experiment = self.get("experiments/run").await;
            assert_ne!(experiment["state"], "failed", "{experiment}");
            if experiment["curves"].as_array().is_some_and(|points| !points.is_empty()) {
                return;
            }
        }
    }
}

async fn check(database: Option<String>) {
    let program = Program::on(database);
    imported_squares(&program);
    program.good(&["model", "register", "analyser", "--labels", "red"]);
    program.good(&["deploy", "--name", "cells", "--model", "analyser/1"]);
    let token = program.json(&["token", "create", "--name", "t", "--role", "admin", "--json"]);
    let token = token["secret"].as_str().expect("a secret");
    let mut servers = [Server::start(&program, token).await, Server::start(&program, token).await];

    let report = json!({
        "width": 64, "height": 64, "latency_ms": 1.0,
        "boxes": [{ "label": "red", "score": 0.9, "x": 1.0, "y": 1.0, "w": 9.0, "h": 9.0 }],
    });
    let [first, _] = &servers;
    let reported = first.post("deployments/cells/predictions", &report).await;
    for server in &mut servers {
        assert_eq!(server.next("predictions_arrived").await["latest"], reported["id"]);
    }

    let _worker = Running::start(&program, &["worker"]);
    let params = json!({
        "input_width": 64, "input_height": 64, "width": 0.25, "max_steps": 6, "batch_size": 2,
        "evaluations": 1, "seed": 7,
    });
    let launch = json!({ "name": "run", "dataset": "squares/v1", "model": "squares", "params": params });
    let [_, second] = &servers;
    let launched = second.post("experiments", &launch).await;
    for server in &mut servers {
        server.sees_a_curve(&launched["id"]).await;
    }
}

#[tokio::test]
async fn two_servers_and_a_worker_on_one_postgres_hear_of_each_other() {
    if let Some(url) = test_postgres::fresh_database().await {
        check(Some(url)).await;
    }
}

#[tokio::test]
async fn two_servers_and_a_worker_on_one_file_hear_of_each_other() {
    check(None).await;
}
