//! The path of a page, as the router asks for it.

use leptos_router::{PartialPathMatch, PathSegment, PossibleRouteMatch};

/// A pattern of `routes`. One type for all pages, so that the browser has the
/// router's code once; leptos' `path!` makes a type of each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pattern(pub(super) &'static str);

impl Pattern {
    fn words(self) -> impl Iterator<Item = &'static str> {
        self.0.split('/').filter(|word| !word.is_empty())
    }
}

impl PossibleRouteMatch for Pattern {
    /// A parameter may be missing, but nothing comes below it that would then
    /// be looked for elsewhere.
    fn optional(&self) -> bool {
        false
    }

    fn test<'a>(&self, path: &'a str) -> Option<PartialPathMatch<'a>> {
        let mut rest = path;
        let mut params = Vec::new();
        for word in self.words() {
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
        path.extend(self.words().map(|word| match word.strip_prefix(':') {
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
