//! Small words with a tint.

use crate::ui::IntoAny;
use domain::{comparison::verdict_words, prediction::Status, work::WorkState};
use leptos::prelude::*;
use measures::gate::Verdict;

/// What a tint says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing in particular.
    Quiet,
    /// At work, or chosen.
    Accent,
    /// As it should be.
    Good,
    /// Wants a look.
    Warn,
    /// Went wrong.
    Bad,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Quiet => "pill",
            Self::Accent => "pill pill-accent",
            Self::Good => "pill pill-good",
            Self::Warn => "pill pill-warn",
            Self::Bad => "pill pill-bad",
        }
    }
}

/// A word with a tint.
#[must_use]
pub fn pill(tone: Tone, text: impl Into<String>) -> AnyView {
    view! { <span class=tone.class()>{text.into()}</span> }.into_any()
}

/// How far a prediction is.
#[must_use]
pub fn status_badge(status: Status) -> AnyView {
    let (tone, text) = match status {
        Status::ToReview => (Tone::Warn, "to review"),
        Status::Reviewed => (Tone::Good, "reviewed"),
        Status::Submitted => (Tone::Accent, "submitted"),
        Status::Skipped => (Tone::Quiet, "skipped"),
    };
    pill(tone, text)
}

/// How far a piece of work is.
#[must_use]
pub fn work_badge(state: WorkState) -> AnyView {
    let tone = match state {
        WorkState::Queued | WorkState::Cancelled => Tone::Quiet,
        WorkState::Running => Tone::Accent,
        WorkState::Cancelling => Tone::Warn,
        WorkState::Succeeded => Tone::Good,
        WorkState::Failed => Tone::Bad,
    };
    pill(tone, state.as_str())
}

/// The verdict as a pill.
#[must_use]
pub fn verdict_pill(verdict: Verdict) -> AnyView {
    let tone = match verdict {
        Verdict::Better => Tone::Good,
        Verdict::Worse => Tone::Bad,
        Verdict::Undecided | Verdict::UndecidedAnchored => Tone::Warn,
    };
    pill(tone, verdict_words(verdict)).into_any()
}
