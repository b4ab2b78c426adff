use crate::{
    fixtures::{act, annotation, asset, id, labels, name, new_version},
    harness::both,
};
use domain::{
    dataset::{DatasetCounts, Split},
    name::VersionRef,
    page::PageRequest,
};
use futures::TryStreamExt;
use std::collections::BTreeMap;
use store::StoreError;

fn version_ref(text: &str) -> VersionRef {
    text.parse().unwrap()
}

both! {
    async fn versions_without_a_name_are_counted_up(store) {
        let first = store.datasets().create_version(new_version("cells", None, &["b", "a"]), act()).await.unwrap();
        assert_eq!((first.full_name().as_str(), first.open), ("cells/v1", true));
        assert_eq!(first.labels, labels(&["b", "a"]), "the order gives classes their index");
        let named = store.datasets().create_version(new_version("cells", Some("v7"), &[]), act()).await.unwrap();
        assert_eq!(named.dataset_id, first.dataset_id);
        let next = store.datasets().create_version(new_version("cells", None, &[]), act()).await.unwrap();
        assert_eq!(next.full_name(), "cells/v8");
        let taken = store.datasets().create_version(new_version("cells", Some("v1"), &[]), act()).await;
        assert!(matches!(taken, Err(StoreError::Conflict { what }) if what.contains("cells/v1")));
        let twice = store.datasets().create_version(new_version("cells", None, &["x", "x"]), act()).await;
        assert!(matches!(twice, Err(StoreError::Conflict { .. })));
        let found = store.datasets().find_by_name(&version_ref("cells/v1")).await.unwrap();
        assert_eq!(found, Some(first));
        assert_eq!(store.datasets().find_by_name(&version_ref("cells/v2")).await.unwrap(), None);
        assert_eq!(store.datasets().find_by_name(&version_ref("moths/v1")).await.unwrap(), None);
    }

    async fn the_latest_versions_come_first_in_pages(store) {
        for dataset in ["a", "b", "c"] {
            store.datasets().create_version(new_version(dataset, None, &["x"]), act()).await.unwrap();
        }
        let first = store.datasets().page(&PageRequest { limit: Some(2), cursor: None }).await.unwrap();
        let names: Vec<_> = first.items.iter().map(|version| version.full_name()).collect();
        assert_eq!(names, ["c/v1", "b/v1"]);
        let rest = PageRequest { limit: Some(2), cursor: first.next_cursor };
        let second = store.datasets().page(&rest).await.unwrap();
        assert_eq!(second.items.len(), 1);
        assert_eq!(second.items[0].labels, labels(&["x"]));
        assert_eq!(second.next_cursor, None);
    }

    async fn assets_come_back_bit_for_bit_and_are_counted(store) {
        let version = store.datasets().create_version(new_version("d", None, &["змея", "cat"]), act()).await.unwrap();
        let full = asset(version.id, Split::Train, vec![annotation("cat", false), annotation("змея", true)]);
        let empty = asset(version.id, Split::Test, vec![]);
        store.datasets().add_assets(version.id, &[full.clone(), empty.clone()]).await.unwrap();
        store.datasets().add_assets(version.id, &[]).await.unwrap();
        assert_eq!(store.datasets().find_asset(full.id).await.unwrap(), Some(full));
        assert_eq!(store.datasets().find_asset(empty.id).await.unwrap(), Some(empty));
        let counts = store.datasets().find(version.id).await.unwrap().unwrap().counts;
        let by_label = labels(&["cat", "змея"]).into_iter().map(|label| (label, 1)).collect();
        let by_split = BTreeMap::from([(Split::Train, 1), (Split::Test, 1)]);
        assert_eq!(counts, DatasetCounts { images: 2, boxes: 2, by_split, by_label });
    }

    async fn a_foreign_label_refuses_the_whole_call(store) {
        let version = store.datasets().create_version(new_version("d", None, &["cat"]), act()).await.unwrap();
        let good = asset(version.id, Split::Train, vec![annotation("cat", false)]);
        let bad = asset(version.id, Split::Train, vec![annotation("dog", false)]);
        let refused = store.datasets().add_assets(version.id, &[good.clone(), bad]).await;
        assert!(matches!(refused, Err(StoreError::Conflict { what }) if what.contains("dog")));
        assert_eq!(store.datasets().find_asset(good.id).await.unwrap(), None);
        let counts = store.datasets().find(version.id).await.unwrap().unwrap().counts;
        assert_eq!(counts, DatasetCounts::default());
    }

    async fn a_frozen_version_takes_and_loses_nothing(store) {
        let version = store.datasets().create_version(new_version("d", None, &["cat"]), act()).await.unwrap();
        let frozen = store.datasets().freeze(version.id, "f00d", act()).await.unwrap();
        assert_eq!((frozen.open, frozen.fingerprint.as_str()), (false, "f00d"));
        let late = store.datasets().add_assets(version.id, &[asset(version.id, Split::Val, vec![])]).await;
        assert!(matches!(late, Err(StoreError::Conflict { .. })));
        assert!(matches!(store.datasets().freeze(version.id, "x", act()).await, Err(StoreError::Conflict { .. })));
        assert!(matches!(store.datasets().discard(version.id, act()).await, Err(StoreError::Conflict { .. })));
        assert!(matches!(store.datasets().freeze(id(), "x", act()).await, Err(StoreError::NotFound { .. })));
    }

    async fn images_are_copied_found_by_a_range_and_taken_out_and_the_rest_is_counted(store) {
        let version = store.datasets().create_version(new_version("d", None, &["cat"]), act()).await.unwrap();
        let one = asset(version.id, Split::Train, vec![annotation("cat", false)]);
        let two = asset(version.id, Split::Val, vec![annotation("cat", false)]);
        store.datasets().copy_assets(version.id, &[one.clone(), two.clone()], act()).await.unwrap();
        let mut ids = [one.id, two.id];
        ids.sort();
        assert_eq!(store.datasets().assets_between(ids[0], ids[1]).await.unwrap().len(), 2);
        assert_eq!(store.datasets().assets_between(one.id, one.id).await.unwrap(), std::slice::from_ref(&one));
        let foreign = store.datasets().remove_assets(version.id, &[one.id, id()], act()).await;
        assert!(matches!(foreign, Err(StoreError::NotFound { .. })));
        store.datasets().remove_assets(version.id, &[one.id, one.id], act()).await.unwrap();
        assert_eq!(store.datasets().find_asset(one.id).await.unwrap(), None);
        let counts = store.datasets().find(version.id).await.unwrap().unwrap().counts;
        assert_eq!((counts.images, counts.boxes), (1, 1));
        assert_eq!(counts.by_split, BTreeMap::from([(Split::Val, 1)]));
        store.datasets().freeze(version.id, "f00d", act()).await.unwrap();
        let late = store.datasets().remove_assets(version.id, &[two.id], act()).await;
        assert!(matches!(late, Err(StoreError::Conflict { .. })));
    }

    async fn a_discarded_version_leaves_its_name_free(store) {
        let version = store.datasets().create_version(new_version("d", Some("v1"), &["cat"]), act()).await.unwrap();
        let one = asset(version.id, Split::Train, vec![annotation("cat", false)]);
        store.datasets().add_assets(version.id, std::slice::from_ref(&one)).await.unwrap();
        store.datasets().discard(version.id, act()).await.unwrap();
        assert_eq!(store.datasets().find_asset(one.id).await.unwrap(), None);
        assert_eq!(store.datasets().find_by_name(&version_ref("d/v1")).await.unwrap(), None);
        let again = new_version("d", Some("v1"), &["dog"]);
        assert_eq!(store.datasets().create_version(again, act()).await.unwrap().dataset, name("d"));
    }

    async fn a_stream_gives_every_asset_once_in_order(store) {
        let version = store.datasets().create_version(new_version("d", None, &["cat"]), act()).await.unwrap();
        let splits = [Split::Train, Split::Val, Split::Test];
        let all: Vec<_> = (0..1003)
            .map(|n| asset(version.id, splits[n % 3], vec![annotation("cat", false)]))
            .collect();
        store.datasets().add_assets(version.id, &all).await.unwrap();
        let streamed: Vec<_> = store.datasets().asset_stream(version.id, None).try_collect().await.unwrap();
        assert!(streamed == all, "1,003 assets, as they were added");
        let val: Vec<_> = all.iter().filter(|asset| asset.split == Split::Val).map(|asset| asset.id).collect();
        let mut paged = Vec::new();
        let mut request = PageRequest { limit: Some(100), cursor: None };
        loop {
            let page = store.datasets().assets(version.id, Some(Split::Val), &request).await.unwrap();
            paged.extend(page.items.iter().map(|asset| asset.id));
            if page.next_cursor.is_none() {
                break;
            }
            request.cursor = page.next_cursor;
        }
        assert_eq!(paged, val);
    }
}
