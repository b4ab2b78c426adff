//! Comparing a model version with the champion when somebody asks.

use super::LearningActs;
use crate::ui::{ActionForm, IntoAny, dynamic, fact, form_outcome};
use domain::work::WorkItem;
use leptos::prelude::*;

/// What can be compared, and the comparison that is under way; nothing to see
/// for who may not ask for one.
#[must_use]
pub fn comparing_panel(
    name: &str,
    versions: &[String],
    under_way: Option<&WorkItem>,
    acts: LearningActs,
    admin: bool,
) -> AnyView {
    let act = acts.compare;
    let name = name.to_owned();
    let body = match (under_way, versions) {
        (Some(item), _) => {
            let message = if item.message.is_empty() { "waits".to_owned() } else { item.message.clone() };
            view! { <dl class="facts">{fact("Under way", message)}</dl> }.into_any()
        }
        (None, []) => {
            view! { <p class="dim">"There is no other version that runs here and knows its labels."</p> }
                .into_any()
        }
        (None, _) if !admin => return ().into_any(),
        (None, versions) => {
            let options: Vec<_> = versions
                .iter()
                .map(|name| view! { <option value=name.clone()>{name.clone()}</option> })
                .collect();
            view! {
                <ActionForm action=act attr:class="form-row">
                    <input type="hidden" name="name" value=name />
                    <label for="candidate">"Compare the champion with"</label>
                    <select id="candidate" class="field" name="candidate">{options}</select>
                    <button class="button" type="submit">"Compare now"</button>
                    {dynamic(move || form_outcome(act.outcome(), "Requested"))}
                </ActionForm>
            }
            .into_any()
        }
    };
    view! {
        <section class="panel" id="compare">
            <h2>"Comparison"</h2>
            <p class="dim">"Champion and candidate predict every held-out image. A comparison changes nothing by itself: you decide what follows."</p>
            {body}
        </section>
    }
    .into_any()
}
