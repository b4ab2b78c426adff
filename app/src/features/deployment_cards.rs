//! Deployments side by side.

use crate::ui::IntoAny;
use crate::{addresses, ui::Ago};
use charts::{Canvas, grouped, sparkline};
use domain::deployment::DeploymentCard;
use leptos::prelude::*;

const SPARK: Canvas = Canvas { width: 280, height: 44 };

/// One card for each.
#[must_use]
pub fn deployment_cards(cards: Vec<DeploymentCard>) -> AnyView {
    let cards: Vec<_> = cards.into_iter().map(card).collect();
    view! { <div class="cards">{cards}</div> }.into_any()
}

fn card(card: DeploymentCard) -> AnyView {
    let DeploymentCard { deployment, today, total, hourly, last_prediction } = card;
    let name = deployment.name.as_str().to_owned();
    let spark = sparkline("Predictions of the last 24 hours, by hour", &hourly, SPARK);
    let last = match last_prediction {
        Some(at) => view! { <Ago at=at /> }.into_any(),
        None => view! { "no prediction yet" }.into_any(),
    };
    let shadow = deployment.shadow.map(|shadow| {
        view! { <div><dt>"Shadow"</dt><dd>{shadow.name}</dd></div> }
    });
    view! {
        <article class="card">
            <div class="card-head">
                <h2><a class="card-link" href=addresses::deployment(&name)>{name.clone()}</a></h2>
                <span class="dim">{last}</span>
            </div>
            <dl class="pairs">
                <div><dt>"Champion"</dt><dd>{deployment.champion.name}</dd></div>
                {shadow}
            </dl>
            <div class="spark" inner_html=spark></div>
            <div class="card-figures">
                <span><b>{grouped(today)}</b>" arrived today"</span>
                <span class="dim">{grouped(total)}" kept"</span>
            </div>
        </article>
    }
    .into_any()
}
