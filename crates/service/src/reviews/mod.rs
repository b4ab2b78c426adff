//! What people make of predictions: reviewing, setting aside, putting back,
//! and who has which image on the table.

mod acts;
mod checks;
mod feedback;
mod leases;
mod line;
mod matching;
mod saving;
mod subject;
mod submitting;

pub use feedback::SetFeedback;

use crate::{
    Result, ServiceError,
    base::{Base, images::Images, person},
    catalogue::Catalogue,
    learning::Learning,
};
use domain::{
    access::Actor,
    ids::DeploymentId,
    review::{ReviewSettings, Share},
};
use store::Holder;

/// Characters of a word that a page or a client made up: it is stored with each
/// lease.
const LONGEST_SESSION: usize = 64;

impl Reviews {
    /// The share of images that are reviewed from an empty canvas.
    pub(crate) async fn blind_share(&self, id: DeploymentId) -> Result<Share> {
        Ok(self.base.store().deployment_settings().find::<ReviewSettings>(id).await?.blind_share)
    }
}

/// The use cases about reviewing, and what follows from reviews. Cheap to
/// clone.
#[derive(Clone)]
pub struct Reviews {
    base: Base,
    images: Images,
    catalogue: Catalogue,
    learning: Learning,
}

impl Reviews {
    pub(crate) fn new(base: Base, images: Images, catalogue: Catalogue, learning: Learning) -> Self {
        Self { base, images, catalogue, learning }
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
