//! People, their sessions and tokens, and the record of who did what.

mod accounts;
mod audit;
pub(crate) mod guesses;
mod hashing;
pub(crate) mod secrets;
mod sign_in;
mod signed_links;
mod tokens;

pub use accounts::{SetupLink, SignedIn};
pub use guesses::network;
pub use signed_links::{LinkAct, LinkQuery};
pub use tokens::{NewToken, TokenRequest};

use crate::base::Base;
use std::sync::Arc;

/// The use cases about people. Cheap to clone.
#[derive(Clone)]
pub struct People {
    base: Base,
    hashing: Arc<hashing::Hashing>,
    guesses: Arc<guesses::Guesses>,
    link_key: Arc<signed_links::LinkKey>,
}

impl People {
    pub(crate) fn new(base: Base) -> Self {
        let (hashing, guesses, link_key) = (Arc::default(), Arc::default(), Arc::default());
        Self { base, hashing, guesses, link_key }
    }
}
