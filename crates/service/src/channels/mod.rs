//! The ways on which notices go out. Each is a file beside this one and a line
//! in [`CHANNELS`]. A notice waits as it happened and is rendered when it is
//! delivered; what carries the message is the program's ([`MessageSender`]).

mod email;
mod slack;
mod summary;
mod webhook;

use domain::notice::{ChannelKind, Notice};
use futures::future::BoxFuture;

/// All of them; the first is what a channel is when nothing is said.
const CHANNELS: [&dyn Channel; 3] = [&webhook::Webhook, &slack::Slack, &email::Email];

/// The longest address: of a URL as servers take it, or of some mailboxes.
const LONGEST_ADDRESS: usize = 2_000;

/// How a notice reaches a kind of address.
pub(crate) trait Channel: Sync {
    /// How it is called, and what a form says of it.
    fn kind(&self) -> ChannelKind;

    /// Whether messages are signed with a secret that the receiver is given.
    fn is_signed(&self) -> bool {
        false
    }

    /// The address as it is stored; a sentence for people when it is none.
    fn check(&self, address: &str) -> std::result::Result<String, String>;

    /// The message of one delivery.
    fn render(&self, delivery: &Rendering<'_>) -> Message;
}

/// What a channel makes a message of.
pub(crate) struct Rendering<'a> {
    /// As [`Channel::check`] left it.
    pub(crate) address: &'a str,
    /// The delivery's id, the same at every attempt.
    pub(crate) id: String,
    pub(crate) notice: &'a Notice,
    /// The notice as JSON, as it was stored.
    pub(crate) json: &'a str,
    /// Of `json`, by [`webhook::signature`] under the address's secret.
    pub(crate) signature: String,
}

/// A message, ready to be carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// To be posted over HTTP.
    Post {
        /// Where.
        url: String,
        /// Beside the `Content-Type`, which is JSON's.
        headers: Vec<(&'static str, String)>,
        /// JSON.
        body: String,
    },
    /// To be sent as e-mail.
    Mail(Mail),
}

/// An e-mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The same at every attempt.
    pub id: String,
    /// Mailboxes.
    pub to: Vec<String>,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// Carries messages. What it may reach is its own affair.
pub trait MessageSender: Send + Sync {
    /// Sends one, and gives what was answered; an error when it was not taken
    /// (any status but 2xx, or no answer). It must end by itself.
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, std::result::Result<String, String>>;
}

/// The channel of this name; `None` for one of a newer version.
pub(crate) fn find(name: &str) -> Option<&'static dyn Channel> {
    CHANNELS.into_iter().find(|channel| channel.kind().name == name)
}

/// What a form offers, the usual one first.
pub(crate) fn kinds() -> Vec<ChannelKind> {
    CHANNELS.into_iter().map(Channel::kind).collect()
}

/// An address of the web without a password in it.
fn check_url(address: &str) -> std::result::Result<String, String> {
    let refused = || "It must be an address like https://HOST/PATH.".to_owned();
    let odd = |c: char| c.is_control() || c.is_whitespace();
    if address.len() > LONGEST_ADDRESS || address.chars().any(odd) {
        return Err(refused());
    }
    let url = url::Url::parse(address).map_err(|_| refused())?;
    let sound = matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty();
    if sound && url.password().is_none() { Ok(address.to_owned()) } else { Err(refused()) }
}

pub(crate) use webhook::signature;

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{notice::NoticeKind, time::Timestamp};
    use serde_json::json;

    #[test]
    fn every_channel_has_a_name_of_its_own_and_takes_its_own_example() {
        let mut names: Vec<_> = kinds().into_iter().map(|kind| kind.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), CHANNELS.len());
        for channel in CHANNELS {
            let kind = channel.kind();
            assert_eq!(channel.check(&kind.example), Ok(kind.example.clone()), "{}", kind.name);
        }
    }

    #[test]
    fn every_channel_stands_in_the_docs() {
        let docs = include_str!("../../../../docs/notices.md");
        for kind in kinds() {
            assert!(
                docs.contains(&format!("\"{}\"", kind.name)),
                "docs/notices.md says nothing of {}",
                kind.name
            );
        }
    }

    #[test]
    fn only_web_addresses_are_posted_to() {
        for good in ["https://example.org/hook", "http://10.0.0.1:8080/x?y=1"] {
            assert_eq!(check_url(good).as_deref(), Ok(good));
        }
        let bad =
            ["ftp://example.org", "https://", "https://me@example.org/", "https://a b", "file:///etc/passwd"];
        for bad in bad {
            assert!(check_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_notice_reads_on_every_channel() {
        for event in NoticeKind::ALL {
            let data = json!({ "alert": "slow", "value": 1.5, "experiment": "cells-1", "model": "cells/2" });
            let notice = Notice { event, at: Timestamp(0), deployment: Some("gate".into()), data };
            let json = serde_json::to_string(&notice).expect("JSON");
            for channel in CHANNELS {
                let address = channel.kind().example;
                let (id, signature) = ("1".to_owned(), "t=1,v1=00".to_owned());
                let rendering = Rendering { address: &address, id, notice: &notice, json: &json, signature };
                let words = match channel.render(&rendering) {
                    Message::Post { body, .. } => body,
                    Message::Mail(mail) => format!("{}\n{}", mail.subject, mail.text),
                };
                assert!(words.contains("gate"), "{event}: {words}");
            }
        }
    }
}
