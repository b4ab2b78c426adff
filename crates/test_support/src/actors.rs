//! Who asks in tests.

use domain::{
    access::{Actor, Principal, Role},
    time::Timestamp,
};
use service::{Admin, As, Reviewer, Viewer};
use store::{Act, By};
use uuid::Uuid;

/// Somebody signed in with this role.
#[must_use]
pub fn actor(role: Role) -> Actor {
    let email = format!("{role}@lab.example");
    Actor { who: Principal::User { id: Uuid::nil().into(), email }, role }
}

/// What a test does to the store itself.
#[must_use]
pub fn act() -> Act {
    let by = By { actor: "a test".to_owned(), person: "test".to_owned(), at: Timestamp(0) };
    Act::new(by, "test.act", serde_json::json!({}))
}

/// Somebody who may do everything.
///
/// # Panics
/// Never.
#[must_use]
pub fn admin() -> As<Admin> {
    As::check(&actor(Role::Admin)).expect("the role reaches")
}

/// Somebody who may do what reviewers do.
///
/// # Panics
/// Never.
#[must_use]
pub fn reviewer() -> As<Reviewer> {
    As::check(&actor(Role::Reviewer)).expect("the role reaches")
}

/// Somebody who may only look.
///
/// # Panics
/// Never.
#[must_use]
pub fn viewer() -> As<Viewer> {
    As::check(&actor(Role::Viewer)).expect("the role reaches")
}
