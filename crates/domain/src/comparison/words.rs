//! A verdict and its reasons in words.

use crate::{name::Label, words::counted};
use measures::gate::{Reason, Verdict};

/// The verdict in a few words.
#[must_use]
pub fn verdict_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::Undecided => "undecided",
        Verdict::UndecidedAnchored => "undecided (anchored)",
    }
}

/// Why the verdict says no more, in a sentence.
#[must_use]
pub fn reason_words(reason: &Reason, labels: &[Label]) -> String {
    let name = |category: usize| labels.get(category).map_or("?", Label::as_str);
    match *reason {
        Reason::FewImages { have, need } => {
            format!("{} held out; a verdict needs {need}.", counted(have, "image is", "images are"))
        }
        Reason::FewBoxes { category, have, need } => {
            let boxes = counted(have, "reviewed box", "reviewed boxes");
            format!("{} has {boxes} in the held-out images; a verdict needs {need}.", name(category))
        }
        Reason::NoTruth => "No reviewed box is in the held-out images.".to_owned(),
        Reason::IntervalHoldsZero => {
            "The 95 % interval of the difference contains 0: neither is proved better.".to_owned()
        }
        Reason::ClassRegressed { category } => {
            format!("The AP of {} fell by more than is allowed.", name(category))
        }
        Reason::OverLatencyBudget { measured_ms, budget_ms } => {
            format!(
                "The candidate's p95 latency is {measured_ms:.0} ms; the latency budget is {budget_ms:.0} ms."
            )
        }
        Reason::LatencyUnknown => {
            "A latency budget is set, but the candidate's latency was not measured.".to_owned()
        }
        Reason::FewBlindImages { have, need } => {
            format!("{} reviewed blind; a verdict needs {need}.", counted(have, "image was", "images were"))
        }
        Reason::BlindDisagrees => "The blind reviews show the opposite difference.".to_owned(),
        Reason::DecidedByAnchoredReviews => {
            "Without the reviews that started from the winner's boxes, the verdict is undecided.".to_owned()
        }
    }
}

/// In words: `once`, `3 times`.
#[must_use]
pub fn times(number: u64) -> String {
    match number {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        many => format!("{many} times"),
    }
}
