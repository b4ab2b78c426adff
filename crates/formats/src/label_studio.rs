//! Label Studio: JSON and JSON-MIN.

mod config;
mod read;
mod regions;
mod write;

pub use config::LabelConfig;
pub(crate) use write::LabelStudioWriter;
pub use write::{RegionNames, local_file, results};

use crate::{
    FormatError,
    intake::Intake,
    reader::{Confidence, Folder, Reader, Recognition},
};
use std::path::Path;

/// Reads Label Studio's JSON.
pub(crate) struct LabelStudio;

impl Reader for LabelStudio {
    fn name(&self) -> &'static str {
        "label-studio"
    }

    fn help(&self) -> &'static str {
        "Label Studio: JSON or JSON-MIN, a list of tasks"
    }

    fn recognise(&self, folder: &Folder) -> Option<Recognition> {
        folder.with_extension("json").take(50).find_map(|path| {
            let head = folder.head(path);
            let has = |key: &str| head.contains(&format!("\"{key}\""));
            let has_tasks = has("annotations") && has("data") && (has("from_name") || has("was_cancelled"));
            let is_min = has("annotation_id") && has("annotator") && head.trim_start().starts_with('[');
            let what = match (has_tasks, is_min) {
                (true, _) => "Label Studio's tasks",
                (false, true) => "Label Studio's JSON-MIN",
                (false, false) => return None,
            };
            Some(Recognition::new(Confidence::Certain, format!("{what} in {}", folder.shown(path))))
        })
    }

    fn read(&self, annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
        read::read(annotations, intake)
    }
}
