//! The options of `fovea import` that decide where files can be read in two
//! ways, made of the table that the API and the page have, too.

use clap::{
    Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches,
    builder::{PossibleValue, PossibleValuesParser},
    error::ErrorKind,
};
use domain::dataset_import::{CHOICES, ChoiceRow, ImportChoices};

const KEEP_GOING: &str = "keep_going";
const HEADING: &str = "Where files can be read in two ways";

/// What was decided on the command line.
#[derive(Clone, Debug, Default)]
pub(super) struct ChoiceOptions(ImportChoices);

impl From<ChoiceOptions> for ImportChoices {
    fn from(options: ChoiceOptions) -> Self {
        options.0
    }
}

impl FromArgMatches for ChoiceOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut options = Self::default();
        options.update_from_arg_matches(matches)?;
        Ok(options)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.keep_going |= matches.get_flag(KEEP_GOING);
        for row in CHOICES {
            if let Some(word) = matches.get_one::<String>(row.name) {
                self.0.set(row.name, word).map_err(|error| Error::raw(ErrorKind::InvalidValue, error))?;
            }
        }
        Ok(())
    }
}

impl Args for ChoiceOptions {
    fn augment_args(command: Command) -> Command {
        let keep_going = Arg::new(KEEP_GOING)
            .long("keep-going")
            .help("Import what is sound although boxes or splits are lost")
            .action(ArgAction::SetTrue)
            .conflicts_with("strict")
            .help_heading(HEADING);
        CHOICES.into_iter().fold(command.arg(keep_going), |command, row| command.arg(option(row)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn option(row: ChoiceRow) -> Arg {
    let option = Arg::new(row.name).long(row.option).help(row.help).help_heading(HEADING);
    let Some((first, _)) = row.words.first() else { return option.value_name("NAME") };
    let words = row.words.iter().map(|(word, help)| PossibleValue::new(*word).help(*help));
    let option = option.value_parser(PossibleValuesParser::new(words));
    if row.asks { option } else { option.default_value(*first) }
}
