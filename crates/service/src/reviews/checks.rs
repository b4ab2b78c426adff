//! What is checked of a review before it is stored.

use crate::ServiceError;
use domain::{
    geometry::Size,
    name::Label,
    prediction::Prediction,
    review::{REVIEW_BOXES, SavedBox, Side, Source},
};

/// What a box may stick out of the image, for numbers that were rounded on
/// their way; it is cut off.
const SLACK_PX: f64 = 0.01;

/// Boxes as they are stored. One that sticks out, a label that the deployment
/// does not have, or too many boxes are refused with their place; a source
/// that is no box of the models is left out.
pub(super) fn checked_boxes(
    boxes: Vec<SavedBox>,
    labels: &[Label],
    prediction: &Prediction,
) -> Result<Vec<SavedBox>, ServiceError> {
    check_number(boxes.len())?;
    let checked = boxes.into_iter().enumerate().map(|(index, mut saved)| {
        if !labels.contains(&saved.label) {
            let known = labels.iter().map(Label::as_str).collect::<Vec<_>>().join(", ");
            let message = format!("The deployment has no label {:?}; it has: {known}.", saved.label.as_str());
            return Err(ServiceError::invalid_at(&format!("boxes[{index}].label"), message));
        }
        let Size { width, height } = prediction.size;
        let inside = saved.rect.is_inside(prediction.size, SLACK_PX).then_some(saved.rect);
        saved.rect = inside.and_then(|rect| rect.clamp_to(prediction.size)).ok_or_else(|| {
            let message = format!("The box is not inside the image of {width}×{height} px.");
            ServiceError::invalid_at(&format!("boxes[{index}]"), message)
        })?;
        saved.source = saved.source.filter(|source| is_drawn(*source, prediction));
        Ok(saved)
    });
    checked.collect()
}

fn check_number(count: usize) -> Result<(), ServiceError> {
    if count <= REVIEW_BOXES {
        return Ok(());
    }
    let message = format!("{count} boxes are more than the {REVIEW_BOXES} that a review may have.");
    Err(ServiceError::invalid_at("boxes", message))
}

fn is_drawn(source: Source, prediction: &Prediction) -> bool {
    let drawn = match source.side {
        Side::Champion => prediction.boxes.len(),
        Side::Shadow => prediction.shadow.as_ref().map_or(0, |shadow| shadow.boxes.len()),
    };
    usize::try_from(source.index).is_ok_and(|index| index < drawn)
}

/// A reason in a person's words.
pub(super) fn check_reason(reason: &str, longest: usize) -> Result<(), ServiceError> {
    if reason.len() > longest {
        return Err(ServiceError::invalid_at(
            "reason",
            format!("The reason is longer than {longest} bytes."),
        ));
    }
    if reason.chars().any(domain::name::is_hidden) {
        return Err(ServiceError::invalid_at("reason", "The reason has control characters."));
    }
    Ok(())
}
