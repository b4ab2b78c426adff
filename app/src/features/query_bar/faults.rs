//! What is wrong with a query, in words, and the way to mend it.

use crate::ui::{IntoAny, dynamic, handler};
use leptos::prelude::*;
use query::QueryError;

/// One row for each error. A mended text is a link where there are no scripts,
/// and otherwise goes into the field.
pub(super) fn faults(
    wrong: Memo<Vec<QueryError>>,
    text: RwSignal<String>,
    href: Callback<String, String>,
    mend: Callback<String>,
) -> AnyView {
    let rows = move || {
        let text = text.get_untracked();
        wrong.get().into_iter().map(|error| row(&error, &text, href, mend)).collect::<Vec<_>>()
    };
    view! { <ul id="query-faults" class="query-faults" aria-live="polite">{dynamic(rows)}</ul> }.into_any()
}

fn row(error: &QueryError, text: &str, href: Callback<String, String>, mend: Callback<String>) -> AnyView {
    let column = text.get(..error.span.start).map_or(0, |before| before.chars().count()) + 1;
    let advice = error.advice.clone().map(|advice| view! { <span class="dim">{advice}</span> });
    let fix = error.fix.as_ref().and_then(|fix| fix.apply(text).map(|mended| (fix, mended))).map(
        |(fix, mended)| {
            let words = match fix.replacement.trim() {
                "" => "Take it out".to_owned(),
                words => format!("Write {words}"),
            };
            let to = href.run(mended.clone());
            let press = move |event: leptos::ev::MouseEvent| {
                event.prevent_default();
                mend.run(mended.clone());
            };
            view! { <a class="button button-small" href=to on:click=handler(press)>{words}</a> }
        },
    );
    view! {
        <li>
            <span class="query-column" title="Where in the query">{column}</span>
            <span class="bad">{error.problem.to_string()}</span>
            {advice}
            {fix}
        </li>
    }
    .into_any()
}
