//! What was sent twice because its answer was lost: a sender's key says that it
//! is the same, and it is stored once.

use crate::{Result, ServiceError, base::person, people::secrets::secret_hash};
use domain::{access::Actor, ids::DeploymentId, prediction::Prediction};
use serde::Serialize;
use store::{Idempotency, Store};

/// A key is stored and indexed with each prediction for as long as that is kept.
const LONGEST_KEY: usize = 255;

/// The key with a hash of what it was sent with, so that the same key with
/// something else is told apart from a repetition. Everybody has keys of
/// their own: what one sender chose says nothing to another, and takes
/// nothing from them. `image` is a hash of it, or empty.
pub(super) fn claim(actor: &Actor, key: &str, content: &impl Serialize, image: &str) -> Result<Idempotency> {
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Err(ServiceError::invalid_at("Idempotency-Key", "The key must have 1 to 255 bytes."));
    }
    let content =
        serde_json::to_string(content).map_err(|error| ServiceError::Internal(error.to_string()))?;
    let key = format!("{} {key}", person(actor));
    Ok(Idempotency { key, request_hash: secret_hash(&format!("{content}\n{image}")) })
}

/// The prediction that is stored under the key already.
///
/// # Errors
/// When the key was used for something else, or the prediction is gone.
pub(super) async fn stored_before(
    store: &Store,
    deployment: DeploymentId,
    claim: &Idempotency,
) -> Result<Option<Prediction>> {
    let Some((id, hash)) = store.predictions().find_key(deployment, &claim.key).await? else {
        return Ok(None);
    };
    if hash != claim.request_hash {
        let message = "This idempotency key was used for another request.";
        return Err(ServiceError::conflict(message));
    }
    let prediction = store.predictions().find(id).await?;
    let gone = || ServiceError::conflict("What was stored under this idempotency key was deleted.");
    prediction.map(Some).ok_or_else(gone)
}
