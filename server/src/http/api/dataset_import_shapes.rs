//! Imports of datasets on the wire: what is asked for, and what was found.

use crate::http::problem::Problem;
use domain::{
    dataset_import::{CHOICES, DatasetImport, ImportChoices, ImportFault, ImportReport},
    time::Timestamp,
    work::WorkState,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{
    ToSchema,
    openapi::{ObjectBuilder, Schema, Type, schema::SchemaType},
};
use uuid::Uuid;

/// What is asked for.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportOrderBody {
    /// An upload that is here as a whole: a zip, tar or tar.gz of images and
    /// annotations.
    pub upload: Uuid,
    /// The version; `v1`, `v2` … when left out.
    #[serde(default)]
    pub version: Option<String>,
    /// A format by its word, or `auto` for the one that the files look like,
    /// which is also meant when it is left out.
    #[serde(default)]
    #[schema(example = "coco")]
    pub format: Option<String>,
    /// `train`, `val` or `test` for all images; `from-file`, or nothing, for
    /// what the files say.
    #[serde(default)]
    pub split: Option<String>,
    /// Refuses files with any fault.
    #[serde(default)]
    pub strict: bool,
    /// Imports what is sound although boxes or splits are lost.
    #[serde(default)]
    pub keep_going: bool,
    #[serde(default)]
    #[schema(schema_with = missing_labels)]
    pub missing_labels: Option<String>,
    #[serde(default)]
    #[schema(schema_with = sizes)]
    pub sizes: Option<String>,
    #[serde(default)]
    #[schema(schema_with = extra_columns)]
    pub extra_columns: Option<String>,
    #[serde(default)]
    #[schema(schema_with = unlisted_classes)]
    pub unlisted_classes: Option<String>,
    #[serde(default)]
    #[schema(schema_with = encoding)]
    pub encoding: Option<String>,
    /// Only looks: makes a report and stores no image.
    #[serde(default)]
    pub check: bool,
}

fn missing_labels() -> Schema {
    choice("missing_labels")
}

fn sizes() -> Schema {
    choice("sizes")
}

fn extra_columns() -> Schema {
    choice("extra_columns")
}

fn unlisted_classes() -> Schema {
    choice("unlisted_classes")
}

fn encoding() -> Schema {
    choice("encoding")
}

/// A choice as the table has it: its words, and which holds without one.
fn choice(name: &str) -> Schema {
    let types = SchemaType::from_iter([Type::String, Type::Null]);
    let field = ObjectBuilder::new().schema_type(types);
    let Some(row) = CHOICES.into_iter().find(|row| row.name == name) else { return field.into() };
    let Some((first, _)) = row.words.first() else { return field.description(Some(row.help)).into() };
    let usual = if row.asks {
        "without a word such a file is left out and named".to_owned()
    } else {
        format!("`{first}` without a word")
    };
    let words = row.words.iter().map(|(word, _)| Some(*word)).chain([None]);
    field.description(Some(format!("{}; {usual}", row.help))).enum_values(Some(words)).into()
}

impl ImportOrderBody {
    /// The choices that were made.
    ///
    /// # Errors
    /// 400 for a word that is none of a choice.
    pub(super) fn choices(&self) -> Result<ImportChoices, Problem> {
        let mut choices = ImportChoices { keep_going: self.keep_going, ..ImportChoices::default() };
        let Self { missing_labels, sizes, extra_columns, unlisted_classes, encoding, .. } = self;
        let given = [missing_labels, sizes, extra_columns, unlisted_classes, encoding];
        for (row, word) in CHOICES.iter().zip(given) {
            let set = choices.set(row.name, word.as_deref().unwrap_or_default());
            set.map_err(|error| Problem::invalid(row.name, error.to_string()))?;
        }
        Ok(choices)
    }
}

/// An import by a worker.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct DatasetImportBody {
    /// Identity.
    pub id: Uuid,
    /// The dataset that receives the version.
    pub dataset: String,
    /// The name of the file that was sent.
    pub filename: String,
    /// By whom it was asked for.
    pub requested_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// Whether it only looks.
    pub check: bool,
    /// `queued`, `running`, `cancelling`, `succeeded`, `failed` or `cancelled`.
    #[schema(value_type = String)]
    pub state: WorkState,
    /// From 0 to 1.
    pub progress: f64,
    /// What it is doing, or why it failed.
    pub message: String,
    /// `dataset/version`, once there is one, and as long as it is there.
    pub dataset_version: Option<String>,
    /// What was found; null before the files were read, and in lists.
    pub report: Option<ImportReportBody>,
}

/// What was found in the files.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ImportReportBody {
    /// The format they were read as.
    pub format: String,
    /// What was decided where the files leave a choice, and why.
    pub decisions: Vec<String>,
    /// Why it is not what the files say: boxes or splits that are lost. Nothing
    /// is imported then, unless with `keep_going`.
    pub problems: Vec<String>,
    /// Images that are kept.
    pub images: u64,
    /// Boxes that are kept.
    pub boxes: u64,
    /// Images by split.
    pub by_split: BTreeMap<String, u64>,
    /// Boxes by label.
    pub by_label: BTreeMap<String, u64>,
    /// Images without any box.
    pub without_boxes: u64,
    /// What was left out.
    pub left_out: LeftOutFiles,
    /// The first 1,000 faults.
    pub faults: Vec<ImportFaultBody>,
    /// How many of each kind there are, all counted.
    pub fault_counts: BTreeMap<String, u64>,
}

/// What an import left out.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct LeftOutFiles {
    /// Images.
    pub images: u64,
    /// Boxes, those of left out images among them.
    pub boxes: u64,
}

/// Something wrong with one image, box, label or member of the archive.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ImportFaultBody {
    /// The file it stands in.
    pub file: String,
    /// A line, or an id; empty when it is about the file as a whole.
    pub place: String,
    /// A word for its kind.
    pub kind: String,
    /// What is wrong, and what was done about it.
    pub message: String,
    /// `error` where something was left out, else `warning`.
    pub severity: String,
}

impl From<ImportFault> for ImportFaultBody {
    fn from(fault: ImportFault) -> Self {
        let severity = if fault.is_error { "error" } else { "warning" };
        let ImportFault { file, place, kind, message, .. } = fault;
        Self { file, place, kind, message, severity: severity.to_owned() }
    }
}

impl From<ImportReport> for ImportReportBody {
    fn from(report: ImportReport) -> Self {
        let by_split = report.by_split.into_iter().map(|(split, count)| (split.to_string(), count));
        let by_label = report.by_label.into_iter().map(|(label, count)| (label.into(), count));
        Self {
            format: report.format,
            decisions: report.decisions,
            problems: report.problems,
            images: report.images,
            boxes: report.boxes,
            by_split: by_split.collect(),
            by_label: by_label.collect(),
            without_boxes: report.without_boxes,
            left_out: LeftOutFiles { images: report.left_out_images, boxes: report.left_out_boxes },
            faults: report.faults.into_iter().map(Into::into).collect(),
            fault_counts: report.fault_counts,
        }
    }
}

impl From<DatasetImport> for DatasetImportBody {
    fn from(import: DatasetImport) -> Self {
        Self {
            id: import.id.0,
            dataset: import.order.dataset.to_string(),
            filename: import.filename,
            requested_by: import.requested_by,
            created: import.created,
            check: import.order.check,
            state: import.state,
            progress: import.progress,
            message: import.message,
            dataset_version: import.made,
            report: import.report.map(Into::into),
        }
    }
}
