//! What the measuring programs share: arguments, made-up predictions, and
//! percentiles.

#![allow(dead_code, reason = "each program uses a part")]

use domain::{
    deployment::Deployment,
    geometry::{Rect, Score, Size},
    ids::{DeploymentId, ModelId, ModelVersionId, PredictionId},
    monitor::{image_measures::Appearance, scale::Scale},
    name::{Label, Name},
    prediction::PredictedBox,
    time::Timestamp,
};
use std::{collections::BTreeMap, error::Error, time::Duration};
use store::{Act, By, NewDeployment, NewModelVersion, NewPrediction, NewShadow, Outlier, Store};
use uuid::Uuid;

/// 2026-01-01T00:00:00Z.
const START_MS: i64 = 1_767_225_600_000;
const LABELS: [&str; 8] = ["car", "person", "bicycle", "bus", "truck", "dog", "cat", "bird"];

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// The `n`-th argument, or what stands in for it.
pub(crate) fn argument(n: usize, otherwise: &str) -> String {
    std::env::args().nth(n).unwrap_or_else(|| otherwise.to_owned())
}

/// Small, fast and the same everywhere (SplitMix64, Steele et al., OOPSLA 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.unit() * end as f64) as usize
    }
}

/// The deployment `bench`, made when it is not there.
pub(crate) async fn deployment(store: &Store) -> Outcome<Deployment> {
    let name = Name::new("bench")?;
    if let Some(found) = store.deployments().find_by_name(&name).await? {
        return Ok(found);
    }
    let labels = LABELS.iter().map(|label| Label::new(*label)).collect::<Result<_, _>>()?;
    let version = NewModelVersion {
        id: ModelVersionId(Uuid::from_u128(1)),
        model_id: ModelId(Uuid::from_u128(2)),
        model: name.clone(),
        labels,
        weights: None,
        trainer: None,
        experiment_id: None,
        base_id: None,
        dataset_version_id: None,
        created: Timestamp(START_MS),
    };
    let version = store.models().create_version(version, act()).await?;
    let new = NewDeployment {
        id: DeploymentId(Uuid::from_u128(3)),
        name,
        champion: version.id,
        shadow: None,
        threshold: Score::new(0.25).ok_or("a threshold")?,
        created: Timestamp(START_MS),
    };
    Ok(store.deployments().insert(&new, act()).await?)
}

/// The `number`-th prediction with `boxes` boxes: a million of them are a year.
pub(crate) fn prediction(gate: &Deployment, number: u64, boxes: usize) -> Outcome<NewPrediction> {
    let mut random = Random(number);
    let at = Timestamp(START_MS + number.cast_signed() * 31_500);
    let made = (0..boxes)
        .map(|_| {
            let (x, y) = (random.unit() * 600.0, random.unit() * 440.0);
            Ok(PredictedBox {
                label: Label::new(LABELS[random.below(LABELS.len())])?,
                score: Score::new(0.01 + 0.98 * random.unit()).ok_or("a score")?,
                rect: Rect::new(x, y, 4.0 + random.unit() * 36.0, 4.0 + random.unit() * 36.0)?,
            })
        })
        .collect::<Outcome<Vec<_>>>()?;
    let id = (u128::from(at.0.cast_unsigned()) << 80) | (7 << 76) | (2 << 62) | u128::from(number);
    Ok(NewPrediction {
        id: PredictionId(Uuid::from_u128(id)),
        deployment_id: gate.id,
        model_version_id: gate.champion.id,
        filename: Some(format!("frame-{number}.jpg")),
        source: Some(format!("camera-{}", number % 7)),
        size: Size::new(640, 480).ok_or("a size")?,
        image: None,
        image_bytes: None,
        latency_ms: 10.0 + random.unit() * 40.0,
        threshold: gate.threshold,
        boxes: made,
        shadow: None,
        tags: Vec::new(),
        metadata: BTreeMap::new(),
        created: at,
        received: at,
        appearance: None,
        outlier: None,
        idempotency: None,
    })
}

fn act() -> Act {
    let by = By { actor: "bench".to_owned(), person: "bench".to_owned(), at: Timestamp(START_MS) };
    Act::new(by, "bench.act", serde_json::json!({}))
}

/// The `number`-th prediction with what people add: one in ten has the tag
/// `night`, one in a thousand `rare`, one in ten a line number and a shadow;
/// all have an outlier score.
pub(crate) fn decorated(number: u64, new: NewPrediction) -> NewPrediction {
    let mut random = Random(number ^ 0x5eed);
    let mut tags = Vec::new();
    tags.extend((random.below(10) == 0).then(|| "night".to_owned()));
    tags.extend((random.below(1_000) == 0).then(|| "rare".to_owned()));
    let line = (random.below(10) == 0).then(|| ("line".to_owned(), random.below(100).to_string()));
    let score = random.unit();
    let disagreement = Some(random.unit());
    let shadow = NewShadow { model_version_id: None, latency_ms: 9.0, boxes: Vec::new(), disagreement };
    let appearance = Appearance::measured(|measure| {
        Some(match measure.row().metric.scale {
            Scale::Sketch => 50.0 + 300.0 * random.unit(),
            Scale::Number | Scale::Hundredths { .. } | Scale::PercentUp => 0.1 + 0.4 * random.unit(),
        })
    });
    NewPrediction {
        tags,
        appearance: Some(appearance),
        metadata: line.into_iter().collect(),
        outlier: Some(Outlier { score, distance: 3.0 * score, reference: None }),
        shadow: number.is_multiple_of(10).then_some(shadow),
        ..new
    }
}

/// Prints the median, the 95th percentile and the longest.
pub(crate) fn report(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |q: f64| times.get(((times.len() - 1) as f64 * q) as usize).copied().unwrap_or_default();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    println!(
        "{what}: p50 {:.2} ms, p95 {:.2} ms, longest {:.2} ms ({} times)",
        ms(at(0.5)),
        ms(at(0.95)),
        ms(at(1.0)),
        times.len()
    );
}
