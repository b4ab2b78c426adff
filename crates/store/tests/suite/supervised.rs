//! Kept matches are those of the present reviews, whatever happened before.

use crate::{
    fixtures::{by, deployment, id, model, new_prediction, rect, revision, seen},
    harness::{self, both},
};
use domain::{
    deployment::Deployment,
    ids::{ModelVersionId, PredictionId},
    prediction::{PredictedBox, Status},
    review::{Picked, SavedBox, StartedFrom},
};
use measures::metrics::coco::{Accumulator, DetectedBox, ImageBoxes, TruthBox, evaluate};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use store::{Lineage, NewPrediction, NewRevision, NewShadow, Store};

const WORDS: [&str; 3] = ["car", "person", "жук"];

#[derive(Clone, Debug)]
enum Act {
    Review { image: usize, boxes: Vec<(usize, f64, f64, bool)>, from: StartedFrom, picked: Picked },
    Reopen { image: usize },
    Skip { image: usize },
    Shadow { image: usize, boxes: Vec<(usize, f64, f64)> },
    Delete { image: usize },
}

const IMAGES: usize = 4;

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let boxes = prop::collection::vec((0..3usize, 0.0f64..200.0, 5.0f64..120.0, any::<bool>()), 0..5);
    let from = prop::sample::select(vec![StartedFrom::Champion, StartedFrom::Shadow, StartedFrom::Empty]);
    let picked = prop::sample::select(vec![Picked::Random, Picked::Query]);
    let review = (0..IMAGES, boxes, from, picked).prop_map(|(image, boxes, from, picked)| Act::Review {
        image,
        boxes,
        from,
        picked,
    });
    let shadow = prop::collection::vec((0..3usize, 0.0f64..200.0, 0.0f64..=1.0), 0..5);
    let shadow = (0..IMAGES, shadow).prop_map(|(image, boxes)| Act::Shadow { image, boxes });
    let act = prop_oneof![
        6 => review,
        2 => (0..IMAGES).prop_map(|image| Act::Reopen { image }),
        1 => (0..IMAGES).prop_map(|image| Act::Skip { image }),
        2 => shadow,
        1 => (0..IMAGES).prop_map(|image| Act::Delete { image }),
    ];
    prop::collection::vec(act, 1..25)
}

fn at(word: usize, confidence: f64, x: f64) -> PredictedBox {
    PredictedBox { rect: rect(x, 2.0, 60.5, 40.25), ..seen(WORDS[word], confidence) }
}

fn champion_boxes(image: usize) -> Vec<PredictedBox> {
    (0..5usize).map(|n| at((n + image) % 3, 0.15 + 0.17 * n as f64, 40.0 * n as f64)).collect()
}

struct Bed<'s> {
    store: &'s Store,
    gate: Deployment,
    shadow: ModelVersionId,
    images: Vec<PredictionId>,
}

impl Bed<'_> {
    async fn act(&self, act: &Act) {
        let reviews = self.store.reviews();
        match act {
            Act::Review { image, boxes, from, picked } => {
                let Some(now) = self.store.predictions().find(self.images[*image]).await.unwrap() else {
                    return;
                };
                let base = reviews.head(now.id).await.unwrap().map_or(0, |head| head.revision);
                let saved = boxes.iter().map(|(word, x, w, ignore)| SavedBox {
                    label: crate::fixtures::label(WORDS[*word]),
                    rect: rect(*x, 2.0, *w, 40.25),
                    ignore: *ignore,
                    source: None,
                });
                let new = NewRevision {
                    started_from: *from,
                    picked: *picked,
                    ..revision(now.id, base, saved.collect(), "eve")
                };
                reviews.save(new).await.unwrap();
            }
            Act::Reopen { image } => {
                reviews.reopen(self.gate.id, &[self.images[*image]], &by("eve")).await.unwrap();
            }
            Act::Skip { image } => {
                reviews.skip(self.gate.id, &[self.images[*image]], "dark", &by("eve")).await.unwrap();
            }
            Act::Shadow { image, boxes } => {
                let shadow = NewShadow {
                    model_version_id: Some(self.shadow),
                    latency_ms: 3.0,
                    boxes: boxes.iter().map(|(word, x, score)| at(*word, *score, *x)).collect(),
                    disagreement: None,
                };
                // A second shadow, or one of an image that is gone, is refused.
                let _ = self.store.predictions().attach_shadow(self.images[*image], &shadow).await;
            }
            Act::Delete { image } => {
                let _ = self.store.predictions().delete(self.images[*image], crate::fixtures::act()).await;
            }
        }
    }

    /// What the exact evaluator says of the present reviews, matched anew.
    async fn exact(&self, shadow: bool) -> (Vec<PredictionId>, Vec<ImageBoxes>) {
        let (mut ids, mut images) = (Vec::new(), Vec::new());
        for id in &self.images {
            let Some(prediction) = self.store.predictions().find(*id).await.unwrap() else { continue };
            if prediction.status != Status::Reviewed || (shadow && prediction.shadow.is_none()) {
                continue;
            }
            let review = self.store.reviews().latest(*id).await.unwrap().unwrap();
            let labels: Vec<_> = WORDS.map(crate::fixtures::label).to_vec();
            let numbers = self.store.monitoring().label_numbers(&labels).await.unwrap();
            let number = |label| numbers[label] as usize;
            let boxes = if shadow { prediction.shadow.unwrap().boxes } else { prediction.boxes };
            let mut boxes: Vec<_> = boxes.iter().collect();
            boxes.sort_by(|a, b| b.score.get().total_cmp(&a.score.get()));
            ids.push(*id);
            images.push(ImageBoxes {
                truths: review
                    .boxes
                    .iter()
                    .map(|b| TruthBox::new(number(&b.label), &b.rect, b.ignore))
                    .collect(),
                detections: boxes
                    .iter()
                    .map(|b| DetectedBox::new(number(&b.label), &b.rect, b.score))
                    .collect(),
            });
        }
        (ids, images)
    }

    async fn compare(&self) {
        for (model, shadow) in [(self.gate.champion.id, false), (self.shadow, true)] {
            let (monitoring, lineage) = (self.store.monitoring(), Lineage::default());
            let kept = monitoring.reviewed_images(self.gate.id, model, &lineage, 100).await.unwrap().images;
            let (ids, exact) = self.exact(shadow).await;
            assert_eq!(kept.iter().map(|image| image.id).collect::<Vec<_>>(), ids);
            let categories = 64;
            let accumulator = Accumulator::new(categories, kept.iter().map(|image| &image.matches));
            assert_eq!(accumulator.evaluate(None), evaluate(categories, &exact));
            for (kept, exact) in kept.iter().zip(&exact) {
                assert_eq!((&kept.truths, &kept.detections), (&exact.truths, &exact.detections));
                let review = self.store.reviews().head(kept.id).await.unwrap().unwrap();
                assert_eq!((kept.started_from, kept.picked), (review.started_from, review.picked));
            }
        }
    }
}

