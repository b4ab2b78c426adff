//! Pages as the server sends them: readable without scripts, honest when
//! there is nothing, and deaf to hostile names.

mod support;

use domain::{
    access::Role,
    dataset::Split,
    model::{ApIntervals, Evaluation},
    prediction::Provenance,
    time::Timestamp,
};
use http::{StatusCode, header};
use measures::statistics::Estimate;
use std::collections::BTreeMap;
use support::{PATHS, Site, named, predicted};

#[tokio::test]
async fn the_sign_in_form_works_without_scripts() {
    let site = Site::new().await;
    let page = site.get("/sign-in?next=%2Fmodels%3Fa%3Db&error=credentials", None).await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        "method=\"post\" action=\"/auth/sign-in\"",
        "type=\"email\" name=\"email\"",
        "type=\"password\" name=\"password\"",
        "name=\"next\" value=\"/models?a=b\"",
        "do not match an account",
        "<title>Sign in · Fovea</title>",
    ] {
        assert!(page.html.contains(part), "{part} is missing in {}", page.html);
    }
}

#[tokio::test]
async fn signing_in_never_leads_to_another_site() {
    let site = Site::new().await;
    for next in ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%22%3E%3Cscript%3E"] {
        let page = site.get(&format!("/sign-in?next={next}"), None).await;
        assert!(page.html.contains("name=\"next\" value=\"/\""), "{next}: {}", page.html);
    }
}

#[tokio::test]
async fn a_one_time_link_asks_for_an_address_and_a_password() {
    let site = Site::new().await;
    let page = site.get("/setup?secret=abc%22def", None).await;
    for part in [
        "action=\"/auth/setup\"",
        "name=\"secret\" value=\"abc&quot;def\"",
        "name=\"password\"",
        "name=\"email\"",
    ] {
        assert!(page.html.contains(part), "{part} is missing in {}", page.html);
    }
}

#[tokio::test]
async fn who_is_not_signed_in_is_sent_to_sign_in_and_back() {
    let site = Site::new().await;
    let page = site.get("/deployments/cells?range=7d", None).await;
    assert!(page.status.is_redirection(), "{}", page.status);
    let to = page.headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
    assert_eq!(to, Some("/sign-in?next=/deployments/cells%3Frange%3D7d"));
    assert!(!page.html.contains("class=\"side\""), "the frame is not for strangers");
}

#[tokio::test]
async fn every_page_without_data_says_what_to_do() {
    let site = Site::new().await;
    for (path, advice) in [
        ("/", "fovea model import model.onnx --model my-model --data-dir data"),
        ("/datasets", "fovea import images.zip --dataset my-dataset --data-dir data"),
        ("/models", "fovea model import model.onnx --model my-model --data-dir data"),
        ("/models", "href=\"/train\""),
        ("/experiments", "href=\"/train\" class=\"button button-main\""),
        ("/users", "No token."),
        ("/audit", "Nothing was done yet"),
        ("/connections", "empty where none is needed"),
        ("/train", "href=\"/datasets\" class=\"button button-main\""),
        ("/deploy", "href=\"/models\" class=\"button button-main\""),
    ] {
        let page = site.get(path, Some(Role::Admin)).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.html.contains(advice), "{path}: {}", page.html);
    }
}

#[tokio::test]
async fn every_page_has_one_heading_and_its_landmarks() {
    let site = Site::new().await;
    assert!(PATHS.len() >= 8, "{:?}", *PATHS);
    for path in PATHS.iter() {
        let page = site.get(path, Some(Role::Admin)).await;
        assert_eq!(page.html.matches("<h1").count(), 1, "{path}: {}", page.html);
        assert_eq!(page.html.matches("<main").count(), 1, "{path}");
        assert!(page.html.contains("<html lang=\"en\""), "{path}");
        assert!(!page.html.contains(" style=\""), "{path} carries inline style");
    }
}

#[tokio::test]
async fn predictions_are_readable_without_scripts() {
    let site = Site::new().await;
    site.deploy(&["RBC", "WBC"]).await;
    let boxes = vec![predicted("RBC", 0.9, 10.0), predicted("WBC", 0.8, 60.0), predicted("RBC", 0.2, 90.0)];
    let id = site.report(named("smear.jpg"), boxes).await;
    let grid = site.get("/deployments/cells/predictions", Some(Role::Viewer)).await;
    assert!(grid.text().contains("1 prediction"), "{}", grid.html);
    assert!(grid.html.contains(&format!("href=\"?view=details&amp;id={id}\"")), "{}", grid.html);
    assert_eq!(grid.html.matches("class=\"ink-1\"").count(), 1, "one box of the first label is seen");
    assert_eq!(grid.html.matches("class=\"ink-2\"").count(), 1, "one box of the second label is seen");
    let details = site.get(&format!("/predictions/{id}"), Some(Role::Viewer)).await;
    for part in ["smear.jpg", "RBC 0.90", "WBC 0.80", "12.5 ms", "640×480", "cells/1", "1 hidden"] {
        assert!(details.text().contains(part), "{part} is missing in {}", details.html);
    }
    assert!(!details.html.contains("RBC 0.20"), "below the threshold it is hidden");
}

