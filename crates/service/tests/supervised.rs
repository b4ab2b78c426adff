//! Figures from reviews: computed when reviews change, shown as of when.

use domain::{
    geometry::Rect,
    monitor::supervised::Scope,
    review::{NextRequest, Picked, ReviewSettings, SaveReview, Saved, SavedBox, Share, StartedFrom},
};
use measures::metrics::{coco::Figure, errors::ErrorKind};
use service::Internal;
use test_support::{TestService, admin, label, predicted, report};

fn truth(name: &str, x: f64) -> SavedBox {
    let rect = Rect::new(x, 10.0, 20.0, 20.0).expect("a box");
    SavedBox { label: label(name), rect, ignore: false, source: None }
}

/// Reports a car at 10 and a bus at 100, and reviews: the car is right, the
/// bus is a car, and there is a bus at 300 that nobody saw.
async fn reviewed(
    test: &TestService,
    started_from: StartedFrom,
    picked: Picked,
) -> domain::ids::PredictionId {
    let boxes = vec![predicted("car", 0.9, 10.0), predicted("bus", 0.8, 100.0)];
    let id = test.report(report(boxes)).await.id;
    let boxes = vec![truth("car", 10.0), truth("car", 100.0), truth("bus", 300.0)];
    if started_from == StartedFrom::Empty {
        // The server gives it out, shows nothing of it, and remembers both.
        let blind = ReviewSettings { blind_share: Share::ALL };
        test.service.learning().set_settings(&admin(), "cells", blind).await.expect("set");
        let next = NextRequest { count: 1, session: "blind".to_owned(), ..NextRequest::default() };
        let given = test.service.reviews().next(&admin(), "cells", next).await.expect("gives");
        assert_eq!(given.iter().map(|lease| lease.prediction_id).collect::<Vec<_>>(), [id]);
    }
    let save =
        SaveReview { started_from: Some(started_from), picked: Some(picked), ..SaveReview::bare(0, boxes) };
    let saved = test.service.reviews().save(&admin(), id, save).await.expect("saves");
    assert!(matches!(saved, Saved::Stored { .. }));
    id
}

#[tokio::test]
async fn figures_follow_the_reviews_by_scope() {
    let test = TestService::new().await;
    test.deploy(&["car", "bus"]).await;
    let figures =
        async |scope| test.service.monitoring().supervised(&admin(), "cells", scope).await.expect("reads");
    let before = figures(Scope::All).await;
    assert!(before.champion.is_none() && !before.stale);
    reviewed(&test, StartedFrom::Champion, Picked::Query).await;
    let blind = reviewed(&test, StartedFrom::Empty, Picked::Random).await;
    assert!(figures(Scope::All).await.stale);
    test.service.jobs().update_monitoring(Internal).await.expect("computes");
    let all = figures(Scope::All).await;
    assert!(!all.stale && all.shadow.is_none());
    let champion = all.champion.expect("computed");
    assert_eq!((champion.images, champion.model.as_str()), (2, "cells/1"));
    let counts = champion.overall.counts;
    assert_eq!((counts.right, counts.wrong, counts.missed), (2, 2, 4));
    // Of two cars one is found and surest: AP50 0.5; of the buses none.
    let ap50 = champion.coco.summary.get(&Figure::AP50).expect("defined").value;
    assert!((ap50 - 0.252_475).abs() < 1e-5, "{ap50}");
    let count = |kind| champion.errors.iter().find(|e| e.kind == kind).map(|e| e.count);
    assert_eq!((count(ErrorKind::Classification), count(ErrorKind::Missed)), (Some(2), Some(2)));
    let mixed = champion.cells.iter().find(|cell| {
        cell.truth.as_ref() == Some(&label("car")) && cell.predicted.as_ref() == Some(&label("bus"))
    });
    let mixed = mixed.expect("a car taken for a bus");
    assert_eq!((mixed.count, mixed.images.len()), (2, 2));
    let found =
        test.service.browsing().count_predictions(&admin(), "cells", &mixed.query).await.expect("counts");
    assert_eq!(found.count, 2, "{}", mixed.query);
    assert_eq!((champion.changes.reviews, champion.changes.unchanged), (1, 0));
    assert_eq!(
        (champion.changes.all.kept, champion.changes.all.relabelled, champion.changes.all.added),
        (1, 1, 1)
    );
    let images = async |scope| figures(scope).await.champion.map(|champion| champion.images);
    assert_eq!(images(Scope::Random).await, Some(1));
    assert_eq!((images(Scope::Blind).await, images(Scope::Anchored).await), (Some(1), Some(1)));
    test.service.reviews().reopen(&admin(), blind).await.expect("reopens");
    test.service.jobs().update_monitoring(Internal).await.expect("computes");
    assert_eq!((images(Scope::All).await, images(Scope::Blind).await), (Some(1), Some(0)));
}
