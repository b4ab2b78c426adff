//! Queries, acts on many predictions, kept views.

use domain::{
    fault::{ApiError, ErrorKind},
    listing::{BulkAct, BulkRequest, ListRequest, SaveView, Selection},
};
use futures::StreamExt;
use service::{ExportBoxes, ExportFormat, Internal, Service};
use test_support::{TestService, admin, predicted, report, reviewer, viewer};

async fn filled() -> (TestService, String) {
    let test = TestService::new().await;
    let deployment = test.deploy(&["car", "person"]).await;
    let name = deployment.name.to_string();
    for n in 0..7 {
        let cars = (0..n).map(|place| predicted("car", 0.9, f64::from(place)));
        test.report(report(cars.chain([predicted("person", 0.1, 1.0)]).collect())).await;
    }
    (test, name)
}

fn matching(q: &str, act: BulkAct) -> BulkRequest {
    let selection = Selection::Matching { q: q.to_owned(), as_of: None, except: Vec::new() };
    BulkRequest { selection, act, resume: None }
}

async fn count(service: &Service, name: &str, q: &str) -> u64 {
    service.browsing().count_predictions(&viewer(), name, q).await.expect("counted").count
}

#[tokio::test]
async fn the_three_questions_have_right_answers_in_spite_of_boxes_below_the_threshold() {
    let (test, name) = filled().await;
    assert_eq!(count(&test.service, &name, "objects > 5").await, 1);
    assert_eq!(count(&test.service, &name, "not has(label = \"car\")").await, 1);
    assert_eq!(count(&test.service, &name, "not has(label = \"person\")").await, 7, "all are below it");
    assert_eq!(count(&test.service, &name, "not has(all: label = \"person\")").await, 0);
    assert_eq!(count(&test.service, &name, "reviewed = true").await, 0);
    let wrong = test.service.browsing().count_predictions(&viewer(), &name, "statsu = reviewed").await;
    let error = ApiError::from(wrong.expect_err("no such field"));
    assert_eq!((error.kind, error.place.as_deref()), (ErrorKind::Invalid, Some("q")));
    assert!(error.message.contains("did you mean `status`?"), "{}", error.message);
}

#[tokio::test]
async fn all_that_match_are_tagged_and_deleted_and_come_back() {
    let (test, name) = filled().await;
    let reviewer = reviewer();
    let tag = BulkAct::Tag { tag: "crowded".to_owned() };
    let report =
        test.service.browsing().bulk(&reviewer, &name, matching("objects >= 4", tag)).await.expect("tagged");
    assert_eq!((report.changed, report.resume), (3, None));
    assert_eq!(count(&test.service, &name, "tag = crowded").await, 3);
    let refused = test.service.browsing().bulk(&reviewer, &name, matching("", BulkAct::Delete)).await;
    assert_eq!(ApiError::from(refused.expect_err("an admin's act")).kind, ErrorKind::Forbidden);
    let report = test
        .service
        .browsing()
        .bulk(&admin(), &name, matching("tag = crowded", BulkAct::Delete))
        .await
        .expect("deleted");
    assert_eq!((report.changed, count(&test.service, &name, "").await), (3, 4));
    let deletion = report.deletion.expect("it can be undone");
    test.clock.advance_ms(9_000);
    assert_eq!(test.service.browsing().purge_deleted(Internal).await.expect("nothing yet"), 0);
    assert_eq!(test.service.browsing().undo_delete(&admin(), deletion).await.expect("undone"), 3);
    assert_eq!(count(&test.service, &name, "").await, 7);
    let report = test
        .service
        .browsing()
        .bulk(&admin(), &name, matching("tag = crowded", BulkAct::Delete))
        .await
        .expect("deleted");
    test.clock.advance_ms(11_000);
    let late = test.service.browsing().undo_delete(&admin(), report.deletion.expect("a deletion")).await;
    assert_eq!(ApiError::from(late.expect_err("too late")).kind, ErrorKind::Conflict);
    assert_eq!(test.service.browsing().purge_deleted(Internal).await.expect("removed"), 3);
    let page = test
        .service
        .browsing()
        .list_predictions(&reviewer, &name, &ListRequest::default())
        .await
        .expect("a page");
    assert_eq!(page.items.len(), 4);
}

