//! The four forms, chunk by chunk.

use super::{
    CHUNK, ExportBoxes, ExportFormat,
    rows::{ExportedBox, ExportedRow, read},
};
use crate::{ImageSize, Result, Service, ServiceError};
use async_stream::try_stream;
use bytes::Bytes;
use domain::{ids::PredictionId, name::Label};
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};
use std::pin::Pin;
use tokio::sync::OwnedSemaphorePermit;

/// What is to be written.
pub(super) struct Job {
    pub(super) service: Service,
    pub(super) ids: Vec<PredictionId>,
    pub(super) labels: Vec<Label>,
    pub(super) boxes: ExportBoxes,
    /// The caller's, for as long as this is written.
    pub(super) turn: Option<OwnedSemaphorePermit>,
}

/// Text that is sent before all rows of a chunk are in it.
const SENT_BYTES: usize = 64 * 1024;

type Stretch = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

impl Job {
    pub(super) fn stream(mut self, format: ExportFormat) -> Stretch {
        let turn = self.turn.take();
        let pieces = match format {
            ExportFormat::Coco => self.coco(),
            ExportFormat::Yolo => self.yolo(),
            ExportFormat::Csv => self.lines(Some(CSV_HEAD), csv_line),
            ExportFormat::JsonLines => self.lines(None, json_line),
        };
        Box::pin(pieces.inspect(move |_| {
            // Held by the stream, and given back with it.
            let _held = &turn;
        }))
    }

    fn lines(self, head: Option<&'static str>, line: fn(&ExportedRow) -> Result<String>) -> Stretch {
        Box::pin(try_stream! {
            if let Some(head) = head {
                yield Bytes::from_static(head.as_bytes());
            }
            for chunk in self.ids.chunks(CHUNK) {
                let mut text = String::new();
                for row in read(&self.service, chunk, self.boxes).await? {
                    text.push_str(&line(&row)?);
                    if text.len() >= SENT_BYTES {
                        yield Bytes::from(std::mem::take(&mut text));
                    }
                }
                yield Bytes::from(text);
            }
        })
    }

    /// Images first, then annotations: the rows are read twice, nothing is kept.
    fn coco(self) -> Stretch {
        Box::pin(try_stream! {
            yield Bytes::from_static(b"{\"info\":{\"description\":\"Exported by Fovea\"},\"images\":[");
            let mut list = JsonList::default();
            for (number, chunk) in self.ids.chunks(CHUNK).enumerate() {
                for row in read(&self.service, chunk, self.boxes).await? {
                    list.push(&coco_image(image_number(number, chunk, &row), &row));
                }
                yield list.take();
            }
            yield Bytes::from_static(b"],\"annotations\":[");
            let mut list = JsonList::default();
            for (number, chunk) in self.ids.chunks(CHUNK).enumerate() {
                for row in read(&self.service, chunk, self.boxes).await? {
                    let image = image_number(number, chunk, &row);
                    for one in &row.boxes {
                        list.push_annotation(image, one, &self.labels);
                    }
                    if list.text.len() >= SENT_BYTES {
                        yield list.take();
                    }
                }
                yield list.take();
            }
            yield coco_tail(&self.labels);
        })
    }

    fn yolo(self) -> Stretch {
        Box::pin(try_stream! {
            yield tar_entry("data.yaml", data_yaml(&self.labels).as_bytes());
            for chunk in self.ids.chunks(CHUNK) {
                for row in read(&self.service, chunk, self.boxes).await? {
                    let stem = row.listed.prediction.id.to_string();
                    if let Some(image) = &row.listed.prediction.image {
                        let mut image = self.service.image_file(image, ImageSize::Full).await?;
                        let name = ["images/", &stem, ending(image.media_type)].concat();
                        yield tar_header(&name, image.size);
                        while let Some(piece) = image.stream.try_next().await? {
                            yield piece;
                        }
                        yield tar_padding(image.size);
                    }
                    let name = ["labels/", &stem, ".txt"].concat();
                    yield tar_entry(&name, yolo_lines(&row, &self.labels).as_bytes());
                }
            }
            yield Bytes::from(vec![0; 1024]);
        })
    }
}

