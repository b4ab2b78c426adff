//! Settings of a deployment as fields and as facts, made from their tables: a
//! new setting needs no line here.

use super::{ActionForm, FormAction, IntoAny, dynamic, fact, form_outcome};
use crate::error::AppError;
use domain::settings::{Kind, Null, Setting, SettingsGroup, form_texts};
use leptos::{prelude::*, server_fn::ServerFn};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// A form that sets the settings `G` of the deployment `name`, with `more`
/// below its fields.
pub fn settings_form<G, F>(act: FormAction<F>, name: &str, now: &G, more: impl IntoAny) -> AnyView
where
    G: SettingsGroup,
    F: ServerFn<Output = (), Error = AppError> + DeserializeOwned + Clone + Send + Sync + 'static,
{
    form(act, name.to_owned(), G::NAME, settings_fields(now), more.into_any())
}

fn form<F>(
    act: FormAction<F>,
    name: String,
    group: &'static str,
    fields: Vec<AnyView>,
    more: AnyView,
) -> AnyView
where
    F: ServerFn<Output = (), Error = AppError> + DeserializeOwned + Clone + Send + Sync + 'static,
{
    view! {
        <ActionForm action=act attr:class="form form-inside">
            <input type="hidden" name="name" value=name />
            <input type="hidden" name="group" value=group />
            {fields}
            {more}
            <div class="form-end">
                <button class="button" type="submit">"Save"</button>
                {dynamic(move || form_outcome(act.outcome(), "Saved"))}
            </div>
        </ActionForm>
    }
    .into_any()
}

/// A label and a control for each of the settings `G`, sent as `values[KEY]`.
/// Parameters of a training have fields of their own.
#[must_use]
pub fn settings_fields<G: SettingsGroup>(now: &G) -> Vec<AnyView> {
    fields(G::NAME, G::TABLE, &form_texts(now))
}

fn fields(group: &str, table: &'static [Setting], now: &BTreeMap<&'static str, String>) -> Vec<AnyView> {
    let text = |row: &Setting| now.get(row.key).cloned();
    // Who trains stands with the parameters of the trainers.
    let shown = table.iter().filter(|row| row.kind != Kind::Trainer);
    shown.filter_map(|row| Some(field(group, row, text(row)?))).collect()
}

fn field(group: &str, row: &'static Setting, now: String) -> AnyView {
    let id = format!("{group}-{}", row.key).replace('_', "-");
    let name = format!("values[{}]", row.key);
    let control = match row.kind {
        Kind::Flag => select(id.clone(), name, &[("true", "on"), ("false", "off")], &now, true),
        Kind::Choice(choices) => select(id.clone(), name, choices, &now, false),
        _ => number(id.clone(), name, row, now),
    };
    let control =
        if row.unit.is_empty() { control } else { view! { <div>{control}" "{row.unit}</div> }.into_any() };
    view! { <label for=id>{row.label}</label>{control} }.into_any()
}

fn select(
    id: String,
    name: String,
    choices: &[(&'static str, &'static str)],
    now: &str,
    short: bool,
) -> AnyView {
    let class = if short { "field field-short" } else { "field" };
    let options: Vec<_> = choices
        .iter()
        .map(|(word, text)| {
            let selected = *word == now;
            view! { <option value=*word selected=selected>{*text}</option> }
        })
        .collect();
    view! { <select id=id class=class name=name>{options}</select> }.into_any()
}

fn number(id: String, name: String, row: &'static Setting, now: String) -> AnyView {
    let (least, most, step) = match row.kind {
        Kind::Whole { least, most } => (least.to_string(), Some(most.to_string()), "1"),
        Kind::Number { least, most } => (least.to_string(), Some(most.to_string()), "any"),
        Kind::Bytes { least } => ((least as f64 / 1e9).to_string(), None, "any"),
        _ => ("0".to_owned(), Some("100".to_owned()), "any"),
    };
    let placeholder = (!row.placeholder.is_empty()).then_some(row.placeholder);
    let required = row.null != Null::Nothing;
    view! {
        <input id=id class="field field-short" type="number" name=name min=least max=most step=step placeholder=placeholder required=required value=now />
    }
    .into_any()
}

/// The settings `G` as who may not change them reads them.
#[must_use]
pub fn settings_facts<G: SettingsGroup>(now: &G) -> AnyView {
    let texts = form_texts(now);
    let said = |row: &Setting| Some(fact(row.label, row.words(texts.get(row.key)?)));
    view! { <dl class="facts">{G::TABLE.iter().filter_map(said).collect::<Vec<_>>()}</dl> }.into_any()
}
