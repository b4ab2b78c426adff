//! Signing in and out. Every try leaves an entry in the log of acts.

use crate::{
    Anyone, As, People, Result, ServiceError, SignedIn, Viewer,
    intake::checks::readable_text,
    people::guesses::{Guessed, network},
    people::secrets::verify_password,
};
use domain::{
    access::Actor,
    fault::{ApiError, ErrorKind},
};
use serde_json::json;
use std::net::IpAddr;
use store::Act;

/// What is kept of an email that somebody typed.
const SHOWN_EMAIL: usize = 100;
/// How long a network stays one that a person is known to sign in from.
const KNOWN_FOR_MS: i64 = 60 * 24 * 3_600_000;

impl People {
    /// Who signs in with this email and password, from this address.
    ///
    /// # Errors
    /// `Unauthenticated` without saying which of the two was wrong; it takes
    /// the same work when there is no such account. `Busy` when the account
    /// was tried too often, or too many sign in at the same time.
    pub async fn sign_in(&self, _: Anyone, email: &str, password: &str, from: IpAddr) -> Result<SignedIn> {
        let email = email.trim().to_lowercase();
        let from = network(from);
        let Some(tried) = self.take_try(&email, from).await? else {
            self.failed_sign_in(&email, from, "limited").await?;
            let message = "There were too many attempts at this account: try again in a minute.";
            return Err(ApiError::new(ErrorKind::Busy, message).into());
        };
        let person = self.base.store().users().credentials_by_email(&email).await?;
        let hash = person.as_ref().and_then(|credentials| credentials.password_hash.clone());
        let password = password.to_owned();
        let matches = self.hashing.run(move || verify_password(&password, hash.as_deref())).await?;
        match person {
            Some(credentials) if matches && !credentials.user.disabled => {
                self.guesses.give_back(&tried);
                let person = SignedIn::from(credentials);
                let detail = json!({ "address": from.to_string() });
                let act = Act::new(self.base.by(&Actor::user(&person.user)), "user.sign_in", detail);
                self.base.store().users().signed_in(&person.user, act).await?;
                Ok(person)
            }
            _ => {
                self.failed_sign_in(&email, from, "refused").await?;
                Err(ServiceError::unauthenticated("The email or the password is wrong."))
            }
        }
    }

    /// Records that somebody signed out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn signed_out(&self, actor: &As<Viewer>) -> Result<()> {
        let act = Act::new(self.base.by(actor), "user.sign_out", json!({}));
        Ok(self.base.store().audit().append(act.into_entry(&actor.display_name())).await?)
    }

    /// Takes one of the tries that are left for this account, if any.
    async fn take_try(&self, email: &str, from: IpAddr) -> Result<Option<Guessed>> {
        let guesses = &self.guesses;
        let anywhere = Guessed { email: email.to_owned(), known: None };
        if guesses.take(anywhere.clone(), self.base.now()) {
            return Ok(Some(anywhere));
        }
        // Whoever uses the tries up must not keep the person themselves out.
        let since = self.base.now().plus_ms(-KNOWN_FOR_MS);
        let known = self.base.store().users().signed_in_from(email, &from.to_string(), since).await?;
        let here = Guessed { known: Some(from), ..anywhere };
        Ok(Some(here).filter(|here| known && guesses.take(here.clone(), self.base.now())))
    }

    async fn failed_sign_in(&self, email: &str, from: IpAddr, why: &str) -> Result<()> {
        let account: String = readable_text(email).chars().take(SHOWN_EMAIL).collect();
        let from = from.to_string();
        tracing::warn!(account, address = from, why, "a sign-in failed");
        let detail = json!({ "address": from, "outcome": why });
        self.base.record_repeated("nobody", "user.sign_in_failed", &account, &detail).await
    }
}
