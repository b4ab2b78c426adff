//! One stream of server-sent events, opened again when it ends.

use wasm_bindgen::prelude::*;
use web_sys::{EventSource, MessageEvent};

/// What happens to a feed.
pub struct Feed {
    /// It was opened, for the first time or again.
    pub opened: Box<dyn Fn()>,
    /// A message came: its number and its data.
    pub message: Box<dyn Fn(u64, String)>,
    /// Messages were lost: what is shown may be old.
    pub gap: Box<dyn Fn()>,
    /// It broke; `true` when the browser will not try again by itself.
    pub broke: Box<dyn Fn(bool)>,
}

/// Closes the stream when dropped.
pub struct FeedEnds {
    source: EventSource,
    _handlers: [Closure<dyn Fn(MessageEvent)>; 4],
}

impl Drop for FeedEnds {
    fn drop(&mut self) {
        self.source.close();
    }
}

/// Opens the stream at `url`; `None` where the browser has no such thing.
#[must_use]
pub fn open_feed(url: &str, feed: Feed) -> Option<FeedEnds> {
    let Feed { opened, message, gap, broke } = feed;
    let source = EventSource::new(url).ok()?;
    let on_open = Closure::<dyn Fn(MessageEvent)>::new(move |_| opened());
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(text) = event.data().as_string() {
            message(event.last_event_id().parse().unwrap_or_default(), text);
        }
    });
    let on_gap = Closure::<dyn Fn(MessageEvent)>::new(move |_| gap());
    let stream = source.clone();
    let on_error = Closure::<dyn Fn(MessageEvent)>::new(move |_| {
        broke(stream.ready_state() == EventSource::CLOSED);
    });
    source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
    source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    source.add_event_listener_with_callback("refetch", on_gap.as_ref().unchecked_ref()).ok()?;
    Some(FeedEnds { source, _handlers: [on_open, on_message, on_gap, on_error] })
}
