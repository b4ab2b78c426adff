//! Model files before they are imported, and what a version keeps of one.

use crate::{
    fixtures::{START, act, act_at, id, labels, new_model},
    harness::both,
};
use domain::{
    geometry::Size,
    ids::StagedModelId,
    model::{ModelFormat, WeightsRef},
    recipe::Recipe,
    time::Timestamp,
};
use store::{
    BlobKind, NewModelVersion, REMOVAL_GRACE_MS, Said, StagedModel, StagingLimits, Store, StoreError,
};

const FEW: StagingLimits = StagingLimits { files: 2, bytes: 1_000 };
const HOUR: i64 = 3_600_000;
/// When a file that nothing names since [`START`] may go.
const DUE: Timestamp = Timestamp(START.0 + REMOVAL_GRACE_MS);

async fn stored(store: &Store, bytes: &[u8]) -> (String, u64) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    store.files().put_unclaimed_file(BlobKind::Weights, file.path(), START).await.unwrap()
}

async fn staged(store: &Store, owner: &str, bytes: &[u8]) -> StagedModel {
    let (sha256, bytes) = stored(store, bytes).await;
    StagedModel {
        id: id::<StagedModelId>(),
        owner: owner.to_owned(),
        sha256,
        bytes,
        said: Said { filename: "модель.onnx".to_owned(), ..Said::default() },
        expires: START.plus_ms(HOUR),
    }
}

fn recipe() -> Recipe {
    let text = r#"{"input": {"size": {"fixed": {"width": 320, "height": 256}}, "mean": [0.485, 0.456, 0.406]},
        "output": {"form": "columns", "suppression": {"iou": 0.7}}}"#;
    let recipe = Recipe::from_json(text).unwrap();
    assert_eq!(recipe.input.size, domain::recipe::InputSize::Fixed(Size::new(320, 256).unwrap()));
    recipe
}

async fn there(store: &Store, sha256: &str) -> bool {
    store.blobs().exists(BlobKind::Weights, sha256).await.unwrap()
}

