//! The path below which a proxy serves Fovea: `/fovea` of
//! `https://host.example.org/fovea`, and nothing where Fovea has a host of its
//! own. Every address that a page or an answer names begins with it.

use std::{fmt, sync::Arc};

/// First words of addresses that are no pages; [`crate::addresses`] knows those
/// that are.
const SERVED: [&str; 9] = ["api", "auth", "docs", "pkg", "healthz", "readyz", "metrics", "v2", "ml"];

/// A base path: empty, or `/` and words parted by `/`, without one at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BasePath(Arc<str>);

impl BasePath {
    /// Reads the path of a public address, with or without a `/` at its end.
    ///
    /// # Errors
    /// A sentence when a word of it would have to be escaped, or when its first
    /// word is one that something else is served below: a request that a proxy
    /// has shortened could then not be told from one that it has not.
    pub fn parse(path: &str) -> Result<Self, String> {
        let path = path.trim_end_matches('/');
        let Some(words) = path.strip_prefix('/') else {
            return if path.is_empty() {
                Ok(Self::default())
            } else {
                Err("a path must begin with /".to_owned())
            };
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        let fits = |word: &str| !word.is_empty() && !word.starts_with('.') && word.chars().all(plain);
        if !words.split('/').all(fits) {
            return Err("its path may have letters, digits and -._~ between its /, and no word that begins \
                        with a dot"
                .to_owned());
        }
        let base = Self(path.into());
        if SERVED.contains(&base.first_word()) { Err(base.is_taken()) } else { Ok(base) }
    }

    /// What it begins with; empty where Fovea has a host of its own.
    pub(crate) fn first_word(&self) -> &str {
        self.0.split('/').nth(1).unwrap_or_default()
    }

    /// What is said where it begins as an address of Fovea's own does.
    pub(crate) fn is_taken(&self) -> String {
        format!("its path must not begin with /{}: addresses of Fovea's own do", self.first_word())
    }

    /// As it stands before every path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether Fovea has a host of its own.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// What a cookie's `Path` says, so that it comes back to this server alone.
    #[must_use]
    pub fn of_cookies(&self) -> &str {
        if self.is_root() { "/" } else { self.as_str() }
    }

    /// The address of `path`, which begins with `/`, as browsers know it.
    #[must_use]
    pub fn at(&self, path: impl Into<String>) -> String {
        let mut path = path.into();
        path.insert_str(0, self.as_str());
        path
    }

    /// What of an address lies below this path, from its `/` on.
    #[must_use]
    pub fn strip<'a>(&self, address: &'a str) -> Option<&'a str> {
        address.strip_prefix(self.as_str()).filter(|rest| rest.starts_with('/'))
    }
}

impl fmt::Display for BasePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The base path of the page that is drawn.
#[cfg(feature = "ssr")]
#[must_use]
pub fn base() -> BasePath {
    leptos::prelude::use_context().unwrap_or_default()
}

/// What the page's document said.
#[cfg(not(feature = "ssr"))]
static OF_DOCUMENT: std::sync::OnceLock<BasePath> = std::sync::OnceLock::new();

/// The base path of the page, as its document said before it was woken.
#[cfg(not(feature = "ssr"))]
#[must_use]
pub fn base() -> BasePath {
    OF_DOCUMENT.get().cloned().unwrap_or_default()
}

/// Takes the base path that the page's document says, and tells it to the
/// client of server functions: before anything asks for an address.
#[cfg(feature = "hydrate")]
pub fn take_of_document(written: Option<String>) {
    let base = OF_DOCUMENT.get_or_init(|| BasePath(written.unwrap_or_default().into()));
    // Refused only when it was told before: the same.
    let _ = leptos::server_fn::client::try_set_server_url(base.as_str());
}

/// The address of `path`, which begins with `/`, as browsers know it.
#[must_use]
pub fn at(path: impl Into<String>) -> String {
    base().at(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_path_is_of_plain_words_that_are_not_fovea_s_own() {
        let parsed = |path: &str| BasePath::parse(path).map(|base| base.as_str().to_owned());
        for (path, base) in [("", ""), ("/", ""), ("/fovea", "/fovea"), ("/tools/fovea-2/", "/tools/fovea-2")]
        {
            assert_eq!(parsed(path).as_deref(), Ok(base), "{path}");
        }
        for path in ["fovea", "/a//b", "/a/../b", "/a b", "/a%20b", "/a\"b", "/api", "/docs"] {
            assert!(parsed(path).is_err(), "{path}");
        }
    }

    #[test]
    fn what_lies_below_a_base_path_is_told_from_what_only_begins_alike() {
        let base = BasePath::parse("/fovea").expect("a path");
        assert_eq!(base.at("/models?x"), "/fovea/models?x");
        assert_eq!(base.strip("/fovea/models?x"), Some("/models?x"));
        assert_eq!((base.strip("/foveal"), base.strip("/fovea"), base.strip("/models")), (None, None, None));
        let root = BasePath::default();
        assert_eq!((root.at("/models"), root.strip("/models")), ("/models".to_owned(), Some("/models")));
        assert_eq!((root.of_cookies(), base.of_cookies()), ("/", "/fovea"));
    }
}
