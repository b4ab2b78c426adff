//! People, their sessions and tokens, and the record of who did what.

mod accounts;
mod audit;
pub(crate) mod guesses;
mod hashing;
pub(crate) mod secrets;
mod sign_in;
mod tokens;

pub use accounts::{SetupLink, SignedIn};
pub use guesses::network;
pub use tokens::{NewToken, TokenRequest};

use crate::base::Base;
use std::sync::Arc;

/// The use cases about people. Cheap to clone.
#[derive(Clone)]
pub struct People {
    base: Base,
    hashing: Arc<hashing::Hashing>,
    guesses: Arc<guesses::Guesses>,
}

impl People {
    pub(crate) fn new(base: Base) -> Self {
        Self { base, hashing: Arc::default(), guesses: Arc::default() }
    }
}
