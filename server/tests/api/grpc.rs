//! The Open Inference Protocol over gRPC, as its clients speak it: each message
//! is written and read by another library than the server's.

mod client;
mod messages;

use crate::{
    bed::{Bed, DEPLOYMENT, jpeg},
    exhaustion::endless,
};
use axum::{body::Body, http::Request};
use client::{Called, Server, call, framed, request, send};
use domain::access::Role;
use flate2::{Compression, write::GzEncoder};
use futures::{StreamExt, stream};
use messages::{
    Choice, Contents, Empty, Flag, Health, HealthCheck, InferAnswer, InferRequest, ModelMetadata, NamedModel,
    Parameter, ServerMetadata, Tensor, WantedOutput,
};
use prost::Message;
use serde_json::{Value, json};
use server::{
    http::{HttpConfig, Pace},
    listener::Limits,
};
use std::{collections::HashMap, convert::Infallible, io::Write as _, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tower::ServiceExt;

const OK: i32 = 0;
const INVALID: i32 = 3;
const DEADLINE: i32 = 4;
const NOT_FOUND: i32 = 5;
const DENIED: i32 = 7;
const EXHAUSTED: i32 = 8;
const PRECONDITION: i32 = 9;
const UNIMPLEMENTED: i32 = 12;
const UNAUTHENTICATED: i32 = 16;

/// Over before anybody waits for it.
const SOON: Duration = Duration::from_millis(50);

fn named(name: &str, version: &str) -> NamedModel {
    NamedModel { name: name.to_owned(), version: version.to_owned() }
}

fn with_parameters<const N: usize>(parameters: [(&str, Choice); N]) -> InferRequest {
    let parameters = parameters.map(|(key, value)| (key.to_owned(), Parameter { choice: Some(value) }));
    InferRequest { parameters: parameters.into(), ..of_file(&jpeg(40, 30)) }
}

/// Parameters as clients write what JSON has.
pub(crate) fn parameters(values: &serde_json::Map<String, Value>) -> HashMap<String, Parameter> {
    let choice = |value: &Value| match value {
        Value::Bool(flag) => Choice::Flag(*flag),
        Value::Number(number) => {
            number.as_i64().map_or_else(|| Choice::Number(number.as_f64().expect("a number")), Choice::Whole)
        }
        other => Choice::Text(other.as_str().expect("a text").to_owned()),
    };
    values.iter().map(|(key, value)| (key.clone(), Parameter { choice: Some(choice(value)) })).collect()
}

/// The answer, or the code with its words as they were before they were encoded.
pub(crate) async fn called_with(bed: &Bed, request: &InferRequest) -> Result<InferAnswer, (i32, String)> {
    let called = infer(bed, request).await;
    if called.code == OK {
        return Ok(called.answer());
    }
    let words = percent_encoding::percent_decode_str(&called.message).decode_utf8();
    Err((called.code, words.expect("UTF-8").into_owned()))
}

/// The id of what a picture is stored as, when it is sent with such metadata.
pub(crate) async fn called(bed: &Bed, picture: &InferRequest, metadata: &[(&'static str, &str)]) -> String {
    let body = Body::from(framed(0, &picture.encode_to_vec()));
    let mut request = request("ModelInfer", &bed.reviewer, body);
    for (name, value) in metadata {
        request.headers_mut().insert(*name, value.parse().expect("a value"));
    }
    let answer: InferAnswer = send(bed, request).await.answer();
    String::from_utf8(answer.raw[4][4..].to_vec()).expect("an id")
}

/// As the client of Triton sends a file.
pub(crate) fn of_file(file: &[u8]) -> InferRequest {
    let length = u32::try_from(file.len()).expect("short").to_le_bytes();
    InferRequest {
        model_name: DEPLOYMENT.to_owned(),
        id: "17".to_owned(),
        inputs: vec![tensor("image", "BYTES", &[1])],
        raw: vec![[&length[..], file].concat()],
        ..InferRequest::default()
    }
}

pub(crate) fn tensor(name: &str, datatype: &str, shape: &[i64]) -> Tensor {
    Tensor {
        name: name.to_owned(),
        datatype: datatype.to_owned(),
        shape: shape.to_vec(),
        ..Tensor::default()
    }
}

async fn infer(bed: &Bed, request: &InferRequest) -> Called {
    call(bed, "ModelInfer", &bed.reviewer, request).await
}

#[tokio::test]
async fn anybody_may_ask_whether_the_server_lives() {
    let bed = Bed::new().await;
    for method in ["ServerLive", "ServerReady"] {
        assert!(call(&bed, method, "", &Empty {}).await.answer::<Flag>().is, "{method}");
    }
    let server: ServerMetadata = call(&bed, "ServerMetadata", "", &Empty {}).await.answer();
    assert_eq!((server.name.as_str(), server.extensions.len()), ("fovea", 0));
    assert!(!server.version.is_empty());
    bed.shutdown.cancel();
    assert!(call(&bed, "ServerLive", "", &Empty {}).await.answer::<Flag>().is);
    assert!(!call(&bed, "ServerReady", "", &Empty {}).await.answer::<Flag>().is);
}

/// As Kubernetes asks: without a token.
async fn probe(bed: &Bed, method: &str, service: &str) -> Called {
    let check = HealthCheck { service: service.to_owned() };
    let mut request = request("", "", Body::from(framed(0, &check.encode_to_vec())));
    let path = format!("http://127.0.0.1/grpc.health.v1.Health/{method}");
    *request.uri_mut() = path.parse().expect("an address");
    send(bed, request).await
}

#[tokio::test]
async fn anybody_may_ask_after_the_servers_health_as_kubernetes_does() {
    let bed = Bed::new().await;
    let services = ["", "inference.GRPCInferenceService"];
    for service in services {
        assert_eq!(probe(&bed, "Check", service).await.answer::<Health>().status, 1, "{service}");
    }
    probe(&bed, "Check", DEPLOYMENT).await.refused(NOT_FOUND, "Leave it empty");
    probe(&bed, "Check", &"7".repeat(2_000)).await.refused(EXHAUSTED, "larger");
    probe(&bed, "Watch", "").await.refused(UNIMPLEMENTED, "there is Check");
    bed.shutdown.cancel();
    for service in services {
        assert_eq!(probe(&bed, "Check", service).await.answer::<Health>().status, 2, "{service}");
    }
}

#[tokio::test]
async fn a_deployment_says_what_goes_in_and_what_comes_out() {
    let bed = Bed::new().await;
    for version in ["", "1"] {
        let asked = call(&bed, "ModelMetadata", &bed.viewer, &named(DEPLOYMENT, version)).await;
        let metadata: ModelMetadata = asked.answer();
        assert_eq!((metadata.name.as_str(), metadata.versions), (DEPLOYMENT, vec!["1".to_owned()]));
        assert_eq!(
            (metadata.platform.as_str(), metadata.inputs[1].shape.as_slice()),
            ("fovea", &[-1, -1, 3][..])
        );
        let outputs: Vec<&str> = metadata.outputs.iter().map(|output| output.name.as_str()).collect();
        assert_eq!(outputs, ["boxes", "scores", "labels", "class_ids", "prediction_id"]);
        let ready = call(&bed, "ModelReady", &bed.viewer, &named(DEPLOYMENT, version)).await;
        assert!(ready.answer::<Flag>().is);
    }
    for method in ["ModelMetadata", "ModelReady"] {
        call(&bed, method, &bed.viewer, &named(DEPLOYMENT, "2")).await.refused(NOT_FOUND, "version 1");
        call(&bed, method, &bed.viewer, &named("none", "")).await.refused(NOT_FOUND, "none");
    }
}

#[tokio::test]
async fn a_model_that_only_takes_reports_is_not_ready() {
    let bed = Bed::new().await;
    let model = json!({ "name": "elsewhere", "labels": ["red"] });
    assert_eq!(bed.post_json("/api/v1/models", &bed.admin, &model).await.status, 201);
    let deployment = json!({ "name": "reports", "model": "elsewhere/1" });
    assert_eq!(bed.post_json("/api/v1/deployments", &bed.admin, &deployment).await.status, 201);
    let ready = call(&bed, "ModelReady", &bed.viewer, &named("reports", "")).await;
    assert!(!ready.answer::<Flag>().is);
    let asked = InferRequest { model_name: "reports".to_owned(), ..of_file(&jpeg(40, 30)) };
    infer(&bed, &asked).await.refused(PRECONDITION, "reports");
}

#[tokio::test]
async fn a_file_is_predicted_and_stored_and_comes_back_as_it_was_sent() {
    let bed = Bed::new().await;
    let file = jpeg(40, 30);
    let raw = InferRequest {
        parameters: with_parameters([("source", Choice::Text("gate 3".to_owned()))]).parameters,
        ..of_file(&file)
    };
    let answer: InferAnswer = infer(&bed, &raw).await.answer();
    assert_eq!(
        (answer.model_name.as_str(), answer.model_version.as_str(), answer.id.as_str()),
        (DEPLOYMENT, "1", "17")
    );
    assert_eq!((answer.outputs.len(), answer.raw.len()), (5, 5));
    assert_eq!((answer.outputs[0].shape.as_slice(), &answer.outputs[0].contents), (&[1, 4][..], &None));
    assert_eq!(answer.raw[0], [0.0_f32, 0.0, 20.0, 30.0].map(f32::to_le_bytes).concat());
    assert_eq!(answer.raw[2], b"\x03\0\0\0red");
    let id = String::from_utf8(answer.raw[4][4..].to_vec()).expect("an id");
    let stored = bed.get(&format!("/api/v1/predictions/{id}"), &bed.viewer).await.json();
    assert_eq!(stored["source"], json!("gate 3"));
    let image = bed.get(&format!("/api/v1/predictions/{id}/image"), &bed.viewer).await;
    assert_eq!(image.bytes, file);

    let contents = Contents { bytes: vec![file], ..Contents::default() };
    let typed = Tensor { contents: Some(contents), ..tensor("image", "BYTES", &[1]) };
    let typed = InferRequest { inputs: vec![typed], raw: Vec::new(), ..of_file(b"") };
    let answer: InferAnswer = infer(&bed, &typed).await.answer();
    assert!(answer.raw.is_empty());
    let contents = |place: usize| answer.outputs[place].contents.clone().expect("contents");
    assert_eq!((contents(0).floats, contents(1).floats), (vec![0.0, 0.0, 20.0, 30.0], vec![0.9]));
    assert_eq!((contents(2).bytes, contents(3).int64s), (vec![b"red".to_vec()], vec![0]));
    assert_eq!(bed.count().await, 2);
}

#[tokio::test]
async fn pixels_come_as_bytes_or_numbers_and_outputs_are_chosen() {
    let bed = Bed::new().await;
    let rgb: Vec<u8> = (0..40 * 30 * 3).map(|i| (i * 7 % 251) as u8).collect();
    let outputs = vec![WantedOutput { name: "prediction_id".to_owned() }];
    let numbers =
        Contents { uints: rgb.iter().map(|number| u32::from(*number)).collect(), ..Contents::default() };
    let described = tensor("pixels", "UINT8", &[30, 40, 3]);
    let typed = Tensor { contents: Some(numbers), ..described.clone() };
    for (input, raw) in [(described, vec![rgb.clone()]), (typed, Vec::new())] {
        let request = InferRequest { inputs: vec![input], raw, outputs: outputs.clone(), ..of_file(b"") };
        let answer: InferAnswer = infer(&bed, &request).await.answer();
        assert_eq!(answer.outputs.len(), 1);
        let id = match &answer.outputs[0].contents {
            Some(contents) => contents.bytes[0].clone(),
            None => answer.raw[0][4..].to_vec(),
        };
        let path = format!("/api/v1/predictions/{}/image", String::from_utf8(id).expect("an id"));
        let image = bed.get(&path, &bed.viewer).await;
        let pixels = imaging::decode(&image.bytes, &imaging::Limits::default()).expect("an image");
        assert_eq!(pixels.rgb(), rgb);
    }
}

#[tokio::test]
async fn parameters_are_those_of_http() {
    let bed = Bed::new().await;
    let all = with_parameters([("threshold", Choice::Number(0.0)), ("monitor", Choice::Flag(false))]);
    let answer: InferAnswer = infer(&bed, &all).await.answer();
    assert_eq!(answer.outputs[0].shape, [2, 4]);
    assert_eq!(bed.count().await, 0);
    let passed_over = with_parameters([("priority", Choice::Count(1)), ("timeout", Choice::Whole(5))]);
    assert_eq!(infer(&bed, &passed_over).await.code, OK);
    assert_eq!(bed.count().await, 1);
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let bed = Bed::new().await;
    let with = |change: fn(&mut InferRequest)| {
        let mut request = of_file(&jpeg(40, 30));
        change(&mut request);
        request
    };
    for (request, code, says) in [
        (with(|request| request.model_name.clear()), NOT_FOUND, "deployment"),
        (with(|request| request.model_version = "7".to_owned()), NOT_FOUND, "version 1"),
        (with(|request| request.raw = vec![b"\0\0\0\0".to_vec()]), INVALID, "image"),
        (with(|request| request.raw.clear()), INVALID, "neither contents nor raw_input_contents"),
        (with(|request| request.inputs[0].name = "images".to_owned()), INVALID, "There is no input"),
        (with(|request| request.id = "7".repeat(1_000)), INVALID, "512 bytes"),
        (with_parameters([("threshold", Choice::Text("ä".to_owned()))]), INVALID, "from 0 to 1"),
        (with_parameters([("montior", Choice::Flag(false))]), INVALID, "no such parameter"),
    ] {
        infer(&bed, &request).await.refused(code, says);
    }
    let other = send(&bed, request("RepositoryIndex", &bed.admin, Body::empty())).await;
    other.refused(UNIMPLEMENTED, "there are ServerLive, ServerReady");
    let broken = Body::from(framed(0, b"\x0a\x7fshort"));
    send(&bed, request("ModelInfer", &bed.reviewer, broken)).await.refused(INVALID, "ends within a field");
    let rest = Request::post("/inference.GRPCInferenceService/ServerLive")
        .header("content-type", "application/json");
    let rest =
        bed.grpc.clone().oneshot(rest.body(Body::empty()).expect("a request")).await.expect("infallible");
    assert_eq!(rest.status(), 415);
    assert_eq!(bed.count().await, 0);
}

#[tokio::test]
async fn messages_come_packed_in_ways_that_are_told() {
    let bed = Bed::new().await;
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&of_file(&jpeg(40, 30)).encode_to_vec()).expect("memory");
    let packed = framed(1, &packed.finish().expect("memory"));
    let send = async |encoding: &'static str| {
        let mut request = request("ModelInfer", &bed.reviewer, Body::from(packed.clone()));
        request.headers_mut().insert("grpc-encoding", encoding.parse().expect("a value"));
        send(&bed, request).await
    };
    assert_eq!(send("gzip").await.answer::<InferAnswer>().outputs.len(), 5);
    let refused = send("snappy").await;
    refused.refused(UNIMPLEMENTED, "send gzip, deflate");
    assert_eq!(refused.headers["grpc-accept-encoding"], "identity,gzip,deflate");
    send("deflate").await.refused(INVALID, "no deflate data");
}

#[tokio::test]
async fn each_method_wants_its_role_before_it_reads_a_message() {
    let bed = Bed::new().await;
    let roles =
        [(None, ""), (Some(Role::Viewer), bed.viewer.as_str()), (Some(Role::Reviewer), &bed.reviewer)];
    for (method, least) in
        [("ModelReady", Role::Viewer), ("ModelMetadata", Role::Viewer), ("ModelInfer", Role::Reviewer)]
    {
        for (role, token) in roles {
            let (body, taken) = endless(b"\0\0\0\x01\0", b"A");
            let answer = send(&bed, request(method, token, body)).await;
            match role {
                None => answer.refused(UNAUTHENTICATED, "token"),
                Some(role) if role < least => answer.refused(DENIED, "role"),
                Some(_) => answer.refused(EXHAUSTED, "larger"),
            }
            let most = if role.is_none_or(|role| role < least) { 0 } else { 27 << 20 };
            assert!(taken.bytes() <= most, "{method} as {role:?}: {}", taken.bytes());
        }
    }
    let wrong = call(&bed, "ModelInfer", "fovea_none", &of_file(b"")).await;
    assert_eq!(wrong.code, UNAUTHENTICATED);
}

#[tokio::test]
async fn a_call_ends_when_its_client_no_longer_waits_or_sends_nothing() {
    let pace = Pace { pause: SOON, ..Pace::default() };
    let bed = Bed::with(HttpConfig { pace, ..HttpConfig::default() }).await;
    let silent = || Body::from_stream(stream::iter([Ok::<_, Infallible>("\0")]).chain(stream::pending()));
    send(&bed, request("ModelInfer", &bed.reviewer, silent())).await.refused(DEADLINE, "too slowly");
    let mut hurried = request("ModelInfer", &bed.reviewer, silent());
    hurried.headers_mut().insert("grpc-timeout", "1m".parse().expect("a value"));
    send(&bed, hurried).await.refused(DEADLINE, "not done within 1ms");
    let mut wrong = request("ServerLive", "", Body::empty());
    wrong.headers_mut().insert("grpc-timeout", "soon".parse().expect("a value"));
    send(&bed, wrong).await.refused(INVALID, "grpc-timeout");
}

#[tokio::test]
async fn one_connection_carries_many_calls_and_large_ones() {
    let bed = Bed::new().await;
    let server = Server::of(&bed, Limits::default()).await;
    let (sender, _running) = server.connect().await;
    // More than fit into all windows at one time.
    let rgb = vec![7; 512 * 512 * 3];
    let request_of = || {
        let large = InferRequest {
            inputs: vec![tensor("pixels", "UINT8", &[512, 512, 3])],
            raw: vec![rgb.clone()],
            ..of_file(b"")
        };
        request("ModelInfer", &bed.reviewer, Body::from(framed(0, &large.encode_to_vec())))
    };
    let calls = (0..40).map(|_| {
        let (mut sender, request) = (sender.clone(), request_of());
        async move {
            sender.ready().await.expect("a place");
            Called::of(sender.send_request(request).await.expect("answered")).await
        }
    });
    for called in futures::future::join_all(calls).await {
        assert_eq!(called.answer::<InferAnswer>().outputs.len(), 5);
    }
    assert_eq!(bed.count().await, 40);
    // A refusal does not wait for the rest of a message that nobody reads.
    let mut sender = sender;
    let (body, taken) = endless(b"\0\0\0\x01\0", b"A");
    let response = sender.send_request(request("ModelInfer", "", body)).await.expect("answered");
    Called::of(response).await.refused(UNAUTHENTICATED, "token");
    assert!(taken.bytes() < 2 << 20, "{}", taken.bytes());
    drop(sender);
    server.shutdown.cancel();
    server.running.await.expect("ends");
}

#[tokio::test]
async fn a_server_that_stops_answers_what_was_asked_and_idle_connections_end() {
    let bed = Bed::new().await;
    let server = Server::of(&bed, Limits::default()).await;
    let (mut sender, running) = server.connect().await;
    let (_idle, idle_running) = server.connect().await;
    let (more, body) = tokio::sync::mpsc::channel::<Vec<u8>>(1);
    let body = stream::unfold(body, async |mut body| {
        body.recv().await.map(|bytes| (Ok::<_, Infallible>(bytes), body))
    });
    let call =
        tokio::spawn(sender.send_request(request("ModelInfer", &bed.reviewer, Body::from_stream(body))));
    let message = framed(0, &of_file(&jpeg(40, 30)).encode_to_vec());
    let (first, rest) = message.split_at(100);
    more.send(first.to_vec()).await.expect("sent");
    // It is under way once the connection has taken what follows.
    more.send(rest[..1].to_vec()).await.expect("sent");
    server.shutdown.cancel();
    idle_running.await.expect("ends");
    more.send(rest[1..].to_vec()).await.expect("sent");
    drop(more);
    let response = call.await.expect("ends").expect("answered");
    assert_eq!(Called::of(response).await.answer::<InferAnswer>().outputs.len(), 5);
    server.running.await.expect("ends");
    running.await.expect("ends");
}

#[tokio::test]
async fn an_answer_that_nobody_takes_ends_its_connection() {
    let bed = Bed::new().await;
    // A short one lies in a buffer of the connection, which asks nothing more.
    let server = Server::of(&bed, Limits { idle: SOON, write: SOON, ..Limits::default() }).await;
    let (mut sender, running) = server.connect_taking(1).await;
    let response = sender.send_request(request("ServerMetadata", "", Body::empty())).await.expect("a head");
    assert_eq!(response.status(), 200);
    running.await.expect("ends");
    // Had it been let go, the client would have said that it wants no more.
    drop(response);
    server.shutdown.cancel();
    server.running.await.expect("ends");
}

#[tokio::test]
async fn connections_that_ask_nothing_or_speak_something_else_end() {
    let bed = Bed::new().await;
    let server = Server::of(&bed, Limits { idle: SOON, ..Limits::default() }).await;
    let (_sender, running) = server.connect().await;
    running.await.expect("ends");
    let mut stream = TcpStream::connect(server.address).await.expect("connected");
    stream.write_all(b"GET / HTTP/1.1\r\nHost: fovea.localhost\r\n\r\n").await.expect("sent");
    let mut rest = Vec::new();
    // A reset is an end, too.
    let _ = stream.read_to_end(&mut rest).await;
    server.shutdown.cancel();
    server.running.await.expect("ends");
}
