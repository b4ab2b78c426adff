//! What people make of predictions: reviewing, setting aside, putting back,
//! and who has which image on the table.

mod acts;
mod checks;
mod leases;
mod saving;
mod settings;
mod subject;

use crate::{Result, Service, ServiceError};
use domain::{
    access::{Actor, Principal},
    event::Event,
    ids::{DeploymentId, PredictionId},
    prediction::Prediction,
};
use store::{By, Holder};

/// Above so many changes an open page is told to look at all again.
const TOLD_ONE_BY_ONE: usize = 100;
const LONGEST_SESSION: usize = 64;

impl Service {
    /// A prediction, for a use case whose role was checked.
    pub(crate) async fn known_prediction(&self, id: PredictionId) -> Result<Prediction> {
        let found = self.store().predictions().find(id).await?;
        found.ok_or_else(|| ServiceError::not_found(format!("There is no prediction {id}.")))
    }

    /// Who does something, and that it is now.
    pub(crate) fn by(&self, actor: &Actor) -> By {
        By { actor: actor.display_name(), person: person(actor), at: self.now() }
    }

    /// Tells open pages which predictions changed.
    pub(crate) fn tell_changed(&self, deployment_id: DeploymentId, ids: &[PredictionId]) {
        if ids.len() > TOLD_ONE_BY_ONE {
            self.publish(Event::DeploymentChanged { id: deployment_id });
            return;
        }
        for id in ids {
            self.publish(Event::PredictionChanged { deployment_id, id: *id });
        }
    }
}

/// The account or token itself: a name can change, and be given again.
pub(crate) fn person(actor: &Actor) -> String {
    match &actor.who {
        Principal::User { id, .. } => format!("user:{id}"),
        Principal::Token { id, .. } => format!("token:{id}"),
        Principal::System => "system".to_owned(),
    }
}

/// One open page of one person.
fn holder(actor: &Actor, session: &str) -> Result<Holder> {
    if session.chars().count() > LONGEST_SESSION || session.chars().any(char::is_control) {
        let message = format!("A session is a word of at most {LONGEST_SESSION} characters.");
        return Err(ServiceError::invalid_at("session", message));
    }
    Ok(Holder { person: person(actor), session: session.to_owned(), name: actor.display_name() })
}
