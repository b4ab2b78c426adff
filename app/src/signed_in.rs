//! Who is signed in, for the pages inside the frame: asked for once, by the
//! frame, and shown wherever it matters.

use crate::ui::IntoAny;
use crate::{
    ui::{Fetched, loaded_part_quietly},
    wire::{NavCounts, Session},
};
use domain::access::Role;
use leptos::prelude::*;

/// The session that the frame asked for.
#[derive(Clone, Copy)]
struct SignedIn(Fetched<Session>);

/// Gives the session to the pages inside.
pub fn provide(session: Fetched<Session>) {
    provide_context(SignedIn(session));
}

/// A region that depends on who is signed in; empty until that is known. It
/// sees no counts and no recent names: they change with every deployment, and
/// only the frame shows them.
pub fn for_whom(view: impl Fn(&Session) -> AnyView + Send + Sync + 'static) -> AnyView {
    match use_context::<SignedIn>() {
        Some(SignedIn(session)) => loaded_part_quietly(session, who, move |session| view(&session)),
        None => ().into_any(),
    }
}

fn who(session: Session) -> Session {
    Session { counts: NavCounts::default(), recent: Vec::new(), ..session }
}

/// What the one who is signed in may do, as far as it is known: for what is
/// shown in the browser alone. Follows it.
pub fn role() -> impl Fn() -> Option<Role> + Copy + Send + Sync + 'static {
    let session = use_context::<SignedIn>();
    move || session.and_then(|SignedIn(session)| session.followed()).map(|session| session.role)
}

/// What only administrators see. It hides what would be refused, and decides
/// nothing.
pub fn for_admins(view: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    for_whom(move |session| if session.role == Role::Admin { view() } else { ().into_any() })
}

/// A link to a page where an administrator begins something.
pub fn admin_link(href: String, name: &'static str) -> AnyView {
    for_admins(move || view! { <a class="button head-end" href=href.clone()>{name}</a> }.into_any())
}
