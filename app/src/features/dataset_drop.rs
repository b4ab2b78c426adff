//! Drop labelled images, and see what they are before they are imported.

mod sending;

use crate::{
    addresses,
    answers::Refusal,
    dom,
    ui::{IntoAny, bytes, drop_place, dynamic, follow, handler},
};
use domain::{
    dataset::Split,
    dataset_import::{CHOICES, ChoiceRow},
};
use leptos::{attr::custom::custom_attribute, prelude::*, task::spawn_local};
use leptos_router::NavigateOptions;
use sending::{Drop, Stage};

/// A place to drop a folder, files or an archive on, or to choose them by.
#[component]
pub fn DatasetDrop(
    /// Words of the formats that are read, each with what it is.
    formats: Vec<(String, String)>,
) -> impl IntoView {
    let drop = Drop::new();
    // The fields stay as they are while files are sent.
    let given = Memo::new(move |_| {
        let empty = matches!(drop.stage.get(), Stage::Empty | Stage::Collecting);
        !empty && drop.summary.with(|(_, _, all)| *all > 0)
    });
    view! {
        <section class="panel dataset-drop alive-only" aria-labelledby="dataset-drop-title">
            <h2 id="dataset-drop-title">"Import labelled images"</h2>
            {place(drop)}
            {dynamic(move || if given.get() { fields(drop, &formats) } else { ().into_any() })}
            {dynamic(move || progress(drop))}
        </section>
    }
}

fn place(drop: Drop) -> AnyView {
    let take = move |event: &_| {
        let collected = dom::dropped_files(event);
        drop.stage.set(Stage::Collecting);
        spawn_local(async move { drop.take(collected.await) });
    };
    let inside = view! {
        <span>
            <b>"Drop a folder or an archive here"</b>
            " (zip, tar, tar.gz): images and their boxes. Nothing is stored before you say so."
        </span>
        <span class="drop-buttons">
            {chooser(drop, "Choose files", false)}
            {chooser(drop, "Choose a folder", true)}
        </span>
    };
    view! {
        {drop_place(take, inside)}
        {dynamic(move || (drop.stage.get() == Stage::Collecting).then(|| view! { <p class="dim" role="status">"Looking through the folder…"</p> }))}
    }
    .into_any()
}

fn chooser(drop: Drop, words: &'static str, folder: bool) -> AnyView {
    let take = move |event| drop.take(dom::chosen_files(&event));
    let field = if folder {
        view! { <input class="visually-hidden" type="file" name="folder" {..custom_attribute("webkitdirectory", "")} on:change=handler(take) /> }.into_any()
    } else {
        view! { <input class="visually-hidden" type="file" name="files" multiple on:change=handler(take) /> }
            .into_any()
    };
    view! { <label class="button">{words}{field}</label> }.into_any()
}

fn fields(drop: Drop, formats: &[(String, String)]) -> AnyView {
    let what = move || {
        let (name, files, size) = drop.summary.get();
        let files =
            if files == 1 { String::new() } else { format!(": {} files", charts::grouped(files as u64)) };
        view! { <b>{name}{files}</b>", "{bytes(size)} }
    };
    let formats: Vec<_> = formats
        .iter()
        .map(|(word, about)| view! { <option value=word.clone()>{format!("{word}: {about}")}</option> })
        .collect();
    let splits =
        Split::ALL.map(|split| view! { <option value=split.as_str()>{format!("all {split}")}</option> });
    let locked = move || drop.stage.get() == Stage::Sending;
    view! {
        <p>{dynamic(what)}</p>
        <fieldset class="form dataset-drop-fields" disabled=follow(locked)>
            <legend class="visually-hidden">"How to import them"</legend>
            <label for="drop-dataset">"Dataset"</label>
            <input id="drop-dataset" class="field" required maxlength="64" autocomplete="off" bind:value=drop.dataset />
            <label for="drop-version">"Version"</label>
            <input id="drop-version" class="field" maxlength="64" placeholder="the next free one: v1, v2, …" autocomplete="off" bind:value=drop.version />
            <label for="drop-format">"Format"</label>
            <select id="drop-format" class="field" bind:value=drop.format>
                <option value="">"recognised from the files"</option>{formats}
            </select>
            <label for="drop-split">"Split"</label>
            <select id="drop-split" class="field" bind:value=drop.split>
                <option value="">"from the files"</option>{splits}
            </select>
            <label for="drop-strict">"Faults"</label>
            <label>
                <input id="drop-strict" type="checkbox" bind:checked=drop.strict />
                " refuse files with any fault"
            </label>
            {choices(drop)}
        </fieldset>
    }
    .into_any()
}

