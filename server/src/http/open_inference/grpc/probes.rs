//! `grpc.health.v1.Health`, which Kubernetes and balancers ask without a token:
//! the server is well when it is ready, as `/readyz` has it.

use super::{
    framing,
    status::{Code, Status},
    wire::{Fields, Message, WireFault},
};
use crate::http::{AppState, open_inference::health::check_ready, problem::shortened};
use axum::body::Body;
use bytes::Bytes;
use http::HeaderMap;
use uuid::Uuid;

/// Under which its methods lie.
pub(super) const SERVICE: &str = "/grpc.health.v1.Health/";
/// What may be asked after beside the server as a whole.
const SERVED: &str = "inference.GRPCInferenceService";
/// Bytes of a message that only names a service.
const NAME_BYTES: usize = 1024;
/// The states of the protocol.
const SERVING: u64 = 1;
const NOT_SERVING: u64 = 2;

/// How the server is.
///
/// # Errors
/// `UNIMPLEMENTED` for all methods but `Check`, `NOT_FOUND` for a service that
/// there is not, and those of a message that is none.
pub(super) async fn answer(
    state: &AppState,
    method: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Message, Status> {
    if method != "Check" {
        let message = format!(
            "{} is not answered here. Of grpc.health.v1.Health there is Check: ask it again when you want to \
             know.",
            shortened(method)
        );
        return Err(Status::new(Code::Unimplemented, message));
    }
    // Nobody has signed in: all who ask share what one caller may send.
    let share = state.bodies.open(Uuid::nil());
    let service = service_of(framing::read(headers, body, NAME_BYTES, share).await?.bytes)?;
    if !matches!(service.as_str(), "" | SERVED) {
        let service = shortened(&service);
        let message =
            format!("There is no service {service}. Leave it empty for the server, or ask after {SERVED}.");
        return Err(Status::new(Code::NotFound, message));
    }
    let is_ready = check_ready(state).await.is_ok();
    Ok(Message::default().number(1, if is_ready { SERVING } else { NOT_SERVING }))
}

fn service_of(message: Bytes) -> Result<String, WireFault> {
    let mut service = String::new();
    let mut fields = Fields::new(message);
    while let Some(field) = fields.next()? {
        if field.number == 1 {
            service = field.text()?;
        }
    }
    Ok(service)
}
