//! Experiments and continuous training with a trainer that the operator named.

use bytes::Bytes;
use domain::{
    dataset::{Annotation, Split},
    geometry::Rect,
    inference::{ImportHints, Inspected, ModelError, ModelFile, Predictor, PredictorLoader},
    learning::ContinuousTraining,
    model::{Experiment, ModelFormat},
    name::{Name, VersionRef},
    training::{
        Control, JOB_FILE, MODEL_FILE, OUTPUT_FOLDER, ParamValue, ParamValues, RunParams, TrainError,
        TrainEvent, TrainOutcome, TrainerDescription, TrainerInfo, TrainerJob, Trainers,
    },
    work::WorkState,
};
use serde_json::{Value, json};
use service::{AssetUpload, Internal, Lane, LaunchRequest, ServiceError};
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, Mutex},
};
use test_support::{ColourModels, TestService, admin, label, picture};

type Train = dyn Fn(&Path) -> Result<(), TrainError> + Send + Sync;

/// One trainer `yolo`, which does in the folder of its job what the test wants.
struct Yolo {
    train: Box<Train>,
    jobs: Mutex<Vec<Value>>,
}

impl Yolo {
    fn new(train: impl Fn(&Path) -> Result<(), TrainError> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { train: Box::new(train), jobs: Mutex::default() })
    }
}

impl Trainers for Yolo {
    fn list(&self) -> Vec<TrainerInfo> {
        let parameters = json!([{ "name": "epochs", "type": "whole", "default": 10, "least": 1 }]);
        let said = json!({ "protocol": 1, "about": "a test", "parameters": parameters }).to_string();
        let gone = Err("no module named yolo".to_owned());
        vec![
            TrainerInfo { name: name("broken"), description: gone },
            TrainerInfo { name: name("yolo"), description: TrainerDescription::read(&said) },
        ]
    }

    fn run(
        &self,
        trainer: &Name,
        job: &TrainerJob,
        observe: &mut dyn FnMut(&TrainEvent) -> Control,
    ) -> Result<TrainOutcome, TrainError> {
        assert_eq!(trainer.as_str(), "yolo");
        let asked = fs::read(job.folder.join(JOB_FILE)).expect("a job");
        self.jobs.lock().expect("no panic").push(serde_json::from_slice(&asked).expect("JSON"));
        observe(&TrainEvent::Started { step: 0 });
        observe(&TrainEvent::Progress { step: 1, steps: 2, seconds_left: None });
        observe(&TrainEvent::Log { message: "half way".to_owned() });
        (self.train)(&job.folder)?;
        Ok(TrainOutcome {
            steps: 2,
            seconds: 0.0,
            stopped_early: false,
            validation: None,
            sha256: String::new(),
        })
    }
}

/// Takes `graph` for an ONNX file of the labels that it is told.
struct Graphs;

impl PredictorLoader for Graphs {
    fn inspect(&self, bytes: &[u8], hints: &ImportHints) -> Result<Inspected, ModelError> {
        if bytes != b"graph" {
            return Err(ModelError::Weights("no graph".to_owned()));
        }
        Ok(Inspected {
            format: ModelFormat::Onnx,
            labels: hints.labels.clone(),
            recipe: None,
            notes: vec!["a graph".to_owned()],
            trainable: false,
        })
    }

