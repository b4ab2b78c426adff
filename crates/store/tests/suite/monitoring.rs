use crate::{
    fixtures::{START, act, annotation, asset, deployment, id, new_prediction, new_version, seen},
    harness::both,
};
use domain::{
    dataset::Split,
    deployment::Deployment,
    drift::{DriftReference, Feature, ImageFeatures},
    ids::ReferenceId,
    monitor::image_measures::{Appearance, ImageMeasure},
    training_data::{ReferenceContents, ReferenceState},
};
use measures::{
    drift::DriftSettings,
    outlier::{Calibration, EmbeddingIndex},
};
use store::{DriftStep, NewAudit, NewPrediction, NewReference, Outlier, Store};

const BRIGHTNESS: Feature = Feature::Image(ImageMeasure::Brightness);

fn entry() -> NewAudit {
    NewAudit {
        at: START,
        actor: "ada".into(),
        action: "deployment.training_data".into(),
        subject: "gate".into(),
        detail: "{}".into(),
    }
}

pub(crate) async fn reference(store: &Store, gate: &Deployment) -> ReferenceId {
    let version =
        store.datasets().create_version(new_version("photos", None, &["car"]), act()).await.unwrap();
    let image = asset(version.id, Split::Train, vec![annotation("car", false)]);
    store.datasets().add_assets(version.id, &[image]).await.unwrap();
    let new = NewReference {
        id: id(),
        deployment_id: gate.id,
        dataset_version_id: version.id,
        model_version_id: gate.champion.id,
        created: START,
    };
    store.monitoring().insert_reference(&new).await.unwrap();
    new.id
}

pub(crate) fn contents(features: &[ImageFeatures]) -> ReferenceContents {
    let embeddings: Vec<Vec<f32>> = (0..12u8).map(|n| vec![f32::from(n) / 7.0, 1.0, -0.3]).collect();
    ReferenceContents {
        index: Some(EmbeddingIndex::new(embeddings.iter().map(Vec::as_slice)).unwrap()),
        calibration: Calibration::freeze([0.1, 1.0 / 3.0, 0.2]),
        drift: DriftReference::freeze(features),
    }
}

