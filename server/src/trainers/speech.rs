//! What a trainer prints, line by line: a JSON object with an `event` is told
//! to the server, all else is a line of its log. Lines end with `\n` or `\r`,
//! as progress bars end theirs, and have a length beyond which they are cut.

use domain::{
    model::{CurvePoint, Series},
    training::TrainEvent,
};
use serde::Deserialize;
use std::io::Read;

/// Bytes of a line; the rest of a longer one is left out.
const LONGEST: usize = 8 << 10;
/// Characters of a line of the log.
const LONGEST_SHOWN: usize = 1_000;

/// An event, as a trainer tells it.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum TrainerEvent {
    /// It begins after this step.
    Started {
        #[serde(default)]
        step: u32,
    },
    /// A step was done.
    Step {
        step: u32,
        steps: u32,
        #[serde(default)]
        loss: Option<f64>,
        #[serde(default)]
        loss_class: Option<f64>,
        #[serde(default)]
        loss_box: Option<f64>,
        #[serde(default)]
        learning_rate: Option<f64>,
        #[serde(default)]
        seconds_left: Option<f64>,
    },
    /// A point of a curve.
    Point { step: u32, series: Series, value: f64 },
    /// What a later attempt goes on from lies in the checkpoint folder.
    Checkpoint { step: u32 },
    /// A line for the log.
    Log { message: String },
    /// It lives.
    Alive,
}

/// A line that was printed.
#[derive(Debug, PartialEq)]
pub(super) enum Line {
    Event(TrainerEvent),
    Log(String),
}

impl Line {
    /// Reads a line; `None` for an empty one.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.starts_with('{')
            && let Ok(event) = serde_json::from_str(text)
        {
            return Some(match event {
                TrainerEvent::Log { message } => Self::Log(plain(&message)),
                event => Self::Event(event),
            });
        }
        let plain = plain(text);
        (!plain.is_empty()).then_some(Self::Log(plain))
    }
}

impl TrainerEvent {
    /// Steps done, where it says so.
    pub(super) fn step(&self) -> Option<u32> {
        match self {
            Self::Started { step } | Self::Step { step, .. } | Self::Checkpoint { step } => Some(*step),
            Self::Point { .. } | Self::Log { .. } | Self::Alive => None,
        }
    }

    /// The same in the words of the server.
    pub(super) fn events(self) -> Vec<TrainEvent> {
        match self {
            Self::Started { step } => vec![TrainEvent::Started { step }],
            Self::Step { step, steps, loss, loss_class, loss_box, learning_rate, seconds_left } => {
                let seconds_left = seconds_left.filter(|seconds| (0.0..1e9).contains(seconds));
                let progress = TrainEvent::Progress { step, steps, seconds_left };
                let values = [
                    (Series::Loss, loss),
                    (Series::LossClass, loss_class),
                    (Series::LossBox, loss_box),
                    (Series::LearningRate, learning_rate),
                ];
                let points = values.into_iter().filter_map(|(series, value)| {
                    Some(TrainEvent::Point(CurvePoint { step, series, value: value? }))
                });
                std::iter::once(progress).chain(points).collect()
            }
            Self::Point { step, series, value } => {
                vec![TrainEvent::Point(CurvePoint { step, series, value })]
            }
            Self::Checkpoint { step } => vec![TrainEvent::Kept { step }],
            Self::Log { message } => vec![TrainEvent::Log { message }],
            Self::Alive => Vec::new(),
        }
    }
}

/// Without colours, cursor movements and other characters that hide what a
/// text is.
pub(super) fn plain(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' && rest.peek() == Some(&'[') {
            // A sequence of the terminal ends with a letter.
            let _ = rest.by_ref().skip(1).find(|c| c.is_ascii_alphabetic());
        } else if c == '\t' {
            shown.push(' ');
        } else if !domain::name::is_hidden(c) {
            shown.push(c);
        }
    }
    let shown = shown.trim();
    if shown.chars().count() <= LONGEST_SHOWN {
        return shown.to_owned();
    }
    shown.chars().take(LONGEST_SHOWN).chain("…".chars()).collect()
}

