//! What a trainer left: its model, loaded once before it becomes a version,
//! and the files that it wants to find beside it the next time.

use super::LAST_LINES;
use crate::{Result, ServiceError, base::blocking, jobs::JobContext};
use bytes::Bytes;
use domain::{
    ids::ExperimentId,
    inference::{ImportHints, Inspected},
    model::{ModelFormat, WeightsRef},
    name::Label,
    recipe::Recipe,
    training::{MODEL_FILE, OUTPUT_FOLDER, RECIPE_FILE, TrainError},
};
use std::{
    fs,
    path::{Path, PathBuf},
};
use store::{BlobKind, KeptFile};

/// Bytes that a model may have: it is read whole when it is served.
const LARGEST_MODEL: u64 = 2 << 30;
/// Bytes that a recipe may have.
const LARGEST_RECIPE: u64 = 1 << 20;
/// Files beside a model, and their bytes together.
const MOST_KEPT: usize = 16;
const LARGEST_KEPT: u64 = 8 << 30;
const LONGEST_NAME: usize = 100;

/// A model that was loaded once, and what is kept beside it.
pub(super) struct Outcome {
    model: Bytes,
    inspected: Inspected,
    kept: Vec<(String, PathBuf)>,
    /// Lines for the log.
    pub(super) notes: Vec<String>,
}

impl Outcome {
    /// Reads what lies in the output folder of a job for these labels.
    ///
    /// # Errors
    /// [`TrainError::Trainer`] with what is wrong with it, and the last lines
    /// of the log.
    pub(super) async fn read(
        context: &JobContext<'_>,
        id: ExperimentId,
        job: &Path,
        labels: &[Label],
    ) -> Result<Self> {
        let loader = context.service().base().loader().clone();
        let (folder, wanted) = (job.join(OUTPUT_FOLDER), labels.to_vec());
        let read = blocking(move || {
            Ok(read(&folder, &wanted, |bytes, hints| {
                loader.inspect(bytes, hints).map_err(|error| error.to_string())
            }))
        });
        match read.await? {
            Ok(outcome) => Ok(outcome),
            Err(Unusable::Ours(error)) => Err(error),
            Err(Unusable::Theirs(why)) => {
                let lines = last_lines(context, id).await?;
                let message = format!("The trainer's model cannot be used: {why}{lines}");
                Err(TrainError::Trainer(message).into())
            }
        }
    }

    pub(super) fn model_bytes(&self) -> u64 {
        self.model.len() as u64
    }

    pub(super) fn kept_names(&self) -> Vec<String> {
        self.kept.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Stores the model and what is beside it.
    pub(super) async fn store(&self, context: &JobContext<'_>) -> Result<(WeightsRef, Vec<KeptFile>)> {
        let files = context.store().files();
        let sha256 = files.put(BlobKind::Weights, self.model.clone(), context.now()).await?;
        let mut kept = Vec::new();
        for (name, path) in &self.kept {
            let (sha256, bytes) = files.put_file(BlobKind::Weights, path, context.now()).await?;
            kept.push(KeptFile { name: name.clone(), sha256, bytes });
        }
        let bytes = self.model.len() as u64;
        let (format, recipe) = (self.inspected.format, self.inspected.recipe.clone());
        Ok((WeightsRef { sha256, bytes, format, recipe }, kept))
    }
}

/// Why there is no outcome.
pub(super) enum Unusable {
    /// The trainer left something wrong.
    Theirs(String),
    /// The disk, the database.
    Ours(ServiceError),
}

impl Unusable {
    pub(super) fn into_error(self) -> ServiceError {
        match self {
            Self::Theirs(why) => {
                TrainError::Trainer(format!("The trainer's model cannot be used: {why}")).into()
            }
            Self::Ours(error) => error,
        }
    }
}

impl From<std::io::Error> for Unusable {
    fn from(error: std::io::Error) -> Self {
        Self::Ours(error.into())
    }
}

fn theirs(why: impl Into<String>) -> Unusable {
    Unusable::Theirs(why.into())
}

pub(super) fn read(
    folder: &Path,
    labels: &[Label],
    inspect: impl FnOnce(&[u8], &ImportHints) -> std::result::Result<Inspected, String>,
) -> std::result::Result<Outcome, Unusable> {
    let model = Bytes::from(read_file(&folder.join(MODEL_FILE), LARGEST_MODEL)?);
    let recipe = match folder.join(RECIPE_FILE) {
        path if path.exists() => Some(read_recipe(&path)?),
        _ => None,
    };
    let hints = ImportHints { recipe, labels: labels.to_vec() };
    let inspected = inspect(&model, &hints).map_err(theirs)?;
    if inspected.format != ModelFormat::Onnx {
        return Err(theirs(format!("{MODEL_FILE} is no ONNX file")));
    }
    if inspected.labels.len() != labels.len() {
        let (has, wanted) = (inspected.labels.len(), labels.len());
        return Err(theirs(format!("it has {has} classes, and the job has {wanted} labels")));
    }
    let mut notes = inspected.notes.clone();
    let kept = kept_files(folder, &mut notes)?;
    Ok(Outcome { model, inspected, kept, notes })
}

fn read_file(path: &Path, largest: u64) -> std::result::Result<Vec<u8>, Unusable> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return Err(theirs(format!("there is no {name} in its output folder")));
    };
    if !metadata.is_file() || metadata.len() > largest {
        return Err(theirs(format!("{name} is no file of at most {largest} bytes")));
    }
    Ok(fs::read(path)?)
}

