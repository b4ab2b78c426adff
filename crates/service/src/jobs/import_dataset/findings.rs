//! What the files of an import are, and what was found in them, for people.

use crate::{ImportReport as Imported, Result, ServiceError};
use domain::{
    dataset::Split,
    dataset_import::{ImportFault, ImportReport},
    fault::ApiError,
};
use formats::{Fault, Import, ImportFormat, Options, Severity, archive::Unpacked, settle};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Faults that are kept with their places; beyond it they are counted.
const KEPT_FAULTS: usize = 1_000;
/// Folders inside of each other that hold nothing but the next one.
const WRAPPINGS: usize = 4;
/// The kind of a member that was left out.
const MEMBER: &str = "left_out_member";

/// The files of a dataset.
#[derive(Clone)]
pub(super) struct Source {
    /// The folder that holds more than another folder.
    pub(super) root: PathBuf,
    came_out: CameOut,
}

/// What an archive did not give, as it is kept beside its files: they are read
/// more than once.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct CameOut {
    /// Names, and why they were left out.
    left_out: Vec<(String, String)>,
    left_out_count: u64,
    foreign_names: u64,
}

impl From<Unpacked> for CameOut {
    fn from(unpacked: Unpacked) -> Self {
        let Unpacked { left_out, left_out_count, foreign_names, .. } = unpacked;
        let left_out = left_out.into_iter().map(|member| (member.name, member.why.to_owned())).collect();
        Self { left_out, left_out_count, foreign_names }
    }
}

impl CameOut {
    /// Writes it down.
    pub(super) fn keep(&self, file: &Path) -> Result<()> {
        let text = serde_json::to_vec(self).map_err(|error| ServiceError::Internal(error.to_string()))?;
        Ok(std::fs::write(file, text)?)
    }

    /// What was written down.
    pub(super) fn kept(file: &Path) -> Result<Self> {
        serde_json::from_slice(&std::fs::read(file)?)
            .map_err(|error| ServiceError::Internal(error.to_string()))
    }
}

impl Source {
    /// Looks at a folder, and into the one that it holds alone.
    pub(super) fn look(folder: &Path, came_out: CameOut) -> Result<Self> {
        Ok(Self { root: within_wrappings(folder)?, came_out })
    }

    /// The format that the files are surely of, and what says so.
    pub(super) fn choose(&self, options: &Options) -> Result<(ImportFormat, Option<String>)> {
        match settle(&self.root, &self.root, options) {
            Ok((format, saw)) => Ok((format, Some(saw))),
            Err(error) => Err(ServiceError::invalid_at("format", self.without_root(&error.to_string()))),
        }
    }

    /// What was decided, by whom it was.
    fn decisions(&self, read: &Import, format: ImportFormat, why: Option<String>) -> Vec<String> {
        let chosen = why.map(|saw| format!("Read as {format}: there is {saw}."));
        let named = (self.came_out.foreign_names > 0).then(|| {
            format!(
                "{} names in the archive are not UTF-8; they were read in the archive's old code page.",
                self.came_out.foreign_names
            )
        });
        let notes = read.notes.iter().map(|note| self.without_root(note));
        chosen.into_iter().chain(named).chain(notes).collect()
    }

    /// A sentence without the folder of this machine.
    fn without_root(&self, text: &str) -> String {
        let root = self.root.display().to_string();
        text.replace(&format!("{root}/"), "").replace(&root, "the files")
    }

    /// The same for what ended an import.
    pub(super) fn without_root_in(&self, error: ServiceError) -> ServiceError {
        let fault = match error {
            ServiceError::Caller(fault) => fault,
            ServiceError::Format(_) => ApiError::from(error),
            other => return other,
        };
        ServiceError::Caller(ApiError { message: self.without_root(&fault.message), ..fault })
    }

    /// A file's name below the folder, for people.
    fn shown(&self, file: &Path) -> String {
        file.strip_prefix(&self.root).unwrap_or(file).display().to_string()
    }

    fn fault(&self, fault: &Fault) -> ImportFault {
        let kind = serde_json::to_value(fault.kind).ok();
        ImportFault {
            file: self.shown(&fault.file),
            place: fault.place.clone(),
            kind: kind.as_ref().and_then(|kind| kind.as_str()).unwrap_or_default().to_owned(),
            message: self.without_root(&fault.message),
            is_error: fault.severity == Severity::Error,
        }
    }
}

