//! Views without their type, made small for the browser.
//!
//! Leptos compiles a dozen functions for each type of view that becomes an
//! [`AnyView`], some of them for pages that are woken step by step, of which
//! there are none here. In the browser each view goes into one type first,
//! `erased::ErasedView`, with a few functions of its own; leptos' dozen is
//! compiled for that one alone. The name is that of leptos' own trait, which
//! this one replaces where it is imported.

use leptos::{
    children::ToChildren,
    prelude::{AnyView, RenderHtml},
    tachys::view::any_view::IntoAny as IntoAnyOfLeptos,
};

/// Turns a view into an [`AnyView`].
pub trait IntoAny {
    /// The view without its type.
    fn into_any(self) -> AnyView;
}

impl<T: RenderHtml + 'static> IntoAny for T {
    #[cfg(not(feature = "hydrate"))]
    #[expect(clippy::disallowed_methods, reason = "the one place")]
    fn into_any(self) -> AnyView {
        IntoAnyOfLeptos::into_any(self)
    }

    #[cfg(feature = "hydrate")]
    #[expect(clippy::disallowed_methods, reason = "the one place")]
    fn into_any(self) -> AnyView {
        IntoAnyOfLeptos::into_any(erased::ErasedView(Box::new(self)))
    }
}

/// What stands between the tags of a component, as leptos' `Children`.
pub struct Content(Box<dyn FnOnce() -> AnyView + Send>);

impl Content {
    /// The view.
    #[must_use]
    pub fn view(self) -> AnyView {
        (self.0)()
    }
}

impl<F, V> ToChildren<F> for Content
where
    F: FnOnce() -> V + Send + 'static,
    V: IntoAny,
{
    fn to_children(children: F) -> Self {
        Self(Box::new(move || children().into_any()))
    }
}

/// The same, of which there may be many.
pub struct ContentAgain(Box<dyn Fn() -> AnyView + Send>);

impl ContentAgain {
    /// The view.
    pub(super) fn view(&self) -> AnyView {
        (self.0)()
    }
}

impl<F, V> ToChildren<F> for ContentAgain
where
    F: Fn() -> V + Send + 'static,
    V: IntoAny,
{
    fn to_children(children: F) -> Self {
        Self(Box::new(move || children().into_any()))
    }
}

#[cfg(feature = "hydrate")]
mod erased {
    use leptos::{
        prelude::{AddAnyAttr, Mountable, Render, RenderHtml},
        tachys::{
            html::attribute::{Attribute, any_attribute::AnyAttribute},
            hydration::Cursor,
            renderer::{
                Rndr,
                types::{Element, Node, Placeholder},
            },
            view::{Position, PositionState},
        },
    };
    use std::any::{Any, TypeId};

    /// Any view, of which the type is known to its functions only.
    pub(super) struct ErasedView(pub(super) Box<dyn Drawn>);

    /// What is done with a view of whatever type.
    pub(super) trait Drawn: Send {
        fn kind(&self) -> TypeId;
        /// Whether it has a node of its own.
        fn exists(&self) -> bool;
        fn draw(self: Box<Self>) -> Box<dyn DrawnState>;
        fn wake(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> Box<dyn DrawnState>;
        /// Draws what differs from a state of the same type.
        fn draw_again(self: Box<Self>, state: &mut dyn Any);
    }

    impl<T: RenderHtml + 'static> Drawn for T {
        fn kind(&self) -> TypeId {
            TypeId::of::<T>()
        }

        fn exists(&self) -> bool {
            T::EXISTS
        }

        fn draw(self: Box<Self>) -> Box<dyn DrawnState> {
            Box::new((*self).build())
        }

        fn wake(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> Box<dyn DrawnState> {
            Box::new((*self).hydrate::<true>(cursor, position))
        }

        fn draw_again(self: Box<Self>, state: &mut dyn Any) {
            if let Some(state) = state.downcast_mut() {
                (*self).rebuild(state);
            }
        }
    }

    /// What a view has become in the document.
    pub(super) trait DrawnState: Mountable + Any {}

    impl<S: Mountable + Any> DrawnState for S {}

    /// The same, with what is needed to draw it again.
    pub(super) struct ErasedState {
        kind: TypeId,
        state: Box<dyn DrawnState>,
        /// Stands where the view has no node.
        placeholder: Option<Placeholder>,
    }

    impl Render for ErasedView {
        type State = ErasedState;

        fn build(self) -> ErasedState {
            let (kind, exists) = (self.0.kind(), self.0.exists());
            let state = self.0.draw();
            ErasedState { kind, state, placeholder: (!exists).then(Rndr::create_placeholder) }
        }

        fn rebuild(self, state: &mut ErasedState) {
            if self.0.kind() == state.kind {
                return self.0.draw_again(&mut *state.state);
            }
            let mut new = self.build();
            match &mut state.placeholder {
                Some(placeholder) => {
                    placeholder.insert_before_this(&mut new);
                }
                None => {
                    state.insert_before_this(&mut new);
                }
            }
            state.unmount();
            *state = new;
        }
    }

    impl Mountable for ErasedState {
        fn unmount(&mut self) {
            self.state.unmount();
            if let Some(placeholder) = &mut self.placeholder {
                placeholder.unmount();
            }
        }

        fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
            self.state.mount(parent, marker);
            if let Some(placeholder) = &mut self.placeholder {
                placeholder.mount(parent, marker);
            }
        }

        fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
            self.state.insert_before_this(child)
                || self.placeholder.as_ref().is_some_and(|placeholder| placeholder.insert_before_this(child))
        }

        fn elements(&self) -> Vec<Element> {
            self.state.elements()
        }
    }

    // `AnyView` keeps attributes itself, and hands none on.
    impl AddAnyAttr for ErasedView {
        type Output<SomeNewAttr: Attribute> = Self;

        fn add_any_attr<NewAttr: Attribute>(self, _: NewAttr) -> Self {
            self
        }
    }

    impl RenderHtml for ErasedView {
        type AsyncOutput = Self;
        type Owned = Self;

        const MIN_LENGTH: usize = 0;

        fn dry_resolve(&mut self) {}

        async fn resolve(self) -> Self {
            self
        }

        // HTML is written by the server, which erases no view in this way.
        fn to_html_with_buf(self, _: &mut String, _: &mut Position, _: bool, _: bool, _: Vec<AnyAttribute>) {}

        fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> ErasedState {
            let (kind, exists) = (self.0.kind(), self.0.exists());
            let state = self.0.wake(cursor, position);
            let placeholder = (!exists).then(|| cursor.next_placeholder(position));
            ErasedState { kind, state, placeholder }
        }

        fn into_owned(self) -> Self {
            self
        }
    }
}