both! {
    async fn a_reference_comes_back_bit_for_bit_when_it_is_ready(store) {
        let gate = deployment(store, "gate").await;
        let monitoring = store.monitoring();
        assert_eq!(monitoring.training_data(gate.id).await.unwrap().reference, None);
        let made = reference(store, &gate).await;
        let settings = DriftSettings { window: 30, ..DriftSettings::default() };
        monitoring.set_training_data(gate.id, Some(made), &settings, entry()).await.unwrap();
        let data = monitoring.training_data(gate.id).await.unwrap();
        assert_eq!((data.ready(), data.drift), (None, settings));
        assert_eq!(data.reference.unwrap().state, ReferenceState::Building);
        assert_eq!(monitoring.reference_contents(made).await.unwrap(), None);
        let features = ImageFeatures::default().with(BRIGHTNESS, 1.0 / 3.0);
        let held = contents(&[features]);
        monitoring.finish_reference(made, &held, "few").await.unwrap();
        assert_eq!(monitoring.reference_contents(made).await.unwrap(), Some(held));
        let ready = monitoring.training_data(gate.id).await.unwrap();
        let ready = ready.ready().unwrap();
        assert_eq!((ready.dataset.as_str(), ready.model.as_str()), ("photos/v1", gate.champion.name.as_str()));
        assert_eq!((ready.training_images, ready.calibration_images, ready.message.as_str()), (12, 1, "few"));
        let again = monitoring.reference_of(gate.id, ready.dataset_version_id, gate.champion.id).await.unwrap();
        assert_eq!(again.map(|reference| reference.id), Some(made));
        monitoring.fail_reference(made, "gone").await.unwrap();
        assert_eq!(monitoring.reference_of(gate.id, ready.dataset_version_id, gate.champion.id).await.unwrap(), None);
        monitoring.set_training_data(gate.id, None, &settings, entry()).await.unwrap();
        assert_eq!(monitoring.training_data(gate.id).await.unwrap().reference, None);
    }

    async fn looking_for_drift_begins_where_a_reference_is_ready_and_compared_with(store) {
        let gate = deployment(store, "gate").await;
        let monitoring = store.monitoring();
        let settings = DriftSettings::default();
        let step = async || monitoring.drift_step(gate.id).await.unwrap();
        let switch = async |to| monitoring.set_training_data(gate.id, to, &settings, entry()).await.unwrap();
        let first = new_prediction(&gate);
        store.predictions().insert(first.clone()).await.unwrap();
        let (one, other) = (reference(store, &gate).await, reference(store, &gate).await);
        switch(Some(one)).await;
        assert_eq!(step().await, None, "it is not ready");
        monitoring.finish_reference(other, &contents(&[]), "").await.unwrap();
        assert_eq!(step().await, None, "nothing is compared with it");
        monitoring.finish_reference(one, &contents(&[]), "").await.unwrap();
        let begun = step().await.unwrap();
        assert_eq!((begun.reference_id, begun.version, begun.last_id), (one, 0, Some(first.id)));
        assert!(monitoring.take_drift_step(gate.id, &begun, &[], &[]).await.unwrap());
        let second = new_prediction(&gate);
        store.predictions().insert(second.clone()).await.unwrap();
        switch(Some(one)).await;
        monitoring.begin_drift(gate.id).await.unwrap();
        assert_eq!(step().await.unwrap().last_id, Some(first.id), "the same one goes on");
        switch(Some(other)).await;
        let anew = step().await.unwrap();
        assert_eq!((anew.reference_id, anew.version, anew.last_id), (other, 2, Some(second.id)));
        let stale = DriftStep { version: 1, ..begun };
        assert!(!monitoring.take_drift_step(gate.id, &stale, &[], &[]).await.unwrap(), "of the former one");
        switch(None).await;
        assert_eq!(step().await, Some(anew));
    }

    async fn features_are_those_of_the_boxes_that_people_see(store) {
        let gate = deployment(store, "gate").await;
        let made = reference(store, &gate).await;
        // One that was not measured keeps none of the others from being compared.
        let appearance = Appearance::measured(|measure| match measure {
            ImageMeasure::Brightness => Some(0.25),
            ImageMeasure::Contrast => None,
            _ => Some(50.0),
        });
        let whole = NewPrediction {
            appearance: Some(appearance),
            outlier: Some(Outlier { score: 0.5, distance: 0.75, reference: Some(made) }),
            boxes: vec![seen("car", 0.1), seen("car", 0.5), seen("person", 1.0)],
            ..new_prediction(&gate)
        };
        let foreign = NewPrediction {
            outlier: Some(Outlier { score: 0.5, distance: 0.75, reference: None }),
            boxes: vec![],
            source: None,
            ..new_prediction(&gate)
        };
        for new in [&whole, &foreign] {
            store.predictions().insert(new.clone()).await.unwrap();
        }
        let asked = [foreign.id, id(), whole.id];
        let found = store.monitoring().features(&asked, made).await.unwrap();
        assert_eq!(found.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [foreign.id, whole.id]);
        let number = |place: usize, feature| found[place].1.number(feature);
        assert_eq!((number(0, Feature::Embedding), number(0, BRIGHTNESS)), (None, None));
        assert_eq!((number(0, Feature::Objects), number(0, Feature::Confidence)), (Some(0.0), None));
        assert_eq!((number(1, Feature::Embedding), number(1, BRIGHTNESS)), (Some(0.75), Some(0.25)));
        let contrast = number(1, Feature::Image(ImageMeasure::Contrast));
        assert_eq!((contrast, number(1, Feature::Image(ImageMeasure::Sharpness))), (None, Some(50.0)));
        assert_eq!((number(1, Feature::Objects), number(1, Feature::Confidence)), (Some(2.0), Some(0.75)));
        assert_eq!(found[1].1.source(), "line 1");
        let arrived = store.monitoring().arrived(gate.id, Some(whole.id), START.plus_ms(5), 10).await.unwrap();
        assert_eq!(arrived.iter().map(|image| image.id).collect::<Vec<_>>(), [foreign.id]);
        assert_eq!(store.monitoring().arrived(gate.id, None, START.plus_ms(4), 10).await.unwrap(), []);
    }

    async fn a_reference_fails_with_its_work_and_is_never_made_without(store) {
        let gate = deployment(store, "gate").await;
        let version = store.datasets().create_version(new_version("photos", None, &["car"]), act()).await.unwrap();
        for cancelled in [true, false] {
            let new = NewReference {
                id: id(), deployment_id: gate.id, dataset_version_id: version.id,
                model_version_id: gate.champion.id, created: START,
            };
            let item = domain::ids::WorkItemId(new.id.0);
            let work = store::NewWork {
                id: item, kind: "reference".into(), subject: "gate".into(), payload: serde_json::json!({}),
                dedupe_key: None, created: START,
            };
            store.monitoring().begin_reference(&new, &work).await.unwrap();
            assert_eq!(store.inconsistencies().await.unwrap(), Vec::<String>::new());
            if cancelled {
                store.work().cancel(item, act()).await.unwrap();
            } else {
                store.work().claim("reference", "w", START).await.unwrap().unwrap();
                store.work().requeue_stale(item, START.plus_ms(1), 1, START.plus_ms(1)).await.unwrap();
            }
            let made = store.monitoring().reference(new.id).await.unwrap().unwrap();
            assert_eq!(made.state, ReferenceState::Failed);
            assert_eq!(store.inconsistencies().await.unwrap(), Vec::<String>::new());
        }
    }
}
