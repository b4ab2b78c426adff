//! Mailboxes. The server that takes the mail is the program's setting.

use super::{Channel, LONGEST_ADDRESS, Mail, Message, Rendering, summary::Summary};
use domain::notice::ChannelKind;
use std::fmt::Write as _;

/// Mailboxes of one channel: more is a list, which has an address of its own.
const MAILBOXES: usize = 20;
/// Octets of an address (RFC 5321, section 4.5.3.1.3).
const LONGEST_MAILBOX: usize = 254;

pub(super) struct Email;

impl Channel for Email {
    fn kind(&self) -> ChannelKind {
        ChannelKind {
            name: "email".to_owned(),
            label: "E-mail".to_owned(),
            example: "ops@example.org, ada@example.org".to_owned(),
            hint: "Mailboxes, with a comma between. The server needs --smtp-url.".to_owned(),
        }
    }

    fn check(&self, address: &str) -> Result<String, String> {
        let mailboxes: Vec<&str> = mailboxes(address).collect();
        let sound = (1..=MAILBOXES).contains(&mailboxes.len())
            && address.len() <= LONGEST_ADDRESS
            && mailboxes.iter().all(|mailbox| is_mailbox(mailbox));
        if sound {
            Ok(mailboxes.join(", "))
        } else {
            Err(format!("It must be mailboxes like NAME@HOST with a comma between, at most {MAILBOXES}."))
        }
    }

    fn render(&self, delivery: &Rendering<'_>) -> Message {
        let Summary { title, facts } = Summary::of(delivery.notice);
        let mut text = format!("{title}\n");
        for (name, value) in facts {
            // Writing to a String does not fail.
            let _ = write!(text, "\n{name}: {value}");
        }
        text.push('\n');
        let to = mailboxes(delivery.address).map(str::to_owned).collect();
        Message::Mail(Mail { id: delivery.id.clone(), to, subject: format!("[Fovea] {title}"), text })
    }
}

fn mailboxes(address: &str) -> impl Iterator<Item = &str> {
    address.split(',').map(str::trim).filter(|mailbox| !mailbox.is_empty())
}

/// What could be one; whether it is, the mail server knows.
fn is_mailbox(text: &str) -> bool {
    let odd = |c: char| c.is_control() || c.is_whitespace() || "<>()[],;:\\\"".contains(c);
    text.len() <= LONGEST_MAILBOX
        && !text.chars().any(odd)
        && text.rsplit_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !name.contains('@') && !host.is_empty() && !host.starts_with(['.', '-'])
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes_are_a_list_with_commas() {
        assert_eq!(Email.check(" a@b.org ,c@localhost, ").as_deref(), Ok("a@b.org, c@localhost"));
        for bad in ["", ",", "a", "@b", "a@", "a@b@c", "A <a@b>", "a@b\r\nBcc: c@d", "a@-b"] {
            assert!(Email.check(bad).is_err(), "{bad:?}");
        }
        let many = ["a@b"; MAILBOXES + 1].join(",");
        assert!(Email.check(&many).is_err());
    }
}
