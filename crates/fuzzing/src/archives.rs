//! Archives of data sets: nothing comes out beside the folder, nothing that is
//! no file, and no more than is allowed.

use formats::archive::{UnpackLimits, unpack};
use std::{fs, path::Path};

const LIMITS: UnpackLimits = UnpackLimits { entries: 100, bytes: 1 << 20, ratio: 50, free_bytes: 1 << 16 };

pub(crate) fn archive(input: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let (archive, into) = (folder.path().join("archive"), folder.path().join("into"));
    fs::write(&archive, input).expect("written");
    fs::create_dir(&into).expect("a folder");
    let unpacked = unpack(&archive, &into, &LIMITS, &mut |_| true);
    let (mut files, mut bytes) = (0, 0);
    count(&into, &mut files, &mut bytes);
    assert!(files <= LIMITS.entries && bytes <= LIMITS.bytes, "{files} files of {bytes} bytes came out");
    if let Ok(unpacked) = unpacked {
        // What was passed over is among the bytes.
        let is_told = unpacked.files == files && bytes <= unpacked.bytes;
        assert!(is_told, "{files} files of {bytes} bytes came out, and it says {unpacked:?}");
    }
    let beside = fs::read_dir(folder.path()).expect("read").count();
    assert_eq!(beside, 2, "something was written beside the folder");
}

fn count(folder: &Path, files: &mut u64, bytes: &mut u64) {
    for entry in fs::read_dir(folder).expect("read") {
        let path = entry.expect("an entry").path();
        let about = fs::symlink_metadata(&path).expect("there");
        if about.is_dir() {
            count(&path, files, bytes);
        } else {
            assert!(about.is_file(), "{} is no file", path.display());
            *files += 1;
            *bytes += about.len();
        }
    }
}

/// The buffers of a member, and a directory of names.
pub(crate) fn memory_bytes(input: usize) -> usize {
    (2 << 20) + 100 * input
}
