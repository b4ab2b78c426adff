//! What the SDK wants an id of and Fovea has one of at most: a fixed id.

use crate::http::label_ids::named;
use uuid::Uuid;

/// What the organisation, its project and its datalake are called, unless a
/// script calls them otherwise: there is one of each.
pub(super) const NAME: &str = "fovea";

pub(super) fn organization() -> Uuid {
    named("organisation", NAME)
}

/// The one project.
pub(super) fn project() -> Uuid {
    named("project", NAME)
}

pub(super) fn connector() -> Uuid {
    named("connector", NAME)
}

pub(super) fn datalake() -> Uuid {
    named("datalake", NAME)
}

/// A word that people stick on things.
pub(super) fn tag(name: &str) -> Uuid {
    named("tag", name)
}

/// A camera, line or client.
pub(super) fn source(name: &str) -> Uuid {
    named("source", name)
}