/// Values between commas, a chunk at a time.
#[derive(Default)]
struct JsonList {
    text: String,
    number: u64,
}

impl JsonList {
    fn push(&mut self, value: &Value) {
        if self.number > 0 {
            self.text.push(',');
        }
        self.number += 1;
        self.text.push_str(&value.to_string());
    }

    fn push_annotation(&mut self, image: u64, one: &ExportedBox, labels: &[Label]) {
        let Some(class) = labels.iter().position(|label| *label == one.label) else { return };
        let rect = &one.rect;
        let mut value = json!({
            "id": self.number + 1, "image_id": image, "category_id": class + 1,
            "bbox": [rect.x(), rect.y(), rect.w(), rect.h()],
            "area": rect.area(), "iscrowd": u8::from(one.ignore),
        });
        if let (Some(score), Some(object)) = (one.score, value.as_object_mut()) {
            object.insert("score".to_owned(), json!(score));
        }
        self.push(&value);
    }

    fn take(&mut self) -> Bytes {
        Bytes::from(std::mem::take(&mut self.text))
    }
}

fn coco_tail(labels: &[Label]) -> Bytes {
    let category = |(n, label): (usize, &Label)| json!({ "id": n + 1, "name": label.as_str() });
    let categories: Vec<Value> = labels.iter().enumerate().map(category).collect();
    Bytes::from(format!("],\"categories\":{}}}\n", Value::from(categories)))
}

fn data_yaml(labels: &[Label]) -> String {
    let name = |(n, label): (usize, &Label)| format!("  {n}: {}\n", json!(label.as_str()));
    let names: String = labels.iter().enumerate().map(name).collect();
    format!("path: .\ntrain: images\nval: images\nnames:\n{names}")
}

fn ending(media_type: &str) -> &'static str {
    match media_type {
        "image/png" => ".png",
        "image/webp" => ".webp",
        _ => ".jpg",
    }
}

/// From 1, by the place among all ids: the same in both readings, whatever
/// was deleted between them.
fn image_number(chunk_number: usize, chunk: &[PredictionId], row: &ExportedRow) -> u64 {
    let place = chunk.iter().position(|id| *id == row.listed.prediction.id).unwrap_or_default();
    (chunk_number * CHUNK + place + 1) as u64
}

fn coco_image(id: u64, row: &ExportedRow) -> Value {
    let one = &row.listed.prediction;
    json!({
        "id": id, "file_name": row.filename(), "width": one.size.width, "height": one.size.height,
        "prediction_id": one.id, "original_name": one.filename, "source": one.source, "status": one.status,
        "date_captured": one.created, "reviewed": row.reviewed,
    })
}

fn yolo_lines(row: &ExportedRow, labels: &[Label]) -> String {
    let size = row.listed.prediction.size;
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let line = |one: &ExportedBox| {
        let class = labels.iter().position(|label| *label == one.label)?;
        let (x, y) =
            ((one.rect.x() + one.rect.w() / 2.0) / width, (one.rect.y() + one.rect.h() / 2.0) / height);
        Some(format!("{class} {x} {y} {} {}\n", one.rect.w() / width, one.rect.h() / height))
    };
    row.boxes.iter().filter(|one| !one.ignore).filter_map(line).collect()
}

fn json_line(row: &ExportedRow) -> Result<String> {
    let mut value = serde_json::to_value(&row.listed).map_err(broken)?;
    if let Some(object) = value.as_object_mut() {
        object.insert("boxes".to_owned(), serde_json::to_value(&row.boxes).map_err(broken)?);
        object.insert("boxes_from".to_owned(), json!(if row.reviewed { "review" } else { "champion" }));
        object.remove("shadow");
    }
    Ok(format!("{value}\n"))
}

