//! A chat that takes Slack's incoming webhooks: Slack itself, Mattermost,
//! Rocket.Chat, and others that understand `{"text": …}`.

use super::{Channel, Message, Rendering, check_url, summary::Summary};
use domain::notice::ChannelKind;
use serde_json::json;

pub(super) struct Slack;

impl Channel for Slack {
    fn kind(&self) -> ChannelKind {
        ChannelKind {
            name: "slack".to_owned(),
            label: "Slack-compatible chat".to_owned(),
            example: "https://chat.example.org/hooks/KEY".to_owned(),
            hint: "The address of an incoming webhook. Whoever knows it can write there.".to_owned(),
        }
    }

    fn check(&self, address: &str) -> Result<String, String> {
        check_url(address)
    }

    fn render(&self, delivery: &Rendering<'_>) -> Message {
        let Summary { title, facts } = Summary::of(delivery.notice);
        let mut text = format!("*{}*", escaped(&title));
        for (name, value) in facts {
            text.push_str(&format!("\n{name}: {}", escaped(&value)));
        }
        let body = json!({ "text": text }).to_string();
        Message::Post { url: delivery.address.to_owned(), headers: Vec::new(), body }
    }
}

/// Three characters begin markup; names that people give must not.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        notice::{Notice, NoticeKind},
        time::Timestamp,
    };

    #[test]
    fn names_of_people_are_no_markup() {
        let data = json!({ "alert": "<!channel> a & b", "value": 0.5 });
        let event = NoticeKind::AlertFired;
        let notice = Notice { event, at: Timestamp(0), deployment: Some("gate".into()), data };
        let rendering = Rendering {
            address: "https://chat.example.org/hooks/KEY",
            id: "1".into(),
            notice: &notice,
            json: "",
            signature: String::new(),
        };
        let Message::Post { body, .. } = Slack.render(&rendering) else { panic!("not posted") };
        let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        let text = body["text"].as_str().expect("a text");
        assert!(text.starts_with("*gate: the alert &lt;!channel&gt; a &amp; b fired*"), "{text}");
        assert!(text.contains("\nFigure: 0.5"), "{text}");
    }
}
