//! Passwords, and the secrets of tokens and one-time links.
//!
//! Passwords: Argon2id with the crate's defaults (OWASP's first choice:
//! m = 19 MiB, t = 2, p = 1). Secrets: 256 random bits, stored as SHA-256;
//! they are too long to guess, so a slow hash would add nothing.

use crate::ServiceError;
use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString},
};
use rand::TryRngCore;
use sha2::{Digest, Sha256};

const SHORTEST_PASSWORD: usize = 10;
const LONGEST_PASSWORD: usize = 1024;

/// Checks a new password: 10 characters or more, no other rules (NIST SP
/// 800-63B, 5.1.1.2).
pub(crate) fn check_new_password(password: &str) -> Result<(), ServiceError> {
    if password.chars().count() < SHORTEST_PASSWORD {
        let message = format!("The password is too short: use {SHORTEST_PASSWORD} characters or more.");
        return Err(ServiceError::invalid_at("password", message));
    }
    if password.len() > LONGEST_PASSWORD {
        return Err(ServiceError::invalid_at("password", "The password is longer than 1024 bytes."));
    }
    Ok(())
}

/// A salted Argon2id hash in PHC form. Takes tens of milliseconds: not for
/// an async thread.
pub(crate) fn hash_password(password: &str) -> Result<String, ServiceError> {
    let mut salt = [0_u8; 16];
    fill_random(&mut salt)?;
    let salt = SaltString::encode_b64(&salt).map_err(internal)?;
    Ok(Argon2::default().hash_password(password.as_bytes(), &salt).map_err(internal)?.to_string())
}

/// Whether `password` is the one that was hashed. Without a hash (no such
/// account) it does the same work and says no.
pub(crate) fn verify_password(password: &str, hash: Option<&str>) -> Result<bool, ServiceError> {
    if password.len() > LONGEST_PASSWORD {
        return Ok(false);
    }
    let Some(hash) = hash else {
        hash_password(password)?;
        return Ok(false);
    };
    let parsed = PasswordHash::new(hash).map_err(internal)?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
}

/// A fresh secret of 256 bits as hex, after `prefix`.
pub(crate) fn new_secret(prefix: &str) -> Result<String, ServiceError> {
    let mut bytes = [0_u8; 32];
    fill_random(&mut bytes)?;
    Ok(format!("{prefix}{}", hex::encode(bytes)))
}

/// What is stored of a secret.
pub(crate) fn secret_hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

fn fill_random(bytes: &mut [u8]) -> Result<(), ServiceError> {
    rand::rngs::OsRng.try_fill_bytes(bytes).map_err(internal)
}

fn internal(error: impl std::fmt::Display) -> ServiceError {
    ServiceError::Internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_opens_only_its_own_hash() {
        let hash = hash_password("correct horse").expect("hashes");
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify_password("correct horse", Some(&hash)).expect("verifies"));
        assert!(!verify_password("correct house", Some(&hash)).expect("verifies"));
        assert!(!verify_password("correct horse", None).expect("verifies"));
    }

    #[test]
    fn secrets_differ_and_are_long() {
        let (a, b) = (new_secret("fovea_").expect("random"), new_secret("fovea_").expect("random"));
        assert_ne!(a, b);
        assert_eq!(a.len(), "fovea_".len() + 64);
    }
}
