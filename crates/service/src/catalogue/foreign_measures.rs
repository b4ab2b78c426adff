//! What a model elsewhere saw on a dataset's images, measured.

use crate::{As, Catalogue, Result, ServiceError, Viewer};
use domain::{
    ids::{AssetId, DatasetVersionId},
    name::Label,
    prediction::PredictedBox,
};
use measures::metrics::coco::{DetectedBox, ImageBoxes, Summary, TruthBox, evaluate};

impl Catalogue {
    /// The figures of what was seen on these images, as COCO counts them,
    /// against the boxes of the version that they are in.
    ///
    /// # Errors
    /// No such version or image, an image of another version, no image at all.
    pub async fn measure_seen(
        &self,
        actor: &As<Viewer>,
        version: DatasetVersionId,
        answers: &[(AssetId, Vec<PredictedBox>)],
    ) -> Result<Summary> {
        let labels = self.dataset_version(actor, version).await?.labels;
        let class = |label: &Label| labels.iter().position(|known| known == label);
        let mut assets = Vec::with_capacity(answers.len());
        for (id, _) in answers {
            let asset = self.asset(actor, *id).await?;
            if asset.version_id != version {
                return Err(ServiceError::not_found(format!("There is no asset {id} in this version.")));
            }
            assets.push(asset);
        }
        let mut images = Vec::with_capacity(answers.len());
        for (asset, (_, boxes)) in assets.iter().zip(answers) {
            let truths = asset.annotations.iter().filter_map(|annotation| {
                Some(TruthBox::new(class(&annotation.label)?, &annotation.rect, annotation.ignore))
            });
            let detections = boxes.iter().filter_map(|predicted| {
                Some(DetectedBox::new(class(&predicted.label)?, &predicted.rect, predicted.score))
            });
            images.push(ImageBoxes { truths: truths.collect(), detections: detections.collect() });
        }
        if images.is_empty() {
            return Err(ServiceError::conflict("Nothing was evaluated yet: add what the model saw first."));
        }
        Ok(evaluate(labels.len(), &images).summary)
    }
}
