//! The program in parts: a browser first loads what every page needs, and the
//! code of a page when that page is opened. The server has it all.
//!
//! Nothing outside this module may name a page that is loaded apart: what is
//! named from elsewhere is loaded with everything.

use super::{
    account::Account,
    audit::Audit,
    compare::Compare,
    dataset::DatasetPage,
    datasets::Datasets,
    deploy::DeployPage,
    deployment_tabs::{DashboardTab, FeedbackTab, LearningTab, PredictionsTab, SettingsTab},
    experiment::ExperimentRoute,
    experiments::Experiments,
    explain::Explain,
    launch::LaunchPage,
    model::ModelPage,
    models::Models,
    prediction::PredictionPage,
    review::ReviewPage,
    users::Users,
};
use crate::ui::{Fetched, IntoAny};
use domain::deployment::Deployment;
use leptos::prelude::*;

/// A page, or a tab of one, that is loaded apart.
#[derive(Clone, Copy)]
pub enum Page {
    /// Tab of the deployment of this name.
    Dashboard(Memo<String>),
    /// Tab of the deployment of this name.
    Predictions(Memo<String>, Fetched<Deployment>),
    /// Tab of the deployment of this name.
    Feedback(Memo<String>),
    /// Tab of the deployment of this name.
    Learning(Memo<String>),
    /// Tab of the deployment of this name.
    Settings(Memo<String>),
    Prediction,
    Review,
    Datasets,
    Dataset,
    Models,
    Model,
    Experiments,
    Experiment,
    Compare,
    Launch,
    Deploy,
    Account,
    Users,
    Audit,
    Explain,
}

/// Pages whose code comes together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Dashboard,
    Predictions,
    Review,
    Loop,
    Learning,
    People,
}

impl Page {
    fn part(self) -> Part {
        match self {
            Self::Dashboard(_) => Part::Dashboard,
            Self::Predictions(..) | Self::Prediction => Part::Predictions,
            Self::Review => Part::Review,
            Self::Account | Self::Users | Self::Audit | Self::Explain => Part::People,
            Self::Feedback(_) | Self::Learning(_) | Self::Settings(_) => Part::Loop,
            _ => Part::Learning,
        }
    }
}

impl Part {
    /// The part that a whole page at this path needs, if any.
    #[cfg_attr(not(any(test, feature = "hydrate")), allow(dead_code, reason = "the server has them all"))]
    fn at(path: &str) -> Option<Self> {
        let mut words = path.split('/').filter(|word| !word.is_empty());
        match (words.next()?, words.next(), words.next()) {
            ("deployments", Some(_), None) => Some(Self::Dashboard),
            ("deployments", Some(_), Some("predictions")) | ("predictions", ..) => Some(Self::Predictions),
            ("deployments", Some(_), Some("review")) => Some(Self::Review),
            ("deployments", Some(_), Some("feedback" | "learning" | "settings")) => Some(Self::Loop),
            ("datasets" | "models" | "experiments" | "compare" | "train" | "deploy", ..) => {
                Some(Self::Learning)
            }
            ("account" | "users" | "audit" | "explain", ..) => Some(Self::People),
            _ => None,
        }
    }
}

fn dashboard(page: Page) -> AnyView {
    match page {
        Page::Dashboard(name) => view! { <DashboardTab name=name /> }.into_any(),
        _ => super::not_found::nothing_here(),
    }
}

fn predictions(page: Page) -> AnyView {
    match page {
        Page::Predictions(name, found) => view! { <PredictionsTab name=name found=found /> }.into_any(),
        Page::Prediction => view! { <PredictionPage /> }.into_any(),
        _ => super::not_found::nothing_here(),
    }
}

fn review(page: Page) -> AnyView {
    match page {
        Page::Review => view! { <ReviewPage /> }.into_any(),
        _ => super::not_found::nothing_here(),
    }
}

fn closing_the_loop(page: Page) -> AnyView {
    match page {
        Page::Feedback(name) => view! { <FeedbackTab name=name /> }.into_any(),
        Page::Learning(name) => view! { <LearningTab name=name /> }.into_any(),
        Page::Settings(name) => view! { <SettingsTab name=name /> }.into_any(),
        _ => super::not_found::nothing_here(),
    }
}

fn learning(page: Page) -> AnyView {
    match page {
        Page::Datasets => view! { <Datasets /> }.into_any(),
        Page::Dataset => view! { <DatasetPage /> }.into_any(),
        Page::Models => view! { <Models /> }.into_any(),
        Page::Model => view! { <ModelPage /> }.into_any(),
        Page::Experiments => view! { <Experiments /> }.into_any(),
        Page::Experiment => view! { <ExperimentRoute /> }.into_any(),
        Page::Compare => view! { <Compare /> }.into_any(),
        Page::Launch => view! { <LaunchPage /> }.into_any(),
        Page::Deploy => view! { <DeployPage /> }.into_any(),
        _ => super::not_found::nothing_here(),
    }
}

