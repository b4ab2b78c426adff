//! What a model that waits sees in a picture: the user's, or one that is here.

use super::{ImportSession, address};
use crate::{
    answers::{Refusal, foreign},
    dom::{self, BrowserValue, ChosenFile, Sending},
    json,
    ui::{Accepted, IntoAny, Palette, boxes_overlay, dynamic, file_drop_place, handler},
    wire::{OfferedPicture, StagedModel, Trial},
};
use domain::{deployment::DEFAULT_THRESHOLD, name::Label};
use leptos::{prelude::*, task::spawn_local};

const PICTURE: Accepted =
    Accepted { name: "picture", kinds: "image/jpeg,image/png,image/webp", several: false, large: false };

/// What is shown of a trial.
#[derive(Clone, Debug)]
enum TrialOutcome {
    /// No picture yet.
    Nothing,
    /// Asked; the picture is at this address of the browser's.
    Asked(Option<String>),
    /// Answered.
    Answered(Option<String>, Trial),
    /// Refused.
    Refused(Refusal),
}

/// The picture on trial, and what came of it. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct TrialState {
    shown: RwSignal<TrialOutcome>,
    threshold: RwSignal<f64>,
    picture: BrowserValue<ChosenFile>,
    sending: Sending,
    /// Counts the questions, so that a late answer to an earlier one is not shown.
    asked: StoredValue<u32>,
}

impl TrialState {
    pub(super) fn new() -> Self {
        Self {
            shown: RwSignal::new(TrialOutcome::Nothing),
            threshold: RwSignal::new(DEFAULT_THRESHOLD),
            picture: BrowserValue::empty(),
            sending: Sending::none(),
            asked: StoredValue::new(0),
        }
    }

    /// Whatever is shown was said by another file.
    pub(super) fn forget_boxes(self) {
        self.asked.update_value(|asked| *asked += 1);
        self.shown.set(TrialOutcome::Nothing);
    }

    /// Asks a file about the picture that was given last, if there was one.
    pub(super) fn again(self, id: &str) {
        if let Some(picture) = self.picture.with(|picture| picture.clone()) {
            self.ask(id.to_owned(), picture);
        }
    }

    fn ask(self, id: String, picture: ChosenFile) {
        let url = dom::picture_url(&picture);
        self.asked.update_value(|asked| *asked += 1);
        let number = self.asked.get_value();
        self.shown.set(TrialOutcome::Asked(url.clone()));
        spawn_local(async move {
            let answer = self.sending.post(&address(&id, "trial"), &picture, |_| {}).await;
            let answer = answer.and_then(|text| json::read(&text).map_err(|_| foreign()));
            self.picture.set(picture);
            // The page may have been left, or another picture given.
            if self.asked.try_get_value() != Some(number) {
                return;
            }
            self.shown.try_set(match answer {
                Ok(trial) => TrialOutcome::Answered(url, trial),
                Err(refusal) => TrialOutcome::Refused(refusal),
            });
        });
    }

    fn ask_about_offered(self, id: String, offered: &OfferedPicture) {
        let (url, title) = (offered.image.clone(), offered.title.clone());
        self.shown.set(TrialOutcome::Asked(Some(url.clone())));
        spawn_local(async move {
            match dom::fetch_file(&url, &title).await {
                Ok(picture) => self.ask(id, picture),
                Err(refusal) => {
                    self.shown.try_set(TrialOutcome::Refused(refusal));
                }
            }
        });
    }
}

/// The picture with its boxes, and where to get one from.
pub(super) fn trial(session: ImportSession, staged: &StagedModel, offered: Vec<OfferedPicture>) -> AnyView {
    let Some(inspected) = &staged.inspected else {
        return view! {
            <section class="panel import-trial">
                <h2>"Try it"</h2>
                <p class="dim">"Its boxes are shown here once it is known how it is asked."</p>
            </section>
        }
        .into_any();
    };
    let labels: Vec<Label> =
        inspected.labels.iter().filter_map(|label| Label::new(label.as_str()).ok()).collect();
    let palette = Palette::new(&labels);
    let state = session.trial;
    view! {
        <section class="panel import-trial">
            <h2>"Try it on an image"</h2>
            {place(state, staged.id.clone())}
            {offered_pictures(state, &staged.id, offered)}
            <div class="import-boxes" aria-live="polite">
                {dynamic(move || shown(state, &palette))}
            </div>
        </section>
    }
    .into_any()
}

