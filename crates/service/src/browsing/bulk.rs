//! Acts on many predictions: chunk after chunk, each in a transaction of its
//! own. A call works for about a second and says where to go on, so that a
//! page can show how far it is, and stopping is not calling again.

use crate::{
    Admin, As, Browsing, DeploymentRef, Internal, Result, Reviewer, ServiceError, browsing::listing::readable,
};
use domain::{
    deployment::Deployment,
    ids::{DeletionId, PredictionId},
    listing::{BulkAct, BulkReport, BulkRequest, Refusal, Selection},
    review::BulkOutcome,
    time::Timestamp,
};
use query::{
    Moment, Precision, Query,
    ast::{Compare, Expr, Op, Test},
    schema::DateField,
};
use serde_json::json;
use std::{
    collections::HashSet,
    time::{Duration, Instant},
};
use store::Act;

/// Predictions of one transaction.
const CHUNK: u32 = 500;
/// Images of a submission may have to be decoded first.
const SUBMITTED_CHUNK: u32 = 32;
/// After so long a call reports.
const WORKING: Duration = Duration::from_millis(800);
const TOLD_REFUSALS: usize = 20;
/// How long a deletion can be undone.
const UNDO_MS: i64 = 10_000;
const MOST_IDS: usize = 10_000;

/// Some of a selection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selected {
    /// By rising id.
    ids: Vec<PredictionId>,
    /// There may be more behind this one.
    resume: Option<PredictionId>,
}

/// Where a call left off.
struct Progress {
    after: Option<PredictionId>,
    deletion: Option<DeletionId>,
    as_of: Timestamp,
}

impl Browsing {
    /// Does something to a selection of predictions, as far as about a second
    /// allows.
    ///
    /// # Errors
    /// Reviewers and above, to delete admins only; no such deployment; a query
    /// that cannot be read, a tag that is none, a `resume` that no report gave.
    pub async fn bulk(
        &self,
        actor: &As<Reviewer>,
        deployment: impl Into<DeploymentRef>,
        request: BulkRequest,
    ) -> Result<BulkReport> {
        let deletes = request.act == BulkAct::Delete;
        if deletes {
            As::<Admin>::check(actor)?;
        }
        self.check_act(&request.act)?;
        let deployment = self.base.known_deployment(deployment).await?;
        let mut progress = self.progress(&request)?;
        if deletes && progress.deletion.is_none() {
            progress.deletion = Some(self.base.new_id());
        }
        let selection = frozen(request.selection, progress.as_of);
        let (begin, mut report) = (Instant::now(), BulkReport::default());
        let chunk = if request.act == BulkAct::Submit { SUBMITTED_CHUNK } else { CHUNK };
        loop {
            let part = self.selected(&deployment, &selection, progress.after, chunk).await?;
            self.act_on(actor, &deployment, &request.act, part.ids, progress.deletion, &mut report).await?;
            progress.after = part.resume;
            if part.resume.is_none() || begin.elapsed() >= WORKING {
                break;
            }
        }
        report.deletion = progress.deletion;
        report.resume = progress.after.map(|after| {
            let deletion = progress.deletion.map_or_else(|| "none".to_owned(), |id| id.to_string());
            format!("{after}.{deletion}.{}", progress.as_of.0)
        });
        Ok(report)
    }

    /// The next ids of a selection, by rising id: at most `limit` behind
    /// `after`. Those that are gone are left out. Whoever asks has the role.
    async fn selected(
        &self,
        deployment: &Deployment,
        selection: &Selection,
        after: Option<PredictionId>,
        limit: u32,
    ) -> Result<Selected> {
        match selection {
            Selection::Ids { ids } => {
                let mut ids: Vec<_> =
                    ids.iter().copied().filter(|id| after.is_none_or(|after| *id > after)).collect();
                ids.sort_unstable();
                ids.dedup();
                let more = ids.len() > limit as usize;
                ids.truncate(limit as usize);
                let resume = more.then(|| ids.last().copied()).flatten();
                Ok(Selected { ids, resume })
            }
            Selection::Matching { q, as_of, except } => {
                let now = as_of.unwrap_or_else(|| self.base.now());
                let query = readable(q)?.and(arrived_by(now));
                let predictions = self.base.store().predictions();
                let (ids, resume) =
                    predictions.matching_ids(deployment.id, query, after, limit as usize, now).await?;
                let except: HashSet<_> = except.iter().collect();
                Ok(Selected { ids: ids.into_iter().filter(|id| !except.contains(id)).collect(), resume })
            }
        }
    }

    /// Brings back what was deleted together, within ten seconds.
    ///
    /// # Errors
    /// Admins only; when it is too late.
    pub async fn undo_delete(&self, actor: &As<Admin>, deletion: DeletionId) -> Result<u64> {
        if self.base.store().predictions().deletion(deletion).await?.is_none() {
            return Err(ServiceError::conflict("The deletion can no longer be undone."));
        }
        let undo = self.base.act(actor, "predictions.undo_delete", json!({}));
        let restored = self.base.store().predictions().undo_deletion(deletion, self.base.now(), undo).await?;
        Ok(restored)
    }

