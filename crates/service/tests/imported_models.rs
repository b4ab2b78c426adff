//! Models of other programs: told apart by their bytes, kept with their recipe,
//! tried before they are stored, and watched although they give no embedding.

use bytes::Bytes;
use domain::{
    access::{Actor, Principal, Role},
    dataset::{Annotation, Split},
    fault::{ApiError, ErrorKind},
    geometry::{Rect, Score, Size},
    ids::{NewId, TokenId},
    inference::{
        Detection, ImportHints, Inference, InferenceCounters, Inspected, ModelError, ModelFile, Pixels,
        Predictor, PredictorLoader, Reply, Unrecognised,
    },
    model::ModelFormat,
    name::{Label, Name, VersionRef},
    prediction::Provenance,
    recipe::Recipe,
    training::TrainParams,
};
use service::{
    Admin, As, AssetUpload, Internal, LaunchRequest, Limits, NewDeployment, PredictOptions, SetTrainingData,
    model_hints,
};
use std::{path::PathBuf, sync::Arc};
use test_support::{FreshIds, ScriptedTrainer, TestService, admin, label, viewer};

const RECIPE: &str = r#"{"input": {"size": {"fixed": {"width": 64, "height": 64}}},
    "output": {"form": "columns", "suppression": {"iou": 0.7}}}"#;

/// Files that begin with `graph` are models of another program: they want a
/// recipe, unless they end with one, and give no embedding.
struct Graphs;

/// Sees a box in the left half of every picture.
struct Graph(Vec<Label>);

impl PredictorLoader for Graphs {
    fn inspect(&self, bytes: &[u8], hints: &ImportHints) -> Result<Inspected, ModelError> {
        if !bytes.starts_with(b"graph") {
            return Err(ModelError::Weights("it is no graph".to_owned()));
        }
        let recipe = Recipe::from_json(RECIPE).expect("sound");
        let says_itself = bytes.ends_with(b"recipe");
        if hints.recipe.is_none() && !says_itself {
            return Err(ModelError::Unrecognised(Box::new(Unrecognised {
                reason: "its output may be many things".to_owned(),
                seen: vec!["output0 float [1, 5, 84]".to_owned()],
                recipe,
            })));
        }
        let labels = if hints.labels.is_empty() { vec![label("car")] } else { hints.labels.clone() };
        let recipe = Some(hints.recipe.clone().unwrap_or(recipe));
        Ok(Inspected { format: ModelFormat::Onnx, labels, recipe, notes: Vec::new(), trainable: false })
    }

    fn load(&self, file: ModelFile<'_>) -> Result<Arc<dyn Predictor>, ModelError> {
        assert_eq!((file.format, file.recipe.is_some()), (ModelFormat::Onnx, true));
        Ok(Arc::new(Graph(file.labels.to_vec())))
    }
}

impl Predictor for Graph {
    fn labels(&self) -> &[Label] {
        &self.0
    }

    fn predict(&self, image: Pixels, reply: Reply) {
        let (w, h) = (f64::from(image.size().width), f64::from(image.size().height));
        let rect = Rect::new(0.0, 0.0, w / 2.0, h).expect("a box");
        let detection = Detection { class: 0, score: Score::new(0.9).expect("a score"), rect };
        reply(Ok(Inference { detections: vec![detection], embedding: None }));
    }

    fn counters(&self) -> InferenceCounters {
        InferenceCounters::default()
    }
}

async fn graphs() -> TestService {
    TestService::of(Arc::new(ScriptedTrainer::failing()), Arc::new(Graphs), Limits::default()).await
}

fn file_of(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model");
    std::fs::write(&path, bytes).expect("written");
    (folder, path)
}

fn named(text: &str) -> Name {
    Name::new(text).expect("a name")
}

/// Somebody with a token, who administers.
fn somebody() -> As<Admin> {
    let id: TokenId = FreshIds.new_id().into();
    let actor = Actor { who: Principal::Token { id, name: "ci".to_owned() }, role: Role::Admin };
    As::check(&actor).expect("an administrator")
}

/// Stripes of a colour, a little different for each number.
fn picture(rgb: [u8; 3], number: u8) -> Bytes {
    let size = Size::new(80, 60).expect("a size");
    let bytes: Vec<u8> = (0..4_800u32)
        .flat_map(|i| rgb.map(|channel| channel.saturating_add((i / 8 % 2 * 40) as u8 + number % 13)))
        .collect();
    Bytes::from(imaging::encode_jpeg(&Pixels::new(size, bytes).expect("pixels"), 95).expect("a file"))
}

