//! One meaning of a query: random queries over random predictions give the
//! same predictions in memory and in the database, in every order, from both
//! ends. The generators are those of the language's own tests.

#[path = "../../../domain/tests/query/generate.rs"]
#[allow(dead_code, unreachable_pub, reason = "the language's own tests use the rest")]
mod generate;
#[path = "../../../domain/tests/query/sample.rs"]
#[allow(dead_code, unreachable_pub, reason = "the language's own tests use the rest")]
mod sample;

use crate::{
    fixtures::{deployment, id, model, new_prediction, seen},
    harness::both,
};
use domain::{
    deployment::Deployment,
    ids::PredictionId,
    listing::{Direction, ListRequest, Listing, SortField, SortOrder},
    prediction::PredictedBox,
};
use generate::condition;
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use query::{
    Facts, Query, parse,
    schema::{Field, NumberField, TextField, TextPlace},
};
use sample::{NOW, Sample};
use sqlx::AssertSqlSafe;
use std::{cmp::Ordering, collections::BTreeSet};
use store::{NewPrediction, NewShadow, Outlier, QueuePool, Store};

/// A sample and where it lies.
struct Kept {
    id: PredictionId,
    sample: Sample,
}

/// Plain SQL with `$1` for the one value, on either database: reviews are
/// another part's, and only their rows are wanted here.
async fn run(store: &Store, text: &str, id: PredictionId) {
    let text = AssertSqlSafe(text.to_owned());
    match store.queue_pool() {
        QueuePool::Sqlite(pool) => _ = sqlx::query(text).bind(id.0).execute(&pool).await.unwrap(),
        QueuePool::Postgres(pool) => _ = sqlx::query(text).bind(id.0).execute(&pool).await.unwrap(),
    }
}

/// As the store will have it.
fn storable(mut sample: Sample, models: &[String]) -> Sample {
    sample.model = models[sample.model.len() % models.len()].clone();
    // Few of these, as there are of cameras; other texts have any value.
    let known = ["a", "b", "Car", "night", "007", "none"];
    let one_of_few = |text: String| if known.contains(&text.as_str()) { text } else { "it's".to_owned() };
    let tags: BTreeSet<String> = sample.tags.into_iter().map(one_of_few).collect();
    sample.tags = tags.into_iter().collect();
    sample.source = sample.source.map(one_of_few);
    let finite = |n: Option<f64>| n.filter(|n| n.is_finite());
    sample.outlier_score = finite(sample.outlier_score);
    sample.shadow_disagreement = finite(sample.shadow_disagreement).filter(|_| !sample.shadow.is_empty());
    sample.latency_ms = if sample.latency_ms.is_nan() { 5.5 } else { sample.latency_ms };
    let falling = |a: &PredictedBox, b: &PredictedBox| b.score.get().total_cmp(&a.score.get());
    sample.boxes.sort_by(falling);
    sample.shadow.sort_by(falling);
    sample
}

fn row(gate: &Deployment, version: domain::ids::ModelVersionId, sample: &Sample) -> NewPrediction {
    let shadow = NewShadow {
        model_version_id: None,
        latency_ms: 1.0,
        boxes: sample.shadow.clone(),
        disagreement: sample.shadow_disagreement,
    };
    NewPrediction {
        id: id(),
        model_version_id: version,
        filename: sample.filename.clone(),
        source: sample.source.clone(),
        size: sample.size,
        latency_ms: sample.latency_ms,
        threshold: sample.threshold,
        boxes: sample.boxes.clone(),
        shadow: (!sample.shadow.is_empty()).then_some(shadow),
        tags: sample.tags.clone(),
        metadata: sample.metadata.clone(),
        created: sample.created,
        received: sample.received,
        // Ties are left to the id.
        outlier: sample.outlier_score.map(|score| Outlier { score, distance: 1.0, reference: None }),
        ..new_prediction(gate)
    }
}

