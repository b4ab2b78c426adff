//! Answers of server functions as text, read where they are used: one way of
//! fetching, keeping and hydrating serves all of them, so that the browser
//! has the code for it once and not once a type.

use crate::{
    error::{AppError, AppResult},
    json,
};
use domain::fault::{ApiError, ErrorKind};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{fmt, marker::PhantomData};

/// A `T`, as JSON text.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Packed<T> {
    text: String,
    #[serde(skip)]
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Packed<T> {
    fn clone(&self) -> Self {
        Self::from_text(self.text.clone())
    }
}

impl<T> PartialEq for Packed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<T> fmt::Debug for Packed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<T> Packed<T> {
    fn from_text(text: String) -> Self {
        Self { text, of: PhantomData }
    }

    /// Text that [`packed`] made of such a value before.
    pub(crate) fn of_text(text: String) -> Self {
        Self::from_text(text)
    }

    /// The text.
    #[cfg(feature = "ssr")]
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// The same text as whatever else it is.
    pub(crate) fn recast<U>(self) -> Packed<U> {
        Packed::from_text(self.text)
    }

    /// Both, without opening either.
    #[must_use]
    pub fn and<U>(self, other: Packed<U>) -> Packed<(T, U)> {
        Packed::from_text(format!("[{},{}]", self.text, other.text))
    }

    /// Something that may be missing, and is there.
    #[must_use]
    pub fn some(self) -> Packed<Option<T>> {
        self.recast()
    }

    /// Something that may be missing, and is.
    #[must_use]
    pub fn none() -> Packed<Option<T>> {
        Packed::from_text("null".to_owned())
    }
}

impl<T> Packed<Option<T>> {
    /// Whether it is missing.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.text == "null"
    }
}

impl<T: DeserializeOwned> Packed<T> {
    /// The value.
    ///
    /// # Errors
    /// When the text is of another version of the program.
    pub fn open(&self) -> AppResult<T> {
        json::read(&self.text).map_err(|_| internal("The page is older than the server. Reload it."))
    }
}

fn internal(message: &str) -> AppError {
    AppError(ApiError::new(ErrorKind::Internal, message))
}

/// `value` as text.
///
/// # Errors
/// When it has no form in JSON.
pub fn packed<T: Serialize>(value: &T) -> AppResult<Packed<T>> {
    serde_json::to_string(value)
        .map(Packed::from_text)
        .map_err(|_| internal("The answer could not be written down."))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_together_comes_out_together() {
        let name = packed(&"a \"name\"".to_owned()).expect("packs");
        let both = name.clone().and(packed(&vec![1, 2]).expect("packs"));
        assert_eq!(both.open().expect("opens"), ("a \"name\"".to_owned(), vec![1, 2]));
        assert_eq!(name.some().open().expect("opens"), Some("a \"name\"".to_owned()));
        assert_eq!(Packed::<u8>::none().open().expect("opens"), None);
    }

    #[test]
    fn another_text_is_refused_and_not_a_panic() {
        let name = packed(&"text".to_owned()).expect("packs");
        assert!(name.recast::<u8>().open().is_err());
    }
}
