//! Who can sign in, and with what tokens programs come.

use crate::{error::AppError, packed::Packed, wire::People};
use leptos::prelude::*;

/// Everyone and every token.
#[server]
pub async fn get_people() -> Result<Packed<People>, AppError> {
    let (service, actor) = crate::request::admin()?;
    crate::packed::packed(&People {
        users: service.people().users(&actor).await?,
        tokens: service.people().tokens(&actor).await?,
    })
}
