//! All pages, a line each: where a page is, what it is called, where it stands
//! in the navigation, with which part of the program it is loaded, and what
//! shows it.
//!
//! [`Route`] is made of these lines here; `addresses` and the navigation come
//! from it. The router and the views are made of the same lines in
//! `pages::parts`. Knows no page: what shows it is only named.

use crate::base_path::{at, base};

/// Hands all lines to the macro `$lines`. A block is a part of the program:
/// `Core` comes with every page, another one when a page of it is opened.
///
/// A page is `Route: pattern, title, menu, what shows it;`. A word of a pattern
/// that begins with `:` is a parameter, and may be missing when it ends with
/// `?`. The navigation has the pages in the order of the lines.
macro_rules! with_pages {
    ($lines:ident) => {
        $lines! {
            Core core_pages {
                SignIn: "/sign-in", "Sign in", Outside, sign_in::SignIn;
                SetUp: "/setup", "Set up", Outside, setup::Setup;
                Deployments: "/", "Deployments", Main, deployments::Deployments;
                Deployment: "/deployments/:name/:tab?", "Deployment", Under(Route::Deployments), deployment::DeploymentPage;
            }
            Dashboard dashboard {
                Dashboard: "/deployments/:name", "Dashboard", Tab, deployment_tabs::DashboardTab;
                // Not with the predictions, the heaviest page: `pages::parts::large_one`.
                Prediction: "/predictions/:id", "Prediction", Under(Route::Deployments), prediction::PredictionPage;
            }
            Predictions predictions {
                Predictions: "/deployments/:name/predictions", "Predictions", Tab, deployment_tabs::PredictionsTab;
            }
            Review review {
                Review: "/deployments/:name/review/:id?", "Review", Outside, review::ReviewPage;
            }
            Loop closing_the_loop {
                Feedback: "/deployments/:name/feedback", "Feedback loop", Tab, deployment_tabs::FeedbackTab;
                Learning: "/deployments/:name/learning", "Learning", Tab, deployment_tabs::LearningTab;
                Settings: "/deployments/:name/settings", "Settings", Tab, deployment_tabs::SettingsTab;
            }
            // Few parts: code that some of them share comes in a file for each set of
            // parts that share it, and each file costs a request.
            Records records {
                Datasets: "/datasets", "Datasets", Main, datasets::Datasets;
                Dataset: "/datasets/:name/:version", "Dataset", Under(Route::Datasets), dataset::DatasetPage;
                Import: "/imports/:id", "Import", Under(Route::Datasets), dataset_import::ImportPage;
                Account: "/account", "Your account", Unlisted, account::Account;
                Users: "/users", "Users and tokens", Admins, users::Users;
                Connections: "/connections", "Connected tools", Admins, connections::Connections;
                Audit: "/audit", "Audit", Admins, audit::Audit;
                Explain: "/explain/:name", "How a query is answered", Under(Route::Deployments), explain::Explain;
            }
            Learning learning {
                Models: "/models", "Models", Main, models::Models;
                Model: "/models/:name/:version", "Model", Under(Route::Models), model::ModelPage;
                Experiments: "/experiments", "Experiments", Main, experiments::Experiments;
                Experiment: "/experiments/:name", "Experiment", Under(Route::Experiments), experiment::ExperimentRoute;
                Compare: "/compare", "Comparison", Under(Route::Experiments), compare::Compare;
                Launch: "/train", "Launch a training", Under(Route::Experiments), launch::LaunchPage;
                Deploy: "/deploy", "New deployment", Under(Route::Deployments), deploy::DeployPage;
            }
        }
    };
}
pub(crate) use with_pages;

/// Where a page stands in the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Menu {
    /// A page without the navigation around it.
    Outside,
    /// An entry of its own.
    Main,
    /// An entry that administrators have.
    Admins,
    /// Below the entry of another page.
    Under(Route),
    /// A tab of a deployment; [`Route::Deployment`] shows it.
    Tab,
    /// In no menu.
    Unlisted,
}

struct Line {
    pattern: &'static str,
    title: &'static str,
    menu: Menu,
    part: Part,
}

macro_rules! routes {
    ($($part:ident $show:ident {
        $($route:ident: $pattern:tt, $title:literal, $menu:expr, $($view:ident)::+;)*
    })*) => {
        /// A page, or a tab of one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Route { $($($route,)*)* }

        /// Pages whose code comes together.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Part { $($part,)* }

        impl Route {
            /// All, in the order of the table.
            pub const ALL: &'static [Self] = &[$($(Self::$route,)*)*];

            fn line(self) -> Line {
                use Menu::{Admins, Main, Outside, Tab, Under, Unlisted};
                match self {
                    $($(Self::$route => {
                        Line { pattern: $pattern, title: $title, menu: $menu, part: Part::$part }
                    })*)*
                }
            }
        }
    };
}

with_pages!(routes);

/// The words of a path or a pattern.
pub(crate) fn words(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|word| !word.is_empty())
}

fn fits(pattern: &str, path: &str) -> bool {
    let mut given = words(path);
    let fits = words(pattern).all(|word| match given.next() {
        Some(given) => word.starts_with(':') || word == given,
        None => word.ends_with('?'),
    });
    fits && given.next().is_none()
}

