//! The files of a site, and beside each its compressed forms. Writes only what
//! changed and removes what is no longer part.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::workspace::Profile;

/// Kinds of file that get smaller by compression.
const COMPRESSIBLE: [&str; 9] = ["css", "html", "js", "json", "svg", "txt", "wasm", "webmanifest", "xml"];

/// A site in memory, before it is written.
pub(crate) struct SiteFiles {
    files: BTreeMap<String, Vec<u8>>,
    cache: PathBuf,
    effort: Effort,
}

/// How hard to compress: brotli's quality (0–11) and gzip's level (0–9, and
/// 10 for zopfli).
#[derive(Debug, Clone, Copy)]
struct Effort {
    brotli: i32,
    gzip: u32,
}

impl SiteFiles {
    /// An empty site; compressed forms are kept in `cache` by content.
    pub(crate) fn new(cache: PathBuf, profile: Profile) -> Self {
        let effort = match profile {
            Profile::Dev | Profile::Demo => Effort { brotli: 4, gzip: 6 },
            Profile::Release => Effort { brotli: 11, gzip: 10 },
        };
        Self { files: BTreeMap::new(), cache, effort }
    }

    /// Adds a file under its path in the site.
    pub(crate) fn add(&mut self, path: &str, content: Vec<u8>) {
        self.files.insert(path.to_owned(), content);
    }

    /// Adds all files of a folder and its folders, under a path in the site.
    pub(crate) fn add_folder(&mut self, folder: &Path, under: &str) -> Result<()> {
        let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if under.is_empty() { name } else { format!("{under}/{name}") };
            if entry.file_type()?.is_dir() {
                self.add_folder(&entry.path(), &path)?;
            } else {
                self.add(&path, fs::read(entry.path())?);
            }
        }
        Ok(())
    }

    /// Makes a folder hold exactly this site.
    pub(crate) fn write(mut self, folder: &Path) -> Result<()> {
        self.compress()?;
        fs::create_dir_all(folder)?;
        remove_others(folder, folder, &self.files)?;
        for (path, content) in &self.files {
            write_if_changed(&folder.join(path), content)?;
        }
        Ok(())
    }

    fn compress(&mut self) -> Result<()> {
        fs::create_dir_all(&self.cache)?;
        let mut compressed = Vec::new();
        for (path, content) in &self.files {
            let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
            if COMPRESSIBLE.contains(&extension) {
                compressed.push((format!("{path}.gz"), self.cached("gz", content, gzip)?));
                compressed.push((format!("{path}.br"), self.cached("br", content, brotli)?));
            }
        }
        self.files.extend(compressed);
        Ok(())
    }

    fn cached(
        &self,
        kind: &str,
        content: &[u8],
        compress: fn(&[u8], Effort) -> Result<Vec<u8>>,
    ) -> Result<Vec<u8>> {
        let mut hasher = DefaultHasher::new();
        (content, self.effort.brotli, self.effort.gzip).hash(&mut hasher);
        let cache_file = self.cache.join(format!("{:016x}-{}.{kind}", hasher.finish(), content.len()));
        if let Ok(known) = fs::read(&cache_file) {
            return Ok(known);
        }
        let fresh = compress(content, self.effort)?;
        write_if_changed(&cache_file, &fresh)?;
        Ok(fresh)
    }
}

/// Zopfli finds a few per cent more than level 9 in the same format, at a price
/// that only a release can pay.
fn gzip(content: &[u8], effort: Effort) -> Result<Vec<u8>> {
    if effort.gzip > 9 {
        let mut packed = Vec::new();
        zopfli::compress(zopfli::Options::default(), zopfli::Format::Gzip, content, &mut packed)?;
        return Ok(packed);
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(effort.gzip));
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

fn brotli(content: &[u8], effort: Effort) -> Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams { quality: effort.brotli, lgwin: 22, ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut compressed, &params)?;
    Ok(compressed)
}

/// Writes beside and renames, so that no reader ever sees half a file.
fn write_if_changed(path: &Path, content: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    let folder = path.parent().context("a file lies in a folder")?;
    fs::create_dir_all(folder)?;
    let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
    fresh.write_all(content)?;
    let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    fresh.as_file().set_permissions(readable)?;
    fresh.persist(path).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(())
}

fn remove_others(site: &Path, folder: &Path, keep: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(site, &path, keep)?;
            continue;
        }
        let name = path.strip_prefix(site)?.to_string_lossy().into_owned();
        if !keep.contains_key(&name) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn site(cache: &Path, files: &[(&str, &str)]) -> SiteFiles {
        let mut site = SiteFiles::new(cache.to_owned(), Profile::Dev);
        for (path, content) in files {
            site.add(path, content.as_bytes().to_vec());
        }
        site
    }

    #[test]
    fn every_text_gets_two_compressed_forms_that_unpack_to_it() {
        let dir = tempfile::tempdir().unwrap();
        let (cache, folder) = (dir.path().join("cache"), dir.path().join("site"));
        let text = "body { margin: 0 }\n".repeat(50);
        site(&cache, &[("pkg/fovea.css", &text), ("icon.png", "png")]).write(&folder).unwrap();

        let mut unpacked = String::new();
        let packed = fs::read(folder.join("pkg/fovea.css.gz")).unwrap();
        assert!(packed.len() < text.len());
        flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);

        let mut unpacked = Vec::new();
        let packed = fs::read(folder.join("pkg/fovea.css.br")).unwrap();
        brotli::BrotliDecompress(&mut &packed[..], &mut unpacked).unwrap();
        assert_eq!(unpacked, text.as_bytes());
        assert!(!folder.join("icon.png.gz").exists());
    }

    #[test]
    fn what_is_no_longer_part_of_the_site_goes_and_what_did_not_change_stays_untouched() {
        let dir = tempfile::tempdir().unwrap();
        let (cache, folder) = (dir.path().join("cache"), dir.path().join("site"));
        site(&cache, &[("a.js", "1"), ("b.js", "2")]).write(&folder).unwrap();
        let before = fs::metadata(folder.join("a.js")).unwrap().modified().unwrap();
        site(&cache, &[("a.js", "1")]).write(&folder).unwrap();
        assert!(!folder.join("b.js").exists() && !folder.join("b.js.br").exists());
        assert_eq!(fs::metadata(folder.join("a.js")).unwrap().modified().unwrap(), before);
    }
}
