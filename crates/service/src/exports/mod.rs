//! What matches a query, as a file that is written while it is sent. The ids
//! are gathered first, so that what arrives or changes meanwhile does not
//! tear the file.

mod lines;
mod links;
mod other_tools;
mod rows;
mod write;

use crate::{
    As, Browsing, DeploymentRef, People, Result, Viewer, base::Base, base::fair_share::FairShare,
    base::images::Images, browsing::bulk::as_of, browsing::listing::readable, intake::checks::readable_text,
};
use bytes::Bytes;
use domain::{
    ids::{DeploymentId, PredictionId},
    name::Label,
    time::Timestamp,
};
use futures::Stream;
use links::Links;
use query::Query;
use serde_json::json;
use std::{fmt, pin::Pin, str::FromStr, sync::Arc};

/// Predictions read at a time: each may have ten thousand boxes.
const CHUNK: usize = 50;

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// One JSON document: images, annotations, categories.
    Coco,
    /// A tar of `data.yaml`, `images/` and `labels/`.
    Yolo,
    /// One XML document: CVAT for images 1.1, scores as an attribute.
    Cvat,
    /// One JSON document: tasks with the reviewer's boxes as annotations and the
    /// champion's as predictions.
    LabelStudio,
    /// A line for each prediction.
    Csv,
    /// A JSON object for each prediction.
    JsonLines,
}

impl ExportFormat {
    /// The word that asks for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Coco => "coco",
            Self::Yolo => "yolo",
            Self::Cvat => "cvat",
            Self::LabelStudio => "label-studio",
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }
}

impl FromStr for ExportFormat {
    type Err = String;
    fn from_str(s: &str) -> std::result::Result<Self, String> {
        match s {
            "coco" => Ok(Self::Coco),
            "yolo" => Ok(Self::Yolo),
            "cvat" => Ok(Self::Cvat),
            "label-studio" => Ok(Self::LabelStudio),
            "csv" => Ok(Self::Csv),
            "jsonl" => Ok(Self::JsonLines),
            other => Err(format!(
                "{other:?} is no form of export: use coco, yolo, cvat, label-studio, csv or jsonl."
            )),
        }
    }
}

/// Whose boxes are exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExportBoxes {
    /// The reviewer's where there is a review, else the champion's at or above
    /// the threshold.
    #[default]
    Best,
    /// The champion's at or above the threshold.
    Champion,
    /// The reviewer's; predictions without a review are left out.
    Review,
}

impl FromStr for ExportBoxes {
    type Err = String;
    fn from_str(s: &str) -> std::result::Result<Self, String> {
        match s {
            "best" => Ok(Self::Best),
            "champion" => Ok(Self::Champion),
            "review" => Ok(Self::Review),
            other => Err(format!("{other:?} names no boxes: use best, champion or review.")),
        }
    }
}

/// A file on its way.
pub struct Export {
    /// What to call it.
    pub filename: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes, as they come to be.
    pub bytes: Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>,
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export").field("filename", &self.filename).finish_non_exhaustive()
    }
}

/// The use cases by which predictions leave as files. Cheap to clone.
#[derive(Clone)]
pub struct Exports {
    base: Base,
    images: Images,
    browsing: Browsing,
    people: People,
    searches: Arc<FairShare>,
    running: Arc<FairShare>,
}

impl Exports {
    pub(crate) fn new(
        base: Base,
        images: Images,
        browsing: Browsing,
        people: People,
        searches: Arc<FairShare>,
        running: Arc<FairShare>,
    ) -> Self {
        Self { base, images, browsing, people, searches, running }
    }

    /// What matches a query, as a file.
    ///
    /// # Errors
    /// No such deployment; a query that cannot be read.
    pub async fn predictions(
        &self,
        actor: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
        q: &str,
        format: ExportFormat,
        boxes: ExportBoxes,
    ) -> Result<Export> {
        self.write(actor, deployment.into(), q, format, boxes, None).await
    }

    /// The same as tasks of Label Studio whose pictures are links to here, at
    /// the server's `address` (without a slash at its end), good for a week.
    ///
    /// # Errors
    /// As [`Exports::predictions`].
    pub async fn linked_tasks(
        &self,
        actor: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
        q: &str,
        boxes: ExportBoxes,
        address: String,
    ) -> Result<Export> {
        let links = Links { people: self.people.clone(), by: actor.clone(), address };
        self.write(actor, deployment.into(), q, ExportFormat::LabelStudio, boxes, Some(links)).await
    }

    async fn write(
        &self,
        actor: &As<Viewer>,
        deployment: DeploymentRef,
        q: &str,
        format: ExportFormat,
        boxes: ExportBoxes,
        links: Option<Links>,
    ) -> Result<Export> {
        let now = self.base.now();
        let query = as_of(readable(q)?, now);
        let deployment = self.base.known_deployment(deployment).await?;
        let known = self.browsing.known_values(actor, deployment.id).await?;
        let labels = known.labels.iter().filter_map(|label| Label::new(label.as_str()).ok()).collect();
        // Lasts until the file is written: a slow reader holds rows in memory.
        let exporting = self.running.turn(actor).await?;
        let turn = self.searches.turn(actor).await?;
        let ids = self.matching(deployment.id, &query, now).await?;
        drop(turn);
        let detail = json!({ "format": format.as_str(), "q": readable_text(q), "predictions": ids.len() });
        self.base.record_copy(actor, "predictions.export", deployment.name.as_str(), &detail).await?;
        let job = write::Job {
            base: self.base.clone(),
            images: self.images.clone(),
            ids,
            labels,
            boxes,
            links,
            turn: exporting,
        };
        let (ending, media_type) = match format {
            ExportFormat::Coco => ("coco.json", "application/json"),
            ExportFormat::Yolo => ("yolo.tar", "application/x-tar"),
            ExportFormat::Cvat => ("cvat.xml", "application/xml"),
            ExportFormat::LabelStudio => ("label-studio.json", "application/json"),
            ExportFormat::Csv => ("csv", "text/csv; charset=utf-8"),
            ExportFormat::JsonLines => ("jsonl", "application/x-ndjson"),
        };
        Ok(Export {
            filename: format!("{}.{ending}", deployment.name),
            media_type,
            bytes: job.stream(format),
        })
    }

    /// All that match, in their order.
    async fn matching(
        &self,
        deployment: DeploymentId,
        query: &Query,
        now: Timestamp,
    ) -> Result<Vec<PredictionId>> {
        let predictions = self.base.store().predictions();
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            let (part, resume) =
                predictions.matching_ids(deployment, query.clone(), after, 20_000, now).await?;
            ids.extend(part);
            match resume {
                Some(resume) => after = Some(resume),
                None => return Ok(ids),
            }
        }
    }
}
