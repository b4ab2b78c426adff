//! Pages over a real service on a folder of its own, rendered as the server
//! renders them.

#![allow(unreachable_pub, reason = "shared by the test files beside it")]

use app::{App, CommandWords, LocalCommands, shell};
use axum::body::{Body, to_bytes};
use domain::{
    access::{Actor, Role},
    dataset::Split,
    model::Evaluation,
    name::Name,
    prediction::{PredictedBox, Provenance, Report},
    review::{ReviewSettings, Share},
};
use http::{HeaderMap, Request, StatusCode};
use leptos::prelude::{LeptosOptions, provide_context};
use service::{AssetUpload, Internal, KeyedReport, NewDeployment, Service};
use std::sync::LazyLock;
use test_support::{TestService, act, admin, picture, report, review_blind, truth};

pub use test_support::{actor, named, predicted};

/// A service, and pages that show it.
pub struct Site {
    pub service: Service,
    test: TestService,
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

/// What the server says in commands to copy.
fn commands() -> CommandWords {
    let options = Some("--data-dir data".to_owned());
    let local = Some(LocalCommands { options });
    CommandWords { url: "http://127.0.0.1:3000".to_owned(), local }
}

impl Site {
    pub async fn new() -> Self {
        LazyLock::force(&PATHS);
        let test = TestService::now().await;
        Self { service: test.service.clone(), test }
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
            provide_context(commands());
        };
        let render = leptos_axum::render_app_async_with_context(context, move || shell(options.clone()));
        let request = Request::get(path).header("accept", "text/html").header("cookie", cookies);
        let answer = render(request.body(Body::empty()).expect("a request")).await;
        let (parts, body) = answer.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body");
        let html = String::from_utf8(bytes.to_vec()).expect("text");
        Answer { status: parts.status, headers: parts.headers, html }
    }

    /// A deployment `cells` of a version that was trained on `learned`, and
    /// reviews of `arriving`; figures are computed.
    pub async fn review_pictures(&self, learned: &[u64], arriving: &[u64]) {
        let labels = ["red", "white"];
        let named = |text: &str| Name::new(text).expect("a name");
        let known = labels.map(test_support::label).to_vec();
        let set = self
            .service
            .catalogue()
            .create_version(&admin(), named("set"), None, known)
            .await
            .expect("a version");
        for number in learned {
            let upload = AssetUpload {
                filename: format!("{number}.jpg"),
                split: Split::Train,
                annotations: truth(*number),
                bytes: picture(*number).into(),
            };
            self.service.catalogue().add_asset(&admin(), set.id, upload).await.expect("added");
        }
        self.service.catalogue().freeze_version(&admin(), set.id).await.expect("frozen");
        let mut version = self.test.version_parts("served elsewhere", &labels).await;
        (version.weights, version.dataset_version_id) = (None, Some(set.id));
        let version = self.service.store().models().create_version(version, act()).await.expect("a version");
        let model = version.full_name().parse().expect("a reference");
        let new = NewDeployment { name: named("cells"), model, shadow: None, threshold: Some(0.5) };
        self.service.catalogue().deploy(&admin(), new).await.expect("deploys");
        for number in arriving {
            // Each from a camera of its own: striped pictures look alike.
            let provenance = Provenance { source: Some(format!("camera {number}")), ..Provenance::default() };
            let report = report(vec![predicted("red", 0.9, 10.0)]);
            let report = Report { provenance, width: None, height: None, ..report };
            let keyed = KeyedReport { report, idempotency_key: None };
            let image = Some(picture(*number).into());
            let id = self.service.intake().report(&admin(), "cells", keyed, image).await.expect("stores").id;
            review_blind(&self.service, id, *number).await;
        }
        self.service.jobs().update_monitoring(Internal).await.expect("computes");
    }

    /// A deployment `cells` of a model served elsewhere, with these labels.
    pub async fn deploy(&self, labels: &[&str]) {
        self.test.deploy(labels).await;
    }

    /// Keeps a measurement of the version `cells/1`.
    pub async fn measured(&self, evaluation: &Evaluation) {
        let models = self.service.store().models();
        let name = "cells/1".parse().expect("a reference");
        let version = models.find_by_name(&name).await.expect("reads").expect("a version");
        models.put_evaluation(version.id, "cells/1", evaluation, act()).await.expect("stores");
    }

    /// No image of `cells` is reviewed blind.
    pub async fn without_blind_reviews(&self) {
        let settings = ReviewSettings { blind_share: Share::new(0.0).expect("a share") };
        self.service.learning().set_settings(&admin(), "cells", settings).await.expect("sets it");
    }

    /// Reports one image to `cells`; gives the prediction's id.
    pub async fn report(&self, provenance: Provenance, boxes: Vec<PredictedBox>) -> String {
        let mut report = test_support::report(boxes);
        report.provenance = provenance;
        self.test.report(report).await.id.to_string()
    }
}

/// Every path that `App` answers, but for those that need an id.
///
/// Listing them starts the reactive executor and, while it lasts, keeps every
/// resource of the process from loading: it happens once, before any page is
/// asked for, as in the server.
#[allow(clippy::disallowed_methods, reason = "once in the process of these tests")]
pub static PATHS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let routes = leptos_axum::generate_route_list(App);
    routes.iter().map(|route| route.path().to_owned()).filter(|path| !path.contains('{')).collect()
});
