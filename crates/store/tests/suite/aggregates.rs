use crate::{
    fixtures::{START, act, deployment, new_prediction, rect, seen},
    harness::{self, both},
};
use domain::{
    deployment::Deployment,
    geometry::Size,
    monitor::{
        Range, Resolution,
        figures::Figure,
        image_measures::{Appearance, ImageMeasure},
        metrics::Metric,
        scale::Scale,
    },
    prediction::PredictedBox,
    time::Timestamp,
};
use measures::metrics::sketch;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use std::collections::BTreeMap;
use store::{Exemplar, NewPrediction, NewShadow, Outlier, Store, StoreError};

const WORDS: [&str; 3] = ["car", "person", "жук"];

/// An arrival: minutes after the start, latency, labels and scores, and in
/// which group it is sent.
#[derive(Clone, Debug)]
struct Arrival {
    minute: i64,
    latency_ms: f64,
    boxes: Vec<(usize, f64)>,
    group: usize,
    look: Look,
}

/// The picture's side, how it looks, how unusual it is, where its boxes lie,
/// and who sent it.
#[derive(Clone, Debug)]
struct Look {
    width: u32,
    /// Of each measure, from 0 to its greatest.
    appearance: Option<Vec<f64>>,
    outlier: Option<f64>,
    x: f64,
    source: Option<&'static str>,
}

/// The greatest value of a measure; of one that knows none, far enough.
fn greatest(measure: ImageMeasure) -> f64 {
    match measure.row().metric.scale {
        Scale::Hundredths { per_one, .. } => 100.0 / per_one,
        Scale::Number | Scale::Sketch | Scale::PercentUp => 900.0,
    }
}

fn appearance_of(values: &[f64]) -> Appearance {
    let mut values = values.iter();
    Appearance::measured(|_| values.next().copied())
}

fn looks() -> impl Strategy<Value = Look> {
    let measures: Vec<_> = ImageMeasure::all().map(|measure| 0.0f64..=greatest(measure)).collect();
    let appearance = prop::option::of(measures);
    let source = prop::option::of(prop::sample::select(vec!["line 1", "küche"]));
    (50u32..700, appearance, prop::option::of(0.0f64..=1.0), 0.0f64..600.0, source)
        .prop_map(|(width, appearance, outlier, x, source)| Look { width, appearance, outlier, x, source })
}

fn arrivals() -> impl Strategy<Value = Vec<Arrival>> {
    let boxes = prop::collection::vec((0..WORDS.len(), 0.0f64..=1.0), 0..6);
    let one = (0i64..200, 0.0f64..500.0, boxes, 0usize..5, looks());
    let one = one.prop_map(|(minute, latency_ms, boxes, group, look)| Arrival {
        minute,
        latency_ms,
        boxes,
        group,
        look,
    });
    prop::collection::vec(one, 1..40).prop_shuffle()
}

fn received(arrival: &Arrival) -> Timestamp {
    START.plus_ms(arrival.minute * 60_000 + 7)
}

fn to_prediction(gate: &Deployment, arrival: &Arrival) -> NewPrediction {
    let Look { width, appearance, outlier, x, source } = &arrival.look;
    let at = |(word, score): &(usize, f64)| PredictedBox {
        rect: rect(*x, 2.2, 30.3, 40.4),
        ..seen(WORDS[*word], *score)
    };
    NewPrediction {
        received: received(arrival),
        latency_ms: arrival.latency_ms,
        boxes: arrival.boxes.iter().map(at).collect(),
        size: Size::new(*width, 480).unwrap(),
        appearance: appearance.as_deref().map(appearance_of),
        outlier: outlier.map(|score| Outlier { score, distance: score, reference: None }),
        source: source.map(str::to_owned),
        ..new_prediction(gate)
    }
}

