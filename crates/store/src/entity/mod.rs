//! The tables as SeaORM sees them. Private: nothing outside `store` names an
//! entity, and every one is turned into a type of `domain` before it leaves.
#![allow(unreachable_pub, reason = "the derives of SeaORM want `pub` in private modules")]

pub(crate) mod access;
pub(crate) mod dataset;
pub(crate) mod deployment;
pub(crate) mod feedback;
pub(crate) mod learning;
pub(crate) mod model;
pub(crate) mod prediction;
pub(crate) mod review;
pub(crate) mod work;