fn usual(number: u8) -> Bytes {
    picture([90 + number % 9, 100 + number % 5, 60 + number % 7], number)
}

/// Imports a graph that says itself how it is to be asked, as `graphs/1`.
async fn imported(test: &TestService) -> VersionRef {
    let (_folder, path) = file_of(b"graph with a recipe");
    let hints = ImportHints::default();
    let made = test.service.catalogue().import_model(&admin(), named("graphs"), &path, hints).await;
    made.expect("imported").version.full_name().parse().expect("a reference")
}

async fn photos(test: &TestService, train: u8, tests: u8) -> VersionRef {
    let catalogue = test.service.catalogue();
    let version = catalogue
        .create_version(&admin(), named("photos"), None, vec![label("car")])
        .await
        .expect("a version");
    for number in 0..train + tests {
        let split = if number < train { Split::Train } else { Split::Test };
        let upload = AssetUpload {
            filename: format!("{number}.jpg"),
            split,
            annotations: vec![Annotation {
                label: label("car"),
                rect: Rect::new(5.0, 5.0, 20.0, 20.0).expect("a box"),
                ignore: false,
            }],
            bytes: usual(number),
        };
        catalogue.add_asset(&admin(), version.id, upload).await.expect("added");
    }
    let frozen = catalogue.freeze_version(&admin(), version.id).await.expect("frozen");
    frozen.full_name().parse().expect("a reference")
}

#[tokio::test]
async fn a_file_that_does_not_say_how_it_is_asked_is_refused_with_a_recipe_to_start_from() {
    let test = graphs().await;
    let (_folder, path) = file_of(b"graph");
    let import =
        async |hints| test.service.catalogue().import_model(&admin(), named("graphs"), &path, hints).await;
    let refused = ApiError::from(import(ImportHints::default()).await.expect_err("unrecognised"));
    assert_eq!((refused.kind, refused.place.as_deref()), (ErrorKind::Invalid, Some("recipe")));
    for part in ["its output may be many things", "output0 float [1, 5, 84]", r#""form": "columns""#] {
        assert!(refused.message.contains(part), "{part}: {}", refused.message);
    }
    let hints = model_hints(RECIPE, "person\ntraffic light\n").expect("sound");
    let made = import(hints).await.expect("imported").version;
    assert_eq!(made.labels, ["person", "traffic light"].map(label));
    let weights = made.weights.as_ref().expect("weights");
    assert_eq!(
        (weights.format, weights.recipe.as_ref()),
        (ModelFormat::Onnx, Recipe::from_json(RECIPE).ok().as_ref())
    );
    for (recipe, labels, place) in
        [("{", "", "recipe"), ("", "car, car", "labels"), (&RECIPE.replace("0.7", "7"), "", "recipe")]
    {
        let refused = ApiError::from(model_hints(recipe, labels).expect_err(place));
        assert_eq!(refused.place.as_deref(), Some(place), "{}", refused.message);
    }
    let (_folder, nonsense) = file_of(b"something else");
    let refused =
        test.service.catalogue().import_model(&admin(), named("x"), &nonsense, ImportHints::default()).await;
    assert!(ApiError::from(refused.expect_err("no model")).message.contains("it is no graph"));
}

#[tokio::test]
async fn a_model_that_gives_no_embedding_is_watched_by_the_look_of_pictures() {
    let test = graphs().await;
    let model = imported(&test).await;
    let dataset = photos(&test, 14, 40).await;
    let new = NewDeployment { name: named("cells"), model, shadow: None, threshold: Some(0.5) };
    test.service.catalogue().deploy(&admin(), new).await.expect("deploys");
    let compare = SetTrainingData { dataset: Some(dataset), ..SetTrainingData::default() };
    test.service.monitoring().set_training_data(&admin(), "cells", compare).await.expect("set");
    assert!(test.service.jobs().run_next(Internal, service::Lane::Long, "worker").await.expect("makes"));
    let data = test.service.monitoring().training_data(&viewer(), "cells").await.expect("reads");
    let reference = data.ready().expect("ready");
    assert!(reference.training_images == 14 && reference.calibration_images > 0, "{reference:?}");
    let score = async |bytes| {
        let options = PredictOptions::default();
        let intake = test.service.intake();
        let made = intake.predict(&admin(), "cells", bytes, Provenance::default(), options).await;
        made.expect("predicts").outlier_score.expect("scored")
    };
    let (like, unlike) = (score(usual(3)).await, score(picture([20, 20, 190], 3)).await);
    assert!(like < 1.0 && unlike == 1.0, "{like} {unlike}");
}

