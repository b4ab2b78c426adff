//! Who has which image on the table, so that two people do not review the
//! same one. A lease keeps nobody from saving: the revision does.

use super::{
    holder,
    line::{HeldBy, Line},
    subject::is_blind,
};
use crate::{As, DeploymentRef, Result, Reviewer, Reviews, ServiceError, browsing::listing::readable};
use domain::{
    ids::{DeploymentId, PredictionId},
    listing::{ListRequest, SortOrder},
    prediction::Status,
    review::{LEASE_MS, Lease, NextRequest, Picked},
};
use query::{
    Query,
    ast::{Expr, Test},
};
use store::{Claim, Holder};

/// Images given at a time.
const MOST_AT_ONCE: u32 = 10;
/// Images of one call about leases.
const MOST_NAMED: usize = 200;
const LOOKED_AT: u32 = 50;
/// So much of the line is read: what a dozen reviewers hold at a time, four
/// images each, twice over.
const LINE: u32 = 100;
/// Ended leases are kept for a while: they say how an image was picked.
const FORGOTTEN_AFTER_MS: i64 = 24 * 60 * 60 * 1000;

impl Reviews {
    /// The next images to review: they match, nobody else holds them, and
    /// from now on the page that asks does, for five minutes. Those that it
    /// holds already are given again unless excluded, so that a lost answer
    /// costs nothing.
    ///
    /// # Errors
    /// Reviewers and above; no such deployment, a query that cannot be read.
    pub async fn next(
        &self,
        actor: &As<Reviewer>,
        deployment: impl Into<DeploymentRef>,
        request: NextRequest,
    ) -> Result<Vec<Lease>> {
        let holder = holder(actor, &request.session)?;
        check_named(&request.exclude)?;
        let deployment = self.base.known_deployment(deployment).await?;
        let query = readable(&request.q)?;
        let count = request.count.clamp(1, MOST_AT_ONCE) as usize;
        let claim = self.claim(holder, Picked::by(&query, request.sort), false);
        let blind_share = self.blind_share(deployment.id).await?;
        self.base.store().reviews().forget_leases(self.base.now().plus_ms(-FORGOTTEN_AFTER_MS)).await?;
        let mut taken = Vec::with_capacity(count);
        let mut line = match claim.picked {
            Picked::Random => self.line(deployment.id, request.sort, &claim).await?,
            _ => Line::new([]),
        };
        let wanted = query.and(to_review());
        let mut list = ListRequest { sort: request.sort, limit: Some(LOOKED_AT), ..ListRequest::default() };
        loop {
            let predictions = self.base.store().predictions();
            let page = predictions.list(deployment.id, wanted.clone(), &list, claim.now).await?;
            let candidates = page
                .items
                .iter()
                .map(|item| (item.prediction.id, is_blind(&item.prediction, blind_share)))
                .filter(|(id, _)| !request.exclude.contains(id))
                .collect();
            self.take(candidates, &claim, &mut line, count, &mut taken).await?;
            // A search that ran out of time gives what it has.
            if taken.len() == count || page.next_cursor.is_none() || !page.complete {
                return Ok(taken);
            }
            list.cursor = page.next_cursor;
        }
    }

    /// Takes what is free of `candidates`, in their order, until there are
    /// `count`; with each image comes whether it is to be shown blind.
    async fn take(
        &self,
        candidates: Vec<(PredictionId, bool)>,
        claim: &Claim,
        line: &mut Line<PredictionId>,
        count: usize,
        taken: &mut Vec<Lease>,
    ) -> Result<()> {
        let reviews = self.base.store().reviews();
        let ids: Vec<PredictionId> = candidates.iter().map(|(id, _)| *id).collect();
        let leases = reviews.leases_of(&ids, &claim.holder, claim.now).await?;
        let held = |id: &PredictionId| leases.iter().any(|lease| lease.prediction_id == *id && !lease.mine);
        for (id, blind) in candidates.iter().filter(|(id, _)| !held(id)) {
            if taken.len() == count {
                return Ok(());
            }
            let passes_over = claim.picked == Picked::Random && !line.gives(id);
            let picked = if passes_over { Picked::Query } else { claim.picked };
            // Of two that see it free, one gets it.
            if reviews.claim(*id, *blind, &Claim { picked, ..claim.clone() }).await? {
                taken.extend(reviews.lease_of(*id, &claim.holder, claim.now).await?);
            }
        }
        Ok(())
    }

