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
    /// To where one came from.
    Back,
    /// Takes a step back.
    Undo,
    /// Makes it again.
    Redo,
    /// Shows all of the image.
    Fit,
    /// One pixel for one.
    OneToOne,
    /// Labels beside boxes.
    Tag,
    /// Adds.
    Plus,
    /// Shown.
    Eye,
    /// Hidden.
    EyeOff,
    /// Kept from changes.
    Lock,
    /// Open to changes.
    Unlock,
    /// Deletes.
    Bin,
    /// Explains.
    Help,
    /// Looks for something.
    Search,
    /// Takes away.
    Close,
    /// Chosen.
    Check,
    /// Draws on a picture.
    Review,
    /// Small and large.
    Size,
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
        Icon::Search => {
            view! { <path d="M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.4 10.4l3.4 3.4" fill="none" /> }
                .into_any()
        }
        Icon::Close => view! { <path d="m4 4 8 8m0-8-8 8" fill="none" /> }.into_any(),
        Icon::Check => view! { <path d="m3.5 8.5 3 3 6-7" fill="none" stroke-width="1.8" /> }.into_any(),
        Icon::Review => {
            view! { <path d="M2.5 13.5 3.3 10l7-7 2.7 2.7-7 7zM9 4.3 11.7 7" fill="none" /> }.into_any()
        }
        Icon::Size => view! { <path d="M2.5 9.5h4v4h-4zM7.5 7.5v-5h6v6h-5" fill="none" /> }.into_any(),
        Icon::NoPicture => view! {
            <rect x="2" y="3" width="12" height="10" rx="1.5" fill="none" />
            <path d="M3 13 13 3" fill="none" />
        }
        .into_any(),
        one => stroke(outline(one)),
    }
}

/// Of drawings that are one line.
fn outline(icon: Icon) -> &'static str {
    match icon {
        Icon::Back => "M9.5 3.5 5 8l4.5 4.5",
        Icon::Undo => "M5.5 3 2.5 6l3 3M3 6h6.5a3.75 3.75 0 0 1 0 7.5H6",
        Icon::Redo => "m10.5 3 3 3-3 3M13 6H6.5a3.75 3.75 0 0 0 0 7.5H10",
        Icon::Fit => "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
        Icon::OneToOne => "M3 5.5 5 4v8M8 6.5v.1M8 10v.1M11 5.5 13 4v8",
        Icon::Tag => "M2.5 2.5H8l5.5 5.5L8 13.5 2.5 8zM5.5 5.5v.1",
        Icon::Plus => "M8 3v10M3 8h10",
        Icon::Eye => {
            "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4z"
        }
        Icon::EyeOff => "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM3 13.5l10-11",
        Icon::Lock => "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
        Icon::Unlock => "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 4.8-.9",
        Icon::Bin => "M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.5 9h6l.5-9",
        _ => "M5.8 6a2.2 2.2 0 1 1 3.1 2c-.6.3-.9.7-.9 1.4M8 12v.1",
    }
}

fn stroke(path: &'static str) -> AnyView {
    view! { <path d=path fill="none" stroke-linejoin="round" stroke-linecap="round" /> }.into_any()
}

/// The drawing; hidden from screen readers, since a word stands beside it.
#[must_use]
pub fn icon(icon: Icon) -> AnyView {
    svg(paths(icon))
}

/// The drawing of one line, an SVG path in a square of 16.
#[must_use]
pub fn outline_icon(path: &'static str) -> AnyView {
    svg(stroke(path))
}

fn svg(shapes: AnyView) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" stroke="currentColor" stroke-width="1.3" aria-hidden="true">
            {shapes}
        </svg>
    }
    .into_any()
}
