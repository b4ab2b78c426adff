//! The Open Inference Protocol over gRPC (`inference.GRPCInferenceService`), on
//! an address of its own: HTTP/2, and one message of protocol buffers each way.
//! What is asked is what is asked over HTTP; only the form is another one.
//!
//! Files: [`wire`] knows the fields of a message, [`framing`] its place in a
//! body, [`status`] how calls end; [`request`] reads what is asked, [`infer`]
//! predicts, [`probes`] answers those who watch the server.

mod deadline;
mod framing;
mod infer;
mod probes;
mod request;
mod status;
mod wire;

use super::{
    health,
    models::{check_version, not_runnable, version_of},
    outputs::{INPUTS, OUTPUTS, Output, Tensor},
};
use crate::http::{AppState, admission::caller_key, auth, body, problem, telemetry};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use request::NamedModel;
use service::{As, Reviewer, RoleType, Viewer};
use status::{Code, Status};
use std::{any::Any, time::Instant};
use tower_http::catch_panic::CatchPanicLayer;
use wire::Message;

/// Under which its methods lie.
const SERVICE: &str = "/inference.GRPCInferenceService/";
/// Bytes of a message that only names a model.
const NAME_BYTES: usize = 64 * 1024;

/// What the second address serves.
pub(in crate::http) fn app(state: AppState) -> Router {
    Router::new().fallback(call).layer(CatchPanicLayer::custom(panicked)).with_state(state)
}

/// The methods that are answered.
#[derive(Clone, Copy, Debug)]
enum Method {
    ServerLive,
    ServerReady,
    ServerMetadata,
    ModelReady,
    ModelMetadata,
    ModelInfer,
}

impl Method {
    const ALL: [Self; 6] = [
        Self::ServerLive,
        Self::ServerReady,
        Self::ServerMetadata,
        Self::ModelReady,
        Self::ModelMetadata,
        Self::ModelInfer,
    ];

    /// Of a path.
    fn of(path: &str) -> Result<Self, Status> {
        let name = path.strip_prefix(SERVICE);
        let known = Self::ALL.into_iter().find(|method| name == Some(format!("{method:?}").as_str()));
        known.ok_or_else(|| {
            let shown: String = path.chars().take(200).collect();
            let known = Self::ALL.map(|method| format!("{method:?}")).join(", ");
            let message = format!(
                "{shown} is not answered here. Of inference.GRPCInferenceService there are {known}: models are \
                 loaded when they are asked, and figures are on the deployment's pages."
            );
            Status::new(Code::Unimplemented, message)
        })
    }
}

/// A call from its headers to the answer's trailers.
async fn call(State(state): State<AppState>, request: Request) -> Response {
    let started = Instant::now();
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !kind.is_some_and(is_grpc) {
        // As gRPC has it for those who speak something else.
        let words = "This address speaks gRPC: Content-Type: application/grpc.";
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, words).into_response();
    }
    let counted_as = match request.uri().path() {
        path if path.ends_with("/ModelInfer") => "predict",
        path if path.starts_with(probes::SERVICE) => "health",
        _ => "api",
    };
    let (parts, body) = request.into_parts();
    let (body, watch) = body::paced(body, state.config.pace);
    let outcome = deadline::within(&parts.headers, perform(&state, &parts.uri, &parts.headers, body)).await;
    let outcome = match outcome {
        Err(_) if watch.is_too_slow() => {
            Err(Status::new(Code::DeadlineExceeded, body::too_slow_words(&state.config.pace)))
        }
        outcome => outcome.and_then(|message| framing::answer(&message)),
    };
    let code = outcome.as_ref().map_or_else(|status| status.code, |_| Code::Ok);
    telemetry::count(counted_as, "POST", code.class(), started.elapsed());
    tracing::debug!(path = parts.uri.path(), ?code, "answered over gRPC");
    outcome.unwrap_or_else(IntoResponse::into_response)
}

/// `application/grpc`, and the same with a word on how messages are written.
fn is_grpc(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(kind.as_str(), "application/grpc" | "application/grpc+proto")
}

/// Role, then the message, then what it names, then what it holds.
async fn perform(
    state: &AppState,
    uri: &http::Uri,
    headers: &HeaderMap,
    body: Body,
) -> Result<Message, Status> {
    let arrived = Instant::now();
    if let Some(method) = uri.path().strip_prefix(probes::SERVICE) {
        return probes::answer(state, method, headers, body).await;
    }
    match Method::of(uri.path())? {
        Method::ServerLive => Ok(Message::default().flag(1, true)),
        Method::ServerReady => Ok(Message::default().flag(1, health::check_ready(state).await.is_ok())),
        Method::ServerMetadata => Ok(Message::default().text(1, health::NAME).text(2, health::VERSION)),
        method @ (Method::ModelReady | Method::ModelMetadata) => {
            let viewer = caller::<Viewer>(state, headers).await?;
            let share = state.bodies.open(caller_key(viewer.actor()));
            let whole = framing::read(headers, body, NAME_BYTES, share).await?;
            let model = NamedModel::read(whole.bytes)?;
            let deployment = state.service.intake().served_deployment(&viewer, &model.name).await?;
            check_version(&deployment, model.version())?;
            Ok(match method {
                Method::ModelReady => Message::default().flag(1, not_runnable(&deployment).is_none()),
                _ => metadata(&deployment),
            })
        }
        Method::ModelInfer => {
            let reviewer = caller::<Reviewer>(state, headers).await?;
            let share = state.bodies.open(caller_key(reviewer.actor()));
            let whole = framing::read(headers, body, infer::limit(state), share).await?;
            infer::infer(state, &reviewer, headers, whole, arrived).await
        }
    }
}

/// Who asks, by the token in the call's metadata.
async fn caller<R: RoleType>(state: &AppState, headers: &HeaderMap) -> Result<As<R>, Status> {
    Ok(auth::of_token(state, headers).await?)
}

fn metadata(deployment: &domain::deployment::Deployment) -> Message {
    let tensor = |tensor: Tensor| {
        let message = Message::default().text(1, tensor.name).text(2, tensor.datatype);
        message.numbers(3, tensor.shape.iter().copied())
    };
    let head = Message::default()
        .text(1, deployment.name.as_str())
        .text(2, version_of(&deployment.champion))
        .text(3, "fovea");
    let head = INPUTS.into_iter().fold(head, |message, input| message.message(4, &tensor(input)));
    let outputs = OUTPUTS.into_iter().map(Output::tensor);
    outputs.fold(head, |message, output| message.message(5, &tensor(output)))
}

/// What a panic answers; it is in the log.
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let _ = problem::panicked(panic);
    let message = "Something broke on our side; the server's log has the details.";
    Status::new(Code::Internal, message).into_response()
}