/// Hands on the lines of a pipe until it ends or nobody takes them; of the
/// bytes of a line no more than [`LONGEST`] are ever held.
pub(super) fn read_lines(mut pipe: impl Read, mut take: impl FnMut(String, usize) -> bool) {
    let (mut piece, mut line, mut length) = (vec![0; 16 << 10], Vec::new(), 0);
    loop {
        let read = match pipe.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => {
                tracing::debug!(%error, "what a trainer prints cannot be read");
                break;
            }
        };
        for byte in piece.iter().take(read) {
            length += 1;
            if matches!(byte, b'\n' | b'\r') {
                if !take(String::from_utf8_lossy(&line).into_owned(), length) {
                    return;
                }
                line.clear();
                length = 0;
            } else if line.len() < LONGEST {
                line.push(*byte);
            } else if length % (1 << 20) == 0 && !take(String::new(), 1 << 20) {
                // A line without an end is output, too.
                return;
            }
        }
    }
    if !line.is_empty() {
        take(String::from_utf8_lossy(&line).into_owned(), length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_told_and_all_else_is_a_line_of_the_log() {
        let told = |text: &str| Line::read(text);
        assert_eq!(told(" {\"event\":\"alive\"} "), Some(Line::Event(TrainerEvent::Alive)));
        assert_eq!(told("{\"event\":\"started\"}"), Some(Line::Event(TrainerEvent::Started { step: 0 })));
        let point = TrainerEvent::Point { step: 3, series: Series::ValAp50, value: 0.5 };
        assert_eq!(
            told("{\"event\":\"point\",\"step\":3,\"series\":\"val_ap50\",\"value\":0.5}"),
            Some(Line::Event(point))
        );
        for text in
            ["{\"event\":\"dance\"}", "{\"event\":\"step\",\"step\":-1,\"steps\":3}", "{\"a\":1}", "epoch 3"]
        {
            assert_eq!(told(text), Some(Line::Log(text.to_owned())));
        }
        assert_eq!(
            told("\u{1b}[2K\u{1b}[31mred\u{1b}[0m\u{7}\tand  "),
            Some(Line::Log("red and".to_owned()))
        );
        assert_eq!(told("  "), None);
        let Some(Line::Log(long)) = told(&"x".repeat(5_000)) else { panic!("a line") };
        assert_eq!(long.chars().count(), LONGEST_SHOWN + 1);
    }

    #[test]
    fn a_step_is_progress_and_a_point_of_each_curve_that_it_has() {
        let Some(Line::Event(step)) =
            Line::read("{\"event\":\"step\",\"step\":2,\"steps\":8,\"loss\":1.5,\"seconds_left\":-1}")
        else {
            panic!("a step")
        };
        assert_eq!(step.step(), Some(2));
        assert_eq!(
            step.events(),
            [
                TrainEvent::Progress { step: 2, steps: 8, seconds_left: None },
                TrainEvent::Point(CurvePoint { step: 2, series: Series::Loss, value: 1.5 })
            ]
        );
    }

    #[test]
    fn lines_end_as_progress_bars_end_theirs_and_long_ones_are_cut() {
        let mut lines = Vec::new();
        let text = format!("one\rtwo\r\n{}\nlast", "x".repeat(3 * LONGEST));
        read_lines(text.as_bytes(), |line, length| {
            lines.push((line.len(), length));
            true
        });
        assert_eq!(lines, [(3, 4), (3, 4), (0, 1), (LONGEST, 3 * LONGEST + 1), (4, 4)]);
        let mut bytes = 0;
        read_lines(std::io::repeat(b'x'), |_, length| {
            bytes += length;
            bytes < 5 << 20
        });
        assert_eq!(bytes, 5 << 20, "a line without an end");
    }
}