/// Compares the counts of images with counting them one by one.
async fn compare_images(store: &Store, gate: &Deployment, arrivals: &[Arrival], resolution: Resolution) {
    let range = Range { from: START, to: START.plus_ms(200 * 60_000) };
    let visible = |a: &Arrival| a.boxes.iter().filter(|(_, s)| *s >= gate.threshold.get()).count();
    let heat = |a: &Arrival| {
        let column = ((a.look.x + 30.3 / 2.0) / f64::from(a.look.width) * 16.0) as i32;
        // The middle of each box lies 22.4 px from the top: in the first row.
        vec![column.clamp(0, 15); visible(a)]
    };
    type Of<'f> = Box<dyn Fn(&Arrival) -> Vec<i32> + 'f>;
    let mut metrics: Vec<(Metric, Of)> = vec![
        (Metric::Width, Box::new(|a| vec![sketch::bin_of(f64::from(a.look.width))])),
        (Metric::Ratio, Box::new(|a| vec![sketch::bin_of(f64::from(a.look.width) / 480.0)])),
        (Metric::Area, Box::new(|a| vec![sketch::bin_of(f64::from(a.look.width) * 480.0)])),
        (
            Metric::Outlier,
            Box::new(|a| a.look.outlier.iter().map(|score| (score * 100.0).ceil() as i32).collect()),
        ),
        (Metric::Heat, Box::new(heat)),
    ];
    for measure in ImageMeasure::all() {
        let metric = Metric::Image(measure);
        let value = move |a: &Arrival| appearance_of(a.look.appearance.as_deref()?).get(measure);
        metrics.push((
            metric,
            Box::new(move |a| value(a).map(|value| metric.bin_of(value)).into_iter().collect()),
        ));
    }
    for (metric, of) in metrics {
        let mut expected: BTreeMap<(Timestamp, i32), u64> = BTreeMap::new();
        for arrival in arrivals {
            for bin in of(arrival) {
                *expected.entry((resolution.start(received(arrival)), bin)).or_default() += 1;
            }
        }
        if metric == Metric::Heat && resolution < Resolution::Hour {
            expected.clear();
        }
        let counts = store.aggregates().counts(gate.id, metric, range, resolution).await.unwrap();
        let kept: BTreeMap<_, _> =
            counts.into_iter().map(|(start, bin, count)| ((start, bin), count)).collect();
        assert_eq!(kept, expected, "{metric:?} by {resolution:?}");
    }
    let mut sources: BTreeMap<&str, u64> = BTreeMap::new();
    for source in arrivals.iter().filter_map(|a| a.look.source) {
        *sources.entry(source).or_default() += 1;
    }
    let whole = Range {
        from: resolution.start(range.from),
        to: resolution.start(range.to).plus_ms(resolution.width_ms()),
    };
    let kept = store.aggregates().sources(gate.id, whole, resolution, 10).await.unwrap();
    let kept: BTreeMap<&str, u64> = kept.iter().map(|(source, count)| (source.as_str(), *count)).collect();
    assert_eq!(kept, sources);
    let slowest =
        store.aggregates().exemplars(gate.id, Exemplar::LatencyMs, whole, resolution).await.unwrap();
    for (start, _, value) in slowest {
        let inside = arrivals.iter().filter(|a| resolution.start(received(a)) == start);
        assert_eq!(value, inside.map(|a| a.latency_ms).fold(0.0, f64::max));
    }
}

/// Each group at once, all groups at the same time.
async fn send(store: &Store, gate: &Deployment, arrivals: &[Arrival]) {
    let mut groups: BTreeMap<usize, Vec<NewPrediction>> = BTreeMap::new();
    for arrival in arrivals {
        groups.entry(arrival.group).or_default().push(to_prediction(gate, arrival));
    }
    let mut sending = tokio::task::JoinSet::new();
    for group in groups.into_values() {
        let store = store.clone();
        sending.spawn(async move {
            for stored in store.predictions().insert_many(group).await {
                stored.unwrap();
            }
        });
    }
    sending.join_all().await;
}

/// Compares a dashboard with what counting the arrivals one by one gives.
async fn compare(store: &Store, gate: &Deployment, arrivals: &[Arrival], resolution: Resolution) {
    let range = Range { from: START, to: START.plus_ms(200 * 60_000) };
    let shown = store.aggregates().dashboard(gate.id, range, resolution, START).await.unwrap();
    let width = resolution.width_ms();
    assert_eq!(shown.buckets.len() as u64, (200 * 60_000u64).div_ceil(width.cast_unsigned()));
    let within = |start: Timestamp| {
        let inside = move |a: &&Arrival| (start.0..start.0 + width).contains(&received(a).0);
        arrivals.iter().filter(inside).collect::<Vec<_>>()
    };
    for bucket in &shown.buckets {
        check_bucket(gate, bucket, &within(bucket.start));
    }
    check_bucket(gate, &shown.total, &arrivals.iter().collect::<Vec<_>>());
}

