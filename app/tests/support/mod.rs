//! Pages over a real service on a folder of its own, rendered as the server
//! renders them.

#![allow(unreachable_pub, reason = "shared by the test files beside it")]

use app::{App, shell};
use axum::body::{Body, to_bytes};
use domain::{
    access::{Actor, Principal, Role},
    geometry::{Rect, Score},
    ids::NewId,
    inference::{ModelError, Predictor, PredictorLoader},
    name::{Label, Name},
    prediction::{PredictedBox, Provenance, Report},
    time::{Clock, Timestamp},
    training::{Control, TrainError, TrainEvent, TrainOutcome, TrainRequest, Trainer},
};
use http::{HeaderMap, Request, StatusCode};
use leptos::prelude::{LeptosOptions, provide_context};
use service::{KeyedReport, Limits, NewDeployment, Parts, Service};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use store::{Store, StoreOptions};
use tempfile::TempDir;
use uuid::Uuid;

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        Timestamp(since.as_millis() as i64)
    }
}

struct FreshIds;

impl NewId for FreshIds {
    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}

struct NoModels;

impl PredictorLoader for NoModels {
    fn load(&self, _: &[u8]) -> Result<Arc<dyn Predictor>, ModelError> {
        Err(ModelError::Weights("these tests have none".to_owned()))
    }
}

struct NoTrainer;

impl Trainer for NoTrainer {
    fn train(
        &self,
        _: &TrainRequest,
        _: &mut dyn FnMut(&TrainEvent) -> Control,
    ) -> Result<TrainOutcome, TrainError> {
        Err(TrainError::Failed("these tests have none".to_owned()))
    }
}

/// A service, and pages that show it.
pub struct Site {
    pub service: Service,
    // Deleted when the test ends.
    _folder: TempDir,
}

/// What a page answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub html: String,
}

impl Answer {
    /// What a person reads: no tags, no comments.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut inside = false;
        for c in self.html.chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                c if !inside => text.push(c),
                _ => {}
            }
        }
        text
    }
}

impl Site {
    pub async fn new() -> Self {
        // Starts the reactive executor, as the server does before it listens.
        listed_paths();
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(StoreOptions::in_folder(folder.path())).await.expect("a store");
        let parts = Parts {
            store,
            loader: Arc::new(NoModels),
            trainer: Arc::new(NoTrainer),
            clock: Arc::new(SystemClock),
            ids: Arc::new(FreshIds),
            limits: Limits::default(),
        };
        Self { service: Service::new(parts), _folder: folder }
    }

    /// The page at `path` as `role` sees it; `None` is nobody.
    pub async fn get(&self, path: &str, role: Option<Role>) -> Answer {
        self.get_with(path, role, "").await
    }

    /// The same, from a browser with these cookies.
    pub async fn get_with(&self, path: &str, role: Option<Role>, cookies: &str) -> Answer {
        let options = LeptosOptions::builder().output_name("fovea").site_pkg_dir("pkg").build();
        let service = self.service.clone();
        let context = move || {
            provide_context(service.clone());
            provide_context::<Option<Actor>>(role.map(actor));
        };
        // CHANGELOG, known issues: a page may be asked for once more.
        for _ in 0..2 {
            let (context, options) = (context.clone(), options.clone());
            let render = leptos_axum::render_app_async_with_context(context, move || shell(options.clone()));
            let request = Request::get(path).header("accept", "text/html").header("cookie", cookies);
            let answer = render(request.body(Body::empty()).expect("a request"));
            let read = async {
                let (parts, body) = answer.await.into_parts();
                let bytes = to_bytes(body, usize::MAX).await.expect("a body");
                let html = String::from_utf8(bytes.to_vec()).expect("text");
                Answer { status: parts.status, headers: parts.headers, html }
            };
            if let Ok(answer) = tokio::time::timeout(Duration::from_secs(30), read).await {
                return answer;
            }
        }
        panic!("{path} was not finished in two attempts");
    }

    /// A deployment `cells` of a model served elsewhere, with these labels.
    pub async fn deploy(&self, labels: &[&str]) {
        let labels = labels.iter().map(|l| label(l)).collect();
        let name = Name::new("cells").expect("a name");
        let version = self.service.register_model(&admin(), name.clone(), labels).await.expect("registers");
        let model = version.full_name().parse().expect("a reference");
        let new = NewDeployment { name, model, shadow: None, threshold: Some(0.5) };
        self.service.deploy(&admin(), new).await.expect("deploys");
    }

    /// Reports one image to `cells`; gives the prediction's id.
    pub async fn report(&self, provenance: Provenance, boxes: Vec<PredictedBox>) -> String {
        let report = Report {
            provenance,
            width: Some(640),
            height: Some(480),
            latency_ms: 12.5,
            boxes,
            shadow: None,
            model: None,
        };
        let keyed = KeyedReport { report, idempotency_key: None };
        let received = self.service.report(&admin(), "cells", keyed, None).await.expect("stores");
        received.id.to_string()
    }
}

/// Every path that `App` answers, but for those that need an id.
pub fn listed_paths() -> Vec<String> {
    let routes = leptos_axum::generate_route_list(App);
    routes.iter().map(|route| route.path().to_owned()).filter(|path| !path.contains('{')).collect()
}

pub fn label(text: &str) -> Label {
    Label::new(text).expect("a label")
}

pub fn predicted(name: &str, score: f64, x: f64) -> PredictedBox {
    PredictedBox {
        label: label(name),
        score: Score::new(score).expect("a score"),
        rect: Rect::new(x, 10.0, 20.0, 20.0).expect("a box"),
    }
}

pub fn named(filename: &str) -> Provenance {
    Provenance { filename: Some(filename.to_owned()), metadata: BTreeMap::new(), ..Provenance::default() }
}

pub fn actor(role: Role) -> Actor {
    let email = format!("{role}@lab.example");
    Actor { who: Principal::User { id: Uuid::nil().into(), email }, role }
}

pub fn admin() -> Actor {
    actor(Role::Admin)
}