/// What became of a prediction after it was stored.
async fn reviewed(store: &Store, kept: &Kept) {
    let sample = &kept.sample;
    let quoted = sample.reviewed_by.as_ref().map(|name| format!("'{}'", name.replace('\'', "''")));
    let (by, revision) = (quoted.as_deref().unwrap_or("NULL"), i32::from(!sample.review.is_empty()));
    let text = format!(
        "UPDATE predictions SET status = '{}', reviewed_by = {by}, revision = {revision} WHERE id = $1",
        sample.status
    );
    run(store, &text, kept.id).await;
    for (place, drawn) in sample.review.iter().enumerate() {
        let rect = drawn.rect;
        let text = format!(
            "INSERT INTO boxes (prediction_id, origin, revision, position, label_id, score, x, y, w, h, ignored) \
             SELECT $1, 2, 1, {place}, id, NULL, {}, {}, {}, {}, {} FROM labels WHERE name = '{}'",
            rect.x(),
            rect.y(),
            rect.w(),
            rect.h(),
            if drawn.ignore { "TRUE" } else { "FALSE" },
            drawn.label.as_str()
        );
        run(store, &text, kept.id).await;
    }
}

async fn filled(store: &Store, runner: &mut TestRunner, number: usize) -> (Deployment, Vec<Kept>) {
    let (gate, other) = (deployment(store, "gate").await, model(store, "car").await);
    let elsewhere = deployment(store, "elsewhere").await;
    let models = ["model-of-gate/1".to_owned(), "car/1".to_owned()];
    let versions = [gate.champion.id, other.id];
    let every_label = ["a", "b", "car", "Car", "night"].map(|label| seen(label, 0.9));
    let strange = NewPrediction { boxes: every_label.into(), ..new_prediction(&elsewhere) };
    store.predictions().insert(strange).await.unwrap();
    let mut kept = Vec::new();
    let mut rows = Vec::new();
    for _ in 0..number {
        let sample = storable(generate::sample().new_tree(runner).unwrap().current(), &models);
        let version = versions[models.iter().position(|model| *model == sample.model).unwrap()];
        let new = row(&gate, version, &sample);
        kept.push(Kept { id: new.id, sample });
        rows.push(new);
    }
    for stored in store.predictions().insert_many(rows).await {
        stored.unwrap();
    }
    for one in &kept {
        reviewed(store, one).await;
    }
    let recount = "INSERT INTO prediction_counts (deployment_id, status, count) SELECT deployment_id, status, \
                   COUNT(*) FROM predictions WHERE id <> $1 GROUP BY deployment_id, status";
    run(store, "DELETE FROM prediction_counts WHERE deployment_id <> $1", id()).await;
    run(store, recount, id()).await;
    (gate, kept)
}

fn key(kept: &Kept, field: SortField) -> Option<f64> {
    let facts = kept.sample.facts();
    match field {
        SortField::Received => Some(0.0),
        SortField::Created => Some(kept.sample.created.0 as f64),
        SortField::Number(number) => facts.number(number),
    }
}

/// In memory: the ids of what matches, in order.
fn expected(kept: &[Kept], query: &Query, sort: SortOrder) -> Vec<PredictionId> {
    let mut matching: Vec<&Kept> =
        kept.iter().filter(|one| query.matches(&one.sample.facts(), NOW)).collect();
    let turn = |ordering: Ordering| match sort.direction {
        Direction::Ascending => ordering,
        Direction::Descending => ordering.reverse(),
    };
    matching.sort_by(|a, b| {
        let by_id = turn(a.id.cmp(&b.id));
        match (key(a, sort.field), key(b, sort.field)) {
            (Some(x), Some(y)) => turn(x.total_cmp(&y)).then(by_id),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => by_id,
        }
    });
    matching.into_iter().map(|one| one.id).collect()
}

fn ids(page: &Listing) -> Vec<PredictionId> {
    page.items.iter().map(|item| item.prediction.id).collect()
}

