//! What a trainer keeps beside the weights of a version.

use crate::{
    fixtures::{START, act, act_at, new_model},
    harness::both,
};
use bytes::Bytes;
use domain::{model::WeightsRef, time::Timestamp};
use store::{BlobKind, FileFault, KeptFile, NewModelVersion, REMOVAL_GRACE_MS, Store, StoreError};

const DUE: Timestamp = Timestamp(START.0 + REMOVAL_GRACE_MS);

async fn put(store: &Store, bytes: &'static [u8]) -> String {
    store.files().put(BlobKind::Weights, Bytes::from_static(bytes), START).await.unwrap()
}

async fn kept(store: &Store, name: &str, bytes: &'static [u8]) -> KeptFile {
    let sha256 = put(store, bytes).await;
    KeptFile { name: name.to_owned(), sha256, bytes: bytes.len() as u64 }
}

async fn is_there(store: &Store, hash: &str) -> bool {
    store.blobs().exists(BlobKind::Weights, hash).await.unwrap()
}

both! {
    async fn a_file_beside_a_version_stays_as_long_as_a_version_has_it(store) {
        let weights = Some(WeightsRef::fovea(put(store, b"weights").await, 7));
        let files = [kept(store, "best.pt", b"best").await, kept(store, "notes", b"weights").await];
        let new = || NewModelVersion { weights: weights.clone(), ..new_model("cells") };
        let first = store.models().create_version_with(new(), &files, act()).await.unwrap();
        let second = store.models().create_version_with(new(), &files[..1], act()).await.unwrap();
        assert_eq!(store.models().kept_files(first.id).await.unwrap(), files);
        assert_eq!(store.models().kept_files(second.id).await.unwrap(), files[..1]);
        store.models().delete(first.id, act_at(START)).await.unwrap();
        assert_eq!(store.files().sweep(DUE).await.unwrap(), 0, "another version has both");
        store.models().delete(second.id, act_at(START)).await.unwrap();
        assert_eq!(store.files().sweep(DUE).await.unwrap(), 2);
        assert!(!is_there(store, &files[0].sha256).await && !is_there(store, &files[1].sha256).await);
        assert_eq!(store.inconsistencies().await.unwrap(), Vec::<String>::new());
    }

    async fn a_file_that_went_before_its_row_is_refused_and_one_that_is_missing_is_told(store) {
        let file = kept(store, "best.pt", b"best").await;
        let version = store.models().create_version_with(new_model("cells"), std::slice::from_ref(&file), act()).await.unwrap();
        store.blobs().delete(BlobKind::Weights, &file.sha256).await.unwrap();
        let audit = store.files().audit(false).await.unwrap();
        assert!(audit.faults.contains(&FileFault::Missing(BlobKind::Weights, file.sha256.clone())), "{audit:?}");
        put(store, b"best").await;
        store.models().delete(version.id, act_at(START)).await.unwrap();
        store.files().sweep(DUE).await.unwrap();
        assert!(!is_there(store, &file.sha256).await);
        let again = store.models().create_version_with(new_model("cells"), &[file], act()).await;
        assert!(matches!(again, Err(StoreError::FileRemoved { .. })), "{again:?}");
    }
}
