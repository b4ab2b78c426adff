//! What holds for every operation and is written into the description once:
//! who is not signed in gets 401, a cursor that no page gave out gets 400,
//! and what is refused is told as `application/problem+json`.

use crate::http::problem::ProblemBody;
use utoipa::{
    ToSchema,
    openapi::{
        ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder,
        path::{Operation, PathItem},
        response::Response,
    },
};

const PROBLEM: &str = "application/problem+json";

/// Completes the description of all operations.
pub(super) fn complete(openapi: &mut OpenApi) {
    for item in openapi.paths.paths.values_mut() {
        for operation in operations(item) {
            complete_operation(operation);
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, post, put, delete, .. } = item;
    [get, post, put, delete].into_iter().flatten()
}

fn complete_operation(operation: &mut Operation) {
    let paged = operation
        .parameters
        .iter()
        .flatten()
        .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == "cursor"));
    let responses = &mut operation.responses.responses;
    responses.entry("401".to_owned()).or_insert_with(|| RefOr::T(problem("Not signed in")));
    if paged {
        let words = "A parameter is not allowed, or the cursor is not one that a page gave out";
        responses.entry("400".to_owned()).or_insert_with(|| RefOr::T(problem(words)));
    }
    for (status, response) in responses.iter_mut() {
        let refused = status.starts_with(['4', '5']);
        if let RefOr::T(response) = response
            && refused
            && let Some(content) = response.content.shift_remove("application/json")
        {
            response.content.insert(PROBLEM.to_owned(), content);
        }
    }
}

fn problem(description: &str) -> Response {
    let schema = Ref::from_schema_name(ProblemBody::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(description).content(PROBLEM, content).build()
}
