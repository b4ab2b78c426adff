//! One prediction: the image with its boxes, the boxes by label, all that is
//! known of it, who reviewed it, and a slider that hides unsure boxes and
//! changes nothing.

mod about;
mod detail;
mod detail_view;
mod tags;

pub use detail::{Detail, get_detail};
pub use detail_view::DetailView;

use crate::{
    addresses, dom,
    effect::effect,
    ui::{Icon, IntoAny, Palette, dynamic, follow, handler, icon},
};
use about::{facts, head, reviews};
use detail_view::{Look, VersionChoice};
use domain::{
    geometry::{Rect, Size},
    prediction::{PredictedBox, Prediction},
};
use leptos::prelude::*;
use std::collections::BTreeMap;
use tags::Tag;

/// The height of a name with its ground, in heights of its letters.
const TAG_HEIGHT: f64 = 1.45;

/// A prediction in full.
#[component]
pub fn PredictionDetails(
    /// What is known of it.
    detail: Detail,
    /// Where it is reviewed.
    review_href: String,
    /// How it is looked at.
    looking: DetailView,
) -> impl IntoView {
    let Detail { prediction, deployment, history } = detail;
    let palette = Palette::new(&deployment.champion.labels);
    let (id, look) = (prediction.id, looking.of(&prediction));
    let least = RwSignal::new(look.least);
    let shown = RwSignal::new(look.shown);
    let pointed = RwSignal::new(None::<usize>);
    effect(move || looking.keep(id, Look { least: least.get(), shown: shown.get() }));
    let shadow = prediction.shadow.as_ref().map(|shadow| shadow.boxes.clone());
    let switch = shadow.is_some().then(|| shadow_switch(shown));
    let champion = StoredValue::new(prediction.boxes.clone());
    let shadow = StoredValue::new(shadow.unwrap_or_default());
    let boxes = Signal::derive(move || match shown.get() {
        VersionChoice::Champion => champion.get_value(),
        VersionChoice::Shadow => shadow.get_value(),
    });
    let colours = palette.clone();
    view! {
        <div class="details">
            <div class="stage-side">
                {stage(&prediction, boxes, least, pointed, palette)}
                {switch}
                {facts(&prediction, &deployment)}
            </div>
            <aside class="details-side" aria-label="About this prediction">
                {head(&prediction, review_href)}
                <section class="panel">{confidence(boxes, least)}</section>
                <section class="panel" aria-label="Boxes">
                    {dynamic(move || box_list(&boxes.get(), least.get(), &colours, pointed))}
                </section>
                {reviews(&history)}
            </aside>
        </div>
    }
}

fn shadow_switch(shown: RwSignal<VersionChoice>) -> AnyView {
    let button = move |which: VersionChoice, name: &'static str| {
        view! {
            <button
                type="button"
                class="segment"
                aria-pressed=follow(move || (shown.get() == which).to_string())
                on:click=handler(move |_| shown.set(which))
            >
                {name}
            </button>
        }
    };
    view! {
        <div class="segments alive-only" role="group" aria-label="Whose boxes">
            {button(VersionChoice::Champion, "Champion")}
            {button(VersionChoice::Shadow, "Shadow")}
        </div>
    }
    .into_any()
}

fn stage(
    prediction: &Prediction,
    boxes: Signal<Vec<PredictedBox>>,
    least: RwSignal<f64>,
    pointed: RwSignal<Option<usize>>,
    palette: Palette,
) -> AnyView {
    let Size { width, height } = prediction.size;
    let letters = f64::from(width.max(height)) / 56.0;
    let size = prediction.size;
    let rects = move || {
        let boxes = boxes.get();
        let names = boxes.iter().enumerate().filter(|(_, b)| b.score.get() >= least.get());
        let names: Vec<_> = names.map(|(index, b)| Named::new(index, b, letters)).collect();
        let tags =
            tags::place(size, letters * TAG_HEIGHT, names.iter().map(|named| (named.rect, named.width)));
        // No outline crosses a name: all names come after all outlines.
        let outlines: Vec<_> =
            names.iter().map(|named| stage_outline(named, pointed, palette.class(&named.label))).collect();
        let each = names.iter().zip(tags);
        let names: Vec<_> = each
            .map(|(named, tag)| stage_name(named, tag, letters, pointed, palette.class(&named.label)))
            .collect();
        view! { {outlines}{names} }
    };
    let picture = if prediction.image.is_some() {
        let alt = prediction.filename.clone().unwrap_or_else(|| "The image of this prediction".to_owned());
        view! { <img src=addresses::prediction_image(prediction.id) width=width height=height alt=alt /> }
            .into_any()
    } else {
        view! { <span class="no-picture">{icon(Icon::NoPicture)}<span>"Reported without an image"</span></span> }
            .into_any()
    };
    view! {
        <div class="stage" class:stage-empty=prediction.image.is_none()>
            {picture}
            <svg class="boxes stage-boxes" viewBox=format!("0 0 {width} {height}") aria-hidden="true">{dynamic(rects)}</svg>
        </div>
    }
    .into_any()
}