both! {
    async fn a_version_keeps_its_format_and_recipe(store) {
        let weights = WeightsRef {
            format: ModelFormat::Onnx,
            recipe: Some(recipe()),
            ..WeightsRef::fovea("ab".repeat(32), 12)
        };
        let new = NewModelVersion { weights: Some(weights.clone()), ..new_model("graphs") };
        let made = store.models().create_version(new, act()).await.unwrap();
        let found = store.models().find(made.id).await.unwrap().unwrap();
        assert_eq!(found, made);
        assert_eq!(found.weights, Some(weights));
        assert!(found.runs_here() && !found.trainable_here() && !found.embeds());
        assert_eq!(found.file_name().as_deref(), Some("graphs-1.onnx"));
        let ours = store.models().create_version(new_model("ours"), act()).await.unwrap();
        assert!(ours.trainable_here() && ours.embeds());
        assert_eq!(ours.file_name().as_deref(), Some("ours-1.safetensors"));
        let elsewhere = NewModelVersion { weights: None, ..new_model("far") };
        let elsewhere = store.models().create_version(elsewhere, act()).await.unwrap();
        assert!(!elsewhere.runs_here() && elsewhere.untrainable().is_some());
    }

    async fn a_file_is_its_owners_until_its_time_is_over(store) {
        let file = staged(store, "user:1", b"graph").await;
        store.staged_models().insert(&file, FEW).await.unwrap();
        let find = async |owner, now| store.staged_models().find(file.id, owner, now).await.unwrap();
        assert_eq!(find("user:1", START).await, Some(file.clone()));
        assert_eq!(find("user:2", START).await, None);
        assert_eq!(find("user:1", file.expires).await, None);
        assert!(matches!(
            store.staged_models().discard(file.id, "user:2", START).await,
            Err(StoreError::NotFound { .. })
        ));
        let said = Said { recipe: "{}".to_owned(), labels: labels(&["car"]), ..file.said.clone() };
        let later = StagedModel { said, expires: file.expires.plus_ms(HOUR), ..file.clone() };
        store.staged_models().update(&later).await.unwrap();
        assert_eq!(store.staged_models().of_owner("user:1").await.unwrap(), [later]);
        assert_eq!(store.files().sweep(DUE).await.unwrap(), 0, "its row names it");
        assert_eq!(store.staged_models().expire(file.expires).await.unwrap(), 0, "it was given another hour");
        assert_eq!(store.staged_models().expire(file.expires.plus_ms(HOUR)).await.unwrap(), 1);
        assert!(there(store, &file.sha256).await, "the grace begins");
        assert_eq!(store.files().sweep(file.expires.plus_ms(HOUR + REMOVAL_GRACE_MS)).await.unwrap(), 1);
        assert!(!there(store, &file.sha256).await);
    }

    async fn an_owner_has_so_many_files_and_so_many_bytes(store) {
        for bytes in [&b"first"[..], b"second"] {
            let file = staged(store, "user:1", bytes).await;
            store.staged_models().insert(&file, FEW).await.unwrap();
        }
        let third = staged(store, "user:1", b"third").await;
        assert!(matches!(store.staged_models().insert(&third, FEW).await, Err(StoreError::Conflict { .. })));
        let of_another = StagedModel { owner: "user:2".to_owned(), ..third };
        store.staged_models().insert(&of_another, FEW).await.unwrap();
        let large = staged(store, "user:3", &[7; 1_001]).await;
        assert!(matches!(store.staged_models().insert(&large, FEW).await, Err(StoreError::Conflict { .. })));
    }

    async fn an_import_takes_the_file_over(store) {
        let file = staged(store, "user:1", b"graph").await;
        store.staged_models().insert(&file, FEW).await.unwrap();
        let new = |sha256: &str| NewModelVersion {
            weights: Some(WeightsRef { format: ModelFormat::Onnx, ..WeightsRef::fovea(sha256.to_owned(), 5) }),
            ..new_model("graphs")
        };
        let other = store.staged_models().import(file.id, "user:1", new(&"cd".repeat(32)), act()).await;
        assert!(matches!(other, Err(StoreError::Conflict { .. })), "{other:?}");
        let foreign = store.staged_models().import(file.id, "user:2", new(&file.sha256), act()).await;
        assert!(matches!(foreign, Err(StoreError::NotFound { .. })), "{foreign:?}");
        let late = store.staged_models().import(file.id, "user:1", new(&file.sha256), act_at(file.expires)).await;
        assert!(matches!(late, Err(StoreError::NotFound { .. })), "{late:?}");
        let version = store.staged_models().import(file.id, "user:1", new(&file.sha256), act()).await.unwrap();
        assert_eq!(version.full_name(), "graphs/1");
        assert!(store.staged_models().of_owner("user:1").await.unwrap().is_empty());
        assert_eq!(store.staged_models().expire(file.expires).await.unwrap(), 0);
        assert_eq!(store.files().sweep(DUE).await.unwrap(), 0, "the version names it");
        assert!(there(store, &file.sha256).await);
    }

    async fn a_file_whose_row_never_came_goes_by_itself(store) {
        let (sha256, _) = stored(store, b"its process was killed").await;
        assert_eq!(store.files().sweep(DUE.plus_ms(-1)).await.unwrap(), 0, "the row may still come");
        assert_eq!(store.files().sweep(DUE).await.unwrap(), 1);
        assert!(!there(store, &sha256).await);
    }

    async fn what_a_cut_off_upload_left_goes_when_it_is_old(store) {
        let folder = store.blobs().scratch_folder();
        let left = folder.join(".import-cut-off");
        std::fs::write(&left, b"half a model").unwrap();
        std::fs::write(folder.join("anything-else"), b"not ours").unwrap();
        assert_eq!(store.files().remove_interrupted(START).await, 0, "it is younger");
        let later = Timestamp(i64::MAX / 2);
        assert_eq!(store.files().remove_interrupted(later).await, 1);
        assert!(!left.exists() && folder.join("anything-else").exists());
    }
}
