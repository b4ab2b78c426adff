use crate::harness::sqlite;
use bytes::Bytes;
use futures::TryStreamExt;
use sha2::{Digest, Sha256};
use store::{BlobKind, Durability, Store, StoreError, StoreOptions};

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn bytes_lie_under_their_hash_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(StoreOptions::in_folder(folder.path())).await.unwrap();
    let bytes = Bytes::from_static(b"an image");
    let key = store.blobs().put(BlobKind::Images, bytes.clone()).await.unwrap();
    assert_eq!(key, hex::encode(Sha256::digest(b"an image")));
    assert_eq!(store.blobs().put(BlobKind::Images, bytes.clone()).await.unwrap(), key);
    let objects = folder.path().join("objects");
    let path = objects.join("images").join(&key[..2]).join(&key[2..]);
    assert_eq!(files(&objects), [path.canonicalize().unwrap()], "one file, nothing left aside");
    assert_eq!(store.blobs().local_path(BlobKind::Images, &key).unwrap(), path.canonicalize().unwrap());
    assert_eq!(store.blobs().get(BlobKind::Images, &key).await.unwrap(), bytes);
    assert_eq!(store.blobs().size(BlobKind::Images, &key).await.unwrap(), 8);
    let streamed = store.blobs().get_stream(BlobKind::Images, &key).await.unwrap();
    assert_eq!(streamed.size, 8);
    let pieces: Vec<Bytes> = streamed.stream.try_collect().await.unwrap();
    assert_eq!(pieces.concat(), b"an image");
    assert!(!store.blobs().exists(BlobKind::Weights, &key).await.unwrap(), "kinds are apart");
    store.blobs().delete(BlobKind::Images, &key).await.unwrap();
    store.blobs().delete(BlobKind::Images, &key).await.unwrap();
    assert!(matches!(store.blobs().get(BlobKind::Images, &key).await, Err(StoreError::NotFound { .. })));
    store.close().await.unwrap();
}

#[tokio::test]
async fn changed_bytes_are_noticed_when_they_are_checked() {
    let fresh = sqlite().await;
    let blobs = fresh.store.blobs();
    let weights = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(weights.path(), b"weights").unwrap();
    let (key, length) = blobs.put_file(BlobKind::Weights, weights.path()).await.unwrap();
    assert_eq!(length, 7);
    assert_eq!(blobs.get_checked(BlobKind::Weights, &key).await.unwrap(), "weights");
    std::fs::write(blobs.local_path(BlobKind::Weights, &key).unwrap(), b"wEights").unwrap();
    assert!(matches!(blobs.get_checked(BlobKind::Weights, &key).await, Err(StoreError::Corrupt { .. })));
    fresh.close().await;
}

/// Bytes that no two places have alike.
fn large() -> Vec<u8> {
    (0..3_000_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
}

#[tokio::test]
async fn a_large_file_goes_in_and_out_by_small_pieces() {
    let fresh = sqlite().await;
    let (blobs, bytes) = (fresh.store.blobs(), large());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &bytes).unwrap();
    let (key, length) = blobs.put_file(BlobKind::Weights, file.path()).await.unwrap();
    assert_eq!((key.as_str(), length), (hex::encode(Sha256::digest(&bytes)).as_str(), bytes.len() as u64));
    assert_eq!(blobs.put(BlobKind::Weights, bytes.clone().into()).await.unwrap(), key);
    let plain = blobs.get_stream(BlobKind::Weights, &key).await.unwrap();
    let checked = blobs.get_checked_stream(BlobKind::Weights, &key).await.unwrap();
    for streamed in [plain, checked] {
        assert_eq!(streamed.size, bytes.len() as u64);
        let pieces: Vec<Bytes> = streamed.stream.try_collect().await.unwrap();
        assert!(pieces.iter().all(|piece| (1..=128 << 10).contains(&piece.len())));
        assert!(pieces.concat() == bytes);
    }
    fresh.close().await;
}

#[tokio::test]
async fn a_changed_file_never_arrives_whole() {
    let fresh = sqlite().await;
    let blobs = fresh.store.blobs();
    for bytes in [b"weights".to_vec(), large()] {
        let key = blobs.put(BlobKind::Weights, bytes.clone().into()).await.unwrap();
        let mut changed = bytes.clone();
        changed[3] ^= 1;
        std::fs::write(blobs.local_path(BlobKind::Weights, &key).unwrap(), &changed).unwrap();
        let mut stream = blobs.get_checked_stream(BlobKind::Weights, &key).await.unwrap().stream;
        let mut arrived = 0;
        let end = loop {
            match stream.try_next().await {
                Ok(Some(piece)) => arrived += piece.len(),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        assert!(matches!(end, Some(StoreError::Corrupt { .. })) && arrived < bytes.len());
    }
    fresh.close().await;
}

#[tokio::test]
async fn a_thumbnail_lies_under_its_images_hash() {
    let fresh = sqlite().await;
    let key = "0f".repeat(32);
    fresh.store.blobs().put_as(BlobKind::Thumbnails, &key, Bytes::from_static(b"small")).await.unwrap();
    fresh.store.blobs().put_as(BlobKind::Thumbnails, &key, Bytes::from_static(b"smaller")).await.unwrap();
    assert_eq!(fresh.store.blobs().get(BlobKind::Thumbnails, &key).await.unwrap(), "smaller");
    fresh.close().await;
}

#[tokio::test]
async fn a_name_is_never_a_path() {
    let fresh = sqlite().await;
    for name in
        ["", "..", "../../etc/passwd", &"/".repeat(64), &"ä".repeat(32), &"0".repeat(63), &"g".repeat(64)]
    {
        let refused = fresh.store.blobs().get(BlobKind::Images, name).await;
        assert!(matches!(refused, Err(StoreError::NotFound { .. })), "{name:?}");
        assert_eq!(fresh.store.blobs().local_path(BlobKind::Images, name), None);
        let written = fresh.store.blobs().put_as(BlobKind::Images, name, Bytes::new()).await;
        assert!(matches!(written, Err(StoreError::NotFound { .. })), "{name:?}");
    }
    fresh.close().await;
}

#[tokio::test]
async fn urls_that_cannot_work_are_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let sound = StoreOptions::in_folder(folder.path());
    let file = folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let cases = [
        StoreOptions { database_url: "mysql://x".into(), ..sound.clone() },
        StoreOptions { database_url: "sqlite::memory:".into(), ..sound.clone() },
        StoreOptions { storage_url: "ftp://x/y".into(), ..sound.clone() },
        StoreOptions { storage_url: file.display().to_string(), ..sound.clone() },
    ];
    for options in cases {
        let refused = Store::open(options.clone()).await;
        assert!(matches!(&refused, Err(StoreError::Options(_))), "{options:?}: {refused:?}");
    }
    let url = format!("file://{}/with%20space", folder.path().display());
    let options = StoreOptions { storage_url: url, durability: Durability::Full, ..sound };
    let store = Store::open(options).await.unwrap();
    let key = store.blobs().put(BlobKind::Images, Bytes::from_static(b"x")).await.unwrap();
    assert!(folder.path().join("with space/images").join(&key[..2]).join(&key[2..]).is_file());
    store.close().await.unwrap();
}
