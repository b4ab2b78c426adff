//! Values that only the browser's one thread has: canvases, listeners, decoded
//! pictures.

use leptos::prelude::*;
use send_wrapper::SendWrapper;

/// Holds such a value behind a handle that views can copy and the server can
/// hold. There it stays empty, so that no thread ever drops what is another's.
pub struct BrowserValue<T: 'static>(StoredValue<Option<SendWrapper<T>>>);

impl<T> Clone for BrowserValue<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for BrowserValue<T> {}

impl<T: 'static> BrowserValue<T> {
    /// Empty; it lives as long as the component that asks.
    #[must_use]
    pub fn empty() -> Self {
        Self(StoredValue::new(None))
    }

    /// Fills it; in the browser only. Ends what it held.
    pub fn set(self, value: T) {
        // Of a page that is gone the value goes, too.
        let _ = self.0.try_set_value(Some(SendWrapper::new(value)));
    }

    /// What `act` makes of the value; `None` while it is empty, and once the
    /// page is gone. `act` must not come back to this value.
    pub fn with<R>(self, act: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.0.try_update_value(|held| held.as_mut().map(|value| act(value))).flatten()
    }
}
