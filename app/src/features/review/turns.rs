//! From one image to another: to the next one that nobody else holds, to the
//! one beside, to any of the query.

use super::{
    ahead,
    room::{Place, Room},
};
use crate::{addresses, server_fns::reviews::get_around};
use domain::ids::PredictionId;
use leptos::{prelude::*, task::spawn_local};
use leptos_router::NavigateOptions;
use std::sync::Arc;

impl Room {
    /// Opens an image: at once when it was fetched ahead.
    pub fn open(self, id: PredictionId) {
        if self.id() == id && !self.done.get_untracked() {
            return;
        }
        if let Some((subject, picture)) = ahead::take(Some(id)) {
            self.show(subject, picture);
            self.go_to(id);
            return;
        }
        self.turning.set(true);
        spawn_local(async move {
            match self.fetch(id).await {
                Ok(subject) => {
                    self.show(subject, None);
                    self.go_to(id);
                }
                Err(error) => {
                    self.turning.set(false);
                    self.word.set(Some(error.0.message));
                }
            }
        });
    }

    /// The image before or after this one in the query.
    pub fn step(self, forwards: bool) {
        let beside = self.around.with_untracked(|around| {
            let around = around.as_ref()?;
            let item = if forwards { around.after.first() } else { around.before.last() };
            item.map(|item| item.id)
        });
        match beside {
            Some(id) => self.open(id),
            None => {
                self.desk.tell(if forwards { "This is the last image." } else { "This is the first image." });
            }
        }
    }

    /// The next image to review that nobody else holds.
    pub fn next(self) {
        if let Some((subject, picture)) = ahead::take(None) {
            let id = subject.prediction.id;
            self.show(subject, picture);
            self.go_to(id);
            return;
        }
        self.turning.set(true);
        spawn_local(async move {
            ahead::fill(self).await;
            match ahead::take_when_ready(self).await {
                Ok(Some((subject, picture))) => {
                    let id = subject.prediction.id;
                    self.show(subject, picture);
                    self.go_to(id);
                }
                Ok(None) => {
                    self.turning.set(false);
                    self.done.set(true);
                }
                Err(error) => {
                    self.turning.set(false);
                    self.word.set(Some(error.0.message));
                }
            }
        });
    }

    /// The address of an image in this query.
    pub fn address(self, id: PredictionId) -> String {
        self.place.with_value(|place| addresses::review(&place.deployment, Some(id), &place.q, &place.sort))
    }

    fn go_to(self, id: PredictionId) {
        self.navigate_to(id, false);
    }

    /// Puts the image on the desk into the address.
    pub fn settle(self) {
        self.navigate_to(self.id(), true);
    }

    fn navigate_to(self, id: PredictionId, replace: bool) {
        let navigate = self.navigate.get_value();
        let options = NavigateOptions { scroll: false, replace, ..NavigateOptions::default() };
        navigate(&self.address(id), options);
    }

    /// Asks where the image lies in the query; what is shown stays meanwhile.
    pub fn refresh_around(self) {
        let id = self.id();
        let Place { q, sort, .. } = self.place();
        spawn_local(async move {
            let found = get_around(id.to_string(), q, sort).await.and_then(|found| found.open());
            if let Ok(around) = found
                && self.id() == id
            {
                self.around.set(Some(Arc::new(around)));
            }
        });
    }
}