    /// What waits for a review, whatever the reviewer asked for, and who has
    /// it. A person is told by name: of two with one name, neither can step
    /// over what the other holds.
    async fn line(
        &self,
        deployment: DeploymentId,
        sort: SortOrder,
        claim: &Claim,
    ) -> Result<Line<PredictionId>> {
        let list = ListRequest { sort, limit: Some(LINE), ..ListRequest::default() };
        let waiting = Query::everything().and(to_review());
        let page = self.base.store().predictions().list(deployment, waiting, &list, claim.now).await?;
        let ids: Vec<PredictionId> = page.items.iter().map(|item| item.prediction.id).collect();
        let leases = self.base.store().reviews().leases_of(&ids, &claim.holder, claim.now).await?;
        let held_by = |id: PredictionId| match leases.iter().find(|lease| lease.prediction_id == id) {
            None => HeldBy::Nobody,
            Some(lease) if lease.holder == claim.holder.name => HeldBy::Asker,
            Some(_) => HeldBy::Other,
        };
        Ok(Line::new(ids.into_iter().map(|id| (id, held_by(id)))))
    }

    /// Takes one image, or keeps it for another five minutes. When somebody
    /// else has it the answer says who, and nothing is changed.
    ///
    /// # Errors
    /// Reviewers and above; no such prediction.
    pub async fn lease(&self, actor: &As<Reviewer>, id: PredictionId, session: &str) -> Result<Lease> {
        let claim = self.claim(holder(actor, session)?, Picked::Query, true);
        let prediction = self.base.known_prediction(id).await?;
        let blind_share = self.blind_share(prediction.deployment_id).await?;
        self.renewed(id, is_blind(&prediction, blind_share), &claim).await
    }

    /// Keeps images for another five minutes: those that are the page's own
    /// and those that are free. Those that somebody else has by now are told
    /// as such; those that are gone are left out.
    ///
    /// # Errors
    /// Reviewers and above; no such deployment.
    pub async fn renew_leases(
        &self,
        actor: &As<Reviewer>,
        deployment: impl Into<DeploymentRef>,
        ids: Vec<PredictionId>,
        session: &str,
    ) -> Result<Vec<Lease>> {
        let claim = self.claim(holder(actor, session)?, Picked::Query, true);
        check_named(&ids)?;
        let deployment = self.base.known_deployment(deployment).await?;
        let blind_share = self.blind_share(deployment.id).await?;
        let mut leases = Vec::with_capacity(ids.len());
        for (id, image) in self.base.store().reviews().of_deployment(deployment.id, &ids).await? {
            let blind = blind_share.contains(&image.unwrap_or_else(|| id.to_string()));
            leases.push(self.renewed(id, blind, &claim).await?);
        }
        Ok(leases)
    }

    /// Lets go of images, as far as they are the page's own.
    ///
    /// # Errors
    /// Reviewers and above; no such deployment.
    pub async fn release_leases(
        &self,
        actor: &As<Reviewer>,
        deployment: impl Into<DeploymentRef>,
        ids: Vec<PredictionId>,
        session: &str,
    ) -> Result<()> {
        let holder = holder(actor, session)?;
        check_named(&ids)?;
        self.base.known_deployment(deployment).await?;
        Ok(self.base.store().reviews().release(&ids, &holder).await?)
    }

    fn claim(&self, holder: Holder, picked: Picked, any_status: bool) -> Claim {
        let now = self.base.now();
        Claim { holder, picked, now, until: now.plus_ms(LEASE_MS), any_status }
    }

    async fn renewed(&self, id: PredictionId, blind: bool, claim: &Claim) -> Result<Lease> {
        let reviews = self.base.store().reviews();
        // A lease may end between the two; then it is free after all.
        for _ in 0..3 {
            reviews.claim(id, blind, claim).await?;
            if let Some(lease) = reviews.lease_of(id, &claim.holder, claim.now).await? {
                return Ok(lease);
            }
        }
        Err(ServiceError::not_found(format!("There is no prediction {id}.")))
    }
}

/// The condition that an image waits for a review.
fn to_review() -> Expr<Test> {
    Expr::Leaf(Test::Status(vec![Status::ToReview]))
}

fn check_named(ids: &[PredictionId]) -> Result<()> {
    if ids.len() > MOST_NAMED {
        let message = format!("{} images are more than the {MOST_NAMED} of one call.", ids.len());
        return Err(ServiceError::invalid_at("ids", message));
    }
    Ok(())
}