/// Every page, from the first to the last, and back again.
async fn check_pages(
    store: &Store,
    gate: &Deployment,
    query: &Query,
    sort: SortOrder,
    wanted: &[PredictionId],
) {
    let mut request = ListRequest { sort, limit: Some(37), ..ListRequest::default() };
    let list = async |request: &ListRequest| {
        store.predictions().list(gate.id, query.clone(), request, NOW).await.unwrap()
    };
    let (mut forth, mut pages) = (Vec::new(), 0);
    let last = loop {
        let page = list(&request).await;
        assert!(page.complete, "{query} by {sort}");
        forth.extend(ids(&page));
        pages += 1;
        match page.next_cursor.clone() {
            Some(cursor) => request.cursor = Some(cursor),
            None => break page,
        }
    };
    assert_eq!(forth, wanted, "{query} by {sort}");
    assert_eq!(pages, wanted.len().div_ceil(37).max(1));
    let mut back = ids(&last);
    let mut before = last.prev_cursor;
    while let Some(cursor) = before {
        request.cursor = Some(cursor);
        let page = list(&request).await;
        back.splice(0..0, ids(&page));
        before = page.prev_cursor;
    }
    assert_eq!(back, wanted, "{query} by {sort}, backwards");
}

fn any_order(runner: &mut TestRunner) -> SortOrder {
    let field =
        proptest::sample::select(SortField::all().collect::<Vec<_>>()).new_tree(runner).unwrap().current();
    let ascending = proptest::bool::ANY.new_tree(runner).unwrap().current();
    if ascending { SortOrder::ascending(field) } else { SortOrder::descending(field) }
}

