//! What reviews make of models' boxes, image by image, kept in the review's
//! own transaction; and the figures that were computed of them.

use super::Monitoring;
use crate::{
    boxes::StoredBox,
    error::Result,
    packed,
    sql::{self, Arg, Fragment, row, rows, run},
};
use domain::{
    event::Event,
    ids::{DeploymentId, PredictionId},
    monitor::supervised::{FiguresOf, Scope},
    time::Timestamp,
};
use measures::metrics::coco::{DetectedBox, TruthBox, match_image};
use sea_orm::{ConnectionTrait, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

const MATCHES: &str = "INSERT INTO supervised_matches (prediction_id, side, deployment_id, model_version_id, \
    revision, started_from, picked, received, threshold, matches, truths, detections)";

/// Matches a prediction's boxes with its latest review, if it is reviewed;
/// forgets them otherwise. Inside the transaction that changed it.
pub(crate) async fn rematch(db: &impl ConnectionTrait, id: PredictionId) -> Result<()> {
    forget(db, &[id]).await?;
    let text = "SELECT p.deployment_id, p.model_version_id, p.received, p.threshold, p.revision, \
                r.started_from, r.picked, s.prediction_id, s.model_version_id FROM predictions p \
                JOIN reviews r ON r.prediction_id = p.id AND r.revision = p.revision \
                LEFT JOIN shadow_predictions s ON s.prediction_id = p.id \
                WHERE p.id = ? AND p.status IN ('reviewed', 'submitted')";
    let Some(prediction) = row(db, Fragment::with(text, [Arg::Id(id.0)])).await? else { return Ok(()) };
    let deployment: Uuid = prediction.try_get_by_index(0)?;
    let revision: i32 = prediction.try_get_by_index(4)?;
    let [champion, shadow, review] = boxes_of(db, id, revision).await?;
    let truths = packed::pack(&review);
    let mut values: Vec<Value> = Vec::new();
    let shadow_is_there: Option<Uuid> = prediction.try_get_by_index(7)?;
    let sides: [(i16, Option<Uuid>, Vec<StoredBox>); 2] =
        [(0, prediction.try_get_by_index(1)?, champion), (1, prediction.try_get_by_index(8)?, shadow)];
    for (side, model, boxes) in sides {
        if side == 1 && shadow_is_there.is_none() {
            continue;
        }
        let matches = match_image(&to_truths(&review), &to_detections(&boxes));
        let received: i64 = prediction.try_get_by_index(2)?;
        let threshold: f64 = prediction.try_get_by_index(3)?;
        let [started_from, picked]: [String; 2] =
            [prediction.try_get_by_index(5)?, prediction.try_get_by_index(6)?];
        values.extend([
            Value::from(id.0),
            side.into(),
            deployment.into(),
            model.into(),
            revision.into(),
            started_from.into(),
            picked.into(),
            received.into(),
            threshold.into(),
            matches.to_bytes().into(),
            truths.clone().into(),
            packed::pack(&boxes).into(),
        ]);
    }
    sql::insert_rows(db, MATCHES, 12, "", values).await?;
    changed(db, deployment).await
}

/// Forgets the matches of these, if there are any.
pub(crate) async fn forget(db: &impl ConnectionTrait, ids: &[PredictionId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let these = || Fragment::one_of("prediction_id", ids.iter().map(|id| Arg::Id(id.0)));
    let champions = Fragment::new("DELETE FROM supervised_matches WHERE side = 0 AND ").then(these());
    let mut deployments = BTreeSet::new();
    for gone in rows(db, champions.say(" RETURNING deployment_id")).await? {
        deployments.insert(gone.try_get_by_index::<Uuid>(0)?);
    }
    run(db, Fragment::new("DELETE FROM supervised_matches WHERE ").then(these())).await?;
    for deployment in deployments {
        changed(db, deployment).await?;
    }
    Ok(())
}

/// Notes that figures from reviews are no longer those of all reviews.
pub(crate) async fn changed(db: &impl ConnectionTrait, deployment: Uuid) -> Result<()> {
    let text = "INSERT INTO supervised_state (deployment_id, changes, computed) VALUES (?, 1, 0) \
                ON CONFLICT (deployment_id) DO UPDATE SET changes = supervised_state.changes + 1";
    run(db, Fragment::with(text, [Arg::Id(deployment)])).await?;
    Ok(())
}

/// The same for every deployment: what one submits may turn out a near
/// duplicate of what another reviewed. In the order of their ids, so that two
/// submissions never wait for each other.
pub(crate) async fn changed_everywhere(db: &impl ConnectionTrait) -> Result<()> {
    let text = Fragment::new("SELECT deployment_id FROM supervised_state ORDER BY deployment_id");
    for deployment in rows(db, text).await? {
        changed(db, deployment.try_get_by_index(0)?).await?;
    }
    Ok(())
}

/// The boxes of champion, shadow and review, each in their order.
async fn boxes_of(db: &impl ConnectionTrait, id: PredictionId, revision: i32) -> Result<[Vec<StoredBox>; 3]> {
    let text = "SELECT origin, label_id, score, x, y, w, h, ignored FROM boxes WHERE prediction_id = ? \
                AND (revision = 0 OR (origin = 2 AND revision = ?)) ORDER BY origin, position";
    let values = [Arg::Id(id.0), Arg::Int(i64::from(revision))];
    let mut sides: [Vec<StoredBox>; 3] = Default::default();
    for found in rows(db, Fragment::with(text, values)).await? {
        let origin: i16 = found.try_get_by_index(0)?;
        let seen = StoredBox::of_columns(&found, 1)?;
        if let Some(side) = usize::try_from(origin).ok().and_then(|origin| sides.get_mut(origin)) {
            side.push(seen);
        }
    }
    Ok(sides)
}

pub(super) fn to_truths(boxes: &[StoredBox]) -> Vec<TruthBox> {
    let truth = |packed: &StoredBox| {
        let [_, _, w, h] = packed.rect;
        TruthBox {
            category: packed.class as usize,
            bbox: packed.rect,
            area: w * h,
            crowd: packed.ignored,
            hollow: false,
        }
    };
    boxes.iter().map(truth).collect()
}

pub(super) fn to_detections(boxes: &[StoredBox]) -> Vec<DetectedBox> {
    let detection = |packed: &StoredBox| DetectedBox {
        category: packed.class as usize,
        bbox: packed.rect,
        score: packed.score.unwrap_or_default(),
    };
    boxes.iter().map(detection).collect()
}

impl Monitoring<'_> {
    /// How many changes of reviews there were, and up to which of them figures
    /// were computed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn supervised_changes(&self, deployment: DeploymentId) -> Result<(i64, i64)> {
        let text = "SELECT changes, computed FROM supervised_state WHERE deployment_id = ?";
        let state = row(&self.db.reader, Fragment::with(text, [Arg::Id(deployment.0)])).await?;
        state.map_or(Ok((0, 0)), |row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
    }

    /// Keeps figures (JSON) by whose they are and scope, computed after so many changes,
    /// in place of all former ones.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_supervised(
        &self,
        deployment: DeploymentId,
        figures: &[(FiguresOf, Scope, String)],
        changes: i64,
        as_of: Timestamp,
    ) -> Result<()> {
        let tx = self.db.begin().await?;
        let text = "DELETE FROM supervised_figures WHERE deployment_id = ?";
        run(&tx, Fragment::with(text, [Arg::Id(deployment.0)])).await?;
        for (of, scope, json) in figures {
            let text = "INSERT INTO supervised_figures (deployment_id, side, scope, as_of, figures) \
                        VALUES (?, ?, ?, ?, ?)";
            let values = [
                Arg::Id(deployment.0),
                Arg::Int(number_of(*of)),
                Arg::from(scope.as_str()),
                Arg::Int(as_of.0),
                Arg::from(json),
            ];
            run(&tx, Fragment::with(text, values)).await?;
        }
        let text = "INSERT INTO supervised_state (deployment_id, changes, computed) VALUES (?, ?, ?) \
                    ON CONFLICT (deployment_id) DO UPDATE SET computed = excluded.computed";
        run(&tx, Fragment::with(text, [Arg::Id(deployment.0), Arg::Int(changes), Arg::Int(changes)])).await?;
        tx.publish(Event::DeploymentChanged { id: deployment });
        Ok(tx.commit().await?)
    }

    /// The figures (JSON) of one of these and a scope, as they were last computed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn supervised(
        &self,
        deployment: DeploymentId,
        of: FiguresOf,
        scope: Scope,
    ) -> Result<Option<String>> {
        let text =
            "SELECT figures FROM supervised_figures WHERE deployment_id = ? AND side = ? AND scope = ?";
        let values = [Arg::Id(deployment.0), Arg::Int(number_of(of)), Arg::from(scope.as_str())];
        let figures = row(&self.db.reader, Fragment::with(text, values)).await?;
        figures.map(|row| Ok(row.try_get_by_index(0)?)).transpose()
    }
}

/// The number in `supervised_figures.side`.
fn number_of(of: FiguresOf) -> i64 {
    match of {
        FiguresOf::Champion => 0,
        FiguresOf::Shadow => 1,
        FiguresOf::PairedChampion => 2,
        FiguresOf::PairedShadow => 3,
    }
}
