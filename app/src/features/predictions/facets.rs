//! What the matches are like: values with their counts, each narrowing the
//! query by a click, and widening it by another.

use super::{
    conditions::{has, without},
    list::List,
};
use crate::ui::{IntoAny, Palette, dynamic};
use charts::grouped;
use domain::listing::{Facet, FacetValue};
use leptos::prelude::*;

/// Beside the list. It comes after the list: until then its place is kept.
pub(super) fn facets(list: List) -> AnyView {
    let sections = move || {
        let Some(facets) = list.facets.get() else { return waiting() };
        let all = [
            ("Status", &facets.status),
            ("Label", &facets.label),
            ("Model", &facets.model),
            ("Source", &facets.source),
            ("Tag", &facets.tag),
            ("Day", &facets.day),
        ];
        let sections: Vec<_> = all
            .into_iter()
            .filter(|(_, facet)| !facet.values.is_empty())
            .map(|(title, facet)| section(list, title, facet))
            .collect();
        sections.into_any()
    };
    view! { <aside class="facets" aria-label="Narrow the list">{dynamic(sections)}</aside> }.into_any()
}

fn waiting() -> AnyView {
    view! { <div class="skeleton facets-waiting alive-only" aria-busy="true"></div> }.into_any()
}

fn section(list: List, title: &'static str, facet: &Facet) -> AnyView {
    let least = if facet.exact { "" } else { "≥ " };
    let values: Vec<_> =
        facet.values.iter().map(|value| entry(list, title == "Label", least, value)).collect();
    let more = facet.more.then(|| view! { <li class="dim facet-more">"and more"</li> });
    view! {
        <section class="facet">
            <h2>{title}</h2>
            <ul>{values}{more}</ul>
        </section>
    }
    .into_any()
}

fn entry(list: List, of_label: bool, least: &'static str, value: &FacetValue) -> AnyView {
    let state = list.state.get_untracked();
    let on = has(&state.q, &value.condition);
    let q = if on { without(&state.q, &value.condition) } else { value.query.clone() };
    let swatch = of_label.then(|| {
        let class = list.palette.with_value(|palette: &Palette| palette.class(&value.value));
        view! { <i class=format!("swatch {class}")></i> }
    });
    let words = value.value.replace('_', " ");
    view! {
        <li>
            <a class="facet-value" href=state.asking(&q).href() aria-current=on.then_some("true") title=value.condition.clone()>
                {swatch}
                <span class="facet-name">{if of_label { value.value.clone() } else { words }}</span>
                <span class="facet-count">{least}{grouped(value.count)}</span>
            </a>
        </li>
    }
    .into_any()
}
