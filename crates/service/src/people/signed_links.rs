//! Links that open one file for a while to whoever has them: programs that
//! fetch an image by its address cannot send a token along.
//!
//! A link is the address of the file itself, with the second until which it is
//! good and an HMAC-SHA256 over act, address and that second. The key is 256
//! random bits in the database: links outlive a restart, and every server on
//! the database knows them. A link opens what it was made for, as a viewer
//! would, and nothing else.

use crate::{Admin, Anyone, As, Result, ServiceError, Viewer, people::People, people::secrets::fill_random};
use domain::{
    access::{Actor, Principal, Role},
    fault::{ApiError, ErrorKind},
};
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::sync::OnceCell;

/// Where the key lies among the settings of the database.
const KEY: &str = "signed_links.key";
/// Seconds for which a link may be good: a week.
const LONGEST_S: u32 = 7 * 24 * 3600;

/// The key, once it was read.
pub(super) type LinkKey = OnceCell<Vec<u8>>;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkAct {
    /// Fetching a file.
    Read,
    /// Sending one.
    Write,
}

impl LinkAct {
    fn word(self) -> &'static str {
        match self {
            Self::Read => "GET",
            Self::Write => "PUT",
        }
    }

    /// What whoever has the link may do, which is no more than who made it.
    fn role(self) -> Role {
        match self {
            Self::Read => Role::Viewer,
            Self::Write => Role::Admin,
        }
    }
}

/// What makes an address a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkQuery {
    /// Seconds since 1970, until which it is good.
    pub expires: String,
    /// 64 hexadecimal digits.
    pub signature: String,
}

impl People {
    /// A link to read what `address` (a path with its query) names, for so
    /// many seconds, at most a week.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn link_to_read(&self, _: &As<Viewer>, address: &str, seconds: u32) -> Result<LinkQuery> {
        self.sign(LinkAct::Read, address, seconds).await
    }

    /// A link to write what `address` names, for so many seconds.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn link_to_write(&self, _: &As<Admin>, address: &str, seconds: u32) -> Result<LinkQuery> {
        self.sign(LinkAct::Write, address, seconds).await
    }

    /// Who may do what the link is for: nobody in particular, for this once.
    ///
    /// # Errors
    /// `Forbidden` for a link that is over, or of which a byte was changed.
    pub async fn open_link(&self, _: Anyone, act: LinkAct, address: &str, link: &LinkQuery) -> Result<Actor> {
        let refused = |message: &str| Err(ApiError::new(ErrorKind::Forbidden, message).into());
        let signature = hex::decode(&link.signature).unwrap_or_default();
        let digits = link.expires.chars().all(|digit| digit.is_ascii_digit());
        // Of each byte there is one way to write it.
        let lower = !link.signature.contains(|letter: char| letter.is_ascii_uppercase());
        let mac = self.mac(act, address, &link.expires).await?;
        if !digits || !lower || mac.verify_slice(&signature).is_err() {
            return refused("This link was not made here, or was changed: ask for a new one.");
        }
        let expires: i64 = link.expires.parse().unwrap_or(0);
        if self.base.now().0.div_euclid(1000) >= expires {
            return refused("This link is over: ask for a new one.");
        }
        Ok(Actor { who: Principal::System, role: act.role() })
    }

    async fn sign(&self, act: LinkAct, address: &str, seconds: u32) -> Result<LinkQuery> {
        let now = self.base.now().0.div_euclid(1000);
        let expires = (now + i64::from(seconds.clamp(1, LONGEST_S))).to_string();
        let mac = self.mac(act, address, &expires).await?;
        Ok(LinkQuery { signature: hex::encode(mac.finalize().into_bytes()), expires })
    }

    async fn mac(&self, act: LinkAct, address: &str, expires: &str) -> Result<Hmac<Sha256>> {
        let key = self.link_key.get_or_try_init(|| self.stored_key()).await?;
        let mac = Hmac::<Sha256>::new_from_slice(key);
        let mut mac = mac.map_err(|error| ServiceError::Internal(error.to_string()))?;
        // No part has a line break in it, so that no two differ in their parts alone.
        for part in [act.word(), address, expires] {
            mac.update(part.as_bytes());
            mac.update(b"\n");
        }
        Ok(mac)
    }

    async fn stored_key(&self) -> Result<Vec<u8>> {
        let mut fresh = [0_u8; 32];
        fill_random(&mut fresh)?;
        let fresh = Value::from(hex::encode(fresh));
        let stored = self.base.store().settings().find_or_put(KEY, &fresh, self.base.now()).await?;
        let key = stored.as_str().and_then(|text| hex::decode(text).ok()).filter(|key| key.len() == 32);
        key.ok_or_else(|| ServiceError::Internal(format!("the setting {KEY} is damaged")))
    }
}
