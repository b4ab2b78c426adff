//! Which trainers there are: `--trainer NAME=COMMAND` and `trainers.toml` in
//! the data folder. Both are the operator's; no page and no API writes them.

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use domain::{name::Name, training::BUILT_IN};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::Path};

/// In the data folder.
const FILE: &str = "trainers.toml";
/// Seconds in which a trainer says something, if only that it lives.
const SILENCE_S: u64 = 30 * 60;
/// Seconds that a trainer has to end with what it has.
const STOP_S: u64 = 30;

/// A trainer, as the operator named it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TrainerCommand {
    /// Unique.
    pub name: Name,
    /// The program and its arguments. No shell reads them.
    pub words: Vec<String>,
    /// Seconds without a sign of life after which it is ended.
    pub silence_s: u64,
    /// Seconds that it has to end with what it has, once it is told to.
    pub stop_s: u64,
    /// Variables of the environment that it gets beside the usual ones.
    pub environment: Vec<String>,
}

/// The options that name trainers.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct TrainerOptions {
    /// A command of yours that trains a model; may be repeated. It runs with
    /// the rights of this process. `trainers.toml` in the data folder names
    /// more.
    #[arg(long = "trainer", value_name = "NAME=COMMAND", env = "FOVEA_TRAINERS", value_delimiter = '\n')]
    commands: Vec<String>,
}

/// An entry of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    command: String,
    #[serde(default)]
    silence_s: Option<u64>,
    #[serde(default)]
    stop_s: Option<u64>,
    #[serde(default)]
    environment: Vec<String>,
}

impl TrainerOptions {
    /// All trainers, by name. An option goes before the file's entry of the
    /// same name.
    ///
    /// # Errors
    /// An option or a file that cannot be read, or a file that others may
    /// write.
    pub(crate) fn all(&self, data_dir: &Path) -> anyhow::Result<Vec<TrainerCommand>> {
        let mut all = BTreeMap::new();
        for command in in_file(&data_dir.join(FILE))? {
            all.insert(command.name.to_string(), command);
        }
        for text in self.commands.iter().filter(|text| !text.trim().is_empty()) {
            let Some((name, command)) = text.split_once('=') else {
                bail!("--trainer {text}: write it as NAME=COMMAND, like yolo='python3 train.py'");
            };
            let command = TrainerCommand::new(name, command).with_context(|| format!("--trainer {text}"))?;
            all.insert(command.name.to_string(), command);
        }
        Ok(all.into_values().collect())
    }
}

impl TrainerCommand {
    fn new(name: &str, command: &str) -> anyhow::Result<Self> {
        let name = Name::new(name.trim())?;
        ensure!(name.as_str() != BUILT_IN, "{BUILT_IN} is the trainer of this program: choose another name");
        let words = shell_words::split(command).context("a quote is not closed")?;
        ensure!(!words.is_empty(), "there is no command");
        Ok(Self { name, words, silence_s: SILENCE_S, stop_s: STOP_S, environment: Vec::new() })
    }
}

fn in_file(path: &Path) -> anyhow::Result<Vec<TrainerCommand>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    ensure_private(path)?;
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("{shown} cannot be read"))?;
    let entries: BTreeMap<String, Entry> =
        toml::from_str(&text).with_context(|| format!("{shown} is no list of trainers"))?;
    let command = |(name, entry): (String, Entry)| {
        let command =
            TrainerCommand::new(&name, &entry.command).with_context(|| format!("{name} in {shown}"))?;
        Ok(TrainerCommand {
            silence_s: entry.silence_s.unwrap_or(SILENCE_S).max(1),
            stop_s: entry.stop_s.unwrap_or(STOP_S),
            environment: entry.environment,
            ..command
        })
    };
    entries.into_iter().map(command).collect()
}

/// Whoever may write the file decides what runs here.
#[cfg(unix)]
fn ensure_private(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let shown = path.display();
    let metadata = std::fs::metadata(path).with_context(|| format!("{shown} cannot be read"))?;
    ensure!(
        metadata.permissions().mode() & 0o022 == 0,
        "{shown} can be written by other users of this machine, who would decide what runs here: chmod go-w \
         {shown}"
    );
    let owner = metadata.uid();
    ensure!(
        owner == 0 || owner == rustix::process::geteuid().as_raw(),
        "{shown} belongs to another user, who would decide what runs here"
    );
    Ok(())
}

#[cfg(not(unix))]
fn ensure_private(_: &Path) -> anyhow::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(commands: &[&str]) -> TrainerOptions {
        TrainerOptions { commands: commands.iter().map(|text| (*text).to_owned()).collect() }
    }

    fn write(folder: &Path, text: &str, mode: u32) {
        let path = folder.join(FILE);
        std::fs::write(&path, text).expect("written");
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).expect("set");
    }

    #[test]
    fn options_go_before_the_file_and_words_are_split_as_a_shell_does() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = "[yolo]\ncommand = \"python3 'my trainer.py'\"\nsilence_s = 60\nenvironment = [\"CUDA_HOME\"]\n\
                    [other]\ncommand = \"other\"\n";
        write(folder.path(), file, 0o600);
        let all = options(&["other=prog --flag='a b' $HOME"]).all(folder.path()).expect("sound");
        let words: Vec<_> =
            all.iter().map(|command| (command.name.as_str(), command.words.clone())).collect();
        let word = |text: &str| text.to_owned();
        assert_eq!(
            words,
            [
                ("other", vec![word("prog"), word("--flag=a b"), word("$HOME")]),
                ("yolo", vec![word("python3"), word("my trainer.py")])
            ]
        );
        assert_eq!((all[1].silence_s, all[1].stop_s), (60, STOP_S));
        assert_eq!(all[1].environment, ["CUDA_HOME"]);
    }

    #[test]
    fn what_is_no_trainer_is_refused_with_a_reason() {
        let folder = tempfile::tempdir().expect("a folder");
        let said =
            |commands: &[&str]| format!("{:#}", options(commands).all(folder.path()).expect_err("refused"));
        assert!(said(&["yolo"]).contains("NAME=COMMAND"));
        assert!(said(&["a b=prog"]).contains("is not a name"));
        assert!(said(&["yolo='prog"]).contains("quote"));
        assert!(said(&["yolo= "]).contains("no command"));
        assert!(said(&["built-in=prog"]).contains("choose another name"));
        write(folder.path(), "[yolo]\ncommand = \"prog\"\nshell = true\n", 0o600);
        assert!(said(&[]).contains("shell"));
        write(folder.path(), "[yolo]\ncommand = \"prog\"\n", 0o666);
        assert!(said(&[]).contains("chmod go-w"));
    }
}