impl Route {
    /// The page at an address, base path included.
    #[must_use]
    pub fn of(address: &str) -> Option<Self> {
        let base = base();
        let path = base.strip(address)?;
        let fitting = Self::ALL.iter().copied().filter(|route| fits(route.line().pattern, path));
        // A word that is given says more than a parameter.
        fitting.max_by_key(|route| {
            let pattern = route.line().pattern;
            (words(pattern).filter(|word| !word.starts_with(':')).count(), !pattern.ends_with('?'))
        })
    }

    /// Its address. A parameter may hold several words of the path, such as
    /// `model/number`; those that are missing at the end are left out.
    #[must_use]
    pub fn with(self, parameters: &[&str]) -> String {
        let mut parameters = parameters.iter();
        let mut path = String::new();
        for word in words(self.line().pattern) {
            let word = if word.starts_with(':') { parameters.next().copied() } else { Some(word) };
            if let Some(word) = word {
                path.push('/');
                path.push_str(word);
            }
        }
        at(if path.is_empty() { "/".to_owned() } else { path })
    }

    /// The address of a page without parameters.
    #[must_use]
    pub fn href(self) -> String {
        self.with(&[])
    }

    /// Its path, with its parameters.
    #[must_use]
    pub fn pattern(self) -> &'static str {
        self.line().pattern
    }

    /// What it is called in menus, tabs and on its own head.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.line().title
    }

    /// With what its code comes.
    #[must_use]
    pub fn part(self) -> Part {
        self.line().part
    }

    /// Where it stands in the navigation.
    #[must_use]
    pub fn menu(self) -> Menu {
        self.line().menu
    }

    /// The entry of the navigation that is lit on this page.
    #[must_use]
    pub fn entry(self) -> Self {
        match self.menu() {
            Menu::Under(above) => above.entry(),
            Menu::Tab => Self::Deployment.entry(),
            _ => self,
        }
    }

    /// The pages of a menu, in order.
    pub fn listed(menu: Menu) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |route| route.menu() == menu)
    }

    /// The word that its path begins with, if it is always the same.
    #[must_use]
    pub fn first_word(self) -> Option<&'static str> {
        words(self.line().pattern).next().filter(|word| !word.starts_with(':'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_its_page_and_the_part_that_it_needs() {
        let wanted = [
            ("/", Route::Deployments, Part::Core),
            ("/sign-in", Route::SignIn, Part::Core),
            ("/deployments/cells", Route::Dashboard, Part::Dashboard),
            ("/deployments/cells/", Route::Dashboard, Part::Dashboard),
            ("/deployments/cells/predictions", Route::Predictions, Part::Predictions),
            ("/deployments/cells/nonsense", Route::Deployment, Part::Core),
            ("/predictions/01a2", Route::Prediction, Part::Dashboard),
            ("/deployments/cells/review", Route::Review, Part::Review),
            ("/deployments/cells/review/01a2", Route::Review, Part::Review),
            ("/deployments/cells/feedback", Route::Feedback, Part::Loop),
            ("/deployments/cells/learning", Route::Learning, Part::Loop),
            ("/datasets", Route::Datasets, Part::Records),
            ("/deploy", Route::Deploy, Part::Learning),
            ("/experiments/cells-17", Route::Experiment, Part::Learning),
            ("/compare", Route::Compare, Part::Learning),
            ("/users", Route::Users, Part::Records),
            ("/explain/cells", Route::Explain, Part::Records),
        ];
        for (path, route, part) in wanted {
            assert_eq!(Route::of(path), Some(route), "{path}");
            assert_eq!(route.part(), part, "{path}");
        }
        for path in ["/nonsense", "/models/a", "/users/1", "users"] {
            assert_eq!(Route::of(path), None, "{path}");
        }
    }

    #[test]
    fn an_address_leads_back_to_its_page() {
        for route in Route::ALL.iter().copied().filter(|route| *route != Route::Deployment) {
            let address = route.with(&["a", "1"]);
            assert_eq!(Route::of(&address), Some(route), "{address}");
        }
        assert_eq!(Route::Model.with(&["cells/3"]), "/models/cells/3");
        assert_eq!(Route::Review.with(&["cells"]), "/deployments/cells/review");
        assert_eq!(Route::Deployments.href(), "/");
    }

    #[test]
    fn menus_hold_their_pages_in_order_and_light_one_entry() {
        let titles = |menu| Route::listed(menu).map(Route::title).collect::<Vec<_>>();
        assert_eq!(titles(Menu::Main), ["Deployments", "Datasets", "Models", "Experiments"]);
        assert_eq!(titles(Menu::Admins), ["Users and tokens", "Connected tools", "Audit"]);
        assert_eq!(titles(Menu::Tab), ["Dashboard", "Predictions", "Feedback loop", "Learning", "Settings"]);
        assert_eq!(Route::Prediction.entry(), Route::Deployments);
        assert_eq!(Route::Settings.entry(), Route::Deployments);
        assert_eq!(Route::Dataset.entry(), Route::Datasets);
    }
}