fn read_recipe(path: &Path) -> std::result::Result<Recipe, Unusable> {
    let bytes = read_file(path, LARGEST_RECIPE)?;
    let wrong = |error: &dyn std::fmt::Display| theirs(format!("{RECIPE_FILE} is no recipe: {error}"));
    let text = std::str::from_utf8(&bytes).map_err(|error| wrong(&error))?;
    Recipe::from_json(text).map_err(|error| wrong(&error))
}

/// Plain files with plain names, up to what is kept at most; the others are
/// named in the log.
fn kept_files(folder: &Path, notes: &mut Vec<String>) -> std::io::Result<Vec<(String, PathBuf)>> {
    let mut entries = fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    let (mut files, mut bytes, mut left_out) = (Vec::new(), 0, Vec::new());
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        if [MODEL_FILE, RECIPE_FILE].contains(&name.as_str()) {
            continue;
        }
        let metadata = fs::symlink_metadata(entry.path())?;
        let fits = metadata.is_file()
            && is_plain(&name)
            && files.len() < MOST_KEPT
            && bytes + metadata.len() <= LARGEST_KEPT;
        if fits {
            bytes += metadata.len();
            files.push((name, entry.path()));
        } else {
            left_out.push(name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect::<String>());
        }
    }
    if !left_out.is_empty() {
        notes.push(format!(
            "not kept beside the model: {} (plain files only, at most {MOST_KEPT}, at most {} GiB together)",
            left_out.into_iter().take(MOST_KEPT).collect::<Vec<_>>().join(", "),
            LARGEST_KEPT >> 30
        ));
    }
    Ok(files)
}

fn is_plain(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    name.len() <= LONGEST_NAME && !name.starts_with('.') && name.chars().all(allowed)
}

async fn last_lines(context: &JobContext<'_>, id: ExperimentId) -> Result<String> {
    let lines = context
        .through_outage(|| async { Ok(context.store().experiments().log(id, LAST_LINES).await?) })
        .await?;
    if lines.is_empty() {
        return Ok(String::new());
    }
    let lines: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
    Ok(format!(". Its last lines:\n{}", lines.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(text: &str) -> Label {
        Label::new(text).expect("a label")
    }

    fn inspected(_: &[u8], hints: &ImportHints) -> std::result::Result<Inspected, String> {
        Ok(Inspected {
            format: ModelFormat::Onnx,
            labels: hints.labels.clone(),
            recipe: None,
            notes: Vec::new(),
            trainable: false,
        })
    }

    fn why(folder: &Path) -> String {
        match read(folder, &[label("a")], inspected) {
            Err(Unusable::Theirs(why)) => why,
            Err(Unusable::Ours(error)) => panic!("{error}"),
            Ok(_) => panic!("it was used"),
        }
    }

    #[test]
    fn what_is_wrong_with_an_output_is_said() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(why(folder.path()), "there is no model.onnx in its output folder");
        fs::create_dir(folder.path().join(MODEL_FILE)).expect("made");
        assert!(why(folder.path()).contains("no file"));
        fs::remove_dir(folder.path().join(MODEL_FILE)).expect("removed");
        fs::write(folder.path().join(MODEL_FILE), b"model").expect("written");
        fs::write(folder.path().join(RECIPE_FILE), b"{\"input\":1}").expect("written");
        assert!(why(folder.path()).contains("recipe.json is no recipe"));
        fs::remove_file(folder.path().join(RECIPE_FILE)).expect("removed");
        let refused = read(folder.path(), &[label("a")], |_, _| Err("no graph".to_owned()));
        assert!(matches!(refused, Err(Unusable::Theirs(why)) if why == "no graph"));
        let fewer = |bytes: &[u8], _: &ImportHints| inspected(bytes, &ImportHints::default());
        let refused = read(folder.path(), &[label("a")], fewer);
        assert!(matches!(refused, Err(Unusable::Theirs(why)) if why.contains("0 classes")));
    }

    #[test]
    fn plain_files_beside_the_model_are_kept_and_the_others_named() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in [MODEL_FILE, "best.pt", ".hidden", "a b"] {
            fs::write(folder.path().join(name), b"bytes").expect("written");
        }
        fs::create_dir(folder.path().join("runs")).expect("made");
        let Ok(outcome) = read(folder.path(), &[label("a")], inspected) else { panic!("it is usable") };
        let names: Vec<&str> = outcome.kept.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["best.pt"]);
        assert!(
            outcome.notes[0].starts_with("not kept beside the model: .hidden, a b, runs"),
            "{:?}",
            outcome.notes
        );
    }
}