/// What is asked only of few files, folded away.
fn choices(drop: Drop) -> AnyView {
    let one = |(row, word): (ChoiceRow, RwSignal<String>)| {
        let id = format!("drop-{}", row.option);
        let usual =
            if row.asks { "left out and named" } else { row.words.first().map_or("", |(_, help)| *help) };
        let skipped = usize::from(!row.asks);
        let words: Vec<_> = row
            .words
            .iter()
            .skip(skipped)
            .map(|(word, help)| view! { <option value=*word>{*help}</option> })
            .collect();
        let field = if row.words.is_empty() {
            view! { <input id=id.clone() class="field" maxlength="40" placeholder="UTF-8, or what the file says" autocomplete="off" bind:value=word /> }.into_any()
        } else {
            view! { <select id=id.clone() class="field" bind:value=word><option value="">{usual}</option>{words}</select> }.into_any()
        };
        view! { <label for=id title=row.help>{row.label}</label>{field} }.into_any()
    };
    let rows: Vec<AnyView> = CHOICES.into_iter().zip(drop.choices).map(one).collect();
    view! {
        <details class="form-more">
            <summary>"Where files can be read in two ways"</summary>
            <div class="form">{rows}</div>
        </details>
    }
    .into_any()
}

fn progress(drop: Drop) -> AnyView {
    let go = addresses::use_go();
    let start = move |check: bool| {
        let go = go.clone();
        drop.stage.set(Stage::Sending);
        spawn_local(async move {
            match drop.send(check).await {
                Ok(page) => go(&page, NavigateOptions::default()),
                // Whoever cancelled has another stage by now.
                Err(refusal) if drop.stage.try_get_untracked() == Some(Stage::Sending) => {
                    drop.stage.try_set(Stage::Stuck(refusal));
                }
                Err(_) => {}
            }
        });
    };
    let import = start.clone();
    let (check, cancel) = (move |_| start(true), move |_| drop.cancel());
    match drop.stage.get() {
        Stage::Empty | Stage::Collecting => ().into_any(),
        Stage::Ready => view! {
            <div class="form-row">
                <button class="button button-main" type="button" on:click=handler(check)>"Check"</button>
                <button class="button" type="button" on:click=handler(move |_| import(false))>"Import without a check"</button>
                <button class="button" type="button" on:click=handler(cancel)>"Remove"</button>
                <span class="dim">"Checking reads everything and stores nothing."</span>
            </div>
        }
        .into_any(),
        Stage::Sending => {
            let (_, _, all) = drop.summary.get_untracked();
            let share = move || (drop.received.get() as f64 / all.max(1) as f64).to_string();
            view! {
                <div class="form-row">
                    <progress max="1" value=follow(share) aria-label="Sending"></progress>
                    <span role="status">{dynamic(move || format!("{} of {} sent", bytes(drop.received.get()), bytes(all)))}</span>
                    <button class="button" type="button" on:click=handler(cancel)>"Cancel"</button>
                </div>
            }
            .into_any()
        }
        Stage::Stuck(Refusal { title, detail }) => {
            let more = drop.summary.with_untracked(|(_, _, all)| *all > 0).then(|| {
                view! { <button class="button button-main" type="button" on:click=handler(check)>"Go on"</button> }
            });
            view! {
                <div role="alert"><b class="bad">{title}</b>" "<span>{detail}</span></div>
                <div class="form-row">
                    {more}
                    <button class="button" type="button" on:click=handler(cancel)>"Remove"</button>
                </div>
            }
            .into_any()
        }
    }
}
