//! What was given, how far it is sent, and how it is to be imported. Knows no
//! view.

use crate::{
    addresses::{self, at},
    answers::{Refusal, foreign},
    dom::{BrowserValue, PackedUpload, SendingFile},
    json,
    server_fns::{
        import_launch::import_dataset,
        uploads::{begin_upload, discard_upload, received_of_upload},
    },
    wire::ImportWay,
};
use domain::{dataset_import::CHOICES, ids::UploadId};
use leptos::{prelude::*, task::spawn_local};
use serde::Deserialize;

/// How far a file is.
#[derive(Clone, PartialEq)]
pub(super) enum Stage {
    /// Nothing was given yet.
    Empty,
    /// The browser looks through folders.
    Collecting,
    /// Ready to be sent.
    Ready,
    /// On its way.
    Sending,
    /// Broken off; what was sent is kept.
    Stuck(Refusal),
}

/// What is needed of the answer to a piece.
#[derive(Deserialize)]
struct Received {
    received: u64,
}

/// The state of the drop place.
#[derive(Clone, Copy)]
pub(super) struct Drop {
    pub(super) stage: RwSignal<Stage>,
    /// Name, files, bytes of what was given.
    pub(super) summary: RwSignal<(String, usize, u64)>,
    sending: BrowserValue<SendingFile>,
    upload: RwSignal<Option<UploadId>>,
    pub(super) received: RwSignal<u64>,
    pub(super) dataset: RwSignal<String>,
    pub(super) version: RwSignal<String>,
    pub(super) format: RwSignal<String>,
    pub(super) split: RwSignal<String>,
    pub(super) strict: RwSignal<bool>,
    /// The word of each choice, in the order of the table.
    pub(super) choices: [RwSignal<String>; CHOICES.len()],
}

impl Drop {
    pub(super) fn new() -> Self {
        Self {
            stage: RwSignal::new(Stage::Empty),
            summary: RwSignal::new((String::new(), 0, 0)),
            sending: BrowserValue::empty(),
            upload: RwSignal::new(None),
            received: RwSignal::new(0),
            dataset: RwSignal::new(String::new()),
            version: RwSignal::new(String::new()),
            format: RwSignal::new(String::new()),
            split: RwSignal::new(String::new()),
            strict: RwSignal::new(false),
            choices: CHOICES.map(|_| RwSignal::new(String::new())),
        }
    }

    /// Takes what was given, unless it is nothing.
    pub(super) fn take(self, given: Result<Option<PackedUpload>, Refusal>) {
        match given {
            Err(refusal) => self.stage.set(Stage::Stuck(refusal)),
            Ok(None) => self.stage.set(Stage::Empty),
            Ok(Some(given)) => {
                self.forget();
                self.summary.set((given.name.clone(), given.files, given.bytes));
                if self.dataset.with_untracked(String::is_empty) {
                    self.dataset.set(name_from(&given.name));
                }
                self.sending.set(SendingFile::new(given));
                self.stage.set(Stage::Ready);
            }
        }
    }

    /// Lets go of what was sent so far.
    fn forget(self) {
        self.sending.with(|sending| sending.abort());
        self.received.set(0);
        if let Some(upload) = self.upload.get_untracked() {
            self.upload.set(None);
            spawn_local(async move {
                // What cannot be discarded now goes when its time is over.
                let _ = discard_upload(upload).await;
            });
        }
    }

    pub(super) fn cancel(self) {
        self.forget();
        self.summary.set((String::new(), 0, 0));
        self.stage.set(Stage::Empty);
    }

    /// Sends what is not there yet, and then asks for the import. Gives its
    /// page.
    pub(super) async fn send(self, check: bool) -> Result<String, Refusal> {
        let (name, _, all) = self.summary.get_untracked();
        let refused = |error: crate::error::AppError| Refusal {
            title: error.kind().title().to_owned(),
            detail: error.0.message,
        };
        let upload = match self.upload.get_untracked() {
            Some(upload) => upload,
            None => begin_upload(name, all).await.map_err(refused)?,
        };
        self.upload.set(Some(upload));
        self.received.set(received_of_upload(upload).await.map_err(refused)?);
        let url = at(format!("/api/v1/uploads/{upload}"));
        while self.received.get_untracked() < all {
            let offset = self.received.get_untracked();
            let Some(piece) = self.sending.with(|sending| sending.piece(&url, offset)) else { break };
            let answer = piece.await?;
            let now: Received = json::read(&answer).map_err(|_| foreign())?;
            self.received.try_set(now.received);
        }
        let words = [self.dataset, self.version, self.format, self.split].map(|word| word.get_untracked());
        let [dataset, version, format, split] = words;
        let chosen = CHOICES.iter().zip(self.choices);
        let choices = chosen.map(|(row, word)| (row.name.to_owned(), word.get_untracked())).collect();
        let way = ImportWay { strict: self.strict.get_untracked(), check, keep_going: false, choices };
        let id = import_dataset(upload, dataset, version, format, split, way).await;
        Ok(addresses::import(id.map_err(refused)?))
    }
}

/// A name that a dataset may have, out of a file's.
fn name_from(file: &str) -> String {
    let ends = [".tar.gz", ".tgz", ".tar", ".zip"];
    let stem = ends.iter().find_map(|end| file.strip_suffix(end)).unwrap_or(file);
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' };
    let name: String = stem.chars().map(plain).take(64).collect();
    name.trim_matches(['-', '.', '_']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_becomes_one_of_a_dataset() {
        let names =
            [("cells.zip", "cells"), ("Größe (2).tar.gz", "Gr--e--2"), ("a b.tar", "a-b"), ("….zip", "")];
        for (file, name) in names {
            assert_eq!(name_from(file), name, "{file}");
        }
    }
}
