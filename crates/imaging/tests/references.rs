//! Pictures of every layout against what libjpeg and libpng make of them.

use imaging::{Limits, decode};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// How far the mean difference of samples may be: decoders round chroma
/// differently. A picture that is decoded wrongly is off by 30 and more.
const TOLERATED: f64 = 6.0;

/// Folders with pictures `X` and `X.ref.png`, if the test data is here.
fn cases() -> Option<PathBuf> {
    let data = PathBuf::from(std::env::var_os("FOVEA_DATA")?);
    Some(data.parent()?.join("cases")).filter(|folder| folder.is_dir())
}

fn references(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let found = entries.flat_map(|path| if path.is_dir() { references(&path) } else { vec![path] });
    found.filter(|path| path.to_string_lossy().ends_with(".ref.png")).collect()
}

/// What of a picture is not as its reference; `None` for what is, or what is
/// refused.
fn wrong(picture: &Path, reference: &Path) -> Option<String> {
    let read = |path: &Path| fs::read(path).expect("readable");
    let limits = Limits { max_pixels: 200_000_000, ..Limits::default() };
    let expected = decode(&read(reference), &limits).expect("a sound reference");
    let name = picture.display();
    match decode(&read(picture), &limits) {
        Err(why) => {
            eprintln!("{name}: {why}");
            None
        }
        Ok(pixels) if pixels.size() != expected.size() => {
            Some(format!("{name}: {:?} instead of {:?}", pixels.size(), expected.size()))
        }
        Ok(pixels) => {
            let pairs = pixels.rgb().iter().zip(expected.rgb());
            let sum: f64 = pairs.map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
            let mean = sum / expected.rgb().len() as f64;
            (mean > TOLERATED).then(|| format!("{name}: samples differ by {mean:.1} on average"))
        }
    }
}

#[test]
fn no_picture_is_silently_another_than_its_reference() {
    let Some(folder) = cases() else { return };
    let references = references(&folder);
    assert!(!references.is_empty(), "{} has no references", folder.display());
    let wrong: Vec<String> = references
        .iter()
        .filter_map(|reference| {
            let picture = reference.to_string_lossy().trim_end_matches(".ref.png").to_owned();
            wrong(Path::new(&picture), reference)
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), references.len(), wrong.join("\n"));
}
