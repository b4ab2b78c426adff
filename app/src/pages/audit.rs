//! What was done, by whom.

use super::{next_link, page_request};
use crate::ui::IntoAny;
use crate::{
    server_fns::people::list_audit,
    ui::{PageHead, aside, day_and_time, empty, fetched, loaded, parted, row, skeleton_rows, table, words},
};
use domain::access::AuditEntry;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The log, newest first.
#[component]
pub fn Audit() -> impl IntoView {
    let query = use_query_map();
    let page = fetched(move || query.with(|q| page_request(q, 100)), list_audit);
    view! {
        <PageHead title="Audit" />
        <div class="page-body">
            {loaded(page, skeleton_rows, |page| {
                if page.items.is_empty() {
                    return empty("Nothing was done yet", "Every change leaves a row here.", ().into_any());
                }
                view! { {all(page.items)}{next_link(page.next_cursor)} }.into_any()
            })}
        </div>
    }
}

fn all(entries: Vec<AuditEntry>) -> AnyView {
    let rows: Vec<_> = entries
        .into_iter()
        .map(|entry| {
            let detail = if entry.detail == "{}" { String::new() } else { entry.detail };
            let whole = detail.clone();
            let detail = view! { <span title=whole>{detail}</span> };
            let cells = vec![
                words(parted(&entry.action)),
                words(parted(&entry.subject)),
                words(parted(&entry.actor)),
                aside(detail),
            ];
            row(day_and_time(entry.at), cells)
        })
        .collect();
    let columns = ["When", "What", "On", "Who", "Detail"];
    view! { <div class="panel panel-table">{table(&columns, rows)}</div> }.into_any()
}
