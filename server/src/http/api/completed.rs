//! What holds for every operation and is written into the description once:
//! who is not signed in gets 401, a cursor that no page gave out gets 400,
//! what is refused is told as `application/problem+json`, and a file is bytes.

use crate::http::problem::ProblemBody;
use utoipa::{
    ToSchema,
    openapi::{
        Content, ContentBuilder, KnownFormat, ObjectBuilder, OpenApi, Ref, RefOr, ResponseBuilder, Schema,
        SchemaFormat, Type,
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
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content.iter_mut().for_each(files_are_bytes);
    }
    for (status, response) in responses.iter_mut() {
        if let RefOr::T(response) = response {
            response.content.iter_mut().for_each(files_are_bytes);
        }
        let refused = status.starts_with(['4', '5']);
        if let RefOr::T(response) = response
            && refused
            && let Some(content) = response.content.shift_remove("application/json")
        {
            response.content.insert(PROBLEM.to_owned(), content);
        }
    }
}

/// A type of bytes would be described as a list of numbers, and a generated
/// client would send and expect one.
fn files_are_bytes((kind, content): (&String, &mut RefOr<Content>)) {
    if let RefOr::T(content) = content
        && (kind.starts_with("image/") || kind == "application/octet-stream")
    {
        let bytes = SchemaFormat::KnownFormat(KnownFormat::Binary);
        let schema = ObjectBuilder::new().schema_type(Type::String).format(Some(bytes));
        content.schema = Some(RefOr::T(Schema::Object(schema.build())));
    }
}

fn problem(description: &str) -> Response {
    let schema = Ref::from_schema_name(ProblemBody::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(description).content(PROBLEM, content).build()
}
