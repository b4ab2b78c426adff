//! Arrivals that look alike, and a deployment that is compared with such.

use domain::{
    deployment::Deployment,
    drift::{DriftReference, ImageFeatures, image_features},
    ids::{NewId, ReferenceId},
    name::{Label, Name},
    prediction::{Provenance, Report},
    training_data::ReferenceContents,
};
use measures::{drift::DriftSettings, outlier::Calibration};
use store::{NewAudit, NewReference};
use test_support::{FreshIds, NOON, TestService, admin, predicted, report};

/// A small run of numbers from 0 to 1 that look independent.
pub(crate) fn noise(number: u64) -> f64 {
    let mixed = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f64 / f64::from(1u32 << 24)
}

/// A report with one to four boxes of this label and of a score around `score`.
pub(crate) fn arrival(label: &Label, number: u64, score: f64) -> Report {
    let boxes = 1 + (noise(number * 3) * 4.0) as u64;
    let boxes = (0..boxes)
        .map(|place| {
            let jitter = noise(number * 17 + place) * 0.2 - 0.1;
            predicted(label.as_str(), (score + jitter).clamp(0.51, 0.99), 30.0 * place as f64)
        })
        .collect();
    let provenance = Provenance { source: Some("line".into()), ..Provenance::default() };
    Report { provenance, ..report(boxes) }
}

/// Gives a deployment a reference of such arrivals.
pub(crate) async fn refer(
    test: &TestService,
    deployment: &Deployment,
    label: &Label,
    dataset: &str,
    settings: DriftSettings,
) {
    let (id, contents) = refer_unready(test, deployment, label, dataset, settings).await;
    test.service.store().monitoring().finish_reference(id, &contents, "").await.expect("ready");
}

/// Gives a deployment a reference that is not ready yet, and what it will hold.
pub(crate) async fn refer_unready(
    test: &TestService,
    deployment: &Deployment,
    label: &Label,
    dataset: &str,
    settings: DriftSettings,
) -> (ReferenceId, ReferenceContents) {
    let numbers =
        test.service.store().monitoring().label_numbers(std::slice::from_ref(label)).await.expect("numbered");
    let features: Vec<ImageFeatures> = (0..200)
        .map(|number| {
            let seen = arrival(label, 1_000_000 + number, 0.75);
            let boxes: Vec<_> =
                seen.boxes.iter().map(|b| (numbers[&b.label], b.score.get(), b.rect.area())).collect();
            let size = domain::geometry::Size::new(640, 480).expect("a size");
            image_features(None, size, &boxes, None)
        })
        .collect();
    let store = test.service.store();
    let name = Name::new(dataset).expect("a name");
    let version = test
        .service
        .catalogue()
        .create_version(&admin(), name, None, vec![label.clone()])
        .await
        .expect("a version");
    let reference = NewReference {
        id: ReferenceId(FreshIds.new_id()),
        deployment_id: deployment.id,
        dataset_version_id: version.id,
        model_version_id: deployment.champion.id,
        created: NOON,
    };
    store.monitoring().insert_reference(&reference).await.expect("stored");
    let contents = ReferenceContents {
        index: None,
        calibration: Calibration::freeze([]),
        drift: DriftReference::freeze(&features),
    };
    let entry = NewAudit {
        at: NOON,
        actor: "test".into(),
        action: "deployment.training_data".into(),
        subject: deployment.name.to_string(),
        detail: "{}".into(),
    };
    let monitoring = store.monitoring();
    monitoring.set_training_data(deployment.id, Some(reference.id), &settings, entry).await.expect("set");
    (reference.id, contents)
}
