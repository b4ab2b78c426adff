//! The settings that there are: a row has a setting's help, name, type,
//! default and what its value may be. A new one is a row here and the code
//! that acts by it.

use super::{
    Kind::{Bytes, Choice, Flag, Number, Parameters, Share as Part, Trainer, Whole},
    Setting, SettingsGroup,
};
use crate::{
    learning::{Policy, Requirement, Trigger},
    name::Name,
    review::Share,
};
use measures::gate::GateSettings;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A struct with a field for each row, its defaults and its table.
macro_rules! settings {
    (
        $(#[doc = $about:literal])+
        $name:ident, $group:literal $(, beside [$($beside:literal),+])? $(, derive($($derive:ident),+))? {
            $($(#[doc = $help:literal])+ $field:ident: $type:ty = $usual:expr, $row:expr;)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize $(, $($derive),+)?)]
        #[serde(default)]
        pub struct $name {
            $($(#[doc = $help])+ pub $field: $type,)+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $usual),+ }
            }
        }

        impl SettingsGroup for $name {
            const NAME: &'static str = $group;
            const ABOUT: &'static str = concat!($($about, "\n"),+);
            const TABLE: &'static [Setting] =
                &[$($row.named(stringify!($field), concat!($($help, "\n"),+))),+];
            $(const BESIDE: &'static [&'static str] = &[$($beside),+];)?
        }
    };
}

settings! {
    /// How a deployment's predictions are reviewed.
    ReviewSettings, "review", derive(Copy) {
        /// The share of images to be reviewed from an empty canvas, from 0 to 1.
        blind_share: Share = Share::DEFAULT_BLIND,
            Setting::new("Blind reviews, percent of images", Part).required().example("0.05");
    }
}

settings! {
    /// How reviews come into the feedback loop.
    SubmissionSettings, "submission", beside ["enabled", "dataset", "create"], derive(Copy, Eq) {
        /// Submits each review in the act that saves it, as far as the loop is on
        /// and takes it; a submitted image is reopened before its review changes.
        submit_at_once: bool = false,
            Setting::new("Submit each review when it is saved", Flag);
    }
}

settings! {
    /// When a training is launched, and with what.
    ContinuousTraining, "continuous_training", derive(Eq) {
        /// Off: only a person launches.
        enabled: bool = false, Setting::new("Launch automatically", Flag).required();
        /// What launches by itself: `feedback_count`, `schedule`, `drift`, or
        /// `by_hand` for nothing.
        trigger: Trigger = Trigger::FeedbackCount, Setting::new("Trigger", Choice(&[
            ("feedback_count", "number of submissions"),
            ("schedule", "schedule"),
            ("drift", "declared drift"),
            ("by_hand", "none: launch by hand"),
        ])).example("feedback_count");
        /// Submissions since the last launch that launch the next; 100 when left
        /// out.
        threshold: u32 = 100, Setting::new("Submissions per training", Whole { least: 1, most: 1_000_000 }).or_usual();
        /// Hours from one scheduled launch to the next; 168 when left out.
        every_hours: u32 = 7 * 24, Setting::new("Hours between trainings", Whole { least: 1, most: 366 * 24 }).or_usual();
        /// Who trains: one that the operator of the server named, or `null` for the
        /// built-in trainer. Another trainer begins with its own parameters.
        trainer: Option<Name> = None, Setting::new("Trainer", Trainer).or_nothing("built-in");
        /// Training parameters that differ from the usual ones.
        params: BTreeMap<String, String> = BTreeMap::new(), Setting::new("Training parameters", Parameters);
    }
}

settings! {
    /// What becomes of the candidates of trainings.
    ContinuousDeployment, "continuous_deployment", derive(Copy) {
        /// Off: the policy is kept but not followed, and each candidate waits for a
        /// person.
        enabled: bool = true, Setting::new("Follow the policy", Flag);
        /// `champion`, `shadow` or `manual`.
        policy: Policy = Policy::Manual, Setting::new("Promotion policy", Choice(&[
            ("champion", "promote the candidate to champion"),
            ("shadow", "deploy the candidate as shadow"),
            ("manual", "leave the candidate to a person"),
        ])).required().example("shadow");
        /// `better` for only with that verdict; null for whatever the verdict.
        /// Under `champion`, an undecided candidate then becomes the shadow.
        require: Option<Requirement> = Some(Requirement::Better), Setting::new("Required verdict", Choice(&[
            ("better", "better"),
            ("", "any verdict"),
        ])).or_nothing("").example("better");
        /// The candidate's latency that is allowed, 95th percentile; null for any.
        latency_budget_ms: Option<f64> = None,
            Setting::new("Latency budget", Number { least: 1.0, most: 86_400_000.0 }).unit("ms at p95").or_nothing("any");
        /// AP that a class may seem to lose; 0.05 when left out.
        class_margin: f64 = GateSettings::default().class_margin,
            Setting::new("AP loss allowed per label", Number { least: 0.0, most: 1.0 }).unit("AP").or_usual();
    }
}

settings! {
    /// What is kept of what nobody has reviewed. Counts, reviews and what was
    /// submitted stay.
    Retention, "retention", derive(Copy) {
        /// Predictions that nobody reviewed go after so many days (1 to 3650);
        /// `null` for never.
        days: Option<u32> = None,
            Setting::new("Keep unreviewed predictions, days", Whole { least: 1, most: 3_650 }).or_nothing("for ever");
        /// When all images have more bytes, the oldest predictions with an image
        /// that nobody reviewed go; `null` for no limit.
        bytes: Option<u64> = None,
            Setting::new("Image storage limit, GB", Bytes { least: Retention::LEAST_BYTES }).or_nothing("any");
        /// The share of arriving images that is kept, from 0 to 1, beside those
        /// that are unusual; of the others the prediction only.
        sample_rate: Share = Share::ALL, Setting::new("Keep images, percent", Part);
    }
}
