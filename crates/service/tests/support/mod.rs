//! A service on a folder of its own, with a clock that tests turn.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use domain::{
    access::{Actor, Principal, Role},
    geometry::{Rect, Score},
    ids::NewId,
    inference::{ModelError, Predictor, PredictorLoader},
    name::Label,
    prediction::{PredictedBox, Provenance, Report},
    time::{Clock, Timestamp},
    training::{Control, TrainError, TrainEvent, TrainOutcome, TrainRequest, Trainer},
};
use service::{Limits, Parts, Service};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use store::{Store, StoreOptions};
use tempfile::TempDir;
use uuid::Uuid;

/// 2026-11-01T12:00:00Z.
pub const NOON: Timestamp = Timestamp(1_793_534_400_000);

pub struct TestClock(AtomicI64);

impl TestClock {
    pub fn advance_ms(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
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

/// Ends every training the way the test wants.
pub struct ScriptedTrainer(pub Result<(), TrainError>);

impl Trainer for ScriptedTrainer {
    fn train(
        &self,
        request: &TrainRequest,
        observe: &mut dyn FnMut(&TrainEvent) -> Control,
    ) -> Result<TrainOutcome, TrainError> {
        observe(&TrainEvent::Log { message: format!("{} images", request.images.len()) });
        self.0.clone()?;
        let weights = b"weights";
        std::fs::write(&request.output, weights).map_err(|error| TrainError::Failed(error.to_string()))?;
        Ok(TrainOutcome {
            steps: 1,
            seconds: 0.0,
            stopped_early: false,
            validation: None,
            sha256: imaging::content_hash(weights),
        })
    }
}

pub struct TestService {
    pub service: Service,
    pub clock: Arc<TestClock>,
    // Deleted when the test ends.
    _folder: TempDir,
}

pub async fn service() -> TestService {
    service_with(ScriptedTrainer(Err(TrainError::Failed("no trainer in this test".to_owned())))).await
}

pub async fn service_with(trainer: ScriptedTrainer) -> TestService {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(StoreOptions::in_folder(folder.path())).await.expect("a store");
    let clock = Arc::new(TestClock(AtomicI64::new(NOON.0)));
    let parts = Parts {
        store,
        loader: Arc::new(NoModels),
        trainer: Arc::new(trainer),
        clock: clock.clone(),
        ids: Arc::new(FreshIds),
        limits: Limits::default(),
    };
    TestService { service: Service::new(parts), clock, _folder: folder }
}

pub fn actor(role: Role) -> Actor {
    Actor { who: Principal::Token { id: Uuid::nil().into(), name: role.to_string() }, role }
}

pub fn admin() -> Actor {
    actor(Role::Admin)
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

pub fn report(boxes: Vec<PredictedBox>) -> Report {
    Report {
        provenance: Provenance::default(),
        width: Some(640),
        height: Some(480),
        latency_ms: 12.5,
        boxes,
        shadow: None,
        model: None,
    }
}
