//! Accounts and tokens.

use crate::{
    features::people::{PeopleActs, people_forms, people_lists},
    server_fns::people::get_people,
    ui::{PageHead, fetched, loaded, skeleton_rows},
};
use leptos::prelude::*;

/// Forms and lists; the lists follow what the forms did.
#[component]
pub fn Users() -> impl IntoView {
    let acts = PeopleActs::new();
    let lists = fetched(move || acts.versions(), |_| get_people());
    view! {
        <PageHead title="Users and tokens" />
        <div class="page-body">
            {people_forms(acts)}
            {loaded(lists, skeleton_rows, move |people| people_lists(people, acts))}
        </div>
    }
}
