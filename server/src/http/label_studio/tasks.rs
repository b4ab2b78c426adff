//! Tasks in, regions out.

use crate::http::{
    api::{AtMost, Pairs, decoded_image},
    problem::Problem,
};
use domain::prediction::{PredictedBox, Prediction};
use formats::{
    WrittenBox,
    label_studio_json::{LabelConfig, RegionNames, results},
};
use serde::Deserialize;
use serde_json::{Value, json};
use service::TaskPicture;

/// Tasks in one request: Label Studio sends as many as its batches have.
const MOST_TASKS: usize = 1_000;

/// What Label Studio sends, as far as it matters.
#[derive(Deserialize)]
pub(super) struct PredictBody {
    tasks: AtMost<Task, MOST_TASKS>,
    #[serde(default)]
    label_config: Option<String>,
}

#[derive(Deserialize)]
struct Task {
    /// What the project shows, among it the picture.
    data: Pairs,
}

/// What is to be predicted, and how it is to look.
pub(super) struct PredictionTasks {
    pub(super) config: LabelConfig,
    /// One for each task; an empty address where the task names none.
    pub(super) pictures: Vec<TaskPicture>,
}

impl PredictBody {
    /// # Errors
    /// When the project has no rectangles on a picture.
    pub(super) fn read(self) -> Result<PredictionTasks, Problem> {
        let config = self.label_config.as_deref().and_then(LabelConfig::parse).ok_or_else(|| {
            let message = "The labelling set-up has no <RectangleLabels> for an <Image value=\"$…\">: Fovea predicts \
                           rectangles on pictures.";
            Problem::invalid("label_config", message)
        })?;
        let picture = |mut task: Task| {
            let address = task.data.0.remove(&config.data_key).flatten().unwrap_or_default();
            match address.strip_prefix("data:").and_then(|_| decoded_image(&address).ok()) {
                Some(file) => TaskPicture::File(file),
                None => TaskPicture::Address(address),
            }
        };
        let pictures = self.tasks.0.into_iter().map(picture).collect();
        Ok(PredictionTasks { config, pictures })
    }
}

/// What was seen of one task: regions with labels that the project has. One
/// that it lacks would make Label Studio refuse all of them.
pub(super) fn result_of(prediction: Option<&Prediction>, config: &LabelConfig, version: &str) -> Value {
    let Some(prediction) = prediction else {
        return json!({ "result": [], "score": 0.0, "model_version": version });
    };
    let offered = |one: &&PredictedBox| config.labels.iter().any(|label| label == one.label.as_str());
    let boxes: Vec<WrittenBox<'_>> = prediction
        .visible_boxes()
        .filter(offered)
        .map(|b| WrittenBox { label: &b.label, rect: &b.rect, ignore: false, score: Some(b.score.get()) })
        .collect();
    let scores: f64 = boxes.iter().filter_map(|one| one.score).sum();
    let score = if boxes.is_empty() { 0.0 } else { scores / boxes.len() as f64 };
    let names = RegionNames { from_name: &config.from_name, to_name: &config.to_name };
    json!({
        "result": results(&boxes, prediction.size, names),
        "score": score,
        "model_version": prediction.model,
    })
}