const CSV_HEAD: &str = "id,received,created,status,filename,source,model,width,height,latency_ms,threshold,objects,\
    confidence,min_confidence,outlier_score,shadow_disagreement,reviewed_by,tags,metadata,boxes_from,boxes\r\n";

fn csv_line(row: &ExportedRow) -> Result<String> {
    let (listed, one) = (&row.listed, &row.listed.prediction);
    let number = |number: Option<f64>| number.map(|n| n.to_string()).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let fields = [
        one.id.to_string(),
        one.received.to_string(),
        one.created.to_string(),
        one.status.to_string(),
        text(&one.filename),
        text(&one.source),
        one.model.clone(),
        one.size.width.to_string(),
        one.size.height.to_string(),
        one.latency_ms.to_string(),
        one.threshold.get().to_string(),
        listed.objects.to_string(),
        number(listed.confidence),
        number(listed.min_confidence),
        number(one.outlier_score),
        number(listed.shadow_disagreement),
        text(&listed.reviewed_by),
        serde_json::to_string(&one.tags).map_err(broken)?,
        serde_json::to_string(&one.metadata).map_err(broken)?,
        if row.reviewed { "review" } else { "champion" }.to_owned(),
        serde_json::to_string(&row.boxes).map_err(broken)?,
    ];
    Ok(format!("{}\r\n", fields.map(|field| quoted(&field)).join(",")))
}

/// RFC 4180. A text that a spreadsheet would run as a formula gets a quote
/// before it, as OWASP advises.
fn quoted(field: &str) -> String {
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']) && field.parse::<f64>().is_err();
    let field = if formula { format!("'{field}") } else { field.to_owned() };
    if field.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}

/// A regular file of a tar archive, padded to 512 bytes.
fn tar_entry(name: &str, bytes: &[u8]) -> Bytes {
    let size = bytes.len() as u64;
    Bytes::from([tar_header(name, size).as_ref(), bytes, tar_padding(size).as_ref()].concat())
}

/// What fills a file of `size` bytes up to whole blocks.
fn tar_padding(size: u64) -> Bytes {
    Bytes::from(vec![0; (size.next_multiple_of(512) - size) as usize])
}

/// The head of a regular file of `size` bytes (POSIX.1-1988, ustar).
fn tar_header(name: &str, size: u64) -> Bytes {
    let mut head = [0_u8; 512];
    let mut put = |at: usize, text: &[u8]| {
        for (slot, byte) in head.iter_mut().skip(at).zip(text) {
            *slot = *byte;
        }
    };
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
    for (slot, byte) in head.iter_mut().skip(148).zip(format!("{sum:06o}\0 ").bytes()) {
        *slot = byte;
    }
    Bytes::copy_from_slice(&head)
}

fn broken(error: impl std::fmt::Display) -> ServiceError {
    ServiceError::Internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_with_commas_or_quotes_is_quoted_and_a_formula_is_disarmed() {
        for (field, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=1+1", "'=1+1"),
            ("-0.5", "-0.5"),
            ("@cmd", "'@cmd"),
            ("two\nlines", "\"two\nlines\""),
        ] {
            assert_eq!(quoted(field), written);
        }
    }

    #[test]
    fn a_tar_entry_has_the_sum_of_its_head() {
        let entry = tar_entry("labels/a.txt", b"0 0.5 0.5 1 1\n");
        assert_eq!(entry.len(), 1024);
        let sum: u32 = entry
            .iter()
            .take(512)
            .enumerate()
            .map(|(at, byte)| match at {
                148..156 => u32::from(b' '),
                _ => u32::from(*byte),
            })
            .sum();
        assert_eq!(entry.get(148..154), Some(format!("{sum:06o}").as_bytes()));
    }
}
