//! Blobs in a process that may not write large files: what a disk does that is
//! full, or a quota that is used up.

use crate::{BlobKind, StoreError, StoreOptions, blobs::Blobs};
use std::{
    path::Path,
    process::{Command, Stdio},
};

const FOLDER: &str = "FOVEA_TEST_SMALL_FILES_FOLDER";

/// The process with the limit. Without the variable it is not asked to do
/// anything.
#[tokio::test]
async fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let blobs = Blobs::open(&StoreOptions::in_folder(folder.as_ref())).unwrap();
    let small = blobs.put(BlobKind::Images, vec![1; 8 * 1024].into()).await.unwrap();
    let refused = blobs.put(BlobKind::Images, vec![2; 1024 * 1024].into()).await;
    assert!(matches!(refused, Err(StoreError::Full(_))), "{refused:?}");
    let refused = blobs.put_as(BlobKind::Thumbnails, &small, vec![2; 1024 * 1024].into()).await;
    assert!(matches!(refused, Err(StoreError::Full(_))), "{refused:?}");
    assert!(!blobs.exists(BlobKind::Thumbnails, &small).await.unwrap());
    assert_eq!(blobs.get_checked(BlobKind::Images, &small).await.unwrap().len(), 8 * 1024);
    blobs.put(BlobKind::Images, vec![3; 8 * 1024].into()).await.unwrap();
}

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path.display().to_string()] })
        .collect()
}

#[test]
fn a_file_that_finds_no_space_leaves_no_half_of_it() {
    let folder = tempfile::tempdir().unwrap();
    // 32 KiB; beyond it a write fails instead of ending the process.
    let limited = "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\"";
    let output = Command::new("sh")
        .args(["-c", limited])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "tests::small_files::child", "--nocapture"])
        .env(FOLDER, folder.path())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    assert_eq!(files(&folder.path().join("objects")).len(), 2);
}
