use crate::{
    fixtures::{START, act, id, model, name, new_model, new_version},
    harness::both,
};
use domain::{
    dataset::{Annotation, Split},
    geometry::{Rect, Size},
    ids::{ExperimentId, WorkItemId},
    lineage::Exclusions,
    model::{ApIntervals, CurvePoint, Evaluation, Series},
    name::Label,
    page::PageRequest,
    training::{TrainImage, TrainParams, TrainPlan},
    work::WorkState,
};
use measures::{
    metrics::{
        best_threshold::BestThreshold,
        coco::{CategoryAp, Summary},
    },
    statistics::Estimate,
};
use std::collections::BTreeMap;
use store::{NewExperiment, NewModelVersion, NewWork, Store, StoreError};

fn evaluation(split: Split, ap: f64) -> Evaluation {
    let summary = Summary {
        AP: ap,
        AP50: 0.5,
        AP75: -1.0,
        AP_small: 0.25,
        AP_medium: 0.75,
        AP_large: 1.0,
        AR_1: 0.0,
        AR_10: 0.5,
        AR_100: 0.5,
        AR_small: 0.5,
        AR_medium: 0.5,
        AR_large: 0.5,
    };
    let per_label = BTreeMap::from([(crate::fixtures::label("жук"), CategoryAp { AP: ap, AP50: 0.5 })]);
    let left_out = (split == Split::Test).then(|| Exclusions { near_duplicates: 3, ..Exclusions::default() });
    let fitted = left_out.map(|_| false);
    let estimate = Estimate { value: 0.6, low: 0.5, high: 0.75 };
    let best_threshold =
        fitted.map(|_| BestThreshold { threshold: estimate, f1: estimate, precision: 0.9, recall: 0.45 });
    Evaluation {
        dataset: "d/v1".into(),
        split,
        images: 72,
        boxes: 300,
        summary,
        per_label,
        at: START,
        left_out,
        fitted,
        best_threshold,
        intervals: fitted.map(|_| ApIntervals { AP: Some(estimate), AP50: None }),
    }
}

async fn experiment(store: &Store, text: &str) -> NewExperiment {
    let data = store
        .datasets()
        .create_version(new_version(&format!("data-{text}"), None, &["car"]), act())
        .await
        .unwrap();
    NewExperiment {
        id: id::<ExperimentId>(),
        name: name(text),
        dataset_version_id: data.id,
        model: name("cars"),
        base_id: None,
        params: TrainParams { learning_rate: 3e-4, ..TrainParams::default() }.into(),
        fingerprint: "f00d".into(),
        code_version: "0.1.0".into(),
        created: START,
    }
}

fn work_of(new: &NewExperiment) -> NewWork {
    NewWork {
        id: WorkItemId(new.id.0),
        kind: "train".into(),
        subject: new.name.to_string(),
        payload: serde_json::json!({}),
        dedupe_key: None,
        created: new.created,
    }
}