#[tokio::test]
async fn a_query_is_asked_by_the_address_and_its_form_keeps_the_rest() {
    let site = Site::new().await;
    site.deploy(&["RBC", "WBC"]).await;
    site.report(named("one.jpg"), vec![predicted("RBC", 0.9, 10.0)]).await;
    site.report(named("two.jpg"), vec![predicted("WBC", 0.9, 10.0)]).await;
    let asked = "?q=has(label%20%3D%20%22WBC%22)&sort=-objects&view=table";
    let page = site.get(&format!("/deployments/cells/predictions{asked}"), Some(Role::Viewer)).await;
    assert!(page.text().contains("two.jpg") && !page.text().contains("one.jpg"), "{}", page.text());
    assert!(page.text().contains("1 prediction"), "{}", page.text());
    for part in [
        "role=\"search\" method=\"get\"",
        "name=\"sort\" value=\"-objects\"",
        "name=\"view\" value=\"table\"",
        "aria-sort=\"descending\"",
        "<span class=\"q-text\">\"WBC\"</span>",
    ] {
        assert!(page.html.contains(part), "{part} is missing in {}", page.html);
    }
}

#[tokio::test]
async fn a_query_that_cannot_be_read_is_mended_by_a_link() {
    let site = Site::new().await;
    site.deploy(&["RBC"]).await;
    let page = site.get("/deployments/cells/predictions?q=statsu%20%3D%20reviewed", Some(Role::Viewer)).await;
    assert!(page.html.contains("<span class=\"q-wrong\">statsu</span>"), "{}", page.html);
    assert!(page.html.contains("href=\"?q=status%20%3D%20reviewed\""), "{}", page.html);
    assert!(page.text().contains("The query cannot be read"), "{}", page.text());
}

#[tokio::test]
async fn a_detail_shows_one_of_the_list_and_its_neighbours() {
    let site = Site::new().await;
    site.deploy(&["RBC"]).await;
    site.report(named("one.jpg"), vec![predicted("RBC", 0.9, 10.0)]).await;
    let id = site.report(named("two.jpg"), vec![predicted("RBC", 0.8, 10.0)]).await;
    let path = format!("/deployments/cells/predictions?view=details&id={id}");
    let page = site.get(&path, Some(Role::Viewer)).await;
    for part in ["two.jpg", "RBC 0.80", "Nobody has reviewed it yet", "Review"] {
        assert!(page.text().contains(part), "{part} is missing in {}", page.text());
    }
    assert!(page.html.contains(&format!("href=\"/deployments/cells/review/{id}\"")), "{}", page.html);
    assert!(page.html.contains("title=\"one.jpg\""), "the neighbour is there: {}", page.html);
}

#[tokio::test]
async fn the_dashboard_shows_what_was_counted() {
    let site = Site::new().await;
    site.deploy(&["RBC"]).await;
    site.report(named("a.jpg"), vec![predicted("RBC", 0.9, 10.0)]).await;
    let page = site.get("/deployments/cells?range=1h", Some(Role::Viewer)).await;
    assert!(page.html.contains("id=\"predictions-total\">1</b>"), "{}", page.html);
    // Throughput, latency, objects, labels, confidence, its distribution, the map.
    assert_eq!(page.html.matches("class=\"chart-svg\"").count(), 7);
    for part in ["Where boxes lie", "This range and the one before", "Training data", "Figures from reviews"]
    {
        assert!(page.text().contains(part), "{part} is missing in {}", page.text());
    }
    let chosen = page.html.split("href=\"?range=1h\"").nth(1).and_then(|rest| rest.split('>').next());
    assert!(chosen.is_some_and(|tag| tag.contains("aria-current=\"true\"")), "{chosen:?}");
}

