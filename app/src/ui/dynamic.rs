//! Parts of a page that follow signals. Leptos compiles half a dozen functions
//! for each closure that stands in a view; here all closures are of one type.

use super::{IntoAny, any::ContentAgain};
use leptos::prelude::*;

type Draw = Box<dyn FnMut() -> AnyView + Send>;

/// What `draw` gives, drawn again whenever a signal that it read has changed.
/// Where the same elements stand at the same places again, they stay and get
/// what is new in them, with what was typed, opened or focused there.
pub fn dynamic<V: IntoAny>(mut draw: impl FnMut() -> V + Send + 'static) -> AnyView {
    let draw: Draw = Box::new(move || draw().into_any());
    draw.into_any()
}

/// What stands in it, while `when` holds: drawn anew when it comes to hold,
/// and not when it goes on to. As leptos' own of this name.
#[component]
pub fn Show(
    /// Whether it is there.
    when: impl Fn() -> bool + Send + Sync + 'static,
    children: ContentAgain,
) -> impl IntoView {
    shown_while(Memo::new(move |_| when()), children)
}

fn shown_while(holds: Memo<bool>, children: ContentAgain) -> AnyView {
    dynamic(move || holds.get().then(|| children.view()))
}

/// What an attribute follows.
pub fn follow<T: 'static>(value: impl FnMut() -> T + Send + 'static) -> Box<dyn FnMut() -> T + Send> {
    Box::new(value)
}

/// What happens at an event.
pub fn handler<E: 'static>(act: impl FnMut(E) + 'static) -> Box<dyn FnMut(E)> {
    Box::new(act)
}
