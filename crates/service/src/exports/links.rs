//! Links to pictures, for programs that show them out of a file that was
//! exported.

use super::rows::ExportedRow;
use crate::{As, People, Result, Viewer};

/// Seconds for which a link of an export is good: a week.
const GOOD_FOR_S: u32 = 7 * 24 * 3600;

/// Makes links that need no token.
pub(super) struct Links {
    pub(super) people: People,
    /// Who exports: a link opens no more than they may see.
    pub(super) by: As<Viewer>,
    /// The server's, without a slash at its end.
    pub(super) address: String,
}

impl Links {
    /// To the picture as the model saw it.
    pub(super) async fn to(&self, row: &ExportedRow) -> Result<String> {
        let path = format!("/api/v1/predictions/{}/image?size=plain", row.listed.prediction.id);
        let link = self.people.link_to_read(&self.by, &path, GOOD_FOR_S).await?;
        Ok(format!("{}{path}&expires={}&signature={}", self.address, link.expires, link.signature))
    }
}
