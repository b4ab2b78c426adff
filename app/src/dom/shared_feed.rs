//! One stream of events for all tabs of a browser: a browser opens six
//! connections to a host over HTTP/1.1, and a seventh tab with a stream of its
//! own would wait for ever.
//!
//! One tab leads: it has the stream and hands each message to the others by a
//! channel. Another one takes over when a question for the leader is not
//! answered, or when the leader says that it leaves; the stream then goes on
//! behind the last message that anybody had. Two that take over at the same
//! moment see each other, and one gives way. Without locks on purpose: browsers
//! have those over TLS and on localhost only.

use super::{
    event_source::{Feed, FeedEnds, open_feed},
    listen::Listener,
    now, on_window,
};
use crate::base_path::base;
use leptos::prelude::{IntervalHandle, set_interval_with_handle, set_timeout};
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::{Rc, Weak},
    time::Duration,
};
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent, js_sys::Math};

/// With the base path behind it: servers of one host are told apart.
const CHANNEL: &str = "fovea-events";
/// How often a tab looks whether there is a leader. Hidden tabs look less
/// often: browsers slow their timers, not their messages.
const LOOK_EVERY: Duration = Duration::from_secs(2);
const SILENT_MS: i64 = 5_000;
/// A channel within one browser answers in a few milliseconds, even when it is
/// busy drawing.
const ANSWER_WITHIN: Duration = Duration::from_millis(300);
/// Who has led for longer gives way to whoever had no answer.
const NEW_MS: i64 = 1_000;
const REOPEN_AFTER: Duration = Duration::from_secs(3);
/// Messages that a tab may have missed between its drawing and its first
/// question.
const RECENT: usize = 64;

/// Where the messages come from.
pub struct Source {
    /// The stream.
    pub url: String,
    /// The last event that the page was drawn with.
    pub after: Option<u64>,
}

/// Leaves the tabs' company when dropped.
pub struct SharedFeed {
    tab: Rc<BrowserTab>,
    _look: Option<IntervalHandle>,
    _leaving: Option<Listener>,
    _handler: Option<Closure<dyn Fn(MessageEvent)>>,
}

struct BrowserTab {
    channel: Option<BroadcastChannel>,
    /// Tells tabs apart, and which of two gives way.
    name: u32,
    url: String,
    feed: Feed,
    stream: RefCell<Option<FeedEnds>>,
    led_since: Cell<i64>,
    heard: Cell<i64>,
    live: Cell<bool>,
    last: Cell<Option<u64>>,
    recent: RefCell<VecDeque<(u64, String)>>,
}

impl Drop for SharedFeed {
    fn drop(&mut self) {
        if let Some(look) = self._look.take() {
            look.clear();
        }
        self.tab.leave();
        if let Some(channel) = &self.tab.channel {
            channel.close();
        }
    }
}

/// Joins the tabs' company.
#[must_use]
pub fn share_feed(source: &Source, feed: Feed) -> SharedFeed {
    let tab = Rc::new(BrowserTab {
        channel: BroadcastChannel::new(&format!("{CHANNEL}{}", base())).ok(),
        name: (Math::random() * f64::from(u32::MAX)) as u32,
        url: source.url.clone(),
        feed,
        stream: RefCell::default(),
        led_since: Cell::default(),
        heard: Cell::default(),
        live: Cell::default(),
        last: Cell::new(source.after),
        recent: RefCell::default(),
    });
    let handler = tab.channel.as_ref().map(|channel| {
        let listening = Rc::downgrade(&tab);
        let handler = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let (Some(tab), Some(text)) = (listening.upgrade(), event.data().as_string()) {
                tab.hear(&text);
            }
        });
        channel.set_onmessage(Some(handler.as_ref().unchecked_ref()));
        handler
    });
    let (looking, leaving) = (Rc::downgrade(&tab), Rc::downgrade(&tab));
    let look = set_interval_with_handle(
        move || {
            if let Some(tab) = looking.upgrade().filter(|tab| tab.is_unled()) {
                tab.ask();
            }
        },
        LOOK_EVERY,
    );
    let leaving = on_window("pagehide", move || {
        if let Some(tab) = leaving.upgrade() {
            tab.leave();
        }
    });
    tab.ask();
    SharedFeed { tab, _look: look.ok(), _leaving: leaving, _handler: handler }
}

impl BrowserTab {
    fn say(&self, text: &str) {
        if let Some(channel) = &self.channel {
            // Fails only once it is closed, when nobody need hear.
            let _ = channel.post_message(&JsValue::from_str(text));
        }
    }

    fn leads(&self) -> bool {
        self.stream.borrow().is_some()
    }

    fn is_unled(&self) -> bool {
        !self.leads() && now().0 - self.heard.get() > SILENT_MS
    }

