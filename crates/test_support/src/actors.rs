//! Who asks in tests.

use domain::{
    access::{Actor, Principal, Role},
    time::Timestamp,
};
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
#[must_use]
pub fn admin() -> Actor {
    actor(Role::Admin)
}
