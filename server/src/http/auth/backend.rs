//! What axum-login needs to know about accounts. Holds no rule of its own.

use axum_login::{AuthUser, AuthnBackend};
use domain::{
    access::{Actor, Principal, User},
    fault::{ApiError, ErrorKind},
    ids::UserId,
};
use service::{Anyone, Service, SignedIn};
use std::net::IpAddr;

/// Asks the service about people.
#[derive(Clone)]
pub(crate) struct Accounts {
    service: Service,
}

impl Accounts {
    pub(super) fn new(service: Service) -> Self {
        Self { service }
    }
}

/// What a person types to sign in.
pub(crate) struct Credentials {
    /// In any case.
    pub email: String,
    /// As typed.
    pub password: String,
    /// Where it was sent from.
    pub from: IpAddr,
}

/// A person with a session.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    user: User,
    bound_to: Vec<u8>,
}

impl Account {
    pub(super) fn new(SignedIn { user, epoch }: SignedIn) -> Self {
        // A session belongs to one account, and ends with its epoch: when the
        // password, the role or the block changes.
        let mut bound_to = user.id.0.as_bytes().to_vec();
        bound_to.extend(epoch.to_le_bytes());
        Self { user, bound_to }
    }

    /// As the use cases see them.
    pub(crate) fn actor(&self) -> Actor {
        Actor {
            who: Principal::User { id: self.user.id, email: self.user.email.clone() },
            role: self.user.role,
        }
    }
}

impl AuthUser for Account {
    type Id = UserId;

    fn id(&self) -> UserId {
        self.user.id
    }

    fn session_auth_hash(&self) -> &[u8] {
        &self.bound_to
    }
}

impl AuthnBackend for Accounts {
    type User = Account;
    type Credentials = Credentials;
    type Error = ApiError;

    async fn authenticate(&self, given: Credentials) -> Result<Option<Account>, ApiError> {
        match self
            .service
            .people()
            .sign_in(Anyone, &given.email, &given.password, given.from)
            .await
            .map_err(ApiError::from)
        {
            Ok(person) => Ok(Some(Account::new(person))),
            Err(error) if error.kind == ErrorKind::Unauthenticated => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn get_user(&self, id: &UserId) -> Result<Option<Account>, ApiError> {
        Ok(self.service.people().signed_in(Anyone, *id).await?.map(Account::new))
    }
}
