//! Predictions for annotation tools: CVAT's XML, Label Studio's JSON. Images
//! are called as in the archive for YOLO, which has them.

use super::{
    CHUNK,
    rows::{ExportedBox, ExportedRow, read},
    write::{Job, SENT_BYTES, Stretch, image_number},
};
use async_stream::try_stream;
use bytes::Bytes;
use formats::{
    WrittenBox,
    cvat_xml::{BoxAttributes, TAIL, head, image_element},
    label_studio_json::{RegionNames, local_file, results},
};
use serde_json::{Value, json};

impl Job {
    pub(super) fn cvat(self) -> Stretch {
        Box::pin(try_stream! {
            yield Bytes::from(head(&self.labels, BoxAttributes::Scores));
            for (number, chunk) in self.ids.chunks(CHUNK).enumerate() {
                let mut text = String::new();
                for row in read(&self.base, chunk, self.boxes).await? {
                    // CVAT counts from 0.
                    let id = image_number(number, chunk, &row) - 1;
                    let boxes: Vec<WrittenBox<'_>> = row.boxes.iter().map(written).collect();
                    let size = row.listed.prediction.size;
                    text.push_str(&image_element(id, &row.filename(), None, size, &boxes));
                    if text.len() >= SENT_BYTES {
                        yield Bytes::from(std::mem::take(&mut text));
                    }
                }
                yield Bytes::from(text);
            }
            yield Bytes::from_static(TAIL.as_bytes());
        })
    }

    pub(super) fn label_studio(self) -> Stretch {
        Box::pin(try_stream! {
            yield Bytes::from_static(b"[");
            let mut is_first = true;
            for (number, chunk) in self.ids.chunks(CHUNK).enumerate() {
                let mut text = String::new();
                for row in read(&self.base, chunk, self.boxes).await? {
                    text.push_str(if std::mem::take(&mut is_first) { "\n" } else { ",\n" });
                    let address = match &self.links {
                        Some(links) if row.listed.prediction.image.is_some() => links.to(&row).await?,
                        _ => local_file(&format!("images/{}", row.filename())),
                    };
                    text.push_str(&task(image_number(number, chunk, &row), &row, &address).to_string());
                    if text.len() >= SENT_BYTES {
                        yield Bytes::from(std::mem::take(&mut text));
                    }
                }
                yield Bytes::from(text);
            }
            yield Bytes::from_static(b"\n]\n");
        })
    }
}

fn written(one: &ExportedBox) -> WrittenBox<'_> {
    WrittenBox { label: &one.label, rect: &one.rect, ignore: one.ignore, score: one.score }
}

/// A person's boxes are an annotation; the model's are a prediction, as Label
/// Studio shows them to whoever annotates.
fn task(id: u64, row: &ExportedRow, address: &str) -> Value {
    let one = &row.listed.prediction;
    let guesses: Vec<WrittenBox<'_>> = one
        .visible_boxes()
        .map(|b| WrittenBox { label: &b.label, rect: &b.rect, ignore: false, score: Some(b.score.get()) })
        .collect();
    let scores = guesses.iter().filter_map(|guess| guess.score);
    let score = if guesses.is_empty() { 0.0 } else { scores.sum::<f64>() / guesses.len() as f64 };
    let annotations = if row.reviewed {
        let boxes: Vec<WrittenBox<'_>> = row.boxes.iter().map(written).collect();
        vec![json!({
            "id": id, "was_cancelled": false, "ground_truth": false, "result": results(&boxes, one.size, RegionNames::USUAL),
        })]
    } else {
        Vec::new()
    };
    json!({
        "id": id,
        "data": {
            "image": address,
            "prediction_id": one.id, "original_name": one.filename, "source": one.source,
            "date_captured": one.created,
        },
        "annotations": annotations,
        "predictions": [
            { "model_version": one.model, "score": score, "result": results(&guesses, one.size, RegionNames::USUAL) }
        ],
    })
}
