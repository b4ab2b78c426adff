//! What changes while a page is open: one feed a browser, many listeners. On
//! the server nothing here runs, since effects do not.

use crate::{
    addresses::at,
    dom::{self, BrowserValue, Feed, SharedFeed, Source, share_feed},
    effect::effect,
    json,
};
use domain::event::Event;
use leptos::prelude::*;
use serde::Deserialize;
use std::{cell::Cell, cell::RefCell, rc::Rc, time::Duration};

/// What a listener hears of.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveUpdate {
    /// Something changed.
    Event(Event),
    /// Events were lost: fetch again what is shown.
    Refetch,
}

/// How the feed is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// Not yet open.
    #[default]
    Opening,
    /// Open.
    Live,
    /// Lost; it is being opened again.
    Lost,
}

/// Typed context: the feed of the pages below it.
#[derive(Clone, Copy)]
pub struct Live {
    /// How the feed is.
    pub connection: RwSignal<Connection>,
    listeners: BrowserValue<Listeners>,
    /// Open until the page that provides this is gone.
    feed: BrowserValue<SharedFeed>,
}

/// As the server writes it.
#[derive(Deserialize)]
struct Message {
    event: Event,
}

type Hear = Rc<dyn Fn(&LiveUpdate)>;

#[derive(Default)]
struct Listeners {
    next_number: u64,
    by_number: Vec<(u64, Hear)>,
}

/// Provides [`Live`] and opens the feed once the page is in a browser.
pub fn provide_live() {
    let connection = RwSignal::new(Connection::Opening);
    let live = Live { connection, listeners: BrowserValue::empty(), feed: BrowserValue::empty() };
    provide_context(live);
    effect(move || live.open());
}

impl Live {
    fn open(self) {
        let opened_before = Cell::new(false);
        let feed = Feed {
            opened: Box::new(move || {
                self.connection.try_set(Connection::Live);
                if opened_before.replace(true) {
                    self.tell(&LiveUpdate::Refetch);
                }
            }),
            message: Box::new(move |_, text| {
                // An event of a later server is not ours to understand.
                if let Ok(message) = json::read::<Message>(&text) {
                    self.tell(&LiveUpdate::Event(message.event));
                }
            }),
            gap: Box::new(move || self.tell(&LiveUpdate::Refetch)),
            broke: Box::new(move |_| {
                self.connection.try_set(Connection::Lost);
            }),
        };
        // What happened between the server's drawing of the page and now is sent
        // first.
        let source = Source { url: at("/api/v1/events"), after: dom::event_position() };
        self.feed.set(share_feed(&source, feed));
    }

    /// Tells all listeners. They are called while nothing is borrowed: one may
    /// end, or begin, another.
    fn tell(self, update: &LiveUpdate) {
        let all = |listeners: &mut Listeners| -> Vec<Hear> {
            listeners.by_number.iter().map(|(_, hear)| Rc::clone(hear)).collect()
        };
        for hear in self.listeners.with(all).unwrap_or_default() {
            hear(update);
        }
    }

    /// Adds a listener; gives its number.
    fn add(self, hear: Hear) -> u64 {
        if self.listeners.with(|_| ()).is_none() {
            self.listeners.set(Listeners::default());
        }
        let add = |listeners: &mut Listeners| {
            let number = listeners.next_number;
            listeners.next_number += 1;
            listeners.by_number.push((number, hear));
            number
        };
        self.listeners.with(add).unwrap_or_default()
    }

    fn remove(self, number: u64) {
        self.listeners.with(|listeners| listeners.by_number.retain(|(other, _)| *other != number));
    }
}

/// Calls `hear` with what changes, until the component that asks is gone.
pub fn on_live(hear: impl Fn(&LiveUpdate) + 'static) {
    let live = expect_context::<Live>();
    let hear: RefCell<Option<Hear>> = RefCell::new(Some(Rc::new(hear)));
    effect(move || {
        let Some(hear) = hear.take() else { return };
        let number = live.add(hear);
        on_cleanup(move || live.remove(number));
    });
}

/// `act`, at most once in `every`, and always after the last call; no more
/// once the component that asks is gone.
pub fn throttled(every: Duration, act: impl Fn() + 'static) -> impl Fn() + Clone + 'static {
    let waiting = Rc::new(Cell::new(false));
    let act = Rc::new(act);
    let here = StoredValue::new(());
    move || {
        if waiting.replace(true) {
            return;
        }
        let (waiting, act) = (Rc::clone(&waiting), Rc::clone(&act));
        set_timeout(
            move || {
                waiting.set(false);
                if here.try_get_value().is_some() {
                    act();
                }
            },
            every,
        );
    }
}
