//! What became of each image, and which of them are shown.

use super::queue::{Queue, UploadItem, UploadState};
use crate::{
    addresses,
    answers::Refusal,
    ui::{For, Icon, IntoAny, Palette, boxes_overlay, dynamic, follow, handler, icon},
};
use domain::prediction::Prediction;
use leptos::prelude::*;

/// All results, or those of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum ResultFilter {
    #[default]
    All,
    Refused,
}

/// How many there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    given: usize,
    over: usize,
    refused: usize,
}

impl Counts {
    /// `18 of 21 predicted, 2 refused`.
    fn words(self) -> String {
        let predicted = format!("{} of {} predicted", self.over - self.refused, self.given);
        if self.refused == 0 { predicted } else { format!("{predicted}, {} refused", self.refused) }
    }
}

/// The images with their boxes, the last drop first.
pub(super) fn results(queue: Queue, palette: Signal<Palette>) -> AnyView {
    let shown = RwSignal::new(ResultFilter::default());
    let counts = Memo::new(move |_| {
        queue.items.with(|items| {
            items.iter().fold(Counts::default(), |counts, item| {
                let (over, refused) = item.sent.with(|sent| (sent.is_over(), sent.is_refused()));
                Counts {
                    given: counts.given + 1,
                    over: counts.over + usize::from(over),
                    refused: counts.refused + usize::from(refused),
                }
            })
        })
    });
    // Without refusals there is nothing to filter by.
    let only_refused =
        move || shown.get() == ResultFilter::Refused && counts.with(|counts| counts.refused > 0);
    let listed = move || {
        let is_shown = |item: &UploadItem| !only_refused() || item.sent.with(UploadState::is_refused);
        queue.items.get().into_iter().filter(is_shown).collect::<Vec<_>>()
    };
    view! {
        {dynamic(move || (counts.with(|counts| counts.given > 1)).then(|| head(counts, shown)))}
        <div class="drop-results">
            <For each=listed key=|item| item.number let:item>
                {result(item, palette)}
            </For>
        </div>
    }
    .into_any()
}

fn head(counts: Memo<Counts>, shown: RwSignal<ResultFilter>) -> AnyView {
    let choice = move |which: ResultFilter, words: &'static str| {
        let pressed = move || (shown.get() == which).to_string();
        view! {
            <button type="button" class="button button-bare" aria-pressed=follow(pressed) on:click=handler(move |_| shown.set(which))>
                {words}
            </button>
        }
        .into_any()
    };
    let filter = move || {
        counts.with(|counts| counts.refused > 0).then(|| {
            view! {
                <span role="group" aria-label="Results shown">
                    {choice(ResultFilter::All, "All")}
                    {choice(ResultFilter::Refused, "Refused")}
                </span>
            }
            .into_any()
        })
    };
    view! {
        <p class="drop-head">
            <span role="status">{dynamic(move || counts.get().words())}</span>
            {dynamic(filter)}
        </p>
    }
    .into_any()
}

fn result(item: UploadItem, palette: Signal<Palette>) -> AnyView {
    let UploadItem { name, picture, sent, .. } = item;
    view! {
        <article class="drop-item">
            {dynamic(move || match sent.get() {
                UploadState::Waits => going(&name, picture.clone(), "waits"),
                UploadState::Going => going(&name, picture.clone(), "Predicting"),
                UploadState::Refused(refusal) => refused(&name, refusal),
                UploadState::Answered(prediction) => answered(&name, *prediction, &palette.get_untracked()),
            })}
        </article>
    }
    .into_any()
}

fn going(name: &str, picture: Option<String>, words: &'static str) -> AnyView {
    let picture = picture.map(|url| view! { <img src=url alt="" loading="lazy" /> });
    view! {
        <div class="picture picture-going">{picture}</div>
        <div class="drop-words"><b>{name.to_owned()}</b><progress aria-label=words></progress></div>
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
            <img src=addresses::prediction_thumb(prediction.id) alt="" loading="lazy" />
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_counts_what_was_predicted_and_what_was_refused() {
        let words = |given, over, refused| Counts { given, over, refused }.words();
        assert_eq!(words(21, 0, 0), "0 of 21 predicted");
        assert_eq!(words(21, 21, 3), "18 of 21 predicted, 3 refused");
    }
}
