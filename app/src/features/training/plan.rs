//! What a training does, as it follows from its data and parameters.

use crate::ui::{IntoAny, fact};
use domain::{model::Experiment, training::PlanRecord};
use leptos::prelude::*;

/// The plan of an experiment; nothing before it has one.
pub(super) fn plan_panel(experiment: &Experiment) -> Option<AnyView> {
    let plan = experiment.plan.as_ref()?;
    let notes: Vec<_> = plan.notes.iter().map(|note| view! { <li>{note.clone()}</li> }).collect();
    let notes = (!notes.is_empty()).then(|| view! { <ul>{notes}</ul> });
    let facts: Vec<_> = facts(plan).into_iter().map(|(name, value)| fact(name, value)).collect();
    let panel = view! {
        <section class="panel">
            <h2>"Plan"</h2>
            <p>{format!("{}.", plan.sentence)}</p>
            {notes}
            <dl class="facts">{facts}</dl>
        </section>
    };
    Some(panel.into_any())
}

fn facts(plan: &PlanRecord) -> Vec<(&'static str, String)> {
    let percent = |share: f64| format!("{} %", charts::decimal(share * 100.0, 0));
    let size = |width: u32, height: u32| format!("{width}×{height} px");
    let patience = match plan.patience {
        0 => "never".to_owned(),
        more => format!("after {more} measurements without a better one"),
    };
    let mut facts = vec![
        ("Input", size(plan.input_width, plan.input_height)),
        ("Pictures", size(plan.picture_width, plan.picture_height)),
        ("Images to train on", plan.images.to_string()),
        ("Images to choose the weights by", plan.held.to_string()),
        (
            "A pass over the training images",
            format!("{} images, {} steps of {}", plan.images_a_pass, plan.steps_a_pass, plan.batch_size),
        ),
        ("Passes at most", plan.epochs.to_string()),
        ("Images made of four others", percent(plan.mosaic)),
        ("Ends early", patience),
    ];
    if let Some(side) = plan.box_px {
        facts.insert(2, ("Nine of ten boxes", format!("{side:.0} px or more in the input")));
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_says_when_it_ends_early_and_how_large_boxes_are() {
        let plan = PlanRecord {
            sentence: "the plan".to_owned(),
            input_width: 416,
            input_height: 320,
            picture_width: 640,
            picture_height: 480,
            box_px: Some(42.6),
            images: 205,
            images_a_pass: 210,
            held: 87,
            batch_size: 8,
            steps_a_pass: 27,
            epochs: 60,
            mosaic: 0.25,
            zoom: 0.4,
            balance: 0.1,
            patience: 4,
            notes: Vec::new(),
        };
        let told = |plan: &PlanRecord, name: &str| {
            facts(plan).into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
        };
        assert_eq!(told(&plan, "Ends early").unwrap(), "after 4 measurements without a better one");
        assert_eq!(told(&plan, "Nine of ten boxes").unwrap(), "43 px or more in the input");
        assert_eq!(told(&plan, "A pass over the training images").unwrap(), "210 images, 27 steps of 8");
        assert_eq!(told(&plan, "Images made of four others").unwrap(), "25 %");
        let plain = PlanRecord { patience: 0, box_px: None, ..plan };
        assert_eq!(told(&plain, "Ends early").unwrap(), "never");
        assert_eq!(told(&plain, "Nine of ten boxes"), None);
    }
}