fn law(fresh: harness::Fresh, runtime: &tokio::runtime::Runtime) {
    let number = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config { cases: 10, failure_persistence: None, ..Config::default() });
    runner
        .run(&acts(), |acts| {
            number.set(number.get() + 1);
            runtime.block_on(async {
                let store = &fresh.store;
                let gate = deployment(store, &format!("gate-{}", number.get())).await;
                let shadow = model(store, &format!("shadow-{}", number.get())).await.id;
                let mut images = Vec::new();
                for image in 0..IMAGES {
                    let new =
                        NewPrediction { boxes: champion_boxes(image), id: id(), ..new_prediction(&gate) };
                    images.push(store.predictions().insert(new).await.unwrap().id);
                }
                let bed = Bed { store, gate, shadow, images };
                for act in &acts {
                    bed.act(act).await;
                }
                bed.compare().await;
            });
            Ok(())
        })
        .unwrap();
    runtime.block_on(fresh.close());
}

#[test]
fn kept_matches_are_those_of_the_present_reviews_on_sqlite() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let fresh = runtime.block_on(harness::sqlite());
    law(fresh, &runtime);
}

#[test]
fn kept_matches_are_those_of_the_present_reviews_on_postgres() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Some(fresh) = runtime.block_on(harness::postgres()) {
        law(fresh, &runtime);
    }
}

both! {
    async fn figures_are_kept_with_the_changes_they_were_computed_after(store) {
        use domain::monitor::supervised::{FiguresOf, Scope};
        let gate = deployment(store, "gate").await;
        let monitoring = store.monitoring();
        assert_eq!(monitoring.supervised_changes(gate.id).await.unwrap(), (0, 0));
        let image = store.predictions().insert(new_prediction(&gate)).await.unwrap().id;
        store.reviews().save(revision(image, 0, vec![], "eve")).await.unwrap();
        let (changes, computed) = monitoring.supervised_changes(gate.id).await.unwrap();
        assert!(changes > computed);
        let figures = [(FiguresOf::Champion, Scope::Blind, "{\"a\":1}".to_owned())];
        monitoring.put_supervised(gate.id, &figures, changes, crate::fixtures::START).await.unwrap();
        assert_eq!(monitoring.supervised_changes(gate.id).await.unwrap(), (changes, changes));
        let kept = async |of, scope| monitoring.supervised(gate.id, of, scope).await.unwrap();
        assert_eq!(kept(FiguresOf::Champion, Scope::Blind).await.as_deref(), Some("{\"a\":1}"));
        assert_eq!(kept(FiguresOf::Shadow, Scope::Blind).await, None);
        assert_eq!(kept(FiguresOf::Champion, Scope::All).await, None);
        store.reviews().reopen(gate.id, &[image], &by("eve")).await.unwrap();
        assert!(monitoring.supervised_changes(gate.id).await.unwrap().0 > changes);
    }
}