fn place(state: TrialState, id: String) -> AnyView {
    let words = view! { <b>"Drop an image of yours"</b>" or choose it. It is not kept." };
    file_drop_place(PICTURE, words, move |files| {
        if let Some(picture) = files.into_iter().next() {
            state.ask(id.clone(), picture);
        }
    })
}

fn offered_pictures(state: TrialState, id: &str, offered: Vec<OfferedPicture>) -> AnyView {
    if offered.is_empty() {
        return ().into_any();
    }
    let pictures: Vec<_> = offered
        .into_iter()
        .map(|picture| {
            let id = id.to_owned();
            let (title, thumb) = (picture.title.clone(), picture.thumb.clone());
            let name = format!("Try it on {title}");
            view! {
                <button class="import-offered" type="button" title=title aria-label=name on:click=handler(move |_| state.ask_about_offered(id.clone(), &picture))>
                    <img src=thumb alt="" loading="lazy" />
                </button>
            }
        })
        .collect();
    view! { <div class="import-offers" role="group" aria-label="Images that are here">{pictures}</div> }
        .into_any()
}

fn shown(state: TrialState, palette: &Palette) -> AnyView {
    match state.shown.get() {
        TrialOutcome::Nothing => ().into_any(),
        TrialOutcome::Asked(url) => {
            let picture = url.map(|url| view! { <img src=url alt="" /> });
            view! { <div class="picture picture-going">{picture}</div><progress aria-label="Predicting"></progress> }
                .into_any()
        }
        TrialOutcome::Refused(Refusal { title, detail }) => {
            view! { <div role="alert"><b class="bad">{title}</b><p>{detail}</p></div> }.into_any()
        }
        TrialOutcome::Answered(url, trial) => answered(state, url, &trial, palette),
    }
}

fn answered(state: TrialState, url: Option<String>, trial: &Trial, palette: &Palette) -> AnyView {
    let threshold = state.threshold.get();
    let boxes: Vec<_> = trial.visible(threshold).collect();
    let overlay = trial.size().map(|size| boxes_overlay(size, &boxes, palette));
    let shape = format!("{} / {}", trial.width, trial.height);
    let words = match (boxes.len(), trial.boxes.len()) {
        (0, 0) => {
            "No box reaches the threshold. If the image shows objects, check recipe and labels.".to_owned()
        }
        (1, _) => "1 object".to_owned(),
        (objects, _) => format!("{objects} objects"),
    };
    let legend = legend(&boxes, palette);
    let latency = charts::decimal(trial.latency_ms, 1);
    let picture = url.map(|url| view! { <img src=url alt="" /> });
    view! {
        <div class="picture" style:aspect-ratio=shape>{picture}{overlay}</div>
        <div class="import-answer">
            <b>{words}</b>
            <span class="dim">{latency}" ms"</span>
            <label>
                "Threshold "
                <input
                    type="range"
                    min="0.01"
                    max="0.99"
                    step="0.01"
                    prop:value=threshold.to_string()
                    on:change=handler(move |event| {
                        if let Some(value) = dom::field_number(&event) {
                            state.threshold.set(value);
                        }
                    })
                />
                " "{format!("{threshold:.2}")}
            </label>
        </div>
        {legend}
    }
    .into_any()
}

/// How many boxes there are of each label.
fn legend(boxes: &[(String, domain::geometry::Rect)], palette: &Palette) -> AnyView {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for (label, _) in boxes {
        match counts.iter_mut().find(|(known, _)| known == label) {
            Some((_, count)) => *count += 1,
            None => counts.push((label, 1)),
        }
    }
    let counted: Vec<_> = counts
        .into_iter()
        .map(|(label, count)| {
            let class = format!("swatch {}", palette.class(label));
            view! { <li><i class=class></i>{label.to_owned()}" "<span class="dim">{count}</span></li> }
        })
        .collect();
    view! { <ul class="labels">{counted}</ul> }.into_any()
}
