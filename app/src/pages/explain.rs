//! How a query is answered: which index, how many rows.

use crate::ui::IntoAny;
use crate::{
    addresses,
    routes::Route,
    server_fns::query_words::explain_query,
    ui::{PageHead, fact, fetched, loaded_page, skeleton_rows},
};
use charts::grouped;
use domain::listing::{Explanation, SortOrder};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

/// What a first page of the query that the address names costs, and why.
#[component]
pub fn Explain() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let question = Memo::new(move |_| {
        let name = params.with(|params| params.get("name")).unwrap_or_default();
        let (q, sort) = query.with(|query| (query.get("q").unwrap_or_default(), query.get("sort")));
        (name, q, sort.and_then(|word| word.parse().ok()).unwrap_or_default())
    });
    let resource = fetched(
        move || question.get(),
        |(name, q, sort): (String, String, SortOrder)| explain_query(name, q, sort),
    );
    loaded_page(resource, skeleton_rows, move |said| {
        let (name, q, sort) = question.get_untracked();
        let back = addresses::predictions(&name, &q, &sort.to_string());
        view! {
            <div class="head-plain"><PageHead title=Route::Explain.title() /></div>
            <div class="page-body">
                <p><a href=back><code>{if q.is_empty() { "all predictions".to_owned() } else { q }}</code></a>", by "<code>{sort.to_string()}</code></p>
                {explained(&said)}
            </div>
        }
        .into_any()
    })
}

fn explained(said: &Explanation) -> AnyView {
    let least = if said.candidates.exact { "" } else { "at least " };
    let end = if said.complete { "" } else { "; the time limit came first" };
    let first_page = format!(
        "{} matches in {} candidates, {:.1} ms{end}",
        grouped(said.matched),
        grouped(said.scanned),
        said.took_ms
    );
    let tested = if said.residual.is_empty() { "nothing more".to_owned() } else { said.residual.clone() };
    view! {
        <section class="panel">
            <dl class="facts">
                {fact("Candidates come from", view! { <code>{said.drives.clone()}</code> })}
                {fact("by the index", view! { <code>{said.index.clone()}</code> })}
                {fact("These are", format!("{least}{}", grouped(said.candidates.count)))}
                {fact("Tested on each", view! { <code>{tested}</code> })}
                {fact("A first page", first_page)}
            </dl>
        </section>
        <section class="panel">
            <h2>"What the database makes of it"</h2>
            <pre class="code">{said.plan.join("\n")}</pre>
            <h2>"Statement"</h2>
            <pre class="code">{said.sql.clone()}</pre>
        </section>
    }
    .into_any()
}