/// The folder that holds more than one other folder: archives often have all
/// in one.
///
/// # Errors
/// When it cannot be listed.
pub fn within_wrappings(folder: &Path) -> std::io::Result<PathBuf> {
    let mut root = folder.to_owned();
    for _ in 0..WRAPPINGS {
        match only_folder(&root)? {
            Some(inner) => root = inner,
            None => break,
        }
    }
    Ok(root)
}

/// The folder in `folder`, when there is nothing else but what operating
/// systems put there.
fn only_folder(folder: &Path) -> std::io::Result<Option<PathBuf>> {
    let mut only = None;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name == "__MACOSX" || name.starts_with('.') {
            continue;
        }
        if only.is_some() || !entry.file_type()?.is_dir() {
            return Ok(None);
        }
        only = Some(entry.path());
    }
    // A folder of images of one split is not a wrapping: its name says the split.
    Ok(only.filter(|only| {
        let name = only.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.parse::<Split>().is_err() && !name.eq_ignore_ascii_case("images")
    }))
}

/// What reading gave.
pub(super) fn report_of(
    read: &Import,
    source: &Source,
    format: ImportFormat,
    why: Option<String>,
) -> ImportReport {
    let mut report = ImportReport {
        format: format.as_str().to_owned(),
        decisions: source.decisions(read, format, why),
        problems: read.problems.iter().map(|problem| source.without_root(problem)).collect(),
        images: read.images.len() as u64,
        left_out_images: read.left_out.images,
        left_out_boxes: read.left_out.boxes,
        ..ImportReport::default()
    };
    for label in &read.labels {
        report.by_label.insert(label.clone(), 0);
    }
    for image in &read.images {
        *report.by_split.entry(image.split.unwrap_or(Split::Train)).or_default() += 1;
        report.without_boxes += u64::from(image.annotations.is_empty());
        report.boxes += image.annotations.len() as u64;
        for annotation in &image.annotations {
            *report.by_label.entry(annotation.label.clone()).or_default() += 1;
        }
    }
    add_members(&mut report, &source.came_out);
    for (kind, count) in &read.fault_counts {
        let kind = serde_json::to_value(kind).ok();
        let kind = kind.as_ref().and_then(|kind| kind.as_str()).unwrap_or_default();
        *report.fault_counts.entry(kind.to_owned()).or_default() += count;
    }
    let room = KEPT_FAULTS.saturating_sub(report.faults.len());
    report.faults.extend(read.faults.iter().take(room).map(|fault| source.fault(fault)));
    report
}

/// Members of the archive that were left out are faults, too.
fn add_members(report: &mut ImportReport, came_out: &CameOut) {
    if came_out.left_out_count > 0 {
        report.fault_counts.insert(MEMBER.to_owned(), came_out.left_out_count);
    }
    report.faults.extend(came_out.left_out.iter().take(KEPT_FAULTS / 2).map(|(name, why)| ImportFault {
        file: name.clone(),
        place: String::new(),
        kind: MEMBER.to_owned(),
        message: format!("{why}; it was left out of the archive"),
        is_error: true,
    }));
}

/// Images that looked sound and could not be decoded: what an import finds
/// beyond a look. The counts are those of the version that was made.
pub(super) fn add_undecodable(report: &mut ImportReport, made: &Imported, known: usize, source: &Source) {
    let counts = &made.version.counts;
    (report.images, report.boxes) = (counts.images, counts.boxes);
    report.by_split.clone_from(&counts.by_split);
    report.by_label.clone_from(&counts.by_label);
    (report.left_out_images, report.left_out_boxes) = (made.left_out.images, made.left_out.boxes);
    // What only decoded pictures tell: which look alike across splits.
    for note in made.notes.iter().map(|note| source.without_root(note)) {
        if !report.decisions.contains(&note) {
            report.decisions.push(note);
        }
    }
    for fault in made.faults.iter().skip(known) {
        let fault = source.fault(fault);
        *report.fault_counts.entry(fault.kind.clone()).or_default() += 1;
        if report.faults.len() < KEPT_FAULTS {
            report.faults.push(fault);
        }
    }
}
