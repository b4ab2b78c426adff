//! Queries of the SDK: names may come several times, booleans are Python's,
//! and newer packages add names that are passed over.

use super::answers::wrong;
use crate::http::problem::Problem;
use axum::extract::FromRequestParts;
use domain::fault::{ApiError, ErrorKind};
use http::request::Parts;
use std::{collections::BTreeMap, convert::Infallible, str::FromStr};
use url::form_urlencoded;
use uuid::Uuid;

/// Pairs of one query.
const MOST_PAIRS: usize = 2_000;

/// What stands behind the `?`.
#[derive(Clone, Debug, Default)]
pub(super) struct Params(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(form_urlencoded::parse(query.as_bytes()).into_owned().take(MOST_PAIRS).collect()))
    }
}

impl Params {
    /// Adds what a body says as well.
    pub(super) fn add(&mut self, name: &str, value: String) {
        self.0.push((name.to_owned(), value));
    }

    /// The first value of this name that is not empty.
    pub(super) fn one<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).find(|value| !value.is_empty())
    }

    /// All values of this name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A value that parses.
    ///
    /// # Errors
    /// 400 for one that does not.
    pub(super) fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        let Some(text) = self.one(name) else { return Ok(None) };
        let text: String = text.chars().take(100).collect();
        text.parse().map(Some).map_err(|_| wrong(name, format!("{text:?} is not allowed here.")))
    }

    /// The id of this name; one that does not parse names nothing.
    ///
    /// # Errors
    /// 404 for one that does not parse.
    pub(super) fn id(&self, name: &str) -> Result<Option<Uuid>, Problem> {
        let Some(text) = self.one(name) else { return Ok(None) };
        let unknown = || Problem(ApiError::new(ErrorKind::NotFound, format!("{name} is no id.")).at(name));
        Uuid::parse_str(text).map(Some).map_err(|_| unknown())
    }

    /// A JSON object given as text.
    ///
    /// # Errors
    /// 400 when it is none.
    pub(super) fn object(&self, name: &str) -> Result<BTreeMap<String, serde_json::Value>, Problem> {
        let Some(text) = self.one(name) else { return Ok(BTreeMap::new()) };
        serde_json::from_str(text).map_err(|_| wrong(name, "It must be a JSON object."))
    }
}

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) offset: usize,
    pub(super) limit: usize,
}

impl Slice {
    /// As the query says; `usual` items unless it does, a thousand at most.
    ///
    /// # Errors
    /// 400 for what is no number.
    pub(super) fn of(params: &Params, usual: usize) -> Result<Self, Problem> {
        let limit = params.parsed::<usize>("limit")?.unwrap_or(usual).clamp(1, 1_000);
        Ok(Self { offset: params.parsed("offset")?.unwrap_or(0), limit })
    }

    /// This part of all of them.
    pub(super) fn cut<T>(&self, all: Vec<T>) -> Vec<T> {
        all.into_iter().skip(self.offset).take(self.limit).collect()
    }
}
