//! What is checked of a prediction before it is stored.

use crate::{Limits, ServiceError};
use domain::{
    deployment::{STORED_BOXES, STORED_SCORE},
    geometry::Size,
    name::{Label, is_hidden},
    prediction::{PredictedBox, Provenance},
    time::Timestamp,
};

/// Bytes of a file's name: what file systems take (POSIX, NAME_MAX of Linux).
const LONGEST_FILENAME: usize = 255;

/// The key of the note that a sender's clock was ahead, by so many seconds.
const CLOCK_AHEAD_KEY: &str = "clock_ahead_s";

/// Refuses words that are too long or too many, and capture times that lie
/// too far in the future. One that lies a little too far becomes the moment of
/// arrival, with a note: a camera's clock must not lose its data.
pub(crate) fn check_provenance(
    provenance: &mut Provenance,
    limits: &Limits,
    now: Timestamp,
) -> Result<(), ServiceError> {
    check_count("tags", provenance.tags.len(), limits.tags)?;
    check_count("metadata", provenance.metadata.len(), limits.metadata)?;
    let filename = provenance.filename.iter().map(|text| ("filename", text));
    let source = provenance.source.iter().map(|text| ("source", text));
    let tags = provenance.tags.iter().map(|text| ("tags", text));
    let metadata = provenance.metadata.iter().flat_map(|(k, v)| [("metadata", k), ("metadata", v)]);
    for (place, text) in filename.chain(source).chain(tags).chain(metadata) {
        check_text(place, text, limits.text)?;
    }
    if let Some(taken) = provenance.timestamp {
        let ms = |time: std::time::Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        let ahead_s = taken.since_ms(now) / 1_000;
        if taken > now.plus_ms(ms(limits.clock_ahead.max(limits.clock_skew))) {
            let message = format!(
                "The timestamp {taken} lies {ahead_s} s in the future (it is {now} here). Check the sender's clock, \
                 or leave it out."
            );
            return Err(ServiceError::invalid_at("timestamp", message));
        }
        if taken > now.plus_ms(ms(limits.clock_skew)) {
            provenance.timestamp = None;
            if provenance.metadata.len() < limits.metadata {
                provenance.metadata.entry(CLOCK_AHEAD_KEY.to_owned()).or_insert_with(|| ahead_s.to_string());
            }
        }
        if taken.0 < 0 {
            return Err(ServiceError::invalid_at("timestamp", "The timestamp lies before 1970."));
        }
    }
    Ok(())
}

fn check_count(place: &str, count: usize, most: usize) -> Result<(), ServiceError> {
    if count > most {
        return Err(ServiceError::invalid_at(
            place,
            format!("{count} {place} are more than the {most} allowed."),
        ));
    }
    Ok(())
}

pub(crate) fn check_text(place: &str, text: &str, most: usize) -> Result<(), ServiceError> {
    if text.len() > most {
        return Err(ServiceError::invalid_at(place, format!("A {place} is longer than {most} bytes.")));
    }
    if text.chars().any(is_hidden) {
        return Err(ServiceError::invalid_at(place, format!("A {place} has control characters.")));
    }
    Ok(())
}

/// A text that somebody typed, as it can be shown and logged.
pub(crate) fn readable_text(text: &str) -> String {
    let shown = |c: char| if is_hidden(c) { c.escape_unicode().to_string() } else { c.to_string() };
    text.chars().map(shown).collect()
}

/// The name of a file, which becomes one again when it is exported.
pub(crate) fn check_filename(name: &str) -> Result<(), ServiceError> {
    check_text("filename", name, LONGEST_FILENAME)
}

/// A latency must be a number of milliseconds from 0 to a day.
pub(crate) fn check_latency(latency_ms: f64) -> Result<(), ServiceError> {
    if (0.0..=86_400_000.0).contains(&latency_ms) {
        return Ok(());
    }
    Err(ServiceError::invalid_at("latency_ms", "The latency must lie between 0 and 86400000 ms."))
}

