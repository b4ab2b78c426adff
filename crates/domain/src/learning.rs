//! How a deployment learns by itself: when a training is launched, and what
//! becomes of the candidate that it makes.

mod rounds;

pub use crate::settings::{ContinuousDeployment, ContinuousTraining};
pub use rounds::{Round, RoundState, TrainingState};

use crate::{
    time::Timestamp,
    training::{InvalidParam, ParamValue, ParamValues, RunParams, TrainParams, TrainerInfo},
};
use measures::gate::{GateSettings, Verdict};
use serde::{Deserialize, Serialize};

const HOUR_MS: i64 = 3_600_000;

/// What launches a training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// Enough was submitted since the last launch.
    #[default]
    FeedbackCount,
    /// The time has come, and something was submitted since the last launch.
    Schedule,
    /// A person.
    ByHand,
    /// The world was declared to have moved.
    Drift,
}

impl Trigger {
    /// All four.
    pub const ALL: [Self; 4] = [Self::FeedbackCount, Self::Schedule, Self::ByHand, Self::Drift];

    /// The word of the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FeedbackCount => "feedback_count",
            Self::Schedule => "schedule",
            Self::ByHand => "by_hand",
            Self::Drift => "drift",
        }
    }

    /// The trigger that [`Self::as_str`] names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trigger| trigger.as_str() == word)
    }
}

impl ContinuousTraining {
    /// All parameters of a training that starts from a champion: those that
    /// the champion was trained with, and what was configured over that. With
    /// the built-in trainer it is a gentler and shorter run. `trainers` are the
    /// others that there are.
    ///
    /// # Errors
    /// A parameter that is none or out of its range, or a trainer that cannot
    /// be used now.
    pub fn params_for(
        &self,
        champion: Option<&RunParams>,
        trainers: &[TrainerInfo],
    ) -> Result<RunParams, InvalidParam> {
        let Some(name) = &self.trainer else {
            return self.built_in_params(champion.and_then(RunParams::built_in)).map(RunParams::BuiltIn);
        };
        let description = TrainerInfo::find(trainers, name)?;
        let mut given = ParamValues::new();
        if let Some(RunParams::Declared { trainer, values }) = champion
            && trainer == name
        {
            // Of another version of the trainer, what it still knows.
            let known = description.parameters.iter().filter_map(|spec| {
                let value = spec.read(values.get(&spec.name)?).ok()?;
                Some((spec.name.clone(), value))
            });
            given.extend(known.filter(|(key, _)| !matches!(key.as_str(), "seed" | "time_limit_s")));
        }
        let configured = self.params.iter();
        given.extend(configured.map(|(key, text)| (key.clone(), ParamValue::Text(text.clone()))));
        Ok(RunParams::Declared { trainer: name.clone(), values: description.complete(&given)? })
    }

    fn built_in_params(&self, champion: Option<&TrainParams>) -> Result<TrainParams, InvalidParam> {
        let usual = TrainParams::default();
        let mut params = TrainParams {
            epochs: 30,
            learning_rate: usual.learning_rate / 2.0,
            max_steps: 0,
            time_limit_s: 0,
            train_on_val: false,
            seed: 0,
            ..champion.cloned().unwrap_or(usual)
        };
        for (key, value) in &self.params {
            params.set(key, value)?;
        }
        params.validate()?;
        Ok(params)
    }

    /// Whether a training is to be launched now, and why: of `waiting`
    /// submissions that none has taken, the last launch having been `last`.
    #[must_use]
    pub fn due(&self, waiting: u64, last: Option<Timestamp>, now: Timestamp) -> Option<Trigger> {
        let due = match self.trigger {
            Trigger::FeedbackCount => waiting >= u64::from(self.threshold.max(1)),
            Trigger::Schedule => {
                let rested = |last: Timestamp| now.since_ms(last) >= i64::from(self.every_hours) * HOUR_MS;
                waiting > 0 && last.is_none_or(rested)
            }
            Trigger::ByHand | Trigger::Drift => false,
        };
        (self.enabled && due).then_some(self.trigger)
    }
}

