//! Views of predictions that people keep, and what they asked lately. Each
//! account and each token has its own.

use crate::{
    Admin, As, Browsing, DeploymentRef, Result, Reviewer, ServiceError, Viewer, base::person,
    browsing::listing::readable,
};
use domain::{
    access::{Actor, Role},
    ids::SavedViewId,
    listing::{SaveView, SavedView},
};
use store::ViewOwner;

/// Characters that a menu shows in one line.
const LONGEST_NAME: usize = 80;
/// Views of one person and deployment.
const MOST_VIEWS: usize = 100;
/// Bytes of what a page keeps with a view: columns and sizes, not data.
const LONGEST_STATE: usize = 2_000;

impl Browsing {
    /// Somebody's own views, and those that others share.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn saved_views(
        &self,
        actor: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<Vec<SavedView>> {
        let deployment = self.base.known_deployment(deployment).await?;
        Ok(self.base.store().views().list(deployment.id, &person(actor)).await?)
    }

    /// Keeps a view; one's own of the same name is replaced.
    ///
    /// # Errors
    /// To share one, reviewers and above; no such deployment; a name that is
    /// empty or too long; a query that cannot be read; too many views.
    pub async fn save_view(
        &self,
        actor: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
        view: SaveView,
    ) -> Result<SavedView> {
        let view = checked(actor, view)?;
        let deployment = self.base.known_deployment(deployment).await?;
        let (key, name) = (person(actor), actor.display_name());
        let own = self.base.store().views().list(deployment.id, &key).await?;
        let own = own.iter().filter(|own| own.mine);
        if own.clone().count() >= MOST_VIEWS && !own.clone().any(|own| own.name == view.name) {
            let message = format!("You keep {MOST_VIEWS} views of this deployment: delete one first.");
            return Err(ServiceError::conflict(message));
        }
        let owner = ViewOwner { key: &key, name: &name };
        Ok(self
            .base
            .store()
            .views()
            .save(self.base.new_id(), deployment.id, owner, &view, self.base.now())
            .await?)
    }

    /// Changes a view.
    ///
    /// # Errors
    /// Its owner's act, or an admin's; as [`Self::save_view`].
    pub async fn change_view(
        &self,
        actor: &As<Viewer>,
        id: SavedViewId,
        view: SaveView,
    ) -> Result<SavedView> {
        let view = checked(actor, view)?;
        let before = self.own_view(actor, id).await?;
        let updated = self.base.now();
        self.base.store().views().change(id, &view, updated).await?;
        let SaveView { name, q, sort, state, shared } = view;
        Ok(SavedView { name, q, sort, state, shared, updated, ..before })
    }

    /// Forgets a view.
    ///
    /// # Errors
    /// Its owner's act, or an admin's; no such view.
    pub async fn delete_view(&self, actor: &As<Viewer>, id: SavedViewId) -> Result<()> {
        self.own_view(actor, id).await?;
        Ok(self.base.store().views().delete(id).await?)
    }

    /// What somebody asked of a deployment lately, the latest first.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn query_history(
        &self,
        actor: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<Vec<String>> {
        let deployment = self.base.known_deployment(deployment).await?;
        Ok(self.base.store().views().history(deployment.id, &person(actor)).await?)
    }

    /// Remembers what somebody asked, unless it was nothing.
    ///
    /// # Errors
    /// No such deployment; a query that cannot be read.
    pub async fn remember_query(
        &self,
        actor: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
        q: &str,
    ) -> Result<()> {
        let q = q.trim();
        readable(q)?;
        let deployment = self.base.known_deployment(deployment).await?;
        if q.is_empty() {
            return Ok(());
        }
        Ok(self.base.store().views().remember(deployment.id, &person(actor), q, self.base.now()).await?)
    }

    /// Forgets what somebody asked.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn forget_queries(
        &self,
        actor: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<()> {
        let deployment = self.base.known_deployment(deployment).await?;
        Ok(self.base.store().views().forget(deployment.id, &person(actor)).await?)
    }

    /// A view that the actor may change. One of somebody else's that is not
    /// shared is not there for them.
    async fn own_view(&self, actor: &Actor, id: SavedViewId) -> Result<SavedView> {
        let stored = self.base.store().views().find(id, &person(actor)).await?;
        let readable_view =
            stored.map(|(view, _)| view).filter(|view| view.mine || view.shared || actor.role == Role::Admin);
        let view = readable_view.ok_or_else(|| ServiceError::not_found(format!("There is no view {id}.")))?;
        if !view.mine {
            As::<Admin>::check(actor)?;
        }
        Ok(view)
    }
}

fn checked(actor: &Actor, mut view: SaveView) -> Result<SaveView> {
    if view.shared {
        As::<Reviewer>::check(actor)?;
    }
    view.name = view.name.trim().to_owned();
    let characters = view.name.chars().count();
    if characters == 0 || characters > LONGEST_NAME || view.name.chars().any(domain::name::is_hidden) {
        let message = format!("A view's name has 1 to {LONGEST_NAME} characters.");
        return Err(ServiceError::invalid_at("name", message));
    }
    if view.state.len() > LONGEST_STATE || view.state.chars().any(domain::name::is_hidden) {
        let message = format!("A view's state has at most {LONGEST_STATE} bytes.");
        return Err(ServiceError::invalid_at("state", message));
    }
    readable(&view.q)?;
    Ok(view)
}