/// Reported boxes as they are stored: clamped to the image, by falling score,
/// those worth storing. A label the model does not have, or a box wholly
/// outside the image, is refused: the sender has a mistake to find.
pub(crate) fn stored_boxes(
    place: &str,
    boxes: Vec<PredictedBox>,
    labels: &[Label],
    size: Size,
    limits: &Limits,
) -> Result<Vec<PredictedBox>, ServiceError> {
    if boxes.len() > limits.boxes {
        let message = format!("{} boxes are more than the {} allowed.", boxes.len(), limits.boxes);
        return Err(ServiceError::invalid_at(place, message));
    }
    let mut stored = Vec::with_capacity(boxes.len().min(STORED_BOXES));
    for (index, mut predicted) in boxes.into_iter().enumerate() {
        let here = format!("{place}[{index}]");
        if !labels.contains(&predicted.label) {
            let known = labels.iter().map(Label::as_str).collect::<Vec<_>>().join(", ");
            let message = format!("The model has no label {:?}; it has: {known}.", predicted.label.as_str());
            return Err(ServiceError::invalid_at(&here, message));
        }
        predicted.rect = predicted.rect.clamp_to(size).ok_or_else(|| {
            let message = format!("The box lies outside the image of {}×{} px.", size.width, size.height);
            ServiceError::invalid_at(&here, message)
        })?;
        if predicted.score.get() >= STORED_SCORE {
            stored.push(predicted);
        }
    }
    stored.sort_by(|a, b| b.score.get().total_cmp(&a.score.get()));
    stored.truncate(STORED_BOXES);
    Ok(stored)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::geometry::{Rect, Score};

    fn label(text: &str) -> Label {
        Label::new(text).expect("a label")
    }

    fn predicted(name: &str, score: f64, rect: (f64, f64, f64, f64)) -> PredictedBox {
        PredictedBox {
            label: label(name),
            score: Score::new(score).expect("a score"),
            rect: Rect::new(rect.0, rect.1, rect.2, rect.3).expect("a box"),
        }
    }

    fn store(boxes: Vec<PredictedBox>) -> Result<Vec<PredictedBox>, ServiceError> {
        let size = Size::new(100, 50).expect("a size");
        stored_boxes("boxes", boxes, &[label("car")], size, &Limits::default())
    }

    #[test]
    fn boxes_are_clamped_sorted_and_cut_at_the_stored_score() {
        let boxes = vec![
            predicted("car", 0.3, (0.0, 0.0, 10.0, 10.0)),
            predicted("car", 0.9, (90.0, 40.0, 30.0, 30.0)),
            predicted("car", 0.005, (0.0, 0.0, 10.0, 10.0)),
        ];
        let stored = store(boxes).expect("stored");
        let expected = vec![
            predicted("car", 0.9, (90.0, 40.0, 10.0, 10.0)),
            predicted("car", 0.3, (0.0, 0.0, 10.0, 10.0)),
        ];
        assert_eq!(stored, expected);
    }

    #[test]
    fn an_unknown_label_and_a_box_outside_are_refused_with_their_place() {
        for bad in
            [predicted("cat", 0.9, (0.0, 0.0, 5.0, 5.0)), predicted("car", 0.9, (200.0, 0.0, 5.0, 5.0))]
        {
            let good = predicted("car", 0.9, (0.0, 0.0, 5.0, 5.0));
            let error = domain::fault::ApiError::from(store(vec![good, bad]).expect_err("refused"));
            assert_eq!(error.place.as_deref(), Some("boxes[1]"));
        }
    }

    #[test]
    fn names_of_files_hide_nothing() {
        for good in ["a.png", "фото 1.jpg", "שלום.png", &"n".repeat(255)] {
            assert!(check_filename(good).is_ok(), "{good:?}");
        }
        for bad in ["a\u{1b}[2Jb.png", "a\r\nc.png", "a\u{202e}gnp.exe", "a\u{2067}b", &"n".repeat(256)] {
            assert!(check_filename(bad).is_err(), "{bad:?}");
            assert!(!readable_text(bad).chars().any(is_hidden), "{bad:?}");
        }
    }

    #[test]
    fn a_clock_that_is_ahead_is_noted_and_one_that_is_far_ahead_refused() {
        let now = Timestamp(1_800_000_000_000);
        let check = |timestamp| {
            let mut provenance = Provenance { timestamp: Some(timestamp), ..Provenance::default() };
            check_provenance(&mut provenance, &Limits::default(), now).map(|()| {
                let note = provenance.metadata.get(CLOCK_AHEAD_KEY).cloned();
                (provenance.timestamp, note)
            })
        };
        let within = now.plus_ms(299_000);
        assert_eq!(check(within).ok(), Some((Some(within), None)));
        assert_eq!(check(now.plus_ms(301_000)).ok(), Some((None, Some("301".to_owned()))));
        let far = check(now.plus_ms(86_401_000)).expect_err("refused").to_string();
        assert!(far.contains("86401 s in the future"), "{far}");
        assert!(check(Timestamp(-1)).is_err());
    }
}
