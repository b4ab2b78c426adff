//! Fields for the parameters of a training, as its trainer declares them.

use super::{IntoAny, follow, handler};
use crate::effect::effect;
use domain::{
    name::Name,
    training::{BUILT_IN, ParamKind, ParamSpec, RunParams, TrainerDescription, TrainerInfo},
};
use leptos::prelude::*;

/// How a form sends who trains and with what.
#[derive(Clone, Copy, Debug)]
pub struct TrainerFields {
    /// What ids begin with.
    pub prefix: &'static str,
    /// The name of the field of the trainer.
    pub name: &'static str,
    /// What stands before `TRAINER:KEY]` in the names of parameters.
    pub params: &'static str,
    /// A parameter that the form asks for in its own way.
    pub without: &'static str,
}

/// A choice of the trainer, where there is one, and the parameters of each;
/// those of the chosen one are shown. `now` are the values to begin with, of
/// the trainer that is chosen then. Without script all are there, each to be
/// opened, and only those of the chosen trainer count. `picked` is the trainer
/// that a person chose, if one did: it belongs to the page, so that the form is
/// as it was when the page fetches it again.
#[must_use]
pub fn trainer_fields(
    trainers: &[TrainerInfo],
    now: Option<&RunParams>,
    fields: TrainerFields,
    picked: RwSignal<Option<String>>,
) -> AnyView {
    let stored = now.map_or(BUILT_IN, RunParams::trainer_name).to_owned();
    let chosen = Signal::derive(move || picked.get().unwrap_or_else(|| stored.clone()));
    // Without script nobody can choose what is shown: then all are.
    let awake = RwSignal::new(false);
    effect(move || awake.set(true));
    let alone = trainers.len() < 2;
    let summary = |name: &Name| if alone { "Parameters".to_owned() } else { format!("Parameters of {name}") };
    let one = |info: &TrainerInfo| group(info, now, fields, (summary(&info.name), chosen, awake));
    let groups: Vec<_> = trainers.iter().map(one).collect();
    view! { {choice(trainers, fields, (chosen, picked))}{groups} }.into_any()
}

fn choice(
    trainers: &[TrainerInfo],
    fields: TrainerFields,
    (chosen, picked): (Signal<String>, RwSignal<Option<String>>),
) -> AnyView {
    let known = trainers.iter().any(|info| chosen.with_untracked(|name| info.name.as_str() == name));
    if trainers.len() < 2 && known {
        return ().into_any();
    }
    let id = format!("{}-trainer", fields.prefix);
    let now = chosen.get_untracked();
    // One that is not there any more: the form says so until another is chosen.
    let gone = (!known).then(|| {
        let words = format!("{now} (not there any more)");
        view! { <option value=now.clone() selected>{words}</option> }
    });
    let options: Vec<_> = trainers
        .iter()
        .map(|info| {
            let name = info.name.to_string();
            let selected = name == now;
            let usable = info.description.is_ok();
            let disabled = !usable && !selected;
            let words = if usable { name.clone() } else { format!("{name} (cannot be used now)") };
            view! { <option value=name selected=selected disabled=disabled>{words}</option> }
        })
        .collect();
    view! {
        <label for=id.clone()>"Trainer"</label>
        <select id=id class="field" name=fields.name on:change=handler(move |event| picked.set(Some(event_target_value(&event))))>
            {gone}
            {options}
        </select>
    }
    .into_any()
}

fn group(
    info: &TrainerInfo,
    now: Option<&RunParams>,
    fields: TrainerFields,
    (summary, chosen, awake): (String, Signal<String>, RwSignal<bool>),
) -> AnyView {
    let name = info.name.to_string();
    let own = now.filter(|now| now.trainer_name() == name);
    let (about, controls) = match &info.description {
        Ok(said) => (said.about.clone(), controls(&name, said, own, fields)),
        Err(problem) => (format!("It cannot be used now: {problem}"), Vec::new()),
    };
    let hidden = move || awake.get() && chosen.with(|chosen| *chosen != name);
    view! {
        <details class="form-more" hidden=follow(hidden)>
            <summary>{summary}</summary>
            <p class="dim">{about}</p>
            <div class="form-params">{controls}</div>
        </details>
    }
    .into_any()
}

fn controls(
    trainer: &str,
    said: &TrainerDescription,
    now: Option<&RunParams>,
    fields: TrainerFields,
) -> Vec<AnyView> {
    let others = said.parameters.iter().filter(|spec| spec.name != fields.without);
    others
        .map(|spec| {
            let value = now.and_then(|now| now.text(&spec.name)).unwrap_or_else(|| spec.default.to_string());
            let of = if trainer == BUILT_IN { String::new() } else { format!("{trainer}-") };
            let id = format!("{}-{of}{}", fields.prefix, spec.name);
            let name = format!("{}{trainer}:{}]", fields.params, spec.name);
            control(spec, value, id, name)
        })
        .collect()
}

fn control(spec: &ParamSpec, now: String, id: String, name: String) -> AnyView {
    let choices: Option<Vec<String>> = match spec.kind {
        ParamKind::Flag => Some(["false", "true"].map(str::to_owned).to_vec()),
        ParamKind::Choice => Some(spec.choices.clone()),
        ParamKind::Whole | ParamKind::Number | ParamKind::Text => None,
    };
    let field = match (choices, spec.kind) {
        (Some(choices), _) => {
            let options: Vec<_> = choices
                .into_iter()
                .map(|word| {
                    let selected = word == now;
                    view! { <option value=word selected=selected>{word.clone()}</option> }
                })
                .collect();
            view! { <select id=id.clone() class="field field-short" name=name>{options}</select> }.into_any()
        }
        (None, ParamKind::Text) => view! {
            <input id=id.clone() class="field field-short" name=name maxlength="1000" value=now />
        }
        .into_any(),
        (None, kind) => {
            let whole = kind == ParamKind::Whole;
            // That it is a multiple of something, the server says in words.
            let step = if whole { "1" } else { "any" };
            let least = spec.least.map(|least| least.to_string());
            let most = spec.most.map(|most| most.to_string());
            view! {
                <input id=id.clone() class="field field-short" type="number" name=name min=least max=most step=step required value=now />
            }
            .into_any()
        }
    };
    let allowed = match (spec.least, spec.most) {
        (Some(least), Some(most)) => format!(" ({least} to {most})"),
        (Some(least), None) => format!(" (at least {least})"),
        (None, Some(most)) => format!(" (at most {most})"),
        (None, None) => String::new(),
    };
    view! {
        <div class="form-param">
            <label for=id><code>{spec.name.clone()}</code><span class="dim">{spec.help.clone()}{allowed}</span></label>
            {field}
        </div>
    }
    .into_any()
}
