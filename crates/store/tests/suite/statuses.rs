//! Any sequence of saves, skips, reopenings, submissions and their taking
//! back, against a model that fits in a few lines.

use crate::{
    fixtures::{act, by, deployment, drawn, id, new_prediction, new_version, revision},
    harness::both,
};
use domain::{
    feedback::{FeedbackSettings, Fingerprint},
    ids::PredictionId,
    prediction::{PredictionFilter, Status},
    review::Saved,
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use std::collections::BTreeMap;
use store::{Candidate, NewPrediction, Store};

const PREDICTIONS: usize = 4;

#[derive(Clone, Debug)]
enum Act {
    Save { boxes: u8, behind: bool },
    Skip,
    Reopen,
    Submit,
    Unsubmit,
}

fn any_act() -> impl Strategy<Value = (usize, Act)> {
    let act = prop_oneof![
        3 => (0u8..4, prop::bool::weighted(0.2)).prop_map(|(boxes, behind)| Act::Save { boxes, behind }),
        1 => Just(Act::Skip),
        1 => Just(Act::Reopen),
        2 => Just(Act::Submit),
        1 => Just(Act::Unsubmit),
    ];
    (0..PREDICTIONS, act)
}

/// What must be true of one prediction.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Expected {
    status: Status,
    revision: u32,
}

impl Expected {
    /// What an act makes of it; `None` when it must be refused.
    fn after(self, act: &Act) -> Option<Self> {
        let to = |status| Some(Self { status, ..self });
        match (act, self.status) {
            (Act::Save { behind: true, .. }, _) if self.revision > 0 => None,
            (Act::Save { .. } | Act::Skip, Status::Submitted) => None,
            (Act::Save { .. }, _) => Some(Self { status: Status::Reviewed, revision: self.revision + 1 }),
            (Act::Skip, _) => to(Status::Skipped),
            (Act::Reopen, _) => to(Status::ToReview),
            (Act::Submit, Status::Reviewed | Status::Submitted) => to(Status::Submitted),
            (Act::Unsubmit, Status::Submitted) => to(Status::Reviewed),
            (Act::Submit | Act::Unsubmit, _) => None,
        }
    }
}

struct Bench<'a> {
    store: &'a Store,
    gate: domain::deployment::Deployment,
    version: domain::ids::DatasetVersionId,
    ids: Vec<PredictionId>,
}

impl Bench<'_> {
    /// Whether the store accepted the act.
    async fn perform(&self, place: usize, act: &Act, expected: Expected, step: usize) -> bool {
        let (id, gate) = (self.ids[place], self.gate.id);
        let reviews = self.store.reviews();
        match act {
            Act::Save { boxes, behind } => {
                let base = expected.revision.saturating_sub(u32::from(*behind));
                // No two saves say the same, so that none is a repetition.
                let drawn =
                    |n: u8| drawn(["car", "person"][usize::from(n % 2)], f64::from(n) + step as f64 / 1e3);
                let boxes = (0..=*boxes).map(drawn).collect();
                matches!(
                    reviews.save(revision(id, base, boxes, "eve")).await,
                    Ok(Saved::Stored { repeated: false, .. })
                )
            }
            Act::Skip => reviews.skip(gate, &[id], "why", &by("eve")).await.unwrap().refused.is_empty(),
            Act::Reopen => reviews.reopen(gate, &[id], &by("eve")).await.unwrap().refused.is_empty(),
            Act::Submit => {
                let fingerprint = Fingerprint {
                    pixel_hash: format!("{:016x}{}", place * 7 + 1, "0".repeat(48)),
                    perceptual_hash: (place as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15),
                };
                let one = Candidate {
                    prediction_id: id,
                    asset_id: crate::fixtures::id(),
                    fingerprint: Some(fingerprint),
                };
                let feedback = self.store.feedback();
                feedback.submit(gate, self.version, &[one], &by("eve")).await.unwrap().refused.is_empty()
            }
            Act::Unsubmit => {
                let feedback = self.store.feedback();
                feedback.unsubmit(gate, &[id], &by("eve")).await.unwrap().refused.is_empty()
            }
        }
    }

    async fn check(&self, expected: &[Expected], told: &str) {
        let mut by_status: BTreeMap<Status, u64> = BTreeMap::new();
        for (id, expected) in self.ids.iter().zip(expected) {
            let found = self.store.predictions().find(*id).await.unwrap().unwrap();
            let revision = self.store.reviews().head(*id).await.unwrap().map_or(0, |head| head.revision);
            assert_eq!(Expected { status: found.status, revision }, *expected, "{told}");
            *by_status.entry(found.status).or_default() += 1;
        }
        for status in Status::ALL {
            let filter = PredictionFilter { status: Some(status), ..PredictionFilter::default() };
            let kept = self.store.predictions().count(self.gate.id, &filter).await.unwrap();
            assert_eq!(kept, by_status.get(&status).copied().unwrap_or(0), "{status}, {told}");
        }
        assert_eq!(self.store.inconsistencies().await.unwrap(), Vec::<String>::new(), "{told}");
    }
}

both! {
    async fn any_sequence_of_acts_keeps_statuses_counts_and_boxes_together(store) {
        let mut runner = TestRunner::deterministic();
        for case in 0..6 {
            let gate = deployment(store, &format!("gate-{case}")).await;
            let version = new_version(&format!("f-{case}"), None, &["car", "person"]);
            let version = store.datasets().create_version(version, act()).await.unwrap().id;
            let settings = FeedbackSettings { enabled: true, target: Some(version), ..FeedbackSettings::default() };
            store.feedback().put_settings(gate.id, settings, &by("root")).await.unwrap();
            let mut ids = Vec::new();
            for place in 0..PREDICTIONS {
                let image = Some(format!("{case:032x}{place:032x}"));
                let new = NewPrediction { id: id(), image, ..new_prediction(&gate) };
                ids.push(store.predictions().insert(new).await.unwrap().id);
            }
            let bench = Bench { store, gate, version, ids };
            let mut expected = [Expected { status: Status::ToReview, revision: 0 }; PREDICTIONS];
            let acts = prop::collection::vec(any_act(), 40).new_tree(&mut runner).unwrap().current();
            for (step, (place, act)) in acts.iter().enumerate() {
                let told = format!("case {case}, step {step}: {act:?} on {place}, {:?}", expected[*place]);
                let after = expected[*place].after(act);
                assert_eq!(bench.perform(*place, act, expected[*place], step).await, after.is_some(), "{told}");
                expected[*place] = after.unwrap_or(expected[*place]);
                if step % 8 == 7 {
                    bench.check(&expected, &told).await;
                }
            }
        }
    }
}
