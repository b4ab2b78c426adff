//! What commands print: results on stdout, everything else on stderr.

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::io::{IsTerminal, Write};

/// One line on stdout. A closed pipe is the reader's business.
pub(super) fn line(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// One JSON value on stdout.
pub(super) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(&serde_json::to_string(value)?);
    Ok(())
}

/// One line on stderr.
pub(super) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A failure with its causes, on stderr.
pub(super) fn error(error: &anyhow::Error) {
    note(&format!("fovea: {error:#}"));
}

/// How far something is: a bar on a terminal, a line at every tenth elsewhere.
pub(super) struct Progress {
    what: &'static str,
    bar: Option<ProgressBar>,
    tenths: u64,
}

impl Progress {
    pub(super) fn new(what: &'static str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message(what);
            bar
        });
        Self { what, bar, tenths: 0 }
    }

    pub(super) fn set(&mut self, done: u64, all: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(all);
            bar.set_position(done);
            return;
        }
        let tenths = (done * 10).checked_div(all).unwrap_or(0);
        if tenths > self.tenths {
            self.tenths = tenths;
            note(&format!("{}: {done} of {all}", self.what));
        }
    }

    /// What stands beside the bar.
    pub(super) fn label(&self, text: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(text.to_owned());
        }
    }

    /// A line of its own, above the bar.
    pub(super) fn note(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => note(text),
        }
    }

    pub(super) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
