//! A web application with data in a temporary folder.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use domain::{
    access::Role,
    geometry::{Rect, Score, Size},
    ids::NewId,
    inference::{
        Detection, Inference, InferenceCounters, ModelError, ModelFile, Pixels, Predictor, PredictorLoader,
        Reply,
    },
    model::{ModelVersion, WeightsRef},
    name::{Label, Name, VersionRef},
    time::Clock,
    training::{Control, TrainError, TrainEvent, TrainOutcome, TrainRequest, Trainer},
};
use http_body_util::BodyExt;
use serde_json::Value;
use server::{
    RisingIds, SystemClock,
    http::{AppState, HttpConfig, app, grpc_app},
};
use service::{Anyone, As, Limits, NewDeployment, Parts, Service, TokenRequest};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use store::{Act, BlobKind, By, NewModelVersion, Store, StoreOptions};
use test_support::QueueCheck;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// The deployment that every bed has.
pub(crate) const DEPLOYMENT: &str = "cells";

/// A web application, and a token of every role.
pub(crate) struct Bed {
    pub(crate) router: Router,
    /// What the address for gRPC serves.
    pub(crate) grpc: Router,
    pub(crate) service: Service,
    pub(crate) shutdown: CancellationToken,
    pub(crate) viewer: String,
    pub(crate) reviewer: String,
    pub(crate) admin: String,
    queue: QueueCheck,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    /// Checks that it is a problem of this status, as RFC 9457 has it.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header(header::CONTENT_TYPE), "application/problem+json", "{}", self.text());
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()));
        // The routes of other tools' clients have their words under the name that these read.
        let words = problem["detail"].as_str().or(problem["message"].as_str());
        assert!(words.is_some_and(|words| words.len() > 10), "{problem}");
        problem
    }
}

impl Bed {
    pub(crate) async fn new() -> Self {
        Self::with(HttpConfig::default()).await
    }

    pub(crate) async fn with(config: HttpConfig) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let options = StoreOptions::in_folder(folder.path());
        let store = Store::open(options.clone()).await.expect("a store");
        let queue = QueueCheck::new(options, Arc::new(folder));
        let service = Service::new(Parts {
            store: store.clone(),
            loader: Arc::new(SameBoxes),
            trainer: Arc::new(NoTrainer),
            trainers: Arc::new(domain::training::NoTrainers),
            clock: Arc::new(SystemClock),
            ids: Arc::new(RisingIds),
            limits: Limits::default(),
        });
        put_to_work(&service, &store).await;
        let shutdown = CancellationToken::new();
        let state = AppState::new(service.clone(), store, config, shutdown.clone());
        let (router, grpc) = (app(state.clone()), grpc_app(state));
        let token = |role: Role| {
            let service = service.clone();
            async move {
                let request = TokenRequest { name: role.as_str().to_owned(), role, expires: None };
                service.people().create_token(&As::system(), request).await.expect("a token").secret
            }
        };
        let (viewer, reviewer) = (token(Role::Viewer).await, token(Role::Reviewer).await);
        let admin = token(Role::Admin).await;
        Self { router, grpc, service, shutdown, viewer, reviewer, admin, queue }
    }

    /// Work of this kind may be left in the queue at the end of the test.
    pub(crate) fn leaves(&self, kind: &str) {
        self.queue.leaves(kind);
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a whole body").to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.send(with_token(Request::get(path), token).body(Body::empty()).expect("a request")).await
    }

    pub(crate) async fn post_json(&self, path: &str, token: &str, body: &Value) -> Answer {
        let request = with_token(Request::post(path), token).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).expect("a request")).await
    }

    pub(crate) async fn predict(&self, bytes: Vec<u8>) -> Answer {
        let path = format!("/api/v1/deployments/{DEPLOYMENT}/predict");
        self.send(with_token(Request::post(path), &self.reviewer).body(Body::from(bytes)).expect("a request"))
            .await
    }

    pub(crate) async fn count(&self) -> u64 {
        let path = format!("/api/v1/deployments/{DEPLOYMENT}/predictions/count");
        self.get(&path, &self.viewer).await.json()["count"].as_u64().expect("a count")
    }

    /// Makes the first account and gives back its cookie.
    pub(crate) async fn first_admin(&self) -> String {
        self.first_admin_below("").await
    }

    /// The same for a server below a base path.
    pub(crate) async fn first_admin_below(&self, base: &str) -> String {
        let link =
            self.service.people().setup_link(Anyone).await.expect("asked").expect("nobody is there yet");
        let body = format!("secret={}&email=ada%40example.org&password=correct+horse+battery", link.secret);
        let answer = self.post_form(&format!("{base}/auth/setup"), &body, &[]).await;
        let start = format!("{base}/");
        assert_eq!((answer.status, answer.header(header::LOCATION)), (StatusCode::SEE_OTHER, start.as_str()));
        cookie_of(&answer)
    }

    pub(crate) async fn post_form(&self, path: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
        let host = [("host", "fovea.localhost")];
        let named = headers.iter().any(|(name, _)| *name == "host");
        let headers = if named { headers.to_vec() } else { [&host, headers].concat() };
        self.post_form_as(path, body, &headers).await
    }

    /// The same with these headers and no other.
    pub(crate) async fn post_form_as(&self, path: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_owned())).expect("a request")).await
    }
}

