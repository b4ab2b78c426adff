//! Other tools that an administrator has named.

use serde::{Deserialize, Serialize};

/// Where Label Studio is, without the token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelStudioPlace {
    /// Its address; `None` when none was named.
    pub url: Option<String>,
    /// Whether pictures are asked for with a token.
    pub has_token: bool,
}

#[cfg(feature = "ssr")]
impl From<Option<service::LabelStudioOrigin>> for LabelStudioPlace {
    fn from(origin: Option<service::LabelStudioOrigin>) -> Self {
        let has_token = origin.as_ref().is_some_and(|origin| origin.token.is_some());
        Self { url: origin.map(|origin| origin.url), has_token }
    }
}
