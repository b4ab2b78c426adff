//! The path of a page, as the router asks for it.

use crate::routes::words;
use leptos_router::{PartialPathMatch, PathSegment, PossibleRouteMatch};

/// A pattern of `routes`. One type for all pages, so that the browser has the
/// router's code once; leptos' `path!` makes a type of each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pattern(pub(super) &'static str);

impl PossibleRouteMatch for Pattern {
    /// A parameter may be missing, but nothing comes below it that would then
    /// be looked for elsewhere.
    fn optional(&self) -> bool {
        false
    }

    fn test<'a>(&self, path: &'a str) -> Option<PartialPathMatch<'a>> {
        let mut rest = path;
        let mut params = Vec::new();
        for word in words(self.0) {
            let from = rest.strip_prefix('/').unwrap_or(rest);
            let given = from.split('/').next().unwrap_or_default();
            match word.strip_prefix(':') {
                Some(name) if given.is_empty() => {
                    // The last one: nothing is left to be matched.
                    return name.ends_with('?').then(|| partial(path, rest, params));
                }
                Some(name) => params.push((name.trim_end_matches('?').into(), given.to_owned())),
                None if word == given => {}
                None => return None,
            }
            rest = from.get(given.len()..).unwrap_or_default();
        }
        Some(partial(path, rest, params))
    }

    fn generate_path(&self, path: &mut Vec<PathSegment>) {
        path.extend(words(self.0).map(|word| match word.strip_prefix(':') {
            None => PathSegment::Static(word.into()),
            Some(name) => match name.strip_suffix('?') {
                None => PathSegment::Param(name.into()),
                Some(name) => PathSegment::OptionalParam(name.into()),
            },
        }));
    }
}

type Params = Vec<(std::borrow::Cow<'static, str>, String)>;

fn partial<'a>(path: &'a str, rest: &'a str, params: Params) -> PartialPathMatch<'a> {
    let matched = path.get(..path.len() - rest.len()).unwrap_or_default();
    PartialPathMatch::new(rest, params, matched)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pattern: &'static str, path: &str) -> Option<Vec<(String, String)>> {
        let found = Pattern(pattern).test(path)?;
        found
            .is_complete()
            .then(|| found.params().into_iter().map(|(name, value)| (name.into_owned(), value)).collect())
    }

    fn pairs(pairs: &[(&str, &str)]) -> Option<Vec<(String, String)>> {
        Some(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_parameter_is_one_word_of_the_path() {
        assert_eq!(
            params("/models/:name/:version", "/models/cells/3"),
            pairs(&[("name", "cells"), ("version", "3")])
        );
        assert_eq!(params("/models/:name/:version", "/models/cells"), None);
        assert_eq!(params("/models/:name/:version", "/models/cells/3/4"), None);
        assert_eq!(params("/models", "/model"), None);
        assert_eq!(params("/models", "/modelsx"), None);
    }

    #[test]
    fn the_last_parameter_may_be_missing() {
        let pattern = "/deployments/:name/:tab?";
        assert_eq!(params(pattern, "/deployments/a"), pairs(&[("name", "a")]));
        assert_eq!(params(pattern, "/deployments/a/"), pairs(&[("name", "a")]));
        assert_eq!(params(pattern, "/deployments/a/learning"), pairs(&[("name", "a"), ("tab", "learning")]));
        assert_eq!(params(pattern, "/deployments"), None);
    }

    #[test]
    fn a_pattern_of_no_words_leaves_the_path_to_what_lies_below() {
        let found = Pattern("").test("/models").expect("matches");
        assert_eq!((found.matched(), found.remaining()), ("", "/models"));
    }
}
