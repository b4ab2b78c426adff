//! Passwords, and the secrets of tokens and one-time links.
//!
//! Passwords: Argon2id with the crate's defaults (OWASP's first choice:
//! m = 19 MiB, t = 2, p = 1). Secrets: 256 random bits, stored as SHA-256;
//! they are too long to guess, so a slow hash would add nothing.

use crate::ServiceError;
use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{Output, ParamsString, PasswordHash, SaltString},
};
use rand::TryRngCore;
use sha2::{Digest, Sha256};
use std::sync::{Mutex, PoisonError};

/// In characters; the longest, in bytes, bounds the work of a stranger's try.
const SHORTEST_PASSWORD: usize = 10;
const LONGEST_PASSWORD: usize = 1024;

/// The memory of hashes that were made, for the next ones. Given back to the
/// allocator it would stay in the arena of each thread that ever hashed; so
/// there is as much of it as hashes are made at a time.
static MEMORY: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

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
    let argon2 = Argon2::default();
    let output = output(&argon2, password, &salt, Params::DEFAULT_OUTPUT_LEN).map_err(internal)?;
    let salt = SaltString::encode_b64(&salt).map_err(internal)?;
    let hash = PasswordHash {
        algorithm: Algorithm::default().ident(),
        version: Some(Version::default().into()),
        params: ParamsString::try_from(argon2.params()).map_err(internal)?,
        salt: Some(salt.as_salt()),
        hash: Some(output),
    };
    Ok(hash.to_string())
}

/// What Argon2 makes of a password, in memory that is used again.
fn output(
    argon2: &Argon2<'_>,
    password: &str,
    salt: &[u8],
    length: usize,
) -> argon2::password_hash::Result<Output> {
    let mut blocks = MEMORY.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
    blocks.resize(argon2.params().block_count(), Block::default());
    let output = Output::init_with(length, |out| {
        Ok(argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, &mut blocks)?)
    });
    MEMORY.lock().unwrap_or_else(PoisonError::into_inner).push(blocks);
    output
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
    let stored = PasswordHash::new(hash).map_err(internal)?;
    is_hash_of(password, &stored).map_err(internal)
}

/// Whether `stored` was made of `password`, compared in constant time.
fn is_hash_of(password: &str, stored: &PasswordHash<'_>) -> argon2::password_hash::Result<bool> {
    let (Some(salt), Some(expected)) = (stored.salt, stored.hash) else { return Ok(false) };
    let version = stored.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let argon2 = Argon2::new(Algorithm::try_from(stored.algorithm)?, version, Params::try_from(stored)?);
    let mut bytes = [0_u8; 64];
    let salt = salt.decode_b64(&mut bytes)?;
    Ok(output(&argon2, password, salt, expected.len())? == expected)
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

pub(super) fn fill_random(bytes: &mut [u8]) -> Result<(), ServiceError> {
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
    fn hashes_are_those_of_the_library() {
        use argon2::{PasswordHasher as _, PasswordVerifier as _};

        let ours = hash_password("correct horse").expect("hashes");
        let ours = PasswordHash::new(&ours).expect("a hash");
        assert!(Argon2::default().verify_password(b"correct horse", &ours).is_ok());
        let salt = SaltString::encode_b64(&[7; 16]).expect("a salt");
        let theirs = Argon2::default().hash_password(b"correct horse", &salt).expect("hashes").to_string();
        assert!(verify_password("correct horse", Some(&theirs)).expect("verifies"));
        assert!(!verify_password("correct house", Some(&theirs)).expect("verifies"));
    }

    #[test]
    fn secrets_differ_and_are_long() {
        let (a, b) = (new_secret("fovea_").expect("random"), new_secret("fovea_").expect("random"));
        assert_ne!(a, b);
        assert_eq!(a.len(), "fovea_".len() + 64);
    }
}
