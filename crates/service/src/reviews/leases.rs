//! Who has which image on the table, so that two people do not review the
//! same one. A lease keeps nobody from saving: the revision does.

use super::{holder, subject::is_blind};
use crate::{Result, Service, ServiceError, listing::readable, require};
use domain::{
    access::{Actor, Role},
    ids::PredictionId,
    listing::ListRequest,
    prediction::Status,
    review::{LEASE_MS, Lease, NextRequest, Picked},
};
use query::ast::{Expr, Test};
use store::{Claim, Holder};

/// Images given at a time.
const MOST_AT_ONCE: u32 = 10;
/// Images of one call about leases.
const MOST_NAMED: usize = 200;
const LOOKED_AT: u32 = 50;
/// Ended leases are kept for a while: they say how an image was picked.
const FORGOTTEN_AFTER_MS: i64 = 24 * 60 * 60 * 1000;

impl Service {
    /// The next images to review: they match, nobody else holds them, and
    /// from now on the page that asks does, for five minutes. Those that it
    /// holds already are given again unless excluded, so that a lost answer
    /// costs nothing.
    ///
    /// # Errors
    /// Reviewers and above; no such deployment, a query that cannot be read.
    pub async fn next_reviews(
        &self,
        actor: &Actor,
        deployment: &str,
        request: NextRequest,
    ) -> Result<Vec<Lease>> {
        require(actor, Role::Reviewer)?;
        let holder = holder(actor, &request.session)?;
        check_named(&request.exclude)?;
        let deployment = self.known_deployment(deployment).await?;
        let query = readable(&request.q)?;
        let count = request.count.clamp(1, MOST_AT_ONCE) as usize;
        let claim = self.claim(holder, Picked::by(&query, request.sort), false);
        let blind_share = self.blind_share(deployment.id).await?;
        self.store().reviews().forget_leases(self.now().plus_ms(-FORGOTTEN_AFTER_MS)).await?;
        let mut taken = Vec::with_capacity(count);
        let wanted = query.and(Expr::Leaf(Test::Status(vec![Status::ToReview])));
        let mut list = ListRequest { sort: request.sort, limit: Some(LOOKED_AT), ..ListRequest::default() };
        loop {
            let predictions = self.store().predictions();
            let page = predictions.list(deployment.id, wanted.clone(), &list, claim.now).await?;
            let found: Vec<(PredictionId, bool)> = page
                .items
                .iter()
                .map(|item| (item.prediction.id, is_blind(&item.prediction, blind_share)))
                .collect();
            self.take(&found, &request.exclude, &claim, count, &mut taken).await?;
            // A search that ran out of time gives what it has.
            if taken.len() == count || page.next_cursor.is_none() || !page.complete {
                return Ok(taken);
            }
            list.cursor = page.next_cursor;
        }
    }

    /// Takes what is free of `found`, in its order, until there are `count`;
    /// with each image comes whether it is to be shown blind.
    async fn take(
        &self,
        found: &[(PredictionId, bool)],
        exclude: &[PredictionId],
        claim: &Claim,
        count: usize,
        taken: &mut Vec<Lease>,
    ) -> Result<()> {
        let reviews = self.store().reviews();
        let ids: Vec<PredictionId> = found.iter().map(|(id, _)| *id).collect();
        let leases = reviews.leases_of(&ids, &claim.holder, claim.now).await?;
        let held = |id: &PredictionId| leases.iter().any(|lease| lease.prediction_id == *id && !lease.mine);
        for (id, blind) in found.iter().filter(|(id, _)| !exclude.contains(id) && !held(id)) {
            if taken.len() == count {
                return Ok(());
            }
            // Of two that see it free, one gets it.
            if reviews.claim(*id, *blind, claim).await? {
                taken.extend(reviews.lease_of(*id, &claim.holder, claim.now).await?);
            }
        }
        Ok(())
    }

    /// Takes one image, or keeps it for another five minutes. When somebody
    /// else has it the answer says who, and nothing is changed.
    ///
    /// # Errors
    /// Reviewers and above; no such prediction.
    pub async fn lease(&self, actor: &Actor, id: PredictionId, session: &str) -> Result<Lease> {
        require(actor, Role::Reviewer)?;
        let claim = self.claim(holder(actor, session)?, Picked::Query, true);
        let prediction = self.known_prediction(id).await?;
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
        actor: &Actor,
        deployment: &str,
        ids: Vec<PredictionId>,
        session: &str,
    ) -> Result<Vec<Lease>> {
        require(actor, Role::Reviewer)?;
        let claim = self.claim(holder(actor, session)?, Picked::Query, true);
        check_named(&ids)?;
        let deployment = self.known_deployment(deployment).await?;
        let blind_share = self.blind_share(deployment.id).await?;
        let mut leases = Vec::with_capacity(ids.len());
        for (id, image) in self.store().reviews().of_deployment(deployment.id, &ids).await? {
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
        actor: &Actor,
        deployment: &str,
        ids: Vec<PredictionId>,
        session: &str,
    ) -> Result<()> {
        require(actor, Role::Reviewer)?;
        let holder = holder(actor, session)?;
        check_named(&ids)?;
        self.known_deployment(deployment).await?;
        Ok(self.store().reviews().release(&ids, &holder).await?)
    }

    fn claim(&self, holder: Holder, picked: Picked, any_status: bool) -> Claim {
        let now = self.now();
        Claim { holder, picked, now, until: now.plus_ms(LEASE_MS), any_status }
    }

    async fn renewed(&self, id: PredictionId, blind: bool, claim: &Claim) -> Result<Lease> {
        let reviews = self.store().reviews();
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

fn check_named(ids: &[PredictionId]) -> Result<()> {
    if ids.len() > MOST_NAMED {
        let message = format!("{} images are more than the {MOST_NAMED} of one call.", ids.len());
        return Err(ServiceError::invalid_at("ids", message));
    }
    Ok(())
}
