//! What changes while a page is open: one feed a browser, many listeners.
//!
//! Listeners live in the browser's one thread; on the server nothing here
//! runs, since effects do not.

use crate::dom::{self, Feed, SharedFeed, Source, share_feed};
use domain::event::Event;
use leptos::prelude::*;
use serde::Deserialize;
use std::{cell::Cell, cell::RefCell, rc::Rc, time::Duration};

/// What a listener is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
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

/// Typed context: how the feed is.
#[derive(Clone, Copy)]
pub struct Live(pub RwSignal<Connection>);

/// As the server writes it.
#[derive(Deserialize)]
struct Message {
    event: Event,
}

type Listener = Rc<dyn Fn(&Told)>;

thread_local! {
    static LISTENERS: RefCell<Vec<(u64, Listener)>> = const { RefCell::new(Vec::new()) };
    static NEXT: Cell<u64> = const { Cell::new(0) };
    static FEED: RefCell<Option<SharedFeed>> = const { RefCell::new(None) };
}

const FEED_URL: &str = "/api/v1/events";

/// Provides [`Live`] and opens the feed once the page is in a browser.
pub fn provide_live() {
    let connection = RwSignal::new(Connection::Opening);
    provide_context(Live(connection));
    Effect::new(move |_| open(connection));
    on_cleanup(|| {
        // On the server there is none to close.
        FEED.with_borrow_mut(Option::take);
    });
}

fn open(connection: RwSignal<Connection>) {
    let opened_before = Cell::new(false);
    let feed = Feed {
        opened: Box::new(move || {
            connection.try_set(Connection::Live);
            if opened_before.replace(true) {
                tell(&Told::Refetch);
            }
        }),
        message: Box::new(|_, text| {
            // An event of a later server is not ours to understand.
            if let Ok(message) = serde_json::from_str::<Message>(&text) {
                tell(&Told::Event(message.event));
            }
        }),
        gap: Box::new(|| tell(&Told::Refetch)),
        broke: Box::new(move |_| {
            connection.try_set(Connection::Lost);
        }),
    };
    // What happened between the server's drawing of the page and now is sent
    // first.
    let source = Source { url: FEED_URL, after: dom::event_position() };
    let feed = share_feed(&source, feed);
    FEED.with_borrow_mut(|place| *place = Some(feed));
}

fn tell(told: &Told) {
    let listeners: Vec<Listener> =
        LISTENERS.with_borrow(|list| list.iter().map(|(_, listener)| Rc::clone(listener)).collect());
    for listener in listeners {
        listener(told);
    }
}

/// Calls `listen` with what changes, until the component that asks is gone.
pub fn on_live(listen: impl Fn(&Told) + 'static) {
    let listen: RefCell<Option<Listener>> = RefCell::new(Some(Rc::new(listen)));
    Effect::new(move |_| {
        let Some(listener) = listen.take() else { return };
        let id = NEXT.replace(NEXT.get() + 1);
        LISTENERS.with_borrow_mut(|list| list.push((id, listener)));
        on_cleanup(move || LISTENERS.with_borrow_mut(|list| list.retain(|(other, _)| *other != id)));
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
