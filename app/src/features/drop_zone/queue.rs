//! The files that were given, and how far each is: a few are sent at a time,
//! in the order in which they lay.

use crate::{
    answers::{Refusal, foreign},
    dom::{self, BrowserValue, ChosenFile},
    json,
    server_fns::predictions::get_prediction,
};
use domain::prediction::Prediction;
use leptos::{prelude::*, task::spawn_local};
use serde::Deserialize;
use std::collections::VecDeque;

/// As many as a server decodes beside other work, and fewer than a browser
/// has connections.
const AT_ONCE: usize = 4;

/// How far an image is.
#[derive(Clone)]
pub(super) enum UploadState {
    /// Waits for those before it.
    Waits,
    /// On its way.
    Going,
    /// Answered.
    Answered(Box<Prediction>),
    /// Refused.
    Refused(Refusal),
}

impl UploadState {
    pub(super) fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self, Self::Answered(_) | Self::Refused(_))
    }
}

/// An image that was given, and what became of it.
#[derive(Clone)]
pub(super) struct UploadItem {
    pub(super) number: u32,
    pub(super) name: String,
    /// Under which the browser has it, until it is answered.
    pub(super) picture: Option<String>,
    /// Counted, and not of the view in which it was dropped: that is rendered
    /// anew when its deployment changes.
    pub(super) sent: ArcRwSignal<UploadState>,
}

/// What is needed of the API's answer.
#[derive(Deserialize)]
struct Answer {
    id: String,
}

/// What was given since the page was opened; the last drop first, each in the
/// order of its files.
#[derive(Clone, Copy)]
pub(super) struct Queue {
    url: StoredValue<String>,
    pub(super) items: RwSignal<Vec<UploadItem>>,
    waiting: BrowserValue<VecDeque<(ChosenFile, UploadItem)>>,
    going: StoredValue<usize>,
    given: StoredValue<u32>,
}

impl Queue {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self {
            url: StoredValue::new(String::new()),
            items: RwSignal::new(Vec::new()),
            waiting: BrowserValue::empty(),
            going: StoredValue::new(0),
            given: StoredValue::new(0),
        }
    }

    /// Images are posted to `url`; what another address was given is forgotten,
    /// when the page goes on to another deployment.
    pub(super) fn belong_to(self, url: String) {
        if self.url.with_value(|known| *known == url) {
            return;
        }
        self.url.set_value(url);
        self.waiting.with(VecDeque::clear);
        if self.items.with_untracked(|items| !items.is_empty()) {
            self.items.update(Vec::clear);
        }
    }

    /// Takes files, and sends them when it is their turn.
    pub(super) fn take(self, files: Vec<ChosenFile>) {
        let item = |chosen: &ChosenFile| {
            self.given.update_value(|given| *given += 1);
            UploadItem {
                number: self.given.get_value(),
                name: chosen.name.clone(),
                picture: dom::picture_url(chosen),
                sent: ArcRwSignal::new(UploadState::Waits),
            }
        };
        let fresh: Vec<UploadItem> = files.iter().map(item).collect();
        let mut waiting = self.waiting.with(std::mem::take).unwrap_or_default();
        waiting.extend(files.into_iter().zip(fresh.iter().cloned()));
        self.waiting.set(waiting);
        self.items.update(|items| {
            items.splice(0..0, fresh);
        });
        while self.going.get_value() < AT_ONCE {
            let Some(next) = self.next() else { break };
            self.going.update_value(|going| *going += 1);
            spawn_local(self.send_from(next));
        }
    }

    fn next(self) -> Option<(ChosenFile, UploadItem)> {
        self.waiting.with(VecDeque::pop_front).flatten()
    }

    /// Sends this one, and then what waits.
    async fn send_from(self, first: (ChosenFile, UploadItem)) {
        let mut next = Some(first);
        while let Some((chosen, item)) = next {
            item.sent.set(UploadState::Going);
            // The page may be left before the answer comes.
            let Some(url) = self.url.try_get_value() else { return };
            item.sent.set(answer(&url, &chosen).await);
            item.picture.as_deref().into_iter().for_each(dom::forget_picture);
            next = self.next();
        }
        self.going.try_update_value(|going| *going -= 1);
    }
}

async fn answer(url: &str, chosen: &ChosenFile) -> UploadState {
    let unreadable = |detail: String| Refusal { title: "No answer".to_owned(), detail };
    let outcome = match dom::send(url, chosen).await {
        Err(refusal) => Err(refusal),
        Ok(text) => match json::read::<Answer>(&text) {
            Err(_) => Err(foreign()),
            Ok(Answer { id }) => {
                let prediction = get_prediction(id).await.and_then(|packed| packed.open());
                prediction.map_err(|error| unreadable(error.0.message))
            }
        },
    };
    match outcome {
        Ok(prediction) => UploadState::Answered(Box::new(prediction)),
        Err(refusal) => UploadState::Refused(refusal),
    }
}
