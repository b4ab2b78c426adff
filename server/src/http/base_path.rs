//! The path below which a proxy serves this server (`--public-url
//! https://host.example.org/fovea`): taken from requests before anything else
//! looks at them, and put before the paths that answers name.
//!
//! A request that a proxy has shortened already is answered, too. That is never
//! ambiguous: no base path begins like an address of Fovea's own.

use app::BasePath;
use axum::{
    Router,
    extract::Request,
    response::{IntoResponse, Redirect, Response},
};
use http::{
    Uri,
    uri::{Parts, PathAndQuery},
};
use tower::ServiceExt as _;

tokio::task_local! {
    static OF_THE_REQUEST: BasePath;
}

/// The path of `path`, which begins with `/`, as the client of the request
/// under way knows it. For what is answered by the handler itself: a body that
/// is sent later no longer knows the request.
#[must_use]
pub(super) fn at(path: impl Into<String>) -> String {
    let path = path.into();
    OF_THE_REQUEST.try_with(|base| base.at(path.as_str())).unwrap_or(path)
}

/// What of an address lies below the base path of the request under way.
#[must_use]
pub(super) fn strip(address: &str) -> Option<&str> {
    let stripped = OF_THE_REQUEST.try_with(|base| base.strip(address));
    stripped.unwrap_or_else(|_| BasePath::default().strip(address))
}

/// `app` below a base path.
pub(super) fn below(base: BasePath, app: Router) -> Router {
    if base.is_root() {
        return app;
    }
    Router::new().fallback(move |request: Request| answer(base.clone(), app.clone(), request))
}

async fn answer(base: BasePath, app: Router, mut request: Request) -> Response {
    let uri = request.uri();
    if uri.path() == base.as_str() {
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        return Redirect::permanent(&base.at(format!("/{query}"))).into_response();
    }
    if let Some(shorter) = shortened(uri, &base) {
        *request.uri_mut() = shorter;
    }
    let answered = OF_THE_REQUEST.scope(base, app.oneshot(request)).await;
    answered.unwrap_or_else(|never| match never {})
}

/// The address without the base path; `None` where it has none.
fn shortened(uri: &Uri, base: &BasePath) -> Option<Uri> {
    let path_and_query: PathAndQuery = base.strip(uri.path_and_query()?.as_str())?.parse().ok()?;
    let mut parts: Parts = uri.clone().into_parts();
    parts.path_and_query = Some(path_and_query);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_path_is_taken_off_once_and_the_rest_stays() {
        let base = BasePath::parse("/fovea").expect("a path");
        let check = |uri: &str, expected: Option<&str>| {
            let uri: Uri = uri.parse().expect("an address");
            assert_eq!(shortened(&uri, &base).map(|uri| uri.to_string()).as_deref(), expected, "{uri}");
        };
        check("/fovea/", Some("/"));
        check("/fovea/models?cursor=%2Ffovea", Some("/models?cursor=%2Ffovea"));
        check("/fovea/fovea/x", Some("/fovea/x"));
        check("http://host:80/fovea/api/v1/events", Some("http://host:80/api/v1/events"));
        check("/models", None);
        check("/foveal", None);
    }
}