both! {
    async fn versions_of_a_model_are_numbered_from_one(store) {
        let first = model(store, "cars").await;
        let based = NewModelVersion { base_id: Some(first.id), ..new_model("cars") };
        let second = store.models().create_version(based, act()).await.unwrap();
        let other = model(store, "moths").await;
        assert_eq!([&first, &second, &other].map(|v| v.full_name()), ["cars/1", "cars/2", "moths/1"]);
        assert_eq!((second.model_id, second.base_id), (first.model_id, Some(first.id)));
        assert_eq!(store.models().find(second.id).await.unwrap(), Some(second.clone()));
        assert_eq!(store.models().find_by_name(&"cars/2".parse().unwrap()).await.unwrap(), Some(second));
        for missing in ["cars/3", "cars/x", "bees/1"] {
            assert_eq!(store.models().find_by_name(&missing.parse().unwrap()).await.unwrap(), None, "{missing}");
        }
        let page = store.models().page(&PageRequest { limit: Some(2), cursor: None }).await.unwrap();
        assert_eq!(page.items.iter().map(|v| v.full_name()).collect::<Vec<_>>(), ["moths/1", "cars/2"]);
    }

    async fn lines_have_the_ids_of_their_versions_by_name(store) {
        let moth = model(store, "moths").await;
        let [first, second] = [model(store, "cars").await, model(store, "cars").await];
        let lines = store.models().lines().await.unwrap();
        let found: Vec<_> = lines.iter().map(|l| (l.id, l.name.as_str(), l.versions.clone())).collect();
        let cars = (first.model_id.0, "cars", vec![second.id.0, first.id.0]);
        assert_eq!(found, [cars, (moth.model_id.0, "moths", vec![moth.id.0])]);
        assert_eq!(store.models().versions_of(first.model_id).await.unwrap(), [second, first]);
        let data = store.datasets().create_version(new_version("d", None, &["car"]), act()).await.unwrap();
        let lines = store.datasets().lines().await.unwrap();
        assert_eq!((lines[0].id, &lines[0].versions), (data.dataset_id.0, &vec![data.id.0]));
        assert_eq!(store.datasets().versions_of(data.dataset_id).await.unwrap(), [data]);
    }

    async fn a_base_that_is_not_there_is_refused(store) {
        let orphan = NewModelVersion { base_id: Some(id()), ..new_model("cars") };
        assert!(matches!(store.models().create_version(orphan, act()).await, Err(StoreError::Conflict { .. })));
        assert_eq!(store.models().find_by_name(&"cars/1".parse().unwrap()).await.unwrap(), None);
    }

    async fn a_new_measurement_replaces_the_one_on_the_same_split(store) {
        let version = model(store, "cars").await;
        for measured in [evaluation(Split::Test, 0.25), evaluation(Split::Val, 0.5), evaluation(Split::Test, 0.75)] {
            store.models().put_evaluation(version.id, "cells/1", &measured, act()).await.unwrap();
        }
        let found = store.models().find(version.id).await.unwrap().unwrap().evaluations;
        assert_eq!(found, [evaluation(Split::Test, 0.75), evaluation(Split::Val, 0.5)]);
    }

    async fn an_experiment_goes_its_way_and_no_other(store) {
        let new = experiment(store, "run-1").await;
        let queued = store.experiments().launch(&new, &work_of(&new), None, (act(), &new.name)).await.unwrap();
        assert_eq!((queued.state, queued.dataset.as_str()), (WorkState::Queued, "data-run-1/v1"));
        assert_eq!(queued.params, new.params);
        let same_name = NewExperiment { id: id(), ..new.clone() };
        assert!(matches!(store.experiments().insert(&same_name).await, Err(StoreError::Conflict { .. })));
        assert_eq!(store.work().cancel(WorkItemId(new.id.0), act()).await.unwrap().state, WorkState::Cancelled);
        let cancelled = store.experiments().find(new.id).await.unwrap().unwrap();
        assert_eq!((cancelled.state, cancelled.finished), (WorkState::Cancelled, Some(START)));

        let new = experiment(store, "run-2").await;
        store.experiments().launch(&new, &work_of(&new), None, (act(), &new.name)).await.unwrap();
        store.work().claim("train", "w", START.plus_ms(1)).await.unwrap().unwrap();
        let running = store.experiments().find(new.id).await.unwrap().unwrap();
        assert_eq!((running.state, running.started), (WorkState::Running, Some(START.plus_ms(1))));
        store.experiments().progress(new.id, 0.5, Some(60.0)).await.unwrap();
        let half = store.experiments().find_by_name(&name("run-2")).await.unwrap().unwrap();
        assert_eq!((half.progress, half.seconds_left), (0.5, Some(60.0)));
        let made = model(store, "cars").await;
        let stranger = store.experiments().succeed(new.id, "v", made.id, START).await;
        assert!(matches!(stranger, Err(StoreError::Conflict { .. })));
        assert_eq!(store.experiments().find(new.id).await.unwrap().unwrap().model_version, None);
        let done = store.experiments().succeed(new.id, "w", made.id, START.plus_ms(9)).await.unwrap();
        assert_eq!((done.state, done.progress, done.seconds_left), (WorkState::Succeeded, 1.0, None));
        assert_eq!((done.model_version.as_deref(), done.finished), (Some("cars/1"), Some(START.plus_ms(9))));
        assert_eq!(store.experiments().find(new.id).await.unwrap(), Some(done));
        let page = store.experiments().page(&PageRequest::default()).await.unwrap();
        assert_eq!(page.items.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(), ["run-2", "run-1"]);
        assert_eq!(store.experiments().succeed(new.id, "w", made.id, START.plus_ms(9)).await.unwrap().finished, Some(START.plus_ms(9)));
        let nobody = store.experiments().succeed(id(), "w", made.id, START).await;
        assert!(matches!(nobody, Err(StoreError::NotFound { .. })));
    }

    async fn a_plan_and_an_early_end_stay_until_the_run_begins_before_them(store) {
        let new = experiment(store, "run").await;
        store.experiments().insert(&new).await.unwrap();
        let known = async || {
            let found = store.experiments().find(new.id).await.unwrap().unwrap();
            (found.plan, found.stopped_early)
        };
        assert_eq!(known().await, (None, false));
        let images = [TrainImage {
            path: "picture".into(),
            size: Size::new(640, 480).unwrap(),
            split: Split::Train,
            annotations: vec![Annotation {
                label: Label::new("car").unwrap(),
                rect: Rect::new(1.0, 1.0, 70.5, 30.25).unwrap(),
                ignore: false,
            }],
        }];
        let plan = TrainPlan::new(&TrainParams::default(), &[Label::new("car").unwrap()], &images).unwrap().record();
        store.experiments().set_plan(new.id, &plan).await.unwrap();
        store.experiments().set_stopped_early(new.id).await.unwrap();
        assert_eq!(known().await, (Some(plan.clone()), true));
        store.experiments().rewind(new.id, 10).await.unwrap();
        assert_eq!(known().await, (Some(plan), false), "it goes on after step 10: the plan is the same");
        store.experiments().rewind(new.id, 0).await.unwrap();
        assert_eq!(known().await, (None, false), "it begins anew");
    }

    async fn curves_are_thinned_and_the_log_keeps_its_end(store) {
        let new = experiment(store, "run").await;
        store.experiments().insert(&new).await.unwrap();
        let points: Vec<_> = (0..4_001)
            .map(|n| 1 + 10 * n)
            .map(|step| CurvePoint { step, series: Series::Loss, value: 1.0 / f64::from(step) })
            .collect();
        store.experiments().add_points(new.id, &points).await.unwrap();
        let ap = CurvePoint { step: 10, series: Series::ValAp, value: 0.25 };
        let better = CurvePoint { value: 0.5, ..ap };
        store.experiments().add_points(new.id, &[ap, better]).await.unwrap();
        let shown = store.experiments().points(new.id).await.unwrap();
        let (loss, rest): (Vec<_>, Vec<_>) = shown.into_iter().partition(|point| point.series == Series::Loss);
        assert!((1_000..=2_000).contains(&loss.len()), "{} points", loss.len());
        assert!(loss.is_sorted_by_key(|point| point.step));
        assert_eq!((loss.first().unwrap().step, loss.last().unwrap().step), (1, 40_001));
        assert!(loss.iter().all(|point| point.value == 1.0 / f64::from(point.step)));
        assert_eq!(rest, [better], "the later of two points of one step stays");
        for n in 0..5 {
            store.experiments().add_log(new.id, START.plus_ms(n), &format!("line {n}")).await.unwrap();
        }
        let end = store.experiments().log(new.id, 2).await.unwrap();
        assert_eq!(end, [(START.plus_ms(3), "line 3".into()), (START.plus_ms(4), "line 4".into())]);
        store.experiments().rewind(new.id, 10).await.unwrap();
        let left: Vec<_> = store.experiments().points(new.id).await.unwrap().iter().map(|p| (p.series, p.step)).collect();
        assert_eq!(left, [(Series::Loss, 1), (Series::ValAp, 10)], "it goes on after step 10");
        assert_eq!(store.experiments().log(new.id, 9).await.unwrap().len(), 5);
        store.experiments().rewind(new.id, 0).await.unwrap();
        assert_eq!(store.experiments().points(new.id).await.unwrap(), []);
        assert_eq!(store.experiments().log(new.id, 9).await.unwrap(), []);
    }

    async fn an_experiment_moves_with_its_work_whatever_happens_to_it(store) {
        async fn told(store: &Store, new: &NewExperiment) -> (WorkState, Option<String>) {
            assert_eq!(store.inconsistencies().await.unwrap(), Vec::<String>::new());
            let found = store.experiments().find(new.id).await.unwrap().unwrap();
            (found.state, found.error)
        }
        let new = experiment(store, "run").await;
        let item = WorkItemId(new.id.0);
        store.experiments().launch(&new, &work_of(&new), None, (act(), &new.name)).await.unwrap();
        let claim = || async { store.work().claim("train", "w", START).await.unwrap().unwrap() };
        claim().await;
        assert_eq!(told(store, &new).await, (WorkState::Running, None));
        store.work().release(item, "w", START).await.unwrap();
        assert_eq!(told(store, &new).await, (WorkState::Queued, None));
        claim().await;
        store.work().requeue_stale(item, START.plus_ms(1), 3, START.plus_ms(1)).await.unwrap();
        assert_eq!(told(store, &new).await, (WorkState::Queued, None));
        claim().await;
        store.work().retry(item, "w", 3, "killed", START).await.unwrap();
        assert_eq!(told(store, &new).await, (WorkState::Queued, None));
        claim().await;
        store.work().requeue_stale(item, START.plus_ms(1), 3, START.plus_ms(1)).await.unwrap();
        let died = "its worker died, and not for the first time".to_owned();
        assert_eq!(told(store, &new).await, (WorkState::Failed, Some(died)));

        let new = experiment(store, "asked").await;
        let item = WorkItemId(new.id.0);
        store.experiments().launch(&new, &work_of(&new), None, (act(), &new.name)).await.unwrap();
        claim().await;
        store.work().cancel(item, act()).await.unwrap();
        assert_eq!(told(store, &new).await, (WorkState::Cancelling, None));
        store.work().finish(item, "w", WorkState::Failed, "no disk", START).await.unwrap();
        assert_eq!(told(store, &new).await, (WorkState::Failed, Some("no disk".to_owned())));
    }
}
