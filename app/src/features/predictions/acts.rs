//! What is done to the selection, and taken back.

use super::{
    list::{List, Toast},
    selection::TileSelection,
};
use crate::{
    error::AppResult,
    packed::packed,
    server_fns::prediction_acts::{act_on_predictions, undo_deletion},
};
use charts::grouped;
use domain::{
    ids::DeletionId,
    listing::{self, BulkAct, BulkReport, BulkRequest},
};
use leptos::{prelude::*, task::spawn_local};
use std::{collections::BTreeSet, time::Duration};

/// So long a word at the lower edge stays, and a deletion can be taken back.
const STAYS: Duration = Duration::from_secs(10);

impl List {
    /// Does something to what is chosen, in as many calls as it takes.
    pub(super) fn act(self, act: BulkAct) {
        let Some(selection) = self.chosen() else { return };
        self.toast.set(None);
        let name = self.name.get_value();
        spawn_local(async move {
            let request = BulkRequest { selection, act, resume: None };
            let outcome = carry_out(self, &name, request.clone()).await;
            // The list may be gone when the answer comes.
            if self.is_gone() {
                return;
            }
            match outcome {
                Ok(report) => self.done(&request, &report),
                Err(error) => self.say_for_a_while(Toast { words: error.0.message, undo: None, bad: true }),
            }
        });
    }

    /// Whether the page with the list was left.
    fn is_gone(self) -> bool {
        self.name.try_get_value().is_none()
    }

    fn done(self, request: &BulkRequest, report: &BulkReport) {
        let words = words(&request.act, report);
        self.told.set(words.clone());
        self.say_for_a_while(Toast {
            words,
            undo: report.deletion,
            bad: report.changed == 0 && report.refused > 0,
        });
        let deleted = request.act == BulkAct::Delete;
        match &request.selection {
            listing::Selection::Ids { ids } if deleted && report.refused == 0 => {
                let gone: BTreeSet<_> = ids.iter().copied().collect();
                self.strip.update(|strip| strip.retain(|id| !gone.contains(&id)));
            }
            listing::Selection::Ids { ids } => self.doubt(ids.iter().copied()),
            listing::Selection::Matching { .. } if deleted => self.begin_again(),
            listing::Selection::Matching { .. } => self.doubt(self.listed_ids()),
        }
        let keeps = matches!(request.act, BulkAct::Tag { .. } | BulkAct::Untag { .. });
        if !keeps {
            self.selection.set(TileSelection::default());
        }
        self.count();
    }

    fn say_for_a_while(self, toast: Toast) {
        if self.toast.try_set(Some(toast.clone())).is_some() {
            return;
        }
        set_timeout(
            move || {
                // Another word may stand there by then.
                self.toast.try_update(|shown| shown.take_if(|shown| *shown == toast));
            },
            STAYS,
        );
    }

    /// Takes a deletion back.
    pub(super) fn undo(self, deletion: DeletionId) {
        self.toast.set(None);
        spawn_local(async move {
            let undone = undo_deletion(deletion).await;
            if self.is_gone() {
                return;
            }
            let toast = match undone {
                Ok(restored) => {
                    self.begin_again();
                    Toast { words: format!("{} restored", counted(restored)), undo: None, bad: false }
                }
                Err(error) => Toast { words: error.0.message, undo: None, bad: true },
            };
            self.told.try_set(toast.words.clone());
            self.say_for_a_while(toast);
        });
    }
}

/// In as many calls as it takes.
async fn carry_out(list: List, name: &str, mut request: BulkRequest) -> AppResult<BulkReport> {
    let mut whole = BulkReport::default();
    loop {
        let report = act_on_predictions(name.to_owned(), packed(&request)?).await?.open()?;
        whole.changed += report.changed;
        whole.unchanged += report.unchanged;
        whole.refused += report.refused;
        whole.refusals.extend(report.refusals);
        whole.deletion = report.deletion.or(whole.deletion);
        if report.resume.is_none() {
            return Ok(whole);
        }
        let so_far = whole.changed + whole.unchanged + whole.refused;
        let words = format!("{} so far …", grouped(so_far));
        // Who leaves the page stops it between two calls.
        if list.toast.try_set(Some(Toast { words, undo: None, bad: false })).is_some() {
            return Ok(whole);
        }
        request.resume = report.resume;
    }
}

fn counted(count: u64) -> String {
    if count == 1 { "1 prediction".to_owned() } else { format!("{} predictions", grouped(count)) }
}

/// What happened, in a sentence.
fn words(act: &BulkAct, report: &BulkReport) -> String {
    let of = counted(report.changed);
    let mut words = match act {
        BulkAct::Tag { tag } => format!("Tagged {of} “{tag}”"),
        BulkAct::Untag { tag } => format!("Took “{tag}” off {of}"),
        BulkAct::Skip { .. } => format!("Skipped {of}"),
        BulkAct::Submit => format!("Submitted {of} to the feedback loop"),
        BulkAct::Reopen => format!("Reopened {of}"),
        BulkAct::Delete => format!("Deleted {of}"),
    };
    if report.unchanged > 0 {
        words.push_str(&format!(" · {} were so already", grouped(report.unchanged)));
    }
    if let Some(first) = report.refusals.first() {
        words.push_str(&format!(" · {} refused: {}", grouped(report.refused), first.reason));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::listing::Refusal;

    #[test]
    fn the_words_tell_what_was_done_and_what_was_not() {
        let refusal = Refusal { id: uuid_of(1), reason: "It was submitted.".into() };
        let report = BulkReport {
            changed: 1200,
            unchanged: 2,
            refused: 1,
            refusals: vec![refusal],
            ..BulkReport::default()
        };
        assert_eq!(
            words(&BulkAct::Tag { tag: "night".into() }, &report),
            "Tagged 1,200 predictions “night” · 2 were so already · 1 refused: It was submitted."
        );
    }

    fn uuid_of(n: u8) -> domain::ids::PredictionId {
        format!("{n:032x}").parse().expect("an id")
    }
}