/// What a deployment does without being told to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Automation {
    /// Reviews may be submitted to its feedback loop.
    pub feedback: bool,
    /// Trainings are launched.
    pub training: bool,
    /// A policy puts candidates into a role.
    pub deploying: bool,
}

/// Where a candidate is put.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// It answers.
    Champion,
    /// It sees the same images silently.
    Shadow,
    /// Nowhere: a person decides.
    #[default]
    Manual,
}

impl Policy {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Champion, Self::Shadow, Self::Manual];

    /// The word of the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Champion => "champion",
            Self::Shadow => "shadow",
            Self::Manual => "manual",
        }
    }
}

/// What a policy asks of the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// The verdict is `better`.
    Better,
}

/// What a policy does with a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyAct {
    /// Makes it the champion.
    Promote,
    /// Makes it the shadow.
    Shadow,
    /// Nothing.
    Leave,
}

impl ContinuousDeployment {
    /// What becomes of a candidate with this verdict. Under `champion` with a
    /// gate, one that nobody can judge yet becomes the shadow, which gathers
    /// the evidence; one that is worse is left alone.
    #[must_use]
    pub fn act(&self, verdict: Verdict) -> PolicyAct {
        if !self.enabled {
            return PolicyAct::Leave;
        }
        match (self.policy, self.require, verdict) {
            (Policy::Manual, ..) => PolicyAct::Leave,
            (Policy::Champion, None, _) | (Policy::Champion, Some(_), Verdict::Better) => PolicyAct::Promote,
            (Policy::Shadow, None, _) | (Policy::Shadow, Some(_), Verdict::Better) => PolicyAct::Shadow,
            (Policy::Champion, Some(_), Verdict::Undecided | Verdict::UndecidedAnchored) => PolicyAct::Shadow,
            (Policy::Champion | Policy::Shadow, Some(_), _) => PolicyAct::Leave,
        }
    }

