//! Sends mails by SMTP. The server's address comes from whoever started this
//! program, and may be private.

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor,
    message::{Mailbox, Message, header::ContentType},
};
use service::Mail;
use std::time::Duration;

/// For the whole conversation: connecting, signing in, the text.
const TAKEN_WITHIN: Duration = Duration::from_secs(20);

/// Sends by one mail server.
pub(super) struct MailClient {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl MailClient {
    /// A sentence for people when one of them is none.
    pub(super) fn new(url: &str, from: &str) -> Result<Self, String> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|error| {
            format!("--smtp-url cannot be read: {error}: write it like smtps://USER:PASSWORD@HOST")
        })?;
        let from = from.parse().map_err(|error| format!("--smtp-from {from:?} is no mailbox: {error}"))?;
        Ok(Self { transport: transport.timeout(Some(TAKEN_WITHIN)).build(), from })
    }

    pub(super) async fn send(&self, mail: &Mail) -> Result<String, String> {
        let message = self.message(mail).map_err(|error| error.to_string())?;
        let sent = tokio::time::timeout(TAKEN_WITHIN, self.transport.send(message)).await;
        let sent = sent.map_err(|_| format!("no answer within {} s", TAKEN_WITHIN.as_secs()))?;
        let answer = sent.map_err(|error| said_with_causes(&error))?;
        Ok(answer.message().collect::<Vec<_>>().join(" "))
    }

    fn message(&self, mail: &Mail) -> Result<Message, Box<dyn std::error::Error>> {
        let mut message = Message::builder().from(self.from.clone()).subject(&mail.subject);
        // The same at every attempt: who gets it twice sees it once.
        message = message.message_id(Some(format!("<{}@fovea>", mail.id)));
        for to in &mail.to {
            message = message.to(to.parse()?);
        }
        Ok(message.header(ContentType::TEXT_PLAIN).body(mail.text.clone())?)
    }
}

/// The error of a connection says little without what caused it.
fn said_with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
        net::{TcpListener, TcpStream},
    };

    fn mail() -> Mail {
        Mail {
            id: "7".to_owned(),
            to: vec!["ada@example.org".to_owned(), "ops@example.org".to_owned()],
            subject: "[Fovea] gate: drift".to_owned(),
            text: "gate: drift\n\nIn: Größe\n".to_owned(),
        }
    }

    /// As much of a mail server as a client needs; gives what it was told.
    async fn converse(stream: TcpStream) -> String {
        let mut stream = BufReader::new(stream);
        let (mut told, mut in_text) = (String::new(), false);
        stream.write_all(b"220 here\r\n").await.expect("greets");
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.expect("reads") == 0 {
                return told;
            }
            told.push_str(&line);
            let answer: &[u8] = match line.trim_end() {
                "." if in_text => {
                    in_text = false;
                    b"250 taken\r\n"
                }
                _ if in_text => continue,
                "DATA" => {
                    in_text = true;
                    b"354 go on\r\n"
                }
                "QUIT" => b"221 bye\r\n",
                _ => b"250 ok\r\n",
            };
            stream.write_all(answer).await.expect("answers");
        }
    }

    #[tokio::test]
    async fn a_mail_reaches_every_mailbox_by_the_server() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
        let port = listener.local_addr().expect("bound").port();
        let server = tokio::spawn(async move { converse(listener.accept().await.expect("accepts").0).await });
        let client = MailClient::new(&format!("smtp://127.0.0.1:{port}"), "Fovea <fovea@example.org>");
        assert_eq!(client.expect("a client").send(&mail()).await.expect("taken"), "taken");
        let told = server.await.expect("a conversation");
        for line in [
            "MAIL FROM:<fovea@example.org>",
            "RCPT TO:<ada@example.org>",
            "RCPT TO:<ops@example.org>",
            "Subject: [Fovea] gate: drift",
            "Message-ID: <7@fovea>",
        ] {
            assert!(told.contains(line), "{line} in {told}");
        }
    }

    #[test]
    fn what_is_no_server_or_no_mailbox_is_refused_with_words() {
        let refused = |url: &str, from: &str| MailClient::new(url, from).err().expect("refused");
        assert!(refused("https://example.org", "a@b.org").contains("--smtp-url"));
        assert!(refused("smtp://localhost", "nobody").contains("--smtp-from"));
    }
}
