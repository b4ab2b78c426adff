//! Drop an image, see what the model says of it.

use crate::ui::IntoAny;
use crate::{
    addresses,
    answers::{Refusal, foreign},
    dom::{self, ChosenFile},
    server_fns::predictions::get_prediction,
    ui::{Icon, Palette, boxes_overlay, icon},
};
use domain::{name::Name, prediction::Prediction};
use leptos::prelude::*;
use serde::Deserialize;

/// How far an image is.
#[derive(Clone)]
enum Sent {
    /// On its way.
    Going,
    /// Answered.
    Answered(Box<Prediction>),
    /// Refused.
    Refused(Refusal),
}

/// An image that was given, and what became of it.
#[derive(Clone)]
struct UploadItem {
    number: u32,
    name: String,
    picture: Option<String>,
    sent: RwSignal<Sent>,
}

/// What is needed of the API's answer.
#[derive(Deserialize)]
struct Answer {
    id: String,
}

/// The last images that were given stay visible; older ones are in the list.
const SHOWN: usize = 6;

/// Sends files to `url`, each an item of the list.
fn upload_into(items: RwSignal<Vec<UploadItem>>, url: String) -> impl Fn(Vec<ChosenFile>) + Clone + 'static {
    let number = StoredValue::new(0u32);
    move |files: Vec<ChosenFile>| {
        for chosen in files {
            number.update_value(|n| *n += 1);
            let item = UploadItem {
                number: number.get_value(),
                name: chosen.name.clone(),
                picture: dom::picture_url(&chosen),
                sent: RwSignal::new(Sent::Going),
            };
            items.update(|list| {
                list.insert(0, item.clone());
                list.truncate(SHOWN);
            });
            leptos::task::spawn_local(deliver(url.clone(), chosen, item.sent));
        }
    }
}

/// A place to drop images on, or to choose them by.
#[component]
pub fn DropZone(
    /// The deployment that predicts them.
    deployment: Name,
    /// Its labels' colours.
    palette: Palette,
) -> impl IntoView {
    let items = RwSignal::new(Vec::<UploadItem>::new());
    let over = RwSignal::new(false);
    let give = upload_into(items, addresses::at(format!("/api/v1/deployments/{deployment}/predict")));
    let give_dropped = give.clone();
    view! {
        <section class="drop alive-only" aria-label="Predict an image">
            <label
                class="drop-place"
                class:drop-over=over
                on:dragover=move |event| {
                    event.prevent_default();
                    over.set(true);
                }
                on:dragleave=move |_| over.set(false)
                on:drop=move |event| {
                    over.set(false);
                    give_dropped(dom::dropped_by(&event));
                }
            >
                {icon(Icon::Upload)}
                <span><b>"Drop images here"</b>" or choose them, and see what the model says."</span>
                <input
                    class="visually-hidden"
                    type="file"
                    name="image"
                    accept="image/jpeg,image/png,image/webp"
                    multiple
                    on:change=move |event| give(dom::chosen_by(&event))
                />
            </label>
            <div class="drop-results" aria-live="polite">
                <For each=move || items.get() key=|item| item.number let:item>
                    {result(item, palette.clone())}
                </For>
            </div>
        </section>
    }
}

async fn deliver(url: String, chosen: ChosenFile, sent: RwSignal<Sent>) {
    let unreadable = |detail: String| Refusal { title: "No answer".to_owned(), detail };
    let outcome = match dom::send(&url, &chosen).await {
        Err(refusal) => Err(refusal),
        Ok(text) => match serde_json::from_str::<Answer>(&text) {
            Err(_) => Err(foreign()),
            Ok(Answer { id }) => {
                let prediction = get_prediction(id).await.and_then(|packed| packed.open());
                prediction.map_err(|error| unreadable(error.0.message))
            }
        },
    };
    let outcome = match outcome {
        Ok(prediction) => Sent::Answered(Box::new(prediction)),
        Err(refusal) => Sent::Refused(refusal),
    };
    // The page may be left before the answer comes.
    sent.try_set(outcome);
}

fn result(item: UploadItem, palette: Palette) -> AnyView {
    let UploadItem { name, picture, sent, .. } = item;
    view! {
        <article class="drop-item">
            {move || match sent.get() {
                Sent::Going => going(&name, picture.clone()),
                Sent::Refused(refusal) => refused(&name, refusal),
                Sent::Answered(prediction) => answered(&name, *prediction, &palette),
            }}
        </article>
    }
    .into_any()
}

fn going(name: &str, picture: Option<String>) -> AnyView {
    let picture = picture.map(|url| view! { <img src=url alt="" /> });
    view! {
        <div class="picture picture-going">{picture}</div>
        <div class="drop-words"><b>{name.to_owned()}</b><progress aria-label="Predicting"></progress></div>
    }
    .into_any()
}

fn refused(name: &str, Refusal { title, detail }: Refusal) -> AnyView {
    view! {
        <div class="picture picture-none">{icon(Icon::NoPicture)}</div>
        <div class="drop-words" role="alert">
            <b>{name.to_owned()}</b>
            <span class="bad">{title}</span>
            <span class="dim">{detail}</span>
        </div>
    }
    .into_any()
}

fn answered(name: &str, prediction: Prediction, palette: &Palette) -> AnyView {
    let boxes: Vec<_> = prediction.visible_boxes().map(|b| (b.label.as_str().to_owned(), b.rect)).collect();
    let objects = boxes.len();
    let latency = charts::decimal(prediction.latency_ms, 1);
    let href = addresses::prediction(prediction.id);
    view! {
        <a class="picture" href=href.clone()>
            <img src=addresses::prediction_thumb(prediction.id) alt="" />
            {boxes_overlay(prediction.size, &boxes, palette)}
        </a>
        <div class="drop-words">
            <a href=href><b>{name.to_owned()}</b></a>
            <span>{objects}{if objects == 1 { " object" } else { " objects" }}</span>
            <span class="dim">{latency}" ms"</span>
        </div>
    }
    .into_any()
}
