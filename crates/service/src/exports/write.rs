//! The four forms, chunk by chunk.

use super::{
    CHUNK, ExportBoxes, ExportFormat,
    lines::{csv_head, csv_line, json_line},
    links::Links,
    rows::{ExportedBox, ExportedRow, read},
};
use crate::{ImageSize, Result, base::Base, base::images::Images};
use async_stream::try_stream;
use bytes::Bytes;
use domain::{ids::PredictionId, name::Label};
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};
use std::pin::Pin;
use tokio::sync::OwnedSemaphorePermit;

/// What is to be written.
pub(super) struct Job {
    pub(super) base: Base,
    pub(super) images: Images,
    pub(super) ids: Vec<PredictionId>,
    pub(super) labels: Vec<Label>,
    pub(super) boxes: ExportBoxes,
    /// How pictures are linked to, where the file is to have links.
    pub(super) links: Option<Links>,
    /// The caller's, for as long as this is written.
    pub(super) turn: Option<OwnedSemaphorePermit>,
}

/// Text that is sent before all rows of a chunk are in it.
pub(super) const SENT_BYTES: usize = 64 * 1024;

pub(super) type Stretch = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

impl Job {
    pub(super) fn stream(mut self, format: ExportFormat) -> Stretch {
        let turn = self.turn.take();
        let pieces = match format {
            ExportFormat::Coco => self.coco(),
            ExportFormat::Yolo => self.yolo(),
            ExportFormat::Cvat => self.cvat(),
            ExportFormat::LabelStudio => self.label_studio(),
            ExportFormat::Csv => self.lines(csv_head(), csv_line),
            ExportFormat::JsonLines => self.lines(String::new(), json_line),
        };
        Box::pin(pieces.inspect(move |_| {
            // Held by the stream, and given back with it.
            let _held = &turn;
        }))
    }

    fn lines(self, head: String, line: fn(&ExportedRow) -> Result<String>) -> Stretch {
        Box::pin(try_stream! {
            if !head.is_empty() {
                yield Bytes::from(head);
            }
            for chunk in self.ids.chunks(CHUNK) {
                let mut text = String::new();
                for row in read(&self.base, chunk, self.boxes).await? {
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
                for row in read(&self.base, chunk, self.boxes).await? {
                    list.push(&coco_image(image_number(number, chunk, &row), &row));
                }
                yield list.take();
            }
            yield Bytes::from_static(b"],\"annotations\":[");
            let mut list = JsonList::default();
            for (number, chunk) in self.ids.chunks(CHUNK).enumerate() {
                for row in read(&self.base, chunk, self.boxes).await? {
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
                for row in read(&self.base, chunk, self.boxes).await? {
                    let stem = row.listed.prediction.id.to_string();
                    if let Some(image) = &row.listed.prediction.image {
                        let mut image = self.images.image_file(image, ImageSize::Plain).await?;
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
pub(super) fn image_number(chunk_number: usize, chunk: &[PredictionId], row: &ExportedRow) -> u64 {
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
    let mut head = tar::Header::new_ustar();
    if let Err(error) = head.set_path(name) {
        // Names are a folder and an id, and fit.
        tracing::error!(%error, name, "a file of an export has no name");
    }
    head.set_entry_type(tar::EntryType::Regular);
    head.set_mode(0o644);
    head.set_uid(0);
    head.set_gid(0);
    head.set_mtime(0);
    head.set_size(size);
    head.set_cksum();
    Bytes::copy_from_slice(head.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tar_entries_read_back() {
        let files = [("data.yaml", "names: [a]\n".to_owned()), ("labels/a.txt", "0 0.5 ".repeat(100))];
        let archive: Vec<u8> =
            files.iter().flat_map(|(name, text)| tar_entry(name, text.as_bytes()).to_vec()).collect();
        assert_eq!(archive.len() % 512, 0);
        let mut archive = tar::Archive::new(archive.as_slice());
        let read: Vec<_> = archive
            .entries()
            .expect("an archive")
            .map(|entry| {
                let entry = entry.expect("an entry with the sum of its head");
                let name = entry.path().expect("a name").display().to_string();
                (name, std::io::read_to_string(entry).expect("text"))
            })
            .collect();
        assert_eq!(read, files.map(|(name, text)| (name.to_owned(), text)));
    }
}