    /// What the gate is asked for.
    #[must_use]
    pub fn gate(&self) -> GateSettings {
        let (latency_budget_ms, class_margin) = (self.latency_budget_ms, self.class_margin);
        GateSettings { latency_budget_ms, class_margin, ..GateSettings::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{name::Name, training::TrainerDescription};
    use std::collections::BTreeMap;

    #[test]
    fn a_training_is_due_at_the_threshold_or_when_the_time_has_come() {
        let now = Timestamp(100 * HOUR_MS);
        let counting = ContinuousTraining { enabled: true, threshold: 10, ..ContinuousTraining::default() };
        assert_eq!(counting.due(9, None, now), None);
        assert_eq!(counting.due(10, Some(now), now), Some(Trigger::FeedbackCount));
        assert_eq!(ContinuousTraining { enabled: false, ..counting.clone() }.due(10, None, now), None);
        let timed = ContinuousTraining { trigger: Trigger::Schedule, every_hours: 24, ..counting.clone() };
        assert_eq!(timed.due(0, None, now), None, "nothing new");
        assert_eq!(timed.due(1, None, now), Some(Trigger::Schedule));
        assert_eq!(timed.due(1, Some(now.plus_ms(-23 * HOUR_MS)), now), None);
        assert_eq!(timed.due(1, Some(now.plus_ms(-24 * HOUR_MS)), now), Some(Trigger::Schedule));
        for trigger in [Trigger::ByHand, Trigger::Drift] {
            assert_eq!(ContinuousTraining { trigger, ..counting.clone() }.due(1_000, None, now), None);
        }
    }

    #[test]
    fn parameters_are_the_champions_input_a_gentle_run_and_what_was_configured() {
        let champion = TrainParams { input_width: 640, time_limit_s: 90, seed: 5, ..TrainParams::default() };
        let mut settings = ContinuousTraining::default();
        settings.params.insert("epochs".to_owned(), "3".to_owned());
        let params = settings.params_for(Some(&champion.clone().into()), &[]).expect("sound");
        let params = params.built_in().expect("the built-in trainer").clone();
        assert_eq!((params.input_width, params.epochs, params.time_limit_s, params.seed), (640, 3, 0, 0));
        assert!(params.learning_rate < champion.learning_rate);
        for (key, value) in [("epoch", "3"), ("epochs", "10001"), ("epochs", "many")] {
            let params = BTreeMap::from([(key.to_owned(), value.to_owned())]);
            assert!(
                ContinuousTraining { params, ..settings.clone() }.params_for(None, &[]).is_err(),
                "{key}"
            );
        }
    }

    #[test]
    fn another_trainer_goes_on_with_its_own_parameters_and_not_with_those_of_a_different_one() {
        let parameters =
            r#"[{"name":"size","type":"whole","default":5},{"name":"epochs","type":"whole","default":9}]"#;
        let description = format!("{{\"protocol\":1,\"parameters\":{parameters}}}");
        let name = |text: &str| Name::new(text).expect("a name");
        let info = |text: &str| TrainerInfo {
            name: name(text),
            description: TrainerDescription::read(&description),
        };
        let trainers = [info("one"), info("two")];
        let settings = ContinuousTraining {
            trainer: Some(name("one")),
            params: BTreeMap::from([("epochs".to_owned(), "3".to_owned())]),
            ..ContinuousTraining::default()
        };
        let champion = |trainer: &str| RunParams::Declared {
            trainer: name(trainer),
            values: ParamValues::from([
                ("size".to_owned(), ParamValue::Whole(7)),
                ("seed".to_owned(), ParamValue::Whole(8)),
                ("gone".to_owned(), ParamValue::Whole(9)),
            ]),
        };
        let text = |champion: &RunParams| {
            let next = settings.params_for(Some(champion), &trainers).expect("sound");
            ["size", "epochs", "seed"].map(|key| next.text(key).expect("a parameter"))
        };
        assert_eq!(text(&champion("one")), ["7", "3", "0"]);
        assert_eq!(text(&champion("two")), ["5", "3", "0"]);
        assert_eq!(text(&TrainParams::default().into()), ["5", "3", "0"]);
        let gone = ContinuousTraining { trainer: Some(name("gone")), ..settings };
        let said = gone.params_for(None, &trainers).expect_err("no such trainer").to_string();
        assert!(said.contains("the trainer gone cannot be used"), "{said}");
    }

    #[test]
    fn no_gated_policy_puts_a_worse_candidate_anywhere() {
        use Verdict::{Better, Undecided, UndecidedAnchored, Worse};
        for policy in Policy::ALL {
            let gated = ContinuousDeployment { policy, ..ContinuousDeployment::default() };
            assert_eq!(gated.act(Worse), PolicyAct::Leave, "{policy:?}");
            for unsure in [Undecided, UndecidedAnchored] {
                assert_ne!(gated.act(unsure), PolicyAct::Promote, "{policy:?}");
            }
        }
        let act = |policy, require| {
            let settings = ContinuousDeployment { policy, require, ..ContinuousDeployment::default() };
            [Better, Undecided, Worse].map(|verdict| settings.act(verdict))
        };
        use PolicyAct::{Leave, Promote, Shadow};
        assert_eq!(act(Policy::Champion, Some(Requirement::Better)), [Promote, Shadow, Leave]);
        assert_eq!(act(Policy::Champion, None), [Promote; 3]);
        assert_eq!(act(Policy::Shadow, Some(Requirement::Better)), [Shadow, Leave, Leave]);
        assert_eq!(act(Policy::Shadow, None), [Shadow; 3]);
        assert_eq!(act(Policy::Manual, None), [Leave; 3]);
        let off = ContinuousDeployment {
            enabled: false,
            policy: Policy::Champion,
            require: None,
            ..ContinuousDeployment::default()
        };
        assert_eq!(off.act(Better), Leave, "switched off, it is not followed");
    }
}
