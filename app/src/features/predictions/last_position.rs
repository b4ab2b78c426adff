//! A list as it was left for a review: outlives the page that showed it.

use super::{selection::TileSelection, strip::Strip, window::PaneView};
use crate::{addresses::ListState, wire::Tile};
use domain::{
    ids::PredictionId,
    listing::{Count, Facets},
    time::Timestamp,
};
use leptos::prelude::*;
use std::sync::Arc;

/// A list as it was left.
pub(super) struct ListPosition {
    pub(super) name: String,
    pub(super) address: ListState,
    pub(super) strip: Strip<Arc<Tile>>,
    pub(super) lead: usize,
    pub(super) pane_view: PaneView,
    pub(super) selection: TileSelection,
    pub(super) active: Option<PredictionId>,
    pub(super) total: Option<Count>,
    pub(super) facets: Option<Facets>,
    pub(super) as_of: Timestamp,
}

/// Typed context: the list that was left last, if it was left for a review.
#[derive(Clone, Copy)]
pub struct LastListPosition(pub(super) StoredValue<Option<ListPosition>>);

/// Provides [`LastListPosition`]; it outlives the pages below.
pub fn provide_last_list_position() {
    provide_context(LastListPosition(StoredValue::new(None)));
}