/// A box with what stands at it.
struct Named {
    /// Its place in the list.
    index: usize,
    rect: Rect,
    label: String,
    name: String,
    /// Of the name with its ground, in pixels of the picture.
    width: f64,
}

impl Named {
    fn new(index: usize, b: &PredictedBox, letters: f64) -> Self {
        let name = format!("{} {:.2}", b.label, b.score.get());
        let width = charts::text_width(&name, letters) * 1.06 + letters * 0.7;
        Self { index, rect: b.rect, label: b.label.as_str().to_owned(), name, width }
    }
}

fn stage_outline(named: &Named, pointed: RwSignal<Option<usize>>, ink: &'static str) -> AnyView {
    let Named { index, rect, .. } = *named;
    let px = |v: f64| charts::decimal(v, 1);
    view! {
        <rect
            class=ink
            class:stage-pointed=follow(move || pointed.get() == Some(index))
            x=px(rect.x())
            y=px(rect.y())
            width=px(rect.w())
            height=px(rect.h())
        />
    }
    .into_any()
}

fn stage_name(
    named: &Named,
    tag: Tag,
    letters: f64,
    pointed: RwSignal<Option<usize>>,
    ink: &'static str,
) -> AnyView {
    let Named { index, width, .. } = *named;
    let px = |v: f64| charts::decimal(v, 1);
    view! {
        <g class=ink class:stage-pointed=follow(move || pointed.get() == Some(index)) class:stage-crowded=tag.crowded>
            <rect class="tag" x=px(tag.x) y=px(tag.y) width=px(width) height=px(letters * TAG_HEIGHT) />
            <text x=px(tag.x + letters * 0.35) y=px(tag.y + letters * 1.08) font-size=px(letters)>{named.name.clone()}</text>
        </g>
    }
    .into_any()
}

fn confidence(boxes: Signal<Vec<PredictedBox>>, least: RwSignal<f64>) -> AnyView {
    let hidden = move || boxes.with(|list| list.iter().filter(|b| b.score.get() < least.get()).count());
    let slide = move |event: leptos::ev::Event| {
        if let Some(value) = dom::field_number(&event) {
            least.set(value);
        }
    };
    view! {
        <label class="panel-head" for="confidence">
            <h2>"Confidence"</h2>
            <span class="dim">{dynamic(move || format!("from {:.2}", least.get()))}" · "{hidden}" hidden"</span>
        </label>
        <input
            id="confidence"
            class="slider"
            type="range"
            min="0"
            max="1"
            step="0.01"
            prop:value=follow(move || least.get().to_string())
            value=least.get_untracked().to_string()
            on:input=handler(slide)
        />
    }
    .into_any()
}

fn box_list(
    boxes: &[PredictedBox],
    least: f64,
    palette: &Palette,
    pointed: RwSignal<Option<usize>>,
) -> AnyView {
    let mut by_label: BTreeMap<&str, Vec<(usize, &PredictedBox)>> = BTreeMap::new();
    for (index, b) in boxes.iter().enumerate().filter(|(_, b)| b.score.get() >= least) {
        by_label.entry(b.label.as_str()).or_default().push((index, b));
    }
    if by_label.is_empty() {
        return view! { <p class="dim">"No box at this confidence."</p> }.into_any();
    }
    let groups: Vec<_> = by_label
        .into_iter()
        .map(|(label, boxes)| {
            let count = boxes.len();
            let rows: Vec<_> = boxes.into_iter().map(|(i, b)| box_row(i, b, pointed)).collect();
            view! {
                <h3 class="label-head">
                    <i class=format!("swatch {}", palette.class(label))></i>
                    {label.to_owned()}
                    <span class="dim">{count}</span>
                </h3>
                <ul class="box-list" tabindex="0">{rows}</ul>
            }
        })
        .collect();
    view! { {groups} }.into_any()
}

fn box_row(index: usize, b: &PredictedBox, pointed: RwSignal<Option<usize>>) -> AnyView {
    let r = b.rect;
    let place = format!("{:.0}, {:.0} · {:.0}×{:.0}", r.x(), r.y(), r.w(), r.h());
    view! {
        <li
            class:pointed=follow(move || pointed.get() == Some(index))
            on:pointerenter=handler(move |_| pointed.set(Some(index)))
            on:pointerleave=handler(move |_| pointed.set(None))
        >
            <span>{place}</span>
            <span class="num">{format!("{:.2}", b.score.get())}</span>
        </li>
    }
    .into_any()
}
