//! `fovea doctor`.

use super::{
    global::{GlobalOptions, Target},
    output,
};
use crate::{compose, http};
use clap::Args;
use std::path::Path;

/// Checks the set-up and says what to do.
#[derive(Args)]
#[command(after_help = "Example:\n  fovea doctor --data-dir /srv/fovea")]
pub(super) struct Doctor {}

struct Report {
    faults: usize,
}

impl Report {
    fn good(&self, text: &str) {
        output::line(&format!("ok    {text}"));
    }

    fn warn(&self, text: &str) {
        output::line(&format!("warn  {text}"));
    }

    fn bad(&mut self, text: &str) {
        self.faults += 1;
        output::line(&format!("FAIL  {text}"));
    }
}

impl Doctor {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        if global.names_a_server() {
            return check_server(global).await;
        }
        let place = global.place()?;
        let mut report = Report { faults: 0 };
        check_folder(&mut report, &place.data_dir);
        if http::has_site() {
            report.good("the pages' style and script are in this build");
        } else {
            report.warn("this build carries no site: build it with `cargo xtask build`");
        }
        check_cores(&report);
        match compose::open(&place, vision::InferenceOptions::default()).await {
            Err(error) => report.bad(&format!("the data cannot be opened: {error:#}")),
            Ok(data) => {
                report.good("the database opens and is up to date");
                match data.service.has_admin().await {
                    Ok(false) => report
                        .warn("there is no admin yet: `fovea serve` prints the link for the first account"),
                    Ok(true) => report.good("an admin can sign in"),
                    Err(error) => report.bad(&format!("accounts cannot be read: {error}")),
                }
                data.store.close().await?;
            }
        }
        anyhow::ensure!(report.faults == 0, "{} faults found", report.faults);
        Ok(())
    }
}

/// A server that runs elsewhere: whether it answers, and lets the token in.
async fn check_server(global: &GlobalOptions) -> anyhow::Result<()> {
    let Target::Server(server) = global.target().await? else { return Ok(()) };
    let mut report = Report { faults: 0 };
    match server.get::<serde_json::Value>("deployments").await {
        Ok(answer) => {
            let count = answer.get("items").and_then(serde_json::Value::as_array).map_or(0, Vec::len);
            report.good("the server answers, and FOVEA_TOKEN opens it");
            report.good(&format!("{count} deployments"));
        }
        Err(error) => report.bad(&format!("{error:#}")),
    }
    anyhow::ensure!(report.faults == 0, "{} faults found", report.faults);
    Ok(())
}

fn check_folder(report: &mut Report, folder: &Path) {
    let shown = folder.display();
    if !folder.exists() {
        report.warn(&format!("{shown} is not there yet: it will be made"));
        return;
    }
    match tempfile::tempfile_in(folder) {
        Ok(_) => report.good(&format!("{shown} can be written")),
        Err(error) => {
            report.bad(&format!("{shown} cannot be written: {error}. Choose another with --data-dir"));
        }
    }
    #[cfg(unix)]
    if let Ok(metadata) = std::fs::metadata(folder) {
        use std::os::unix::fs::PermissionsExt as _;
        if metadata.permissions().mode() & 0o007 != 0 {
            report.warn(&format!("{shown} is open to every user of this machine: chmod 700 {shown}"));
        }
    }
}

fn check_cores(report: &Report) {
    match std::thread::available_parallelism() {
        Ok(cores) if cores.get() >= 2 => report.good(&format!("{cores} processors")),
        Ok(_) => report.warn("one processor: predictions wait while a training runs"),
        Err(error) => report.warn(&format!("the number of processors is not known: {error}")),
    }
}
