//! What travels between server functions and pages where the domain's own
//! words would be too much, or live in a crate that the browser has not.

mod alert_form;
mod connections;
mod drawn;
mod staged;
mod tiles;

pub use alert_form::AlertForm;
pub use connections::LabelStudioPlace;
pub use drawn::{DashboardParts, LiveFigures, Section, SectionGroup, TRAFFIC};
pub use staged::{
    ImportedModel, InspectedModel, ModelImportStart, OfferedPicture, StagedFault, StagedModel, Trial,
    TrialBox, WaitingModel,
};
pub use tiles::{Outline, Tile, TilePage, outlines};

use domain::{
    access::{Role, Token, User},
    model::{CurvePoint, Experiment, ModelVersion},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the frame around every page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Who is signed in.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// How many deployments, datasets, models and experiments there are.
    pub counts: NavCounts,
    /// Names of deployments, the latest at work first.
    pub recent: Vec<String>,
    /// What commands to copy are given.
    pub commands: CommandWords,
}

/// How many there are, as far as the frame counts: `None` hides the figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NavCounts {
    /// Deployments.
    pub deployments: usize,
    /// Datasets.
    pub datasets: usize,
    /// Models.
    pub models: usize,
    /// Experiments.
    pub experiments: usize,
}

/// An experiment with what it said on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExperimentPage {
    /// The experiment.
    pub experiment: Experiment,
    /// Its curves, by rising step.
    pub curves: Vec<CurvePoint>,
    /// Its log, oldest line first.
    pub log: Vec<(Timestamp, String)>,
}

/// An experiment among others, with what it made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparedExperiment {
    /// The experiment, without its log.
    pub page: ExperimentPage,
    /// The version that it made, with its figures.
    pub made: Option<ModelVersion>,
}

/// What the server puts into commands to copy, so that they work as they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandWords {
    /// The address by which this browser reached the server, without a slash at
    /// its end.
    pub url: String,
    /// For those who have a shell on the server's machine; `None` for others.
    pub local: Option<LocalCommands>,
}

/// What a shell on the server's machine is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalCommands {
    /// `--data-dir DIR`; `None` where a command takes more to reach the data.
    pub options: Option<String>,
}

impl CommandWords {
    /// `fovea REST` on the data of this server; `None` for those who have no
    /// shell there, or where a command takes secrets to reach the data.
    #[must_use]
    pub fn fovea(&self, rest: &str) -> Option<String> {
        let options = self.local.as_ref()?.options.as_ref()?;
        Some(format!("fovea {rest} {options}"))
    }
}

/// A link that works once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneTimeLink {
    /// For whom.
    pub email: String,
    /// Its secret part.
    pub secret: String,
    /// When it ends.
    pub expires: Timestamp,
}

/// A token and its secret, which is shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedToken {
    /// The token.
    pub token: Token,
    /// What a client sends.
    pub secret: String,
}

/// People and tokens, as one page shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    /// Everyone who can sign in.
    pub users: Vec<User>,
    /// Every token that works.
    pub tokens: Vec<Token>,
}

/// In which way files are imported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportWay {
    /// Files with any fault are refused.
    pub strict: bool,
    /// What is sound is imported although boxes or splits are lost.
    pub keep_going: bool,
    /// They are only looked at.
    pub check: bool,
    /// Where files can be read in two ways: the word of each choice by its
    /// name (`domain::dataset_import::CHOICES`).
    pub choices: BTreeMap<String, String>,
}