pub(crate) fn with_token(request: axum::http::request::Builder, token: &str) -> axum::http::request::Builder {
    match token {
        "" => request,
        token => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
    }
}

/// `name=value` of the cookie that an answer sets.
pub(crate) fn cookie_of(answer: &Answer) -> String {
    let cookie = answer.header(header::SET_COOKIE);
    cookie.split(';').next().unwrap_or_default().to_owned()
}

/// A picture with some structure, as a JPEG file.
pub(crate) fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let rgb: Vec<u8> =
        (0..width * height).flat_map(|i| [(i % 251) as u8, (i / width % 241) as u8, 90]).collect();
    let size = Size::new(width, height).expect("a size");
    imaging::encode_jpeg(&Pixels::new(size, rgb).expect("pixels"), 90).expect("a file")
}

/// A runnable model and a deployment of it.
async fn put_to_work(service: &Service, store: &Store) {
    let weights = bytes::Bytes::from_static(b"no network is needed to test the web application");
    let length = weights.len() as u64;
    let sha256 = store.blobs().put(BlobKind::Weights, weights).await.expect("stored");
    let version = NewModelVersion {
        id: RisingIds.new_id().into(),
        model_id: RisingIds.new_id().into(),
        model: Name::new("cells").expect("a name"),
        labels: labels(),
        weights: Some(WeightsRef::fovea(sha256, length)),
        trainer: None,
        experiment_id: None,
        base_id: None,
        dataset_version_id: None,
        created: SystemClock.now(),
    };
    let by = By { actor: "a test".to_owned(), person: "test".to_owned(), at: SystemClock.now() };
    let act = Act::new(by, "test.act", serde_json::json!({}));
    let version: ModelVersion = store.models().create_version(version, act).await.expect("a version");
    let new = NewDeployment {
        name: Name::new(DEPLOYMENT).expect("a name"),
        model: version.full_name().parse::<VersionRef>().expect("a reference"),
        shadow: None,
        threshold: None,
    };
    service.catalogue().deploy(&As::system(), new).await.expect("at work");
}

fn labels() -> Vec<Label> {
    ["red", "white"].map(|text| Label::new(text).expect("a label")).to_vec()
}

/// Answers two boxes for every image.
struct SameBoxes;

struct Loaded {
    labels: Vec<Label>,
    answered: AtomicU64,
}

impl PredictorLoader for SameBoxes {
    fn load(&self, _: ModelFile<'_>) -> Result<Arc<dyn Predictor>, ModelError> {
        Ok(Arc::new(Loaded { labels: labels(), answered: AtomicU64::new(0) }))
    }
}

impl Predictor for Loaded {
    fn labels(&self) -> &[Label] {
        &self.labels
    }

    fn predict(&self, image: Pixels, reply: Reply) {
        let (w, h) = (f64::from(image.size().width), f64::from(image.size().height));
        let detection = |class, score, x: f64| Detection {
            class,
            score: Score::new(score).expect("a score"),
            rect: Rect::new(x * w, 0.0, w / 2.0, h).expect("a box"),
        };
        self.answered.fetch_add(1, Ordering::Relaxed);
        let detections = vec![detection(0, 0.9, 0.0), detection(1, 0.1, 0.5)];
        reply(Ok(Inference { detections, embedding: Some(vec![1.0, 0.0]) }));
    }

    fn counters(&self) -> InferenceCounters {
        let answered = self.answered.load(Ordering::Relaxed);
        InferenceCounters { requests: answered, inferences: answered, executions: answered, queued: 0 }
    }
}

/// These tests train nothing.
struct NoTrainer;

impl Trainer for NoTrainer {
    fn train(
        &self,
        _: &TrainRequest,
        _: &mut dyn FnMut(&TrainEvent) -> Control,
    ) -> Result<TrainOutcome, TrainError> {
        Err(TrainError::Failed("these tests train nothing".to_owned()))
    }
}
