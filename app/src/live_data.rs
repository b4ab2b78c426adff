//! What open dashboards ask for again and again.

use crate::{
    error::AppError,
    packed::{Packed, packed},
    stretch::Stretch,
    wire::{DashboardParts, LiveFigures, TilePage},
};
use domain::listing::ListRequest;
use service::{As, Service, Viewer};
use std::time::Duration;

/// Pages wait for at least so long after an event before they ask: an answer
/// that is no older has the event in it.
const LIVE_FOR: Duration = Duration::from_millis(500);
/// The parts that do not move with every prediction.
const DRAWN_FOR: Duration = Duration::from_secs(2);
/// As many as fit in a row.
const LATEST: u32 = 8;

/// The figures of a stretch, and the latest predictions.
///
/// # Errors
/// As the service says.
pub async fn live(
    service: &Service,
    actor: &As<Viewer>,
    name: &str,
    stretch: Stretch,
) -> Result<Packed<LiveFigures>, AppError> {
    let key = format!("live {name} {stretch:?}");
    let made = async {
        let figures = service.monitoring().dashboard(actor, name, stretch.request()).await?;
        let latest = ListRequest { limit: Some(LATEST), ..ListRequest::default() };
        let latest = TilePage::from(service.browsing().list_predictions(actor, name, &latest).await?);
        Ok::<_, AppError>(packed(&(figures, latest))?.into_text())
    };
    Ok(Packed::of_text(service.browsing().shared_answer(actor, &key, LIVE_FOR, made).await?))
}

/// The parts that the server prepares.
///
/// # Errors
/// As the service says.
pub async fn drawn(
    service: &Service,
    actor: &As<Viewer>,
    name: &str,
    stretch: Stretch,
) -> Result<Packed<DashboardParts>, AppError> {
    let key = format!("drawn {name} {stretch:?}");
    let made = async {
        let whole = service.monitoring().whole_dashboard(actor, name, stretch.request()).await?;
        Ok::<_, AppError>(packed(&crate::sections::drawn(name, &whole))?.into_text())
    };
    Ok(Packed::of_text(service.browsing().shared_answer(actor, &key, DRAWN_FOR, made).await?))
}