fn people(page: Page) -> AnyView {
    match page {
        Page::Account => view! { <Account /> }.into_any(),
        Page::Users => view! { <Users /> }.into_any(),
        Page::Audit => view! { <Audit /> }.into_any(),
        Page::Explain => view! { <Explain /> }.into_any(),
        _ => super::not_found::nothing_here(),
    }
}

/// A page, as soon as its code is there; at once on the server.
#[cfg(not(feature = "hydrate"))]
pub fn apart(page: Page) -> AnyView {
    let show = match page.part() {
        Part::Dashboard => dashboard,
        Part::Predictions => predictions,
        Part::Review => review,
        Part::Loop => closing_the_loop,
        Part::Learning => learning,
        Part::People => people,
    };
    show(page)
}

#[cfg(feature = "hydrate")]
pub use loading::{apart, load_at};

#[cfg(feature = "hydrate")]
mod loading {
    //! What was loaded, and the loading of the rest.

    #![allow(unsafe_code, reason = "the split points are calls between modules of WASM")]

    use super::{Page, Part};
    use crate::ui::{IntoAny, empty, skeleton_rows};
    use leptos::{
        prelude::*,
        task::spawn_local,
        wasm_split::{SplitLoaderError, wasm_split},
    };
    use std::cell::RefCell;

    type Show = fn(Page) -> AnyView;

    thread_local! {
        static LOADED: RefCell<Vec<(Part, Show)>> = const { RefCell::new(Vec::new()) };
    }

    #[wasm_split(dashboard, wasm_split_path = ::leptos::wasm_split, fallible)]
    fn dashboard() -> Result<Show, SplitLoaderError> {
        Ok(super::dashboard)
    }

    #[wasm_split(predictions, wasm_split_path = ::leptos::wasm_split, fallible)]
    fn predictions() -> Result<Show, SplitLoaderError> {
        Ok(super::predictions)
    }

    #[wasm_split(review, wasm_split_path = ::leptos::wasm_split, fallible)]
    fn review() -> Result<Show, SplitLoaderError> {
        Ok(super::review)
    }

    #[wasm_split(closing_the_loop, wasm_split_path = ::leptos::wasm_split, fallible)]
    fn closing_the_loop() -> Result<Show, SplitLoaderError> {
        Ok(super::closing_the_loop)
    }

    #[wasm_split(learning, wasm_split_path = ::leptos::wasm_split, fallible)]
    fn learning() -> Result<Show, SplitLoaderError> {
        Ok(super::learning)
    }

    #[wasm_split(people, wasm_split_path = ::leptos::wasm_split, fallible)]
    fn people() -> Result<Show, SplitLoaderError> {
        Ok(super::people)
    }

    fn loaded(part: Part) -> Option<Show> {
        LOADED.with_borrow(|loaded| loaded.iter().find(|(one, _)| *one == part).map(|(_, show)| *show))
    }

    async fn load(part: Part) -> Result<Show, SplitLoaderError> {
        if let Some(show) = loaded(part) {
            return Ok(show);
        }
        let show = match part {
            Part::Dashboard => dashboard().await,
            Part::Predictions => predictions().await,
            Part::Review => review().await,
            Part::Loop => closing_the_loop().await,
            Part::Learning => learning().await,
            Part::People => people().await,
        }?;
        LOADED.with_borrow_mut(|loaded| loaded.push((part, show)));
        Ok(show)
    }

    /// Loads what the page at `path` needs before it is woken: what the server
    /// sent can then be taken over in one go.
    pub async fn load_at(path: &str) {
        if let Some(part) = Part::at(path) {
            // Without it the page says so itself.
            let _ = load(part).await;
        }
    }

    /// A page, as soon as its code is there.
    pub fn apart(page: Page) -> AnyView {
        let part = page.part();
        if let Some(show) = loaded(part) {
            return show(page);
        }
        let came = RwSignal::new(None);
        spawn_local(async move {
            came.set(Some(load(part).await.ok()));
        });
        (move || match came.get() {
            None => skeleton_rows(),
            Some(Some(show)) => show(page),
            Some(None) => empty(
                "This page could not be loaded",
                "The server does not answer, or was renewed. Load the page again.",
                ().into_any(),
            ),
        })
        .into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_the_part_that_it_needs() {
        let wanted = [
            ("/", None),
            ("/sign-in", None),
            ("/deployments/cells", Some(Part::Dashboard)),
            ("/deployments/cells/predictions", Some(Part::Predictions)),
            ("/predictions/01a2", Some(Part::Predictions)),
            ("/deployments/cells/review", Some(Part::Review)),
            ("/deployments/cells/review/01a2", Some(Part::Review)),
            ("/deployments/cells/feedback", Some(Part::Loop)),
            ("/deployments/cells/learning", Some(Part::Loop)),
            ("/experiments/cells-17", Some(Part::Learning)),
            ("/compare", Some(Part::Learning)),
            ("/users", Some(Part::People)),
            ("/explain/cells", Some(Part::People)),
        ];
        for (path, part) in wanted {
            assert_eq!(Part::at(path), part, "{path}");
        }
    }
}
