//! `fovea migrate`.

use super::{WrongUse, global::GlobalOptions, output};
use crate::compose;
use clap::Args;
use store::Store;

/// Brings the database up to date without serving; `serve` does it by itself.
#[derive(Args)]
#[command(after_help = "Example:\n  fovea migrate --database-url postgres://fovea@db/fovea")]
pub(super) struct Migrate {}

impl Migrate {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        if global.names_a_server() {
            let message = "This command works on the data itself: leave --url (and FOVEA_URL) out.";
            return Err(WrongUse(message.to_owned()).into());
        }
        let location = global.location()?;
        compose::make_data_dir(&location)?;
        let ran = Store::migrate(&location.store_options()).await?;
        for name in &ran {
            output::line(name);
        }
        output::line(&match ran.len() {
            0 => "the database was up to date".to_owned(),
            number => format!("{number} migrations ran"),
        });
        Ok(())
    }
}