    /// Asks for a leader, and leads when there is none.
    fn ask(self: &Rc<Self>) {
        if self.channel.is_none() {
            self.lead();
            return;
        }
        let asked_at = now().0;
        let last = self.last.get().map_or_else(|| "-".to_owned(), |last| last.to_string());
        self.say(&format!("ask {} {last}", self.name));
        let asking = Rc::downgrade(self);
        set_timeout(
            move || {
                if let Some(tab) = asking.upgrade().filter(|tab| tab.heard.get() < asked_at && !tab.leads()) {
                    tab.lead();
                }
            },
            ANSWER_WITHIN,
        );
    }

    fn lead(self: &Rc<Self>) {
        self.led_since.set(now().0);
        self.say(&format!("lead {}", self.name));
        let url =
            self.last.get().map_or_else(|| self.url.clone(), |last| format!("{}?after={last}", self.url));
        let stream = open_feed(&url, self.handed_on());
        *self.stream.borrow_mut() = stream;
    }

    /// What the leader makes of its stream.
    fn handed_on(self: &Rc<Self>) -> Feed {
        let tab = |act: fn(&Rc<Self>)| {
            let tab: Weak<Self> = Rc::downgrade(self);
            Box::new(move || {
                if let Some(tab) = tab.upgrade() {
                    act(&tab);
                }
            })
        };
        let (messages, broken) = (Rc::downgrade(self), Rc::downgrade(self));
        Feed {
            opened: tab(|tab| {
                tab.say("here");
                tab.be_live();
            }),
            message: Box::new(move |id, text| {
                let Some(tab) = messages.upgrade() else { return };
                tab.say(&format!("event {id} {text}"));
                tab.take(id, text);
            }),
            gap: tab(|tab| {
                tab.say("gap");
                (tab.feed.gap)();
            }),
            broke: Box::new(move |for_good| {
                let Some(tab) = broken.upgrade() else { return };
                tab.say("lost");
                tab.be_lost();
                if for_good {
                    let again = Rc::downgrade(&tab);
                    let reopen = move || {
                        if let Some(tab) = again.upgrade().filter(|tab| tab.leads()) {
                            tab.lead();
                        }
                    };
                    set_timeout(reopen, REOPEN_AFTER);
                }
            }),
        }
    }

    fn hear(self: &Rc<Self>, text: &str) {
        let (kind, rest) = text.split_once(' ').unwrap_or((text, ""));
        match kind {
            "ask" => return self.answer(rest),
            "bye" => return self.ask(),
            _ => self.heard.set(now().0),
        }
        match kind {
            "lead" => self.give_way_to(rest.parse().unwrap_or_default()),
            "here" => self.be_live(),
            "lost" => self.be_lost(),
            "gap" => (self.feed.gap)(),
            "event" => self.take_text(rest),
            "to" => {
                if let Some((name, rest)) = rest.split_once(' ')
                    && name.parse() == Ok(self.name)
                {
                    self.take_text(rest);
                }
            }
            _ => {}
        }
    }

    /// Tells who asks that there is a leader, and what came since their page was
    /// drawn.
    fn answer(&self, question: &str) {
        if !self.leads() {
            return;
        }
        self.say(if self.live.get() { "here" } else { "lost" });
        let Some((name, Ok(last))) = question.split_once(' ').map(|(name, last)| (name, last.parse::<u64>()))
        else {
            return;
        };
        for (id, text) in self.recent.borrow().iter().filter(|(id, _)| *id > last) {
            self.say(&format!("to {name} {id} {text}"));
        }
    }

    fn give_way_to(&self, other: u32) {
        if !self.leads() {
            return;
        }
        if now().0 - self.led_since.get() > NEW_MS || other > self.name {
            self.stream.borrow_mut().take();
        } else {
            self.say(&format!("lead {}", self.name));
        }
    }

    fn leave(&self) {
        if self.stream.borrow_mut().take().is_some() {
            self.say("bye");
        }
    }

    fn take_text(&self, text: &str) {
        if let Some((id, text)) = text.split_once(' ') {
            self.take(id.parse().unwrap_or_default(), text.to_owned());
        }
    }

    fn take(&self, id: u64, text: String) {
        self.last.set(Some(id));
        let mut recent = self.recent.borrow_mut();
        recent.push_back((id, text.clone()));
        if recent.len() > RECENT {
            recent.pop_front();
        }
        drop(recent);
        (self.feed.message)(id, text);
    }

    fn be_live(&self) {
        if !self.live.replace(true) {
            (self.feed.opened)();
        }
    }

    fn be_lost(&self) {
        self.live.set(false);
        (self.feed.broke)(false);
    }
}