    /// Removes for good what can no longer be undone. Its images go some time
    /// later, by [`remove_unused_files`](Self::remove_unused_files).
    ///
    /// # Errors
    /// When the store fails.
    pub async fn purge_deleted(&self, _: Internal) -> Result<u64> {
        let mut removed = 0;
        loop {
            let (purged, more) = self.base.store().predictions().purge(self.base.now()).await?;
            removed += purged;
            if !more {
                return Ok(removed);
            }
        }
    }

    fn check_act(&self, act: &BulkAct) -> Result<()> {
        let (BulkAct::Tag { tag } | BulkAct::Untag { tag }) = act else { return Ok(()) };
        if tag.trim().is_empty() {
            return Err(ServiceError::invalid_at("tag", "A tag is at least one character."));
        }
        crate::intake::checks::check_text("tag", tag, self.base.limits().text)
    }

    fn progress(&self, request: &BulkRequest) -> Result<Progress> {
        if let Selection::Ids { ids } = &request.selection
            && ids.len() > MOST_IDS
        {
            let message = format!("{} ids are more than the {MOST_IDS} allowed; send a query.", ids.len());
            return Err(ServiceError::invalid_at("ids", message));
        }
        let Some(resume) = &request.resume else {
            return Ok(Progress { after: None, deletion: None, as_of: self.base.now() });
        };
        let read = || {
            let mut parts = resume.split('.');
            let (after, deletion, as_of) = (parts.next()?, parts.next()?, parts.next()?);
            let deletion = if deletion == "none" { None } else { Some(deletion.parse().ok()?) };
            Some(Progress {
                after: Some(after.parse().ok()?),
                deletion,
                as_of: Timestamp(as_of.parse().ok()?),
            })
        };
        read().ok_or_else(|| ServiceError::invalid_at("resume", "It is not one that a report gave."))
    }

    async fn act_on(
        &self,
        actor: &As<Reviewer>,
        deployment: &Deployment,
        act: &BulkAct,
        ids: Vec<PredictionId>,
        deletion: Option<DeletionId>,
        report: &mut BulkReport,
    ) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let count = ids.len() as u64;
        let predictions = self.base.store().predictions();
        let detail = match act {
            BulkAct::Tag { tag } | BulkAct::Untag { tag } => json!({ "tag": tag }),
            _ => json!({}),
        };
        let recorded = self.base.act(actor, &format!("predictions.{}", act.as_str()), detail);
        let outcome = match act {
            BulkAct::Skip { reason } => self.reviews.skip_many(actor, deployment, ids, reason).await?,
            BulkAct::Reopen => self.reviews.reopen_many(actor, deployment, ids).await?,
            BulkAct::Submit => self.reviews.submit(actor, deployment, ids).await?,
            BulkAct::Tag { tag } => {
                let most = self.base.limits().tags;
                let tagged = predictions.tag(deployment.id, &ids, tag, most, recorded).await?;
                let full = |id| Refusal { id, reason: format!("It has {most} tags already.") };
                BulkOutcome { changed: tagged.changed, refused: tagged.full.into_iter().map(full).collect() }
            }
            BulkAct::Untag { tag } => {
                let tagged = predictions.untag(deployment.id, &ids, tag, recorded).await?;
                BulkOutcome { changed: tagged.changed, refused: Vec::new() }
            }
            BulkAct::Delete => {
                let until = self.base.now().plus_ms(UNDO_MS);
                let deletion = deletion.unwrap_or_else(|| self.base.new_id());
                let recorded = Act { detail: json!({ "deletion": deletion }), ..recorded };
                let hidden = predictions.hide(deployment.id, &ids, deletion, until, recorded).await?;
                BulkOutcome { changed: hidden.hidden, refused: hidden.refused }
            }
        };
        let (changed, refused) = (outcome.changed.len() as u64, outcome.refused.len() as u64);
        report.changed += changed;
        report.refused += refused;
        report.unchanged += count.saturating_sub(changed + refused);
        let room = TOLD_REFUSALS.saturating_sub(report.refusals.len());
        report.refusals.extend(outcome.refused.into_iter().take(room));
        Ok(())
    }
}

/// The same selection, at a moment that does not move between calls.
fn frozen(selection: Selection, at: Timestamp) -> Selection {
    match selection {
        Selection::Matching { q, as_of, except } => {
            Selection::Matching { q, as_of: Some(as_of.unwrap_or(at)), except }
        }
        ids @ Selection::Ids { .. } => ids,
    }
}

/// What had arrived by a moment.
fn arrived_by(moment: Timestamp) -> Expr<Test> {
    let moment = Moment::At { start: moment, precision: Precision::Millisecond };
    Expr::Leaf(Test::Date(DateField::Received, Compare::Is(Op::Le, moment)))
}

/// A query for what had arrived by a moment.
pub(crate) fn as_of(query: Query, moment: Timestamp) -> Query {
    query.and(arrived_by(moment))
}
