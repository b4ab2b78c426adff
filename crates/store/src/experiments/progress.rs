//! The curves and the log of a training run.

use super::Experiments;
use crate::{
    convert::{to_json, to_u32},
    entity::model::{experiment_log, experiment_points, experiments},
    error::Result,
    sql, table,
};
use domain::{
    event::Event,
    ids::ExperimentId,
    model::{CurvePoint, Series},
    time::Timestamp,
    training::PlanRecord,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Value,
    prelude::Json,
    sea_query::Expr,
};
use std::collections::BTreeMap;

/// Points of one curve that are given back at most.
const SHOWN: u64 = 2_000;

#[derive(FromQueryResult)]
struct Point {
    step: i32,
    value: f64,
}

impl Experiments<'_> {
    /// Adds points; a later point of the same step replaces the former.
    ///
    /// # Errors
    /// `Conflict` when the experiment is not there.
    pub async fn add_points(&self, id: ExperimentId, points: &[CurvePoint]) -> Result<()> {
        // PostgreSQL takes no row twice in one statement.
        let mut rows = BTreeMap::new();
        for point in points {
            let row = experiment_points::Model {
                experiment_id: id.0,
                series: point.series.as_str().to_owned(),
                step: i32::try_from(point.step).unwrap_or(i32::MAX),
                value: point.value,
            };
            rows.insert((point.series.as_str(), row.step), row);
        }
        let replace = "ON CONFLICT (experiment_id, series, step) DO UPDATE SET value = excluded.value";
        let tx = self.db.begin().await?;
        table::insert(&tx, rows.values(), replace).await?;
        tx.publish(Event::ExperimentChanged { id });
        Ok(tx.commit().await?)
    }

    /// All curves in the order of [`Series::ALL`], by rising step. Of a long
    /// curve every n-th point and the last are given: at most 2,000.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn points(&self, id: ExperimentId) -> Result<Vec<CurvePoint>> {
        let mut points = Vec::new();
        for series in Series::ALL {
            for row in self.thinned(id, series).await? {
                points.push(CurvePoint { step: to_u32(row.step, "a step")?, series, value: row.value });
            }
        }
        Ok(points)
    }

    async fn thinned(&self, id: ExperimentId, series: Series) -> Result<Vec<Point>> {
        use experiment_points::{Column, Entity};
        let query =
            Entity::find().filter(Column::ExperimentId.eq(id.0)).filter(Column::Series.eq(series.as_str()));
        let count = query.count(&self.db.reader).await?;
        let stride = count.div_ceil(SHOWN - 1).max(1);
        let text = "SELECT step, value FROM (SELECT step, value, ROW_NUMBER() OVER (ORDER BY step) AS place \
                    FROM experiment_points WHERE experiment_id = ? AND series = ?) numbered \
                    WHERE (place - 1) % ? = 0 OR place = ? ORDER BY step";
        let values = vec![
            id.0.into(),
            series.as_str().into(),
            stride.cast_signed().into(),
            count.cast_signed().into(),
        ];
        let statement = sql::statement(self.db.backend(), text, values);
        Ok(Point::find_by_statement(statement).all(&self.db.reader).await?)
    }

    /// Adds a line to the log.
    ///
    /// # Errors
    /// `Conflict` when the experiment is not there.
    pub async fn add_log(&self, id: ExperimentId, at: Timestamp, line: &str) -> Result<()> {
        let row = experiment_log::ActiveModel {
            id: NotSet,
            experiment_id: Set(id.0),
            at: Set(at.0),
            line: Set(line.to_owned()),
        };
        let tx = self.db.begin().await?;
        experiment_log::Entity::insert(row).exec_without_returning(&tx).await?;
        tx.publish(Event::ExperimentChanged { id });
        Ok(tx.commit().await?)
    }

    /// Keeps what the run will do.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_plan(&self, id: ExperimentId, plan: &PlanRecord) -> Result<()> {
        self.set(id, experiments::Column::Plan, to_json(plan)?).await
    }

    /// Notes that the run ends before its schedule, for it gets no better.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_stopped_early(&self, id: ExperimentId) -> Result<()> {
        self.set(id, experiments::Column::StoppedEarly, true).await
    }

    async fn set(
        &self,
        id: ExperimentId,
        column: experiments::Column,
        value: impl Into<Value>,
    ) -> Result<()> {
        let tx = self.db.begin().await?;
        let value: Value = value.into();
        let update = experiments::Entity::update_many().col_expr(column, Expr::value(value));
        update.filter(experiments::Column::Id.eq(id.0)).exec(&tx).await?;
        tx.publish(Event::ExperimentChanged { id });
        Ok(tx.commit().await?)
    }

    /// The last `limit` lines of the log, the oldest of them first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn log(&self, id: ExperimentId, limit: u32) -> Result<Vec<(Timestamp, String)>> {
        use experiment_log::{Column, Entity};
        let query = Entity::find()
            .filter(Column::ExperimentId.eq(id.0))
            .order_by_desc(Column::Id)
            .limit(u64::from(limit));
        let rows = query.all(&self.db.reader).await?;
        Ok(rows.into_iter().rev().map(|row| (Timestamp(row.at), row.line)).collect())
    }

    /// Forgets the curves beyond a step and an early end, and for step 0 the
    /// plan and the log, too: the run goes on from there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rewind(&self, id: ExperimentId, step: u32) -> Result<()> {
        let tx = self.db.begin().await?;
        let points = experiment_points::Entity::delete_many()
            .filter(experiment_points::Column::ExperimentId.eq(id.0))
            .filter(experiment_points::Column::Step.gt(i32::try_from(step).unwrap_or(i32::MAX)));
        points.exec(&tx).await?;
        let mut update = experiments::Entity::update_many()
            .col_expr(experiments::Column::StoppedEarly, Expr::value(false));
        if step == 0 {
            update = update.col_expr(experiments::Column::Plan, Expr::value(Option::<Json>::None));
        }
        update.filter(experiments::Column::Id.eq(id.0)).exec(&tx).await?;
        if step == 0 {
            let lines = experiment_log::Entity::delete_many();
            lines.filter(experiment_log::Column::ExperimentId.eq(id.0)).exec(&tx).await?;
        }
        tx.publish(Event::ExperimentChanged { id });
        Ok(tx.commit().await?)
    }
}
