//! A backbone that somebody gives to `fovea train`, kept in the data folder: a
//! training goes on with it after the given file is gone, and a later one finds
//! it by its name.

use super::WrongUse;
use crate::compose::BACKBONES;
use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// Of a file: no backbone that is known here has a tenth of it.
const MOST_BYTES: u64 = 512 << 20;

/// The name under which the backbone is kept in the data folder; `data` is
/// `None` where a server keeps it.
///
/// # Errors
/// When it is no file and no name of one that is kept, or no backbone.
pub(super) fn keep(given: &Path, data: Option<&Path>) -> anyhow::Result<String> {
    let name = given.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let is_name = given == Path::new(&name);
    let Some(data) = data else {
        if is_name {
            return Ok(name);
        }
        let message = "A server takes no file here: put it into the folder backbones of its data folder, and \
                       give its name.";
        return Err(WrongUse(message.to_owned()).into());
    };
    let folder = data.join(BACKBONES);
    if is_name && !given.exists() && folder.join(&name).exists() {
        return Ok(name);
    }
    let length = std::fs::metadata(given).with_context(|| given.display().to_string())?.len();
    if length > MOST_BYTES {
        let message = format!("{} has {length} bytes, and {MOST_BYTES} are the most.", given.display());
        return Err(WrongUse(message).into());
    }
    let bytes = std::fs::read(given).with_context(|| given.display().to_string())?;
    vision::check_backbone(&bytes).map_err(|error| WrongUse(format!("{}: {error}", given.display())))?;
    let file_name = kept_name(&name, &bytes);
    let path = folder.join(&file_name);
    if !path.exists() {
        std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        // Whole or not at all: another training may look at the same moment.
        let part = folder.join(format!(".{file_name}.{}", std::process::id()));
        std::fs::write(&part, &bytes)
            .and_then(|()| std::fs::rename(&part, &path))
            .with_context(|| path.display().to_string())?;
    }
    Ok(file_name)
}

/// The file's name, plain, with the beginning of its hash: another file of the
/// same name is another backbone.
fn kept_name(name: &str, bytes: &[u8]) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '-' };
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "weights"));
    let stem: String = stem.chars().take(60).map(plain).collect();
    let extension: String = extension.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    let hash: String = Sha256::digest(bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("{stem}-{hash}.{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_name_is_plain_and_tells_files_of_one_name_apart() {
        assert_eq!(kept_name("lite 0.pth", b"a"), "lite-0-ca978112ca1b.pth");
        assert_ne!(kept_name("a.pth", b"a"), kept_name("a.pth", b"b"));
        let params = |name| domain::training::TrainParams { backbone: name, ..Default::default() };
        for odd in ["a.pth", "ü/../x y", "..", "noextension", &"long".repeat(90)] {
            assert!(params(kept_name(odd, b"a")).validate().is_ok(), "{odd}: {}", kept_name(odd, b"a"));
        }
        assert!(params("../secret".to_owned()).validate().is_err());
    }

    #[test]
    fn what_is_no_backbone_is_refused_and_not_kept() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("cat.pth");
        std::fs::write(&file, "GIF89a").unwrap();
        let refused = keep(&file, Some(data.path())).unwrap_err();
        assert!(refused.to_string().contains("it is no backbone"), "{refused}");
        assert!(!data.path().join(BACKBONES).exists());
        assert!(keep(&file, None).unwrap_err().to_string().contains("give its name"));
        assert_eq!(keep(Path::new("lite.pth"), None).unwrap(), "lite.pth");
    }
}