#[tokio::test]
async fn no_training_starts_from_a_graph_and_the_words_say_what_to_do() {
    let test = graphs().await;
    let model = imported(&test).await;
    let dataset = photos(&test, 10, 2).await;
    let request = LaunchRequest {
        name: None,
        dataset,
        model: named("graphs"),
        base: Some(model),
        params: TrainParams::default().into(),
    };
    let refused =
        ApiError::from(test.service.learning().launch(&admin(), request).await.expect_err("a graph"));
    assert_eq!(refused.place.as_deref(), Some("base"));
    for part in ["graphs/1 is an ONNX graph", "Start from nothing"] {
        assert!(refused.message.contains(part), "{}", refused.message);
    }
}

#[tokio::test]
async fn a_file_is_tried_before_it_is_imported_and_is_nobody_elses() {
    let test = graphs().await;
    let (catalogue, me) = (test.service.catalogue(), somebody());
    let (_folder, path) = file_of(b"graph");
    let staged = catalogue.stage_model(&me, &path, "best.onnx").await.expect("staged");
    let id = staged.file.id;
    let fault = staged.outcome.expect_err("it says nothing of itself");
    assert_eq!(fault.seen, ["output0 float [1, 5, 84]"]);
    let refused = catalogue.try_staged_model(&me, id, usual(1)).await.expect_err("not yet");
    assert_eq!(ApiError::from(refused).kind, ErrorKind::Invalid);
    assert!(catalogue.import_staged_model(&me, id, named("best")).await.is_err());

    let described =
        catalogue.describe_staged_model(&me, id, &fault.recipe, "person").await.expect("described");
    assert_eq!(described.outcome.expect("sound").labels, [label("person")]);
    let trial = catalogue.try_staged_model(&me, id, usual(1)).await.expect("tried");
    assert_eq!((trial.size.width, trial.boxes.len()), (80, 1));
    assert_eq!(trial.boxes[0].label, label("person"));
    let broken = catalogue.try_staged_model(&me, id, Bytes::from_static(b"no picture")).await;
    assert_eq!(ApiError::from(broken.expect_err("no picture")).kind, ErrorKind::UnsupportedMedia);

    let foreign = catalogue.staged_model(&somebody(), id).await.expect_err("another's");
    assert_eq!(ApiError::from(foreign).kind, ErrorKind::NotFound);
    let version = catalogue.import_staged_model(&me, id, named("best")).await.expect("imported");
    assert_eq!(version.full_name(), "best/1");
    assert!(catalogue.staged_models(&me).await.expect("reads").is_empty());
    assert!(catalogue.staged_model(&me, id).await.is_err(), "it waits no longer");
}

#[tokio::test]
async fn what_nobody_imports_is_forgotten_after_an_hour_and_one_has_so_many_at_a_time() {
    let test = graphs().await;
    let (catalogue, me) = (test.service.catalogue(), somebody());
    for number in 0..4 {
        let (_folder, path) = file_of(format!("graph {number} with a recipe").as_bytes());
        catalogue.staging_room(&me).await.expect("room");
        catalogue.stage_model(&me, &path, "a.onnx").await.expect("staged");
    }
    let refused = catalogue.staging_room(&me).await.map(|_| ()).expect_err("four wait");
    assert_eq!(ApiError::from(refused).kind, ErrorKind::Conflict);
    assert!(catalogue.staging_room(&somebody()).await.is_ok(), "another has room");
    let sending = catalogue.sending_turn(&somebody()).await.expect("a turn");
    drop(sending);
    test.clock.advance_ms(3_600_000);
    catalogue.remove_unused_files(Internal).await.expect("looks");
    assert!(catalogue.staged_models(&me).await.expect("reads").is_empty());
    test.clock.advance_ms(store::REMOVAL_GRACE_MS);
    assert_eq!(catalogue.remove_unused_files(Internal).await.expect("removes"), 4);
    let (_folder, nonsense) = file_of(b"something else");
    let refused = catalogue.stage_model(&me, &nonsense, "x.onnx").await.expect_err("no model");
    assert_eq!(ApiError::from(refused).place.as_deref(), Some("file"));
    assert!(catalogue.staged_models(&me).await.expect("reads").is_empty());
}
