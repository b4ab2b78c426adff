//! The command line: one file to a command.

mod backbone;
mod backup;
mod coco_eval;
mod demo;
mod deploy;
mod doctor;
mod evaluate;
mod export;
mod gc;
mod global;
mod healthcheck;
mod import;
mod import_predictions;
mod migrate;
mod model;
mod output;
mod predict;
mod query;
mod remote_export;
mod remote_import;
mod restore;
mod serve;
mod token;
mod train;
mod trainer;
mod user;
mod worker;

use clap::{Parser, Subcommand};
use engine::onnx::{Accelerators, OnnxRuntime, Rten};
use global::GlobalOptions;
use std::process::ExitCode;

/// Serve an object detector, watch it at work, make it better.
#[derive(Parser)]
#[command(name = "fovea", version, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    global: GlobalOptions,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::Serve),
    Worker(worker::Worker),
    Demo(demo::Demo),
    Import(import::Import),
    ImportPredictions(import_predictions::ImportPredictions),
    Export(export::Export),
    Train(train::Train),
    Trainer(trainer::Trainer),
    Evaluate(evaluate::Evaluate),
    CocoEval(coco_eval::CocoEval),
    Model(model::Model),
    Deploy(deploy::Deploy),
    Predict(predict::Predict),
    Query(query::Query),
    User(user::UserCommand),
    Token(token::TokenCommand),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Doctor(doctor::Doctor),
    Gc(gc::Gc),
    Healthcheck(healthcheck::Healthcheck),
    Migrate(migrate::Migrate),
    /// Trains as a child of another fovea process.
    #[command(name = crate::trainer_process::CHILD_COMMAND, hide = true)]
    TrainChild,
    /// Watches a trainer that the operator named, as a child of another fovea
    /// process.
    #[command(name = crate::trainers::SUPERVISOR_COMMAND, hide = true)]
    WatchTrainer,
    /// Tries a model of another program as a child of another fovea process.
    #[command(name = engine::onnx::TRIAL_COMMAND, hide = true)]
    TrialChild,
}

/// A mistake in how a command was used: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct WrongUse(String);

/// Runs the program: 0 when all went well, 1 when it failed, 2 for wrong use.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            // Nothing is left to tell when even that fails.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    global::start_logging(&cli.command);
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error);
            ExitCode::from(if error.is::<WrongUse>() { 2 } else { 1 })
        }
    }
}

fn dispatch(cli: Cli) -> anyhow::Result<()> {
    if let Command::TrainChild = cli.command {
        return crate::trainer_process::run_child(&vision::VisionTrainer::on(cli.global.device()));
    }
    if let Command::WatchTrainer = cli.command {
        return crate::trainers::run_supervisor();
    }
    if let Command::TrialChild = cli.command {
        return match cli.global.onnxruntime() {
            None => Ok(engine::onnx::run_trial_child(&Rten::new(0))?),
            // A trial may take little memory: a GPU's driver alone takes more.
            Some(path) => {
                Ok(engine::onnx::run_trial_child(&OnnxRuntime::open(path, 0, Accelerators::None)?)?)
            }
        };
    }
    // What these write is for others.
    if !matches!(cli.command, Command::Export(_) | Command::CocoEval(_)) {
        crate::private_files::keep_new_files_private();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(run_command(cli));
    // A blocked decoder or a connection must not keep the process alive.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    result
}

async fn run_command(cli: Cli) -> anyhow::Result<()> {
    let global = &cli.global;
    match cli.command {
        Command::Serve(command) => command.run(global).await,
        Command::Worker(command) => command.run(global).await,
        Command::Demo(command) => command.run(global).await,
        Command::Import(command) => command.run(global).await,
        Command::ImportPredictions(command) => command.run(global).await,
        Command::Export(command) => command.run(global).await,
        Command::Train(command) => command.run(global).await,
        Command::Trainer(command) => command.run(global).await,
        Command::Evaluate(command) => command.run(global).await,
        Command::CocoEval(command) => command.run(),
        Command::Model(command) => command.run(global).await,
        Command::Deploy(command) => command.run(global).await,
        Command::Predict(command) => command.run(global).await,
        Command::Query(command) => command.run(global).await,
        Command::User(command) => command.run(global).await,
        Command::Token(command) => command.run(global).await,
        Command::Backup(command) => command.run(global).await,
        Command::Restore(command) => command.run(global).await,
        Command::Doctor(command) => command.run(global).await,
        Command::Gc(command) => command.run(global).await,
        Command::Healthcheck(command) => command.run(),
        Command::Migrate(command) => command.run(global).await,
        Command::TrainChild | Command::WatchTrainer | Command::TrialChild => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::{CommandFactory as _, Parser as _};

    /// Documents, and the commands in their blocks as words.
    fn documented() -> Vec<(String, Vec<String>)> {
        let readme = ("README".to_owned(), include_str!("../../../README.md").to_owned());
        let chapters =
            book::CHAPTERS.iter().map(|chapter| (chapter.slug.to_owned(), chapter.source().to_owned()));
        let mut commands = Vec::new();
        for (name, text) in chapters.chain([readme]) {
            let blocks = text.split("\n```").skip(1).step_by(2).filter(|block| block.starts_with("sh\n"));
            for line in blocks
                .flat_map(|block| block.replace("\\\n", " ").lines().map(str::to_owned).collect::<Vec<_>>())
            {
                // `TOKEN=$(fovea token create …)` is a command, too.
                let line =
                    line.split_once("$(").map_or(line.as_str(), |(_, inner)| inner.trim_end_matches(')'));
                let Some(words) = shell_words::split(line)
                    .ok()
                    .filter(|words| words.first().is_some_and(|word| word == "fovea"))
                else {
                    continue;
                };
                let words =
                    words.into_iter().take_while(|word| !word.starts_with('#') && word != "|" && word != ">");
                commands.push((name.clone(), words.collect()));
            }
        }
        commands
    }

    #[test]
    fn every_command_in_the_documents_is_understood() {
        let commands = documented();
        assert!(commands.len() > 25, "{} commands", commands.len());
        for (document, words) in commands {
            // A variable of the shell stands for an address.
            let words = words.iter().map(|word| word.replace("$FOVEA", "http://127.0.0.1:3000"));
            let words: Vec<String> = words.collect();
            if let Err(error) = Cli::try_parse_from(&words) {
                panic!("{document}: {}: {error}", words.join(" "));
            }
        }
    }

    #[test]
    fn the_command_line_is_consistent_and_every_command_shows_an_example() {
        let mut command = Cli::command();
        command.build();
        command.clone().debug_assert();
        let written = command.get_subcommands().filter(|sub| sub.get_name() != "help");
        let leaves = written.flat_map(|sub| {
            let children: Vec<_> = sub.get_subcommands().filter(|child| child.get_name() != "help").collect();
            if children.is_empty() { vec![sub] } else { children }
        });
        for leaf in leaves.filter(|leaf| !leaf.is_hide_set()) {
            let example = leaf.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(example.contains("fovea "), "{} has no example", leaf.get_name());
        }
    }
}
