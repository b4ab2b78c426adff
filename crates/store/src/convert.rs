//! Columns as types of `domain`, and back. A column that does not fit is
//! damage, never a panic.

use crate::error::{Result, StoreError};
use domain::{
    geometry::Size,
    name::{Label, Name},
};
use serde::{Serialize, de::DeserializeOwned};

pub(crate) fn to_json(value: &impl Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(value).map_err(|error| StoreError::corrupt(error.to_string()))
}

pub(crate) fn from_json<T: DeserializeOwned>(value: serde_json::Value, what: &str) -> Result<T> {
    serde_json::from_value(value).map_err(|error| StoreError::corrupt(format!("{what}: {error}")))
}

/// For columns of text that hold JSON.
pub(crate) fn to_json_text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::corrupt(error.to_string()))
}

/// What [`to_json_text`] wrote.
pub(crate) fn from_json_text<T: DeserializeOwned>(text: &str, what: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(format!("{what}: {error}")))
}

pub(crate) fn to_name(text: String) -> Result<Name> {
    Name::new(text).map_err(|error| StoreError::corrupt(error.to_string()))
}

pub(crate) fn to_label(text: String) -> Result<Label> {
    Label::new(text).map_err(|error| StoreError::corrupt(error.to_string()))
}

pub(crate) fn to_size(width: i32, height: i32) -> Option<Size> {
    Size::new(u32::try_from(width).ok()?, u32::try_from(height).ok()?)
}

pub(crate) fn side_to_row(side: u32) -> Result<i32> {
    i32::try_from(side).map_err(|_| StoreError::conflict(format!("an image side of {side} px is too long")))
}

/// A count or number that was stored as a signed column.
pub(crate) fn to_u32(number: i32, what: &str) -> Result<u32> {
    u32::try_from(number).map_err(|_| StoreError::corrupt(format!("{what} is {number}")))
}