    fn load(&self, file: ModelFile<'_>) -> Result<Arc<dyn Predictor>, ModelError> {
        ColourModels.load(file)
    }
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

fn values(given: Value) -> ParamValues {
    serde_json::from_value(given).expect("values")
}

async fn dataset(test: &TestService) -> VersionRef {
    let catalogue = test.service.catalogue();
    let version = catalogue.create_version(&admin(), name("photos"), None, vec![label("car")]).await;
    let version = version.expect("a version");
    for (number, split) in [Split::Train, Split::Test].into_iter().enumerate() {
        let upload = AssetUpload {
            filename: format!("{number}.jpg"),
            split,
            annotations: vec![Annotation {
                label: label("car"),
                rect: Rect::new(1.0, 1.0, 4.0, 4.0).expect("a box"),
                ignore: false,
            }],
            bytes: Bytes::from(picture(number as u64)),
        };
        catalogue.add_asset(&admin(), version.id, upload).await.expect("added");
    }
    let frozen = catalogue.freeze_version(&admin(), version.id).await.expect("frozen");
    frozen.full_name().parse().expect("a reference")
}

async fn launch(
    test: &TestService,
    of: &str,
    base: Option<&str>,
    params: RunParams,
) -> Result<Experiment, ServiceError> {
    let request = LaunchRequest {
        name: Some(name(of)),
        dataset: "photos/v1".parse().expect("a reference"),
        model: name("cells"),
        base: base.map(|base| base.parse().expect("a reference")),
        params,
    };
    test.service.learning().launch(&admin(), request).await
}

fn by(trainer: &str, given: Value) -> RunParams {
    RunParams::Declared { trainer: name(trainer), values: values(given) }
}

async fn trained(test: &TestService, experiment: &Experiment) -> (Experiment, Vec<String>) {
    assert!(test.service.jobs().run_next(Internal, Lane::Train, "w").await.expect("works"));
    let experiments = test.service.store().experiments();
    let ended = experiments.find(experiment.id).await.expect("reads").expect("there");
    let log = experiments.log(experiment.id, 100).await.expect("reads");
    assert_eq!(test.service.store().inconsistencies().await.expect("reads"), Vec::<String>::new());
    (ended, log.into_iter().map(|(_, line)| line).collect())
}

#[tokio::test]
async fn a_model_remembers_its_trainer_and_what_it_kept_lies_there_the_next_time() {
    let yolo = Yolo::new(|folder| {
        let output = folder.join(OUTPUT_FOLDER);
        fs::write(output.join(MODEL_FILE), b"graph").expect("written");
        fs::write(output.join("best.pt"), b"best").expect("written");
        Ok(())
    });
    let test = TestService::with_trainers(yolo.clone(), Arc::new(Graphs)).await;
    dataset(&test).await;
    let first = launch(&test, "first", None, by("yolo", json!({ "seed": 7 }))).await.expect("launched");
    let (ended, log) = trained(&test, &first).await;
    assert_eq!(ended.model_version.as_deref(), Some("cells/1"), "{:?}", ended.error);
    assert_eq!(ended.params, by("yolo", json!({ "epochs": 10, "seed": 7, "time_limit_s": 0 })));
    assert!(log.contains(&"half way".to_owned()) && log.contains(&"a graph".to_owned()), "{log:?}");
    let second = launch(&test, "second", Some("cells/1"), by("yolo", json!({}))).await.expect("launched");
    trained(&test, &second).await;
    let models = test.service.store().models();
    let made = models.of_experiment(second.id).await.expect("reads").expect("made");
    assert_eq!(made.trainer.as_deref(), Some("yolo"));
    let jobs = yolo.jobs.lock().expect("no panic").clone();
    assert_eq!((&jobs[0]["seed"], &jobs[0]["base"]), (&json!(7), &Value::Null));
    assert_eq!(jobs[0]["images"]["train"], 1);
    assert_eq!(jobs[1]["base"]["files"], json!(["model.onnx", "best.pt"]));
    let built_in =
        launch(&test, "third", Some("cells/1"), domain::training::TrainParams::default().into()).await;
    assert!(
        built_in.expect_err("refused").to_string().contains("ONNX"),
        "the built-in trainer cannot start from it"
    );
}

#[tokio::test]
async fn what_a_trainer_does_wrong_is_why_its_experiment_failed() {
    let yolo = Yolo::new(|folder| {
        let broken = fs::write(folder.join(OUTPUT_FOLDER).join(MODEL_FILE), b"broken");
        broken.map_err(|error| TrainError::Failed(error.to_string()))
    });
    let test = TestService::with_trainers(yolo, Arc::new(Graphs)).await;
    dataset(&test).await;
    let experiment = launch(&test, "broken", None, by("yolo", json!({}))).await.expect("launched");
    let (ended, _) = trained(&test, &experiment).await;
    assert_eq!(ended.state, WorkState::Failed);
    let said = ended.error.expect("a reason");
    assert!(said.contains("no graph") && said.ends_with("Its last lines:\nhalf way"), "{said}");
    for (params, reason) in [
        (by("nobody", json!({})), "named none like that"),
        (by("broken", json!({})), "no module named yolo"),
        (by("yolo", json!({ "epochs": 0 })), "at least 1"),
        (by("yolo", json!({ "batch": 1 })), "there are: epochs"),
    ] {
        let refused = launch(&test, "wrong", None, params).await.expect_err("refused").to_string();
        assert!(refused.contains(reason), "{refused}");
    }
}

#[tokio::test]
async fn continuous_training_is_set_to_a_trainer_by_value_and_by_form() {
    let test = TestService::with_trainers(Yolo::new(|_| Ok(())), Arc::new(ColourModels)).await;
    test.deploy_runnable(None).await;
    let learning = test.service.learning();
    let params = |text: &str| BTreeMap::from([("epochs".to_owned(), text.to_owned())]);
    let yolo = ContinuousTraining {
        trainer: Some(name("yolo")),
        params: params("3"),
        ..ContinuousTraining::default()
    };
    let state = learning.set_continuous_training(&admin(), "cells", yolo.clone()).await.expect("set");
    let next = state.params.expect("sound");
    assert_eq!((next.trainer_name(), next.text("epochs").as_deref()), ("yolo", Some("3")));
    let names: Vec<&str> = state.trainers.iter().map(|info| info.name.as_str()).collect();
    assert_eq!(names, ["built-in", "broken", "yolo"]);
    for wrong in ["nobody", "broken"] {
        let settings = ContinuousTraining { trainer: Some(name(wrong)), ..yolo.clone() };
        learning.set_continuous_training(&admin(), "cells", settings).await.expect_err("refused");
    }
    let by_form = async |texts: &[(&str, &str)]| {
        let texts = texts.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
        learning.set_settings_by_form(&admin(), "cells", "continuous_training", texts).await.expect("set");
        learning.continuous_training(&admin(), "cells").await.expect("reads").settings
    };
    // A form has the fields of all trainers; those that are as they were change nothing.
    let all = [("trainer", "yolo"), ("params.yolo:epochs", "4"), ("params.built-in:epochs", "60")];
    let set = by_form(&all).await;
    assert_eq!((set.trainer, set.params), (Some(name("yolo")), params("4")));
    let all = [("trainer", "built-in"), ("params.yolo:epochs", "4"), ("params.built-in:epochs", "30")];
    let set = by_form(&all).await;
    assert_eq!((set.trainer, set.params), (None, BTreeMap::new()), "the parameters of one are not another's");
    let given = values(json!({ "epochs": 2 }));
    assert_eq!(given.get("epochs"), Some(&ParamValue::Whole(2)));
}
