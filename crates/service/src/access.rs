//! Roles as values: who holds one has been checked.
//!
//! A use case names the least role in its signature, `by: &As<Reviewer>`, and
//! only [`As::check`] makes such a value of an [`Actor`]: a use case without a
//! check does not compile. An `As<Admin>` is an `As<Reviewer>` is an
//! `As<Viewer>` by `Deref`, as each role includes the ones before it. What
//! needs no role says so by its type: [`Anyone`], [`Internal`].

use crate::ServiceError;
use domain::{
    access::{Actor, Role},
    fault::{ApiError, ErrorKind},
};
use std::ops::Deref;

mod sealed {
    use domain::access::Actor;

    /// How the proof of a role is built; out of reach, so that nobody builds
    /// one without the check.
    pub trait Proof: Sized {
        /// What the role includes: the proof of the next lower one.
        type Includes: Clone + std::fmt::Debug + Send + Sync + 'static;
        /// The proof, of an actor whose role was checked.
        fn proven(actor: Actor) -> Self::Includes;
        /// Who was checked.
        fn actor(includes: &Self::Includes) -> &Actor;
    }
}

/// A role as a type: [`Viewer`], [`Reviewer`] or [`Admin`].
pub trait RoleType: sealed::Proof + Send + Sync + 'static {
    /// The role that is needed at least.
    const ROLE: Role;
}

/// Viewers and above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {}
/// Reviewers and above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reviewer {}
/// Admins only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admin {}

impl sealed::Proof for Viewer {
    type Includes = Actor;
    fn proven(actor: Actor) -> Actor {
        actor
    }
    fn actor(includes: &Actor) -> &Actor {
        includes
    }
}

impl sealed::Proof for Reviewer {
    type Includes = As<Viewer>;
    fn proven(actor: Actor) -> As<Viewer> {
        As(actor)
    }
    fn actor(includes: &As<Viewer>) -> &Actor {
        &includes.0
    }
}

impl sealed::Proof for Admin {
    type Includes = As<Reviewer>;
    fn proven(actor: Actor) -> As<Reviewer> {
        As(As(actor))
    }
    fn actor(includes: &As<Reviewer>) -> &Actor {
        &includes.0.0
    }
}

impl RoleType for Viewer {
    const ROLE: Role = Role::Viewer;
}

impl RoleType for Reviewer {
    const ROLE: Role = Role::Reviewer;
}

impl RoleType for Admin {
    const ROLE: Role = Role::Admin;
}

/// Somebody whose role was found to reach `R`.
#[derive(Clone, Debug)]
pub struct As<R: RoleType>(R::Includes);

impl<R: RoleType> As<R> {
    /// Whether the role of `actor` reaches `R`.
    ///
    /// # Errors
    /// `Forbidden` when it does not.
    pub fn check(actor: &Actor) -> Result<Self, ServiceError> {
        if actor.role >= R::ROLE {
            return Ok(Self(R::proven(actor.clone())));
        }
        let message =
            format!("This needs the role {}; {} has the role {}.", R::ROLE, actor.display_name(), actor.role);
        Err(ApiError::new(ErrorKind::Forbidden, message).into())
    }

    /// Who it is.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        R::actor(&self.0)
    }
}

impl As<Admin> {
    /// The command line on the data folder, and the workers: see
    /// [`Actor::system`].
    #[must_use]
    pub fn system() -> Self {
        Self(<Admin as sealed::Proof>::proven(Actor::system()))
    }
}

impl<R: RoleType> Deref for As<R> {
    type Target = R::Includes;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<As<Admin>> for As<Reviewer> {
    fn from(admin: As<Admin>) -> Self {
        admin.0
    }
}

impl From<As<Admin>> for As<Viewer> {
    fn from(admin: As<Admin>) -> Self {
        admin.0.0
    }
}

impl From<As<Reviewer>> for As<Viewer> {
    fn from(reviewer: As<Reviewer>) -> Self {
        reviewer.0
    }
}

/// In the place of a role where nobody has one yet: signing in, redeeming a
/// link, showing a secret.
#[derive(Clone, Copy, Debug)]
pub struct Anyone;

/// In the place of a role where this process acts of itself and for nobody:
/// its workers, its clean-ups, its own figures.
#[derive(Clone, Copy, Debug)]
pub struct Internal;

#[cfg(test)]
mod tests {
    use super::*;
    use domain::access::Principal;

    fn actor(role: Role) -> Actor {
        Actor { who: Principal::System, role }
    }

    #[test]
    fn a_role_includes_the_ones_before_it_and_no_other() {
        for (role, reaches) in [
            (Role::Viewer, [true, false, false]),
            (Role::Reviewer, [true, true, false]),
            (Role::Admin, [true, true, true]),
        ] {
            let actor = actor(role);
            let checked = [
                As::<Viewer>::check(&actor).is_ok(),
                As::<Reviewer>::check(&actor).is_ok(),
                As::<Admin>::check(&actor).is_ok(),
            ];
            assert_eq!(checked, reaches, "{role}");
        }
    }

    #[test]
    fn a_refusal_names_the_role_that_is_needed_and_the_one_there_is() {
        let refused = As::<Admin>::check(&actor(Role::Viewer)).expect_err("refused");
        let ServiceError::Caller(error) = refused else { panic!("{refused:?}") };
        assert_eq!(error.kind, ErrorKind::Forbidden);
        assert_eq!(error.message, "This needs the role admin; system has the role viewer.");
    }

    #[test]
    fn an_admin_may_stand_where_a_viewer_is_asked_for() {
        fn name(viewer: &As<Viewer>) -> String {
            viewer.display_name()
        }
        let admin = As::system();
        assert_eq!(name(&admin), "system");
        assert_eq!(name(&As::<Viewer>::from(admin)), "system");
    }
}
