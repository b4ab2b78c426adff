//! A program that takes the notice itself, as JSON.
//!
//! The body is signed with HMAC-SHA256 (RFC 2104) under the address's secret:
//! `Fovea-Signature: t=UNIX_SECONDS,v1=HEX` of `UNIX_SECONDS.BODY`, so that an
//! old message cannot be sent again as a new one.

use super::{Channel, Message, Rendering, check_url};
use domain::notice::ChannelKind;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

pub(super) struct Webhook;

impl Channel for Webhook {
    fn kind(&self) -> ChannelKind {
        ChannelKind {
            name: "webhook".to_owned(),
            label: "Webhook".to_owned(),
            example: "https://example.org/hook".to_owned(),
            hint: "Each event is sent as JSON, and signed.".to_owned(),
        }
    }

    fn is_signed(&self) -> bool {
        true
    }

    fn check(&self, address: &str) -> Result<String, String> {
        check_url(address)
    }

    fn render(&self, delivery: &Rendering<'_>) -> Message {
        let headers = vec![
            ("Fovea-Event", delivery.notice.event.to_string()),
            ("Fovea-Delivery", delivery.id.clone()),
            ("Fovea-Signature", delivery.signature.clone()),
        ];
        Message::Post { url: delivery.address.to_owned(), headers, body: delivery.json.to_owned() }
    }
}

/// `t=UNIX_SECONDS,v1=HEX`.
pub(crate) fn signature(secret: &str, seconds: i64, body: &str) -> String {
    let signed = hmac_sha256(secret.as_bytes(), format!("{seconds}.{body}").as_bytes());
    format!("t={seconds},v1={}", hex::encode(signed))
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    // Keys of every length are taken: there is nothing to be refused.
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test cases 1, 2 and 6 of RFC 4231.
    #[test]
    fn signatures_are_those_of_rfc_4231() {
        let check = |key: &[u8], message: &str, expected: &str| {
            assert_eq!(hex::encode(hmac_sha256(key, message.as_bytes())), expected);
        };
        check(&[0x0b; 20], "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        check(
            b"Jefe",
            "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        );
        check(
            &[0xaa; 131],
            "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        );
    }
}
