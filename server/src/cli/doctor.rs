//! `fovea doctor`: looks, and changes nothing.

use super::{
    global::{GlobalOptions, Target},
    output,
};
use crate::{
    clock::SystemClock,
    compose::{self, DataLocation},
    http::{self, api::DeploymentList},
    private_files,
};
use clap::Args;
use domain::{time::Clock as _, words::counted};
use engine::onnx::{Accelerators, OnnxRuntime};
use std::path::Path;
use store::{SchemaState, Store};
use vision::{ComputeDevice, DeviceChoice, GPUS_ARE_BUILT_IN};

/// Faults that are named one by one.
const TOLD: usize = 20;

/// Checks the set-up and the data, changes nothing, and says what to do.
#[derive(Args)]
#[command(after_help = "Example:\n  fovea doctor --data-dir /srv/fovea --full")]
pub(super) struct Doctor {
    /// Read every image and all weights for their hashes, and recount every table: slow.
    #[arg(long)]
    full: bool,
}

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
        let location = global.location()?;
        let mut report = Report { faults: 0 };
        check_folder(&mut report, &location.data_dir);
        if http::has_site() {
            report.good("the pages' style and script are in this build");
        } else {
            report.warn("this build carries no site: build it with `cargo xtask build`");
        }
        check_cores(&report);
        check_devices(&mut report, global.device());
        check_onnxruntime(&mut report, global.onnxruntime());
        let missing = location.database_file().filter(|file| !file.exists());
        match missing {
            Some(_) if compose::unfinished_restore(&location.data_dir) => {
                report.bad("a restore into this folder did not end: run `fovea restore` again");
            }
            Some(file) => report.warn(&format!("there is no {} yet: `fovea serve` makes it", file.display())),
            None => check_data(&mut report, &location, self.full).await,
        }
        anyhow::ensure!(report.faults == 0, "{} faults found", report.faults);
        Ok(())
    }
}

/// What can run the built-in detector, and what does.
fn check_devices(report: &mut Report, choice: DeviceChoice) {
    for vision::Gpu { number, name, .. } in vision::gpus() {
        match name {
            Ok(name) => report.good(&format!("gpu:{number} is {name}")),
            Err(reason) => report.warn(&format!("gpu:{number} cannot be used: {reason}")),
        }
    }
    match ComputeDevice::open(choice) {
        Ok(device) => report.good(&format!("the built-in detector runs on {}", device.name())),
        Err(error) => report.bad(&error.to_string()),
    }
    if !GPUS_ARE_BUILT_IN {
        report.good("this build runs it on processors only; docs/devices.md says how to build one for GPUs");
    }
}

/// What runs the models of other programs.
fn check_onnxruntime(report: &mut Report, library: Option<&Path>) {
    let Some(path) = library else {
        return report.good(
            "models of other programs run in Fovea itself; --onnxruntime names a library that may be faster",
        );
    };
    match OnnxRuntime::open(path, 0, Accelerators::IfThere) {
        Ok(runtime) => report.good(&format!(
            "ONNX Runtime {} runs the models of other programs on {}: {}",
            runtime.version(),
            runtime.providers().join(", then "),
            runtime.path().display()
        )),
        Err(error) => report.bad(&error.to_string()),
    }
}

async fn check_data(report: &mut Report, location: &DataLocation, full: bool) {
    for path in location.private_paths().iter().filter(|path| private_files::is_open_to_others(path)) {
        let shown = path.display();
        report.warn(&format!("{shown} is open to other users of this machine: chmod go= {shown}"));
    }
    for copy in compose::copies(&location.data_dir) {
        report.warn(&format!("{} is a backup's: at work, or killed; `fovea gc` removes it", copy.display()));
    }
    let store = match Store::open_unchanged(location.store_options()).await {
        Ok(store) => store,
        Err(error) => return report.bad(&format!("the data cannot be opened: {error}")),
    };
    match store.schema_state().await {
        Ok(SchemaState::Current) => {
            report.good("the database opens and is up to date");
            if let Err(error) = check_rows(report, &store, full).await {
                report.bad(&format!("the data cannot be read: {error}"));
            }
        }
        Ok(SchemaState::Pending(pending)) => report.warn(&format!(
            "the database is of an older version: `fovea migrate` or `fovea serve` runs {}",
            pending.join(", ")
        )),
        Ok(SchemaState::Newer(newer)) => report.bad(&format!(
            "the data was written by a newer version of Fovea, which made {}: use that one",
            newer.join(", ")
        )),
        Err(error) => report.bad(&format!("the database cannot be read: {error}")),
    }
    if let Err(error) = store.close().await {
        report.bad(&format!("the database cannot be closed: {error}"));
    }
}

async fn check_rows(report: &mut Report, store: &Store, full: bool) -> store::Result<()> {
    if store.users().has_admin().await? {
        report.good("an admin can sign in");
    } else {
        report.warn("there is no admin yet: `fovea serve` prints the link for the first account");
    }
    let now = SystemClock.now();
    for import in store.datasets().imports().await? {
        let name = import.name;
        if import.until <= now {
            report.warn(&format!("the import of {name} was cut off: `fovea gc` or a server discards it"));
        } else {
            report
                .good(&format!("an import fills {name}, or was killed; then it goes after {}", import.until));
        }
    }
    for (name, created) in store.datasets().open_versions().await? {
        report.warn(&format!("{name} is open since {created}: if no program fills it, freeze or discard it"));
    }
    let audit = store.files().audit(full).await?;
    for fault in audit.faults.iter().take(TOLD) {
        report.bad(&format!("{fault}: put it back from a backup, or delete what names it"));
    }
    if let Some(more) = audit.faults.len().checked_sub(TOLD).filter(|more| *more > 0) {
        report.bad(&format!("… and {more} files more"));
    }
    if audit.faults.is_empty() {
        let how = if full { "with the right bytes" } else { "there; --full reads them, too" };
        report.good(&format!("all {} files that rows name are {how}", audit.named));
    }
    if audit.unnamed > 0 {
        let files = counted(audit.unnamed, "file has", "files have");
        let bytes = audit.unnamed_bytes;
        report.warn(&format!(
            "{files} no row ({bytes} bytes): new ones, ones on their way out, or what a killed process left; \
             `fovea gc` removes what is old"
        ));
    }
    if full {
        let wrong = store.inconsistencies().await?;
        for what in &wrong {
            report.bad(&format!("{what}. This should never be: please report it"));
        }
        if wrong.is_empty() {
            report.good("what is counted is what is there");
        }
    }
    Ok(())
}

/// A server that runs elsewhere: whether it answers, and lets the token in.
async fn check_server(global: &GlobalOptions) -> anyhow::Result<()> {
    let Target::Server(server) = global.target().await? else { return Ok(()) };
    let mut report = Report { faults: 0 };
    match server.get::<DeploymentList>("deployments").await {
        Ok(answer) => {
            report.good("the server answers, and FOVEA_TOKEN opens it");
            report.good(&format!("{} deployments", answer.items.len()));
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
    #[cfg(unix)]
    match rustix::fs::access(folder, rustix::fs::Access::WRITE_OK) {
        Ok(()) => report.good(&format!("{shown} can be written")),
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
