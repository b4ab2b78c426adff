//! What was done, by whom.

use super::{next_link, page_request};
use crate::ui::IntoAny;
use crate::{
    server_fns::audit::list_audit,
    ui::{PageHead, day_and_time, empty, fetched, loaded, skeleton_rows},
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
                view! { {table(page.items)}{next_link(page.next_cursor)} }.into_any()
            })}
        </div>
    }
}

fn table(entries: Vec<AuditEntry>) -> AnyView {
    let rows: Vec<_> = entries
        .into_iter()
        .map(|entry| {
            view! {
                <tr>
                    <td>{day_and_time(entry.at)}</td>
                    <td>{entry.actor}</td>
                    <th scope="row">{entry.action}</th>
                    <td>{entry.subject}</td>
                    <td class="dim detail">{entry.detail}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <div class="panel panel-table scroll">
            <table class="table">
                <thead><tr><th scope="col">"When"</th><th scope="col">"Who"</th><th scope="col">"What"</th><th scope="col">"On"</th><th scope="col">"Detail"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