fn check_bucket(gate: &Deployment, bucket: &domain::monitor::Bucket, arrivals: &[&Arrival]) {
    assert_eq!(bucket.predictions(), arrivals.len() as u64);
    let visible = |a: &Arrival| a.boxes.iter().filter(|(_, s)| *s >= gate.threshold.get()).count();
    let objects: usize = arrivals.iter().map(|a| visible(a)).sum();
    let mean = (!arrivals.is_empty()).then(|| objects as f64 / arrivals.len() as f64);
    assert_eq!(bucket.figures.get(Figure::ObjectsMean).is_some(), mean.is_some());
    assert!((bucket.figures.get(Figure::ObjectsMean).unwrap_or(0.0) - mean.unwrap_or(0.0)).abs() < 1e-9);
    let mut bins: BTreeMap<i32, u64> = BTreeMap::new();
    for arrival in arrivals {
        *bins.entry(sketch::bin_of(arrival.latency_ms)).or_default() += 1;
    }
    let bins: Vec<_> = bins.into_iter().collect();
    assert_eq!(bucket.figures.get(Figure::LatencyP50), sketch::quantile(&bins, 0.5));
    assert_eq!(bucket.figures.get(Figure::LatencyP95), sketch::quantile(&bins, 0.95));
    let mut labels: BTreeMap<&str, u64> = BTreeMap::new();
    for (word, score) in arrivals.iter().flat_map(|a| &a.boxes) {
        if *score >= gate.threshold.get() {
            *labels.entry(WORDS[*word]).or_default() += 1;
        }
    }
    let shown: BTreeMap<&str, u64> =
        bucket.labels.iter().map(|(label, count)| (label.as_str(), *count)).collect();
    assert_eq!(shown, labels);
    assert!(bucket.labels.is_sorted_by(|a, b| a.1 >= b.1), "most first");
}

/// Whatever the order of arrival and however they are grouped, the kept
/// counts are those of counting all.
fn law(fresh: harness::Fresh, runtime: &tokio::runtime::Runtime) {
    let number = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
    runner
        .run(&arrivals(), |arrivals| {
            number.set(number.get() + 1);
            runtime.block_on(async {
                let gate = deployment(&fresh.store, &format!("gate-{}", number.get())).await;
                send(&fresh.store, &gate, &arrivals).await;
                for resolution in Resolution::ALL {
                    compare(&fresh.store, &gate, &arrivals, resolution).await;
                    compare_images(&fresh.store, &gate, &arrivals, resolution).await;
                }
            });
            Ok(())
        })
        .unwrap();
    runtime.block_on(fresh.close());
}

#[test]
fn kept_counts_equal_counting_all_on_sqlite() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let fresh = runtime.block_on(harness::sqlite());
    law(fresh, &runtime);
}

#[test]
fn kept_counts_equal_counting_all_on_postgres() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Some(fresh) = runtime.block_on(harness::postgres()) {
        law(fresh, &runtime);
    }
}