both! {
    async fn any_query_means_the_same_in_memory_and_in_the_database(store) {
        let mut runner = TestRunner::deterministic();
        let (gate, kept) = filled(store, &mut runner, 250).await;
        let mut matched = 0;
        for _ in 0..250 {
            let query = Query::new(condition().new_tree(&mut runner).unwrap().current());
            let sort = any_order(&mut runner);
            let wanted = expected(&kept, &query, sort);
            matched += wanted.len();
            check_pages(store, &gate, &query, sort, &wanted).await;
            let count = store.predictions().count_matching(gate.id, query.clone(), NOW).await.unwrap();
            assert_eq!((count.count, count.exact), (wanted.len() as u64, true), "{query}");
            let tallies = store.predictions().tallies(gate.id, query.clone(), NOW).await.unwrap();
            let statuses: u64 = tallies.statuses.counts.iter().map(|(_, count)| count).sum();
            assert_eq!(statuses, wanted.len() as u64, "{query}");
        }
        assert!(matched > 1_000, "the queries found next to nothing: {matched}");
    }

    /// On SQLite a statement names its index, and fails without it.
    async fn every_field_of_the_table_has_its_column_and_its_indexes(store) {
        let gate = deployment(store, "gate").await;
        store.predictions().insert(new_prediction(&gate)).await.unwrap();
        let explain = async |text: String, sort: SortOrder| {
            let query = parse(&text).unwrap_or_else(|errors| panic!("{errors}"));
            store.predictions().explain(gate.id, query, sort, NOW).await.unwrap()
        };
        let arrival = SortOrder::default();
        for field in Field::all() {
            explain(format!("{field} = none or {field} != none"), arrival).await;
        }
        for field in NumberField::ALL.iter().filter(|field| field.row().order.is_some()) {
            let index = field.row().order.map(|order| order.index).unwrap();
            let order = SortOrder::descending(SortField::Number(*field));
            assert_eq!(explain(String::new(), order).await.index, index);
            explain(format!("{} > 0", field.as_str()), order).await;
            explain(format!("{} = none", field.as_str()), arrival).await;
        }
        for field in TextField::ALL {
            let found = explain(format!("{} = a", field.as_str()), arrival).await;
            match field.row().place {
                TextPlace::Column(text) => assert_eq!(found.index, text.index),
                TextPlace::ModelVersion(_) | TextPlace::Tags => {}
            }
        }
    }

    async fn what_is_rare_is_found_along_an_index_and_is_right(store) {
        let mut runner = TestRunner::deterministic();
        let (gate, kept) = filled(store, &mut runner, 250).await;
        let mut matched = 0;
        for (text, index) in [
            ("count(label = car) >= 2", "box_counts_many"),
            ("count(label = car) = 2", "box_counts_many"),
            ("count(label = car) > 1 and count(label = car) <= 3", "box_counts_many"),
            ("has(label = car and score > 0.5)", "box_counts"),
            ("has(score >= 0.9 and label = car) and width >= 0", "box_counts"),
            ("count(label = car and score > 0.25) >= 2", "box_counts_many"),
            ("has(all: label = car and score >= 0.25)", "box_counts"),
            ("has(shadow: label = car and score > 0.25)", "box_counts"),
            ("has(review: label = car)", "predictions_revised"),
            ("source != a", "predictions_source"),
            ("not source = a", "predictions_source"),
            ("source = none", "predictions_source"),
            ("model != \"car/1\"", "predictions_model"),
            ("model ~ gate and objects >= 0", "predictions_model"),
            ("filename = none", "predictions_nameless"),
            ("tag ~ nigh", "prediction_tags"),
            ("not tag = none", "prediction_tags"),
            ("not metadata.a = none", "prediction_metadata_value"),
            ("metadata.a ~ a", "prediction_metadata_value"),
            ("outlier_score = none", "predictions_outlier"),
            ("confidence = none", "predictions_confidence"),
            ("shadow_disagreement = none", "predictions_disagreement"),
            ("tag = a or has(label = car and score > 0.9)", "box_counts, prediction_tags"),
            ("filename = none or has(review: label = car)", "predictions_nameless, predictions_revised"),
            ("tag = a or source = b or outlier_score > 0.9", "prediction_tags, predictions_outlier, predictions_source"),
            ("(tag = a and objects > 1) or (status = skipped and latency < 200)", "prediction_tags, predictions_status"),
        ] {
            let query = parse(text).unwrap();
            let sort = SortOrder::default();
            let explained = store.predictions().explain(gate.id, query.clone(), sort, NOW).await.unwrap();
            assert_eq!(explained.index, index, "{text}");
            for sort in [sort, SortOrder::ascending(SortField::Number(NumberField::Latency))] {
                let wanted = expected(&kept, &query, sort);
                check_pages(store, &gate, &query, sort, &wanted).await;
                let count = store.predictions().count_matching(gate.id, query.clone(), NOW).await.unwrap();
                assert_eq!(count.count, wanted.len() as u64, "{text}");
                matched += wanted.len();
            }
        }
        assert!(matched > 500, "the queries found next to nothing: {matched}");
    }

    async fn a_prediction_knows_its_place_and_its_neighbours(store) {
        let mut runner = TestRunner::deterministic();
        let (gate, kept) = filled(store, &mut runner, 60).await;
        for text in ["", "objects > 0", "reviewed = true", "has(label = \"car\") or tag = \"a\""] {
            let query = parse(text).unwrap();
            let sort = any_order(&mut runner);
            let wanted = expected(&kept, &query, sort);
            for (place, one) in wanted.iter().enumerate().step_by(7) {
                let predictions = store.predictions();
                let found = predictions.neighbourhood(gate.id, *one, query.clone(), sort, 3, NOW).await.unwrap();
                assert_eq!(found.position.unwrap().count, place as u64 + 1, "{text} by {sort}");
                assert_eq!(found.total.count, wanted.len() as u64);
                let of = |items: &[domain::listing::ListedPrediction]| -> Vec<PredictionId> {
                    items.iter().map(|item| item.prediction.id).collect()
                };
                assert_eq!(of(&found.before), wanted[place.saturating_sub(3)..place], "{text} by {sort}");
                assert_eq!(of(&found.after), wanted[place + 1..(place + 4).min(wanted.len())]);
                let request = ListRequest { sort, from: Some(*one), limit: Some(5), ..ListRequest::default() };
                let page = predictions.list(gate.id, query.clone(), &request, NOW).await.unwrap();
                assert_eq!(ids(&page), wanted[place..(place + 5).min(wanted.len())]);
            }
        }
    }

    async fn needles_far_apart_are_found_piece_by_piece(store) {
        let gate = deployment(store, "gate").await;
        let needles = [0_usize, 4_500, 4_501, 9_999];
        let size = |width| domain::geometry::Size::new(width, 480).unwrap();
        let mut wanted = Vec::new();
        let rows: Vec<_> = (0..10_000)
            .map(|n| {
                let needle = needles.contains(&n);
                let new = NewPrediction {
                    size: size(if needle { 7 } else { 640 }),
                    boxes: Vec::new(),
                    tags: Vec::new(),
                    metadata: std::collections::BTreeMap::new(),
                    latency_ms: (n % 100) as f64,
                    ..new_prediction(&gate)
                };
                wanted.extend(needle.then_some(new.id));
                new
            })
            .collect();
        for stored in store.predictions().insert_many(rows).await {
            stored.unwrap();
        }
        let query = parse("width = 7").unwrap();
        for field in SortField::all() {
            let sort = SortOrder::ascending(field);
            let page = store
                .predictions()
                .list(gate.id, query.clone(), &ListRequest { sort, ..ListRequest::default() }, NOW)
                .await
                .unwrap();
            let found: BTreeSet<_> = ids(&page).into_iter().collect();
            assert_eq!(found, wanted.iter().copied().collect(), "by {sort}");
            assert!(page.next_cursor.is_none() && page.complete);
        }
        let (found, more) = store.predictions().matching_ids(gate.id, query, None, 100, NOW).await.unwrap();
        assert_eq!((found, more), (wanted, None));
    }

    async fn hostile_texts_are_only_texts(store) {
        let gate = deployment(store, "gate").await;
        store.predictions().insert(new_prediction(&gate)).await.unwrap();
        for text in [
            "source = \"'; DROP TABLE predictions; --\"",
            "source ~ \"%\"",
            "source ~ \"_\"",
            "filename = \"\\\\\" or tag ~ \"\\\"\"",
            "metadata.\"' OR 1=1 --\" = \"x\"",
            "metadata.\"$.a[0]\" = none and tag = \"$1\"",
            "has(label = \"car' OR '1'='1\")",
            "source = \"?\" or source = \"$1\" or model ~ \"?\"",
        ] {
            let query = parse(text).unwrap();
            let count = store.predictions().count_matching(gate.id, query.clone(), NOW).await.unwrap();
            let facts = Sample {
                source: Some("line 1".into()),
                filename: Some("straße.jpg".into()),
                tags: vec!["night".into(), "rain".into()],
                metadata: [("line".to_owned(), "A\"1".to_owned())].into(),
                model: "model-of-gate/1".into(),
                ..Sample::default()
            };
            let wanted = u64::from(query.matches(&facts.facts(), NOW));
            assert_eq!(count.count, wanted, "{text}");
        }
        assert!(store.predictions().list(gate.id, Query::everything(), &ListRequest::default(), NOW).await.is_ok());
    }
}

/// What holds for the SQL of any query: a value for every mark, balanced
/// parentheses, and nothing in it but words of ours.
fn check_form(query: &Query) {
    for postgres in [false, true] {
        let (text, values) = store::condition_sql(query, NOW, postgres);
        assert_eq!(text.matches('?').count(), values, "{query}: {text}");
        assert_eq!(text.matches('(').count(), text.matches(')').count(), "{query}: {text}");
        let ours = |c: char| c.is_ascii_alphanumeric() || " ?()<>=!.,*|_'\"/:+-".contains(c);
        assert!(text.chars().all(ours), "{query}: {text}");
        for quoted in text.split('\'').skip(1).step_by(2) {
            assert!(["/", "Infinity"].contains(&quoted), "{query}: {text}");
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_value_of_a_query_becomes_text_of_a_statement(condition in condition()) {
        check_form(&Query::new(condition));
    }

    #[test]
    fn what_can_be_read_of_any_text_becomes_a_sound_condition(text in generate::soup()) {
        check_form(&query::parse_lenient(&text).0);
    }
}
