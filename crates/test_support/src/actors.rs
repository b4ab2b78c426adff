//! Who asks in tests.

use domain::access::{Actor, Principal, Role};
use uuid::Uuid;

/// Somebody signed in with this role.
#[must_use]
pub fn actor(role: Role) -> Actor {
    let email = format!("{role}@lab.example");
    Actor { who: Principal::User { id: Uuid::nil().into(), email }, role }
}

/// Somebody who may do everything.
#[must_use]
pub fn admin() -> Actor {
    actor(Role::Admin)
}
