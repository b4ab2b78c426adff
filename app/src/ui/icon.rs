//! Small drawings, in the colour of the text around them.

use crate::ui::IntoAny;
use leptos::prelude::*;

/// What there is a drawing for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// An eye with its fovea: the mark of the product.
    Mark,
    /// Half dark: changes the theme.
    Theme,
    /// Two sheets.
    Copy,
    /// Leaves.
    Out,
    /// Into a tray.
    Upload,
    /// No picture.
    NoPicture,
}

fn paths(icon: Icon) -> AnyView {
    match icon {
        Icon::Mark => view! {
            <circle cx="8" cy="8" r="7" fill="none" stroke-width="1.6" />
            <circle cx="8" cy="8" r="4" fill="currentColor" stroke="none" opacity="0.45" />
            <circle cx="8" cy="8" r="2" fill="currentColor" stroke="none" />
        }
        .into_any(),
        Icon::Theme => view! {
            <circle cx="8" cy="8" r="5.5" fill="none" />
            <path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" stroke="none" />
        }
        .into_any(),
        Icon::Copy => view! {
            <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" fill="none" />
            <path d="M3.5 10.5h-1v-8h8v1" fill="none" />
        }
        .into_any(),
        Icon::Out => view! { <path d="M6.5 2.5h-4v11h4M6.5 8h7m-3-3 3 3-3 3" fill="none" /> }.into_any(),
        Icon::Upload => {
            view! { <path d="M8 10.5v-8m-3 3 3-3 3 3M2.5 10.5v3h11v-3" fill="none" /> }.into_any()
        }
        Icon::NoPicture => view! {
            <rect x="2" y="3" width="12" height="10" rx="1.5" fill="none" />
            <path d="M3 13 13 3" fill="none" />
        }
        .into_any(),
    }
}

/// The drawing; hidden from screen readers, since a word stands beside it.
#[must_use]
pub fn icon(icon: Icon) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" stroke="currentColor" stroke-width="1.3" aria-hidden="true">
            {paths(icon)}
        </svg>
    }
    .into_any()
}