#[tokio::test]
async fn figures_from_reviews_say_what_they_leave_out() {
    let site = Site::new().await;
    site.review_pictures(&[1, 2], &[1, 2, 300, 301, 302]).await;
    let page = site.get("/deployments/cells", Some(Role::Viewer)).await.text();
    for part in [
        "3 images; 2 left out: the model was trained on them.",
        "A model looks better than it is on images that it has learned from",
        "images left out",
    ] {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
}

#[tokio::test]
async fn reviews_of_training_images_alone_say_what_to_do() {
    let site = Site::new().await;
    site.review_pictures(&[1, 2], &[1, 2]).await;
    let page = site.get("/deployments/cells", Some(Role::Viewer)).await.text();
    let part = "All reviewed images (2) are in this model&#x27;s training data: review new ones.";
    assert!(page.contains(part), "{part} is missing in {page}");
    assert!(!page.contains("Confusion") && !page.contains("AP over time"), "{page}");
}

#[tokio::test]
async fn the_figures_of_a_model_have_their_intervals_where_there_are_some() {
    let site = Site::new().await;
    site.deploy(&["RBC"]).await;
    let [of_ap, of_ap50] = [(0.5, 0.71), (0.8, 0.95)].map(|(low, high)| Estimate { value: 0.6, low, high });
    let intervals = ApIntervals { AP: Some(of_ap), AP50: Some(of_ap50) };
    let evaluation = |split, intervals| Evaluation {
        dataset: "smears/v1".into(),
        split,
        images: 72,
        boxes: 300,
        summary: measures::metrics::coco::evaluate(0, &[]).summary,
        per_label: BTreeMap::new(),
        at: Timestamp(0),
        left_out: None,
        fitted: None,
        best_threshold: None,
        intervals,
    };
    site.measured(&evaluation(Split::Test, Some(intervals))).await;
    site.measured(&evaluation(Split::Val, None)).await;
    let page = site.get("/models/cells/1", Some(Role::Viewer)).await;
    for part in ["0.500–0.710", "0.800–0.950"] {
        assert_eq!(page.text().matches(part).count(), 1, "{part}: {}", page.html);
    }
}

#[tokio::test]
async fn hostile_names_stay_text() {
    const EVIL: &str = "\"></title><img src=x onerror=alert(1)></script><script>alert(1)</script>";
    let site = Site::new().await;
    site.deploy(&[EVIL]).await;
    let provenance = Provenance {
        filename: Some(EVIL.to_owned()),
        source: Some(EVIL.to_owned()),
        tags: vec![EVIL.to_owned()],
        metadata: BTreeMap::from([(EVIL.to_owned(), EVIL.to_owned())]),
        timestamp: None,
    };
    let id = site.report(provenance, vec![predicted(EVIL, 0.9, 10.0)]).await;
    for path in [
        "/".to_owned(),
        "/deployments/cells".to_owned(),
        "/deployments/cells/predictions".to_owned(),
        "/deployments/cells/predictions?view=table&count=1&columns=tags,source,metadata.a%22%3Eb".to_owned(),
        "/deployments/cells/predictions?q=%3C%2Ftextarea%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E".to_owned(),
        format!("/deployments/cells/predictions?view=details&id={id}"),
        "/deployments/cells/learning".to_owned(),
        "/deployments/cells/settings".to_owned(),
        format!("/predictions/{id}"),
        "/models/cells/1".to_owned(),
        "/audit".to_owned(),
        "/sign-in?error=%3Cscript%3Ealert(1)%3C%2Fscript%3E".to_owned(),
        "/deployments/%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E".to_owned(),
    ] {
        let page = site.get(&path, Some(Role::Admin)).await;
        assert!(!page.html.contains("<img src=x"), "{path}: {}", page.html);
        assert!(!page.html.contains("<script>alert"), "{path}: {}", page.html);
        assert!(!page.html.contains("</script><script>"), "{path}: {}", page.html);
    }
}

#[tokio::test]
async fn what_is_not_there_answers_404_and_says_so() {
    let site = Site::new().await;
    for path in [
        "/deployments/none",
        "/models/none/1",
        "/datasets/none/v1",
        "/experiments/none",
        "/predictions/none",
        "/nonsense",
    ] {
        let page = site.get(path, Some(Role::Admin)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(page.html.matches("<h1").count(), 1, "{path}: {}", page.html);
        assert!(page.html.contains("ot found · Fovea</title>"), "{path}: {}", page.html);
        let says_so = page.html.contains("Not found") || page.html.contains("no such page");
        assert!(says_so, "{path}: {}", page.html);
    }
}

#[tokio::test]
async fn a_viewer_sees_no_forms_that_are_not_theirs() {
    let site = Site::new().await;
    site.deploy(&["RBC"]).await;
    let viewer = site.get("/deployments/cells/settings", Some(Role::Viewer)).await;
    assert!(!viewer.html.contains("name=\"threshold\""), "{}", viewer.html);
    assert!(!viewer.html.contains("href=\"/users\""));
    let admin = site.get("/deployments/cells/settings", Some(Role::Admin)).await;
    assert!(admin.html.contains("name=\"threshold\""), "{}", admin.html);
    for path in ["/train", "/deploy"] {
        let viewer = site.get(path, Some(Role::Viewer)).await;
        assert!(viewer.text().contains("Only administrators"), "{path}: {}", viewer.html);
        assert!(!viewer.html.contains("name=\"model\""), "{path}: {}", viewer.html);
    }
    for path in ["/", "/models/cells/1"] {
        let button = "class=\"button head-end\"";
        assert!(!site.get(path, Some(Role::Viewer)).await.html.contains(button), "{path}");
        assert!(site.get(path, Some(Role::Admin)).await.html.contains(button), "{path}");
    }
    let refused = site.get("/users", Some(Role::Viewer)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn forms_begin_with_what_the_address_chose() {
    let site = Site::new().await;
    site.deploy(&["RBC"]).await;
    let deploy = site.get("/deploy?model=cells%2F1", Some(Role::Admin)).await;
    assert!(deploy.html.contains("<option value=\"cells/1\" selected"), "{}", deploy.html);
    let account = site.get("/account?error=old", Some(Role::Viewer)).await;
    for part in [
        "action=\"/auth/password\"",
        "name=\"old\"",
        "name=\"again\"",
        "former password is wrong",
        "viewer@lab.example",
    ] {
        assert!(account.html.contains(part), "{part} is missing in {}", account.html);
    }
}

#[tokio::test]
async fn a_deployment_without_predictions_says_how_to_report() {
    let site = Site::new().await;
    site.deploy(&["it's \"RBC\""]).await;
    for path in ["/deployments/cells", "/deployments/cells/settings"] {
        let page = site.get(path, Some(Role::Viewer)).await;
        assert!(page.text().contains("/api/v1/deployments/cells/predictions"), "{path}: {}", page.html);
        let commands: Vec<_> =
            page.html.split("<code>").skip(1).filter_map(|rest| rest.split("</code>").next()).collect();
        assert!(
            commands.iter().all(|line| !line.contains("it's")),
            "{path}: a quote ends the argument: {commands:?}"
        );
    }
}

#[tokio::test]
async fn the_remembered_theme_is_there_from_the_first_byte() {
    let site = Site::new().await;
    let dark = site.get_with("/sign-in", None, "a=b; fovea_theme=dark").await;
    assert!(dark.html.contains("data-theme=\"dark\""), "{}", dark.html);
    let usual = site.get_with("/sign-in", None, "fovea_theme=%22%3E").await;
    assert!(usual.html.contains("data-theme=\"system\""), "{}", usual.html);
}

#[tokio::test]
async fn a_review_can_be_read_without_scripts() {
    let site = Site::new().await;
    site.deploy(&["RBC", "WBC"]).await;
    site.without_blind_reviews().await;
    let boxes = vec![predicted("RBC", 0.9, 10.0), predicted("WBC", 0.8, 100.0), predicted("RBC", 0.2, 200.0)];
    let id = site.report(named("smear.jpg"), boxes).await;
    let page = site.get(&format!("/deployments/cells/review/{id}"), Some(Role::Reviewer)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.html);
    for part in ["smear.jpg", "to review", "10, 10 · 20×20", "100, 10 · 20×20", "0.90"] {
        assert!(page.text().contains(part), "{part} is missing in {}", page.html);
    }
    assert_eq!(page.html.matches("class=\"ink-1\"").count(), 1, "one box of the first label is drawn");
    let words = "aria-label=\"RBC, 20 by 20 pixels, 10 from the left, 10 from the top, confidence 0.90\"";
    assert!(page.html.contains(words), "{}", page.html);
    assert_eq!(page.html.matches("<h1").count(), 1);
    assert!(!page.html.contains("class=\"side\""), "a review has the screen to itself");
}

#[tokio::test]
async fn the_next_review_is_one_that_nobody_else_holds_and_says_when_there_is_none() {
    let site = Site::new().await;
    site.deploy(&["RBC"]).await;
    site.report(named("only.jpg"), vec![predicted("RBC", 0.9, 10.0)]).await;
    let first = site.get("/deployments/cells/review", Some(Role::Reviewer)).await;
    assert!(first.text().contains("only.jpg"), "{}", first.html);
    let second = site.get("/deployments/cells/review", Some(Role::Reviewer)).await;
    assert!(second.text().contains("Nothing to review"), "{}", second.html);
    let stranger = site.get("/deployments/cells/review", None).await;
    assert!(stranger.status.is_redirection(), "{}", stranger.status);
}