#[tokio::test]
async fn facets_narrow_the_query_they_were_asked_with() {
    let (test, name) = filled().await;
    let facets = test.service.browsing().facets(&viewer(), &name, "objects > 2").await.expect("facets");
    assert_eq!((facets.total.count, facets.total.exact), (4, true));
    let car = facets.label.values.first().expect("a label");
    assert_eq!((car.value.as_str(), car.count), ("car", 4));
    assert_eq!(count(&test.service, &name, &car.query).await, 4);
    let day = facets.day.values.first().expect("a day");
    assert_eq!(count(&test.service, &name, &day.query).await, day.count);
}

#[tokio::test]
async fn a_view_is_its_owners_until_it_is_shared() {
    let (test, name) = filled().await;
    let view = |shared| SaveView {
        name: " crowded ".to_owned(),
        q: "objects > 5".to_owned(),
        shared,
        ..SaveView::default()
    };
    let viewer = viewer();
    let refused = test.service.browsing().save_view(&viewer, &name, view(true)).await;
    assert_eq!(ApiError::from(refused.expect_err("a reviewer's act")).kind, ErrorKind::Forbidden);
    let saved = test.service.browsing().save_view(&viewer, &name, view(false)).await.expect("kept");
    assert_eq!((saved.name.as_str(), saved.mine), ("crowded", true));
    let bad = SaveView { q: "objects >".to_owned(), ..view(false) };
    assert!(test.service.browsing().save_view(&viewer, &name, bad).await.is_err());
    test.service.browsing().delete_view(&viewer, saved.id).await.expect("gone");
    assert!(test.service.browsing().saved_views(&viewer, &name).await.expect("a list").is_empty());
}

#[tokio::test]
async fn an_export_holds_what_matches() {
    let (test, name) = filled().await;
    let viewer = viewer();
    for (format, wanted) in [(ExportFormat::JsonLines, 3), (ExportFormat::Csv, 4)] {
        let export = test
            .service
            .exports()
            .predictions(&viewer, &name, "objects > 3", format, ExportBoxes::Best)
            .await;
        let text = read(export.expect("an export")).await;
        assert_eq!(text.lines().count(), wanted, "{text}");
    }
    let export = test
        .service
        .exports()
        .predictions(&viewer, &name, "objects > 3", ExportFormat::Coco, ExportBoxes::Best)
        .await;
    let coco: serde_json::Value =
        serde_json::from_str(&read(export.expect("an export")).await).expect("JSON");
    let number = |key: &str| coco[key].as_array().map(Vec::len);
    assert_eq!(
        (number("images"), number("annotations"), number("categories")),
        (Some(3), Some(4 + 5 + 6), Some(2))
    );
    let export = test
        .service
        .exports()
        .predictions(&viewer, &name, "objects > 3", ExportFormat::Yolo, ExportBoxes::Best)
        .await;
    let tar = read(export.expect("an export")).await;
    assert_eq!((tar.len() % 512, tar.matches("ustar").count()), (0, 4));
}

#[tokio::test]
async fn an_export_for_annotation_tools_keeps_scores() {
    let (test, name) = filled().await;
    let viewer = viewer();
    let exports = test.service.exports();
    let export =
        exports.predictions(&viewer, &name, "objects > 3", ExportFormat::Cvat, ExportBoxes::Best).await;
    let xml = read(export.expect("an export")).await;
    assert_eq!((xml.matches("<image id=").count(), xml.matches("<box ").count()), (3, 4 + 5 + 6));
    assert_eq!(xml.matches("<attribute name=\"score\">0.").count(), 4 + 5 + 6, "{xml}");
    assert!(xml.contains("<image id=\"0\"") && xml.ends_with("</annotations>\n"));
    let format = ExportFormat::LabelStudio;
    let export = exports.predictions(&viewer, &name, "objects > 3", format, ExportBoxes::Best).await;
    let tasks: serde_json::Value =
        serde_json::from_str(&read(export.expect("an export")).await).expect("JSON");
    let tasks = tasks.as_array().expect("a list");
    let results = |task: &serde_json::Value| task["predictions"][0]["result"].as_array().map_or(0, Vec::len);
    assert_eq!((tasks.len(), tasks.iter().map(results).sum::<usize>()), (3, 4 + 5 + 6));
    assert!(tasks.iter().all(|task| task["annotations"] == serde_json::json!([])), "nobody reviewed any");
    assert!(tasks.iter().all(|task| task["predictions"][0]["result"][0]["score"].is_number()));
}

async fn read(mut export: service::Export) -> String {
    let mut all = Vec::new();
    while let Some(bytes) = export.bytes.next().await {
        all.extend_from_slice(&bytes.expect("bytes"));
    }
    String::from_utf8(all).expect("text")
}
