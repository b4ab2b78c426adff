//! The editor as a person drives it: by pressing, dragging, releasing and
//! typing, without a browser.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail loudly")]

mod gestures;
mod hands;
mod index;
mod keys;
mod laws;
mod merging;
mod saving;
mod scene;
mod support;
mod tools;
mod views;