both! {
    async fn an_empty_range_of_time_has_empty_buckets(store) {
        let gate = deployment(store, "gate").await;
        let range = Range { from: START.plus_ms(1), to: START.plus_ms(3 * 3_600_000) };
        let shown = store.aggregates().dashboard(gate.id, range, Resolution::Hour, START).await.unwrap();
        assert_eq!(shown.buckets.len(), 3);
        assert_eq!(shown.range.from, START, "widened to whole buckets");
        assert_eq!((shown.total.predictions(), shown.total.figures.get(Figure::LatencyP50), shown.total.figures.get(Figure::ObjectsMean)), (0, None, None));
    }

    async fn ranges_that_make_no_sense_are_refused(store) {
        let gate = deployment(store, "gate").await;
        let ask = async |from, to, resolution| {
            let range = Range { from, to };
            store.aggregates().dashboard(gate.id, range, resolution, START).await
        };
        let backwards = ask(START.plus_ms(1), START, Resolution::Hour).await;
        assert!(matches!(backwards, Err(StoreError::Conflict { .. })));
        let endless = ask(START, START.plus_ms(86_400_000), Resolution::Minute).await;
        assert!(matches!(endless, Err(StoreError::Conflict { .. })));
        let all = ask(Timestamp(i64::MIN), Timestamp(i64::MAX), Resolution::Day).await;
        assert!(matches!(all, Err(StoreError::Conflict { .. })));
    }

    async fn a_shadow_is_counted_apart_and_deleting_leaves_the_counts(store) {
        let gate = deployment(store, "gate").await;
        let shadow = NewShadow {
            model_version_id: Some(gate.champion.id), latency_ms: 80.0, boxes: vec![seen("car", 0.9)], disagreement: None,
        };
        let new = NewPrediction { shadow: Some(shadow.clone()), ..new_prediction(&gate) };
        let later = new_prediction(&gate);
        store.predictions().insert(new.clone()).await.unwrap();
        store.predictions().insert(later.clone()).await.unwrap();
        store.predictions().attach_shadow(later.id, &shadow).await.unwrap();
        store.predictions().delete(new.id, act()).await.unwrap();
        let range = Range { from: START, to: START.plus_ms(60_000) };
        let counts = async |metric| {
            let counts = store.aggregates().counts(gate.id, metric, range, Resolution::Minute).await.unwrap();
            counts.into_iter().map(|(start, bin, count)| { assert_eq!(start, START); (bin, count) }).collect::<Vec<_>>()
        };
        assert_eq!(counts(Metric::Predictions).await, [(0, 2)]);
        assert_eq!(counts(Metric::ShadowLatencyMs).await, [(sketch::bin_of(80.0), 2)]);
        assert_eq!(counts(Metric::LatencyMs).await, [(sketch::bin_of(12.34), 2)]);
        assert_eq!(counts(Metric::Confidence).await, [(30, 2), (90, 2)], "visible boxes of the champion only");
    }

    async fn sums_of_a_long_range_equal_counting_all(store) {
        let gate = deployment(store, "gate").await;
        let day = 86_400_000;
        // Close together and far apart, over ten months.
        let moments: Vec<i64> = (0..150i64).map(|n| (n * n * 37 % 300) * day + n * 7_919_111 % day).collect();
        let group = moments.iter().enumerate().map(|(n, moment)| NewPrediction {
            received: START.plus_ms(*moment),
            latency_ms: n as f64,
            boxes: vec![seen(WORDS[n % 3], 0.9); n % 5],
            ..new_prediction(&gate)
        });
        for stored in store.predictions().insert_many(group.collect()).await {
            stored.unwrap();
        }
        for (resolution, from, length) in [
            (Resolution::Day, 0, 300 * day), (Resolution::Day, 17 * day, 123 * day), (Resolution::Day, 40 * day, day),
            (Resolution::Hour, 3 * day + 5_000_000, 9 * day), (Resolution::Minute, 5_000_000, 5 * 3_600_000),
            (Resolution::Week, 2 * day, 290 * day), (Resolution::SixHours, 3 * day + 5_000_000, 60 * day),
            (Resolution::QuarterHour, 5_000_000, 2 * day), (Resolution::FiveMinutes, 5_000_000, day),
        ] {
            let range = Range { from: START.plus_ms(from), to: START.plus_ms(from + length) };
            let whole = Range {
                from: resolution.start(range.from),
                to: resolution.start(range.to.plus_ms(resolution.width_ms() - 1)),
            };
            let inside = |(_, moment): &(usize, &i64)| {
                let received = START.plus_ms(**moment);
                whole.from <= received && received < whole.to
            };
            let inside: Vec<usize> = moments.iter().enumerate().filter(inside).map(|(n, _)| n).collect();
            let totals = store.aggregates().totals_by_model(gate.id, range, resolution, 4).await.unwrap();
            assert_eq!(totals.all.figures.count(Figure::Predictions), inside.len() as u64, "{resolution:?} {from}");
            let mut bins: BTreeMap<i32, u64> = BTreeMap::new();
            inside.iter().for_each(|n| *bins.entry(sketch::bin_of(*n as f64)).or_default() += 1);
            let bins: Vec<_> = bins.into_iter().collect();
            assert_eq!(totals.all.get(Figure::LatencyP50), sketch::quantile(&bins, 0.5));
            let boxes: usize = inside.iter().map(|n| n % 5).sum();
            assert_eq!(totals.all.labels.iter().map(|(_, count)| count).sum::<u64>(), boxes as u64);
            let by_model: Vec<_> = totals.by_model.iter().map(|(id, totals)| (*id, totals)).collect();
            let expected: Vec<_> = (!inside.is_empty()).then_some((gate.champion.id, &totals.all)).into_iter().collect();
            assert_eq!(by_model, expected);
            if resolution >= Resolution::Hour {
                let heat = store.aggregates().heat(gate.id, range, resolution).await.unwrap();
                assert_eq!(heat.cells.iter().sum::<u64>(), boxes as u64);
            }
        }
    }
}
