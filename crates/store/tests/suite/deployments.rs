use crate::{
    fixtures::{START, act, change, deployment, id, model, name, new_prediction, score},
    harness::both,
};
use domain::monitor::Resolution;
use store::{DeployedRole, DeploymentChange, NewDeployment, NewPrediction, RoleChange, StoreError};

fn threshold(value: f64) -> DeploymentChange<'static> {
    DeploymentChange { threshold: Some((score(value), act())), ..DeploymentChange::default() }
}

both! {
    async fn a_deployment_is_found_with_its_models(store) {
        let (champion, shadow) = (model(store, "cars").await, model(store, "cars").await);
        let new = NewDeployment {
            id: id(),
            name: name("gate"),
            champion: champion.id,
            shadow: Some(shadow.id),
            threshold: score(0.3),
            created: START,
        };
        let made = store.deployments().insert(&new, act()).await.unwrap();
        assert_eq!((made.champion.name.as_str(), made.champion.runnable), ("cars/1", true));
        assert_eq!(made.champion.labels, champion.labels);
        assert_eq!(made.shadow.as_ref().unwrap().name, "cars/2");
        assert_eq!(store.deployments().find(new.id).await.unwrap(), Some(made.clone()));
        assert_eq!(store.deployments().find_by_name(&name("gate")).await.unwrap(), Some(made));
        assert_eq!(store.deployments().find_by_name(&name("door")).await.unwrap(), None);
        let same = NewDeployment { id: id(), ..new };
        assert!(matches!(store.deployments().insert(&same, act()).await, Err(StoreError::Conflict { .. })));
    }

    async fn a_registered_model_is_not_runnable(store) {
        let elsewhere = store::NewModelVersion { weights: None, ..crate::fixtures::new_model("far") };
        let elsewhere = store.models().create_version(elsewhere, act()).await.unwrap();
        let new = NewDeployment {
            id: id(), name: name("far"), champion: elsewhere.id, shadow: None, threshold: score(0.25), created: START,
        };
        assert!(!store.deployments().insert(&new, act()).await.unwrap().champion.runnable);
        let orphan = NewDeployment { id: id(), name: name("orphan"), champion: id(), ..new };
        assert!(matches!(store.deployments().insert(&orphan, act()).await, Err(StoreError::Conflict { .. })));
        assert_eq!(store.deployments().find_by_name(&name("orphan")).await.unwrap(), None);
    }

    async fn promoting_the_shadow_leaves_no_shadow_and_a_history(store) {
        let gate = deployment(store, "gate").await;
        let candidate = model(store, "cars").await;
        let t = |n| START.plus_ms(n);
        store.deployments().set_shadow(gate.id, Some(candidate.id), &change(t(10))).await.unwrap();
        let promoted = store.deployments().promote(gate.id, candidate.id, &change(t(20))).await.unwrap();
        assert_eq!((promoted.champion.id, promoted.shadow.as_ref()), (candidate.id, None));
        assert_eq!(promoted.champion.since, t(20));
        let again = store.deployments().promote(gate.id, candidate.id, &change(t(21))).await;
        assert!(matches!(again, Err(StoreError::Conflict { .. })));
        // Decided while the first one was the champion: not any more.
        let stale = RoleChange { expected: Some(gate.champion.id), ..change(t(22)) };
        let third = model(store, "third").await;
        for refused in [
            store.deployments().promote(gate.id, third.id, &stale).await,
            store.deployments().set_shadow(gate.id, Some(third.id), &stale).await,
            store.deployments().roll_back(gate.id, &stale).await,
        ] {
            let Err(StoreError::Conflict { what }) = refused else { panic!("{refused:?}") };
            assert!(what.contains(&promoted.champion.name), "{what}");
        }
        assert_eq!(store.deployments().find(gate.id).await.unwrap(), Some(promoted.clone()));
        let back = store.deployments().promote(gate.id, gate.champion.id, &change(t(30))).await.unwrap();
        assert_eq!(back.champion.id, gate.champion.id);
        let history = store.deployments().history(gate.id).await.unwrap();
        let spans: Vec<_> = history
            .iter()
            .map(|span| (span.role, span.model_version_id == candidate.id, span.since, span.until))
            .collect();
        assert_eq!(spans, [
            (DeployedRole::Champion, false, t(0), Some(t(20))),
            (DeployedRole::Shadow, true, t(10), Some(t(20))),
            (DeployedRole::Champion, true, t(20), Some(t(30))),
            (DeployedRole::Champion, false, t(30), None),
        ]);
        assert!(matches!(store.deployments().promote(id(), candidate.id, &change(t(1))).await, Err(StoreError::NotFound { .. })));
        assert!(matches!(store.deployments().set_shadow(id(), None, &change(t(1))).await, Err(StoreError::NotFound { .. })));
    }

    async fn a_threshold_changes_and_stays(store) {
        let gate = deployment(store, "gate").await;
        store.deployments().change(gate.id, threshold(0.6)).await.unwrap();
        assert_eq!(store.deployments().find(gate.id).await.unwrap().unwrap().threshold, score(0.6));
        assert!(matches!(store.deployments().change(id(), threshold(0.1)).await, Err(StoreError::NotFound { .. })));
    }

    async fn cards_count_today_and_the_last_24_hours(store) {
        let (busy, idle) = (deployment(store, "busy").await, deployment(store, "idle").await);
        let hour = Resolution::Hour.width_ms();
        // 02:30 on the day after; arrivals 26.5 h, 24 h, 2.6 h and 0 h before.
        let now = START.plus_ms(26 * hour + hour / 2);
        for ago_ms in [26 * hour + hour / 2, 24 * hour, 2 * hour + hour * 6 / 10, 0] {
            let arrived = NewPrediction { received: now.plus_ms(-ago_ms), ..new_prediction(&busy) };
            store.predictions().insert(arrived).await.unwrap();
        }
        assert_eq!(store.deployments().ids().await.unwrap(), [busy.id, idle.id], "by name");
        let card = async |id| store.deployments().card(id, now).await.unwrap().unwrap();
        let cards = [card(busy.id).await, card(idle.id).await];
        assert_eq!((cards[0].deployment.name.as_str(), cards[0].total, cards[0].today), ("busy", 4, 1));
        assert_eq!(cards[0].hourly.len(), 24);
        let filled: Vec<_> = cards[0].hourly.iter().enumerate().filter(|(_, count)| **count > 0).collect();
        assert_eq!(filled, [(20, &1), (23, &1)], "the oldest hour first; 24 h ago is out");
        assert_eq!(cards[0].last_prediction, Some(now));
        assert_eq!((cards[1].deployment.id, cards[1].total, cards[1].last_prediction), (idle.id, 0, None));
        assert_eq!(cards[1].hourly, [0; 24]);
    }

    async fn a_threshold_and_a_shadow_change_together_or_not_at_all(store) {
        let gate = deployment(store, "gate").await;
        let candidate = model(store, "candidate").await;
        let stale = RoleChange { expected: Some(candidate.id), ..change(START.plus_ms(5)) };
        let both = DeploymentChange { shadow: Some((Some(candidate.id), &stale)), ..threshold(0.9) };
        assert!(matches!(store.deployments().change(gate.id, both).await, Err(StoreError::Conflict { .. })));
        assert_eq!(store.deployments().find(gate.id).await.unwrap().unwrap().threshold, gate.threshold);
        let sound = change(START.plus_ms(5));
        let both = DeploymentChange { shadow: Some((Some(candidate.id), &sound)), ..threshold(0.9) };
        let changed = store.deployments().change(gate.id, both).await.unwrap();
        assert_eq!((changed.threshold, changed.shadow.map(|shadow| shadow.id)), (score(0.9), Some(candidate.id)));
    }
}
