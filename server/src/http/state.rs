//! What every handler can reach.

use super::{
    body::{BodyBudget, Drain, Drains, FORM_TEXT_BYTES, Pace},
    cors::CorsOrigins,
    health::{LastReadiness, MetricsPage},
    hosts::KnownHosts,
    listeners::Listeners,
    listening_rights::ListeningRights,
};
use crate::background::BackgroundHealth;
use app::{BasePath, LocalCommands};
use axum::extract::FromRef;
use leptos::config::{Env, LeptosOptions};
use metrics_exporter_prometheus::PrometheusHandle;
use service::Service;
use std::{sync::Arc, time::Duration};
use store::Store;
use tokio_util::sync::CancellationToken;
use url::Url;

/// The application's state. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The use cases.
    pub service: Service,
    /// For sessions and the readiness check only.
    pub store: Store,
    /// How to serve.
    pub config: Arc<HttpConfig>,
    /// Cancelled when the server stops: open streams end.
    pub shutdown: CancellationToken,
    /// How the background work of this process fares; `/readyz` tells.
    pub background: BackgroundHealth,
    pub(super) leptos: LeptosOptions,
    pub(super) bodies: BodyBudget,
    pub(super) drains: Drains,
    pub(super) listeners: Listeners,
    pub(super) listening_rights: ListeningRights,
    pub(super) metrics: MetricsPage,
    pub(super) readiness: LastReadiness,
    pub(super) prometheus: PrometheusHandle,
}

/// How to serve.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// Cookies travel over TLS only.
    pub secure_cookies: bool,
    /// `X-Forwarded-*` headers come from a proxy of ours.
    pub trust_proxy: bool,
    /// The address that the world reaches this server by, if it is another one
    /// than that it listens on. Its path is the one below which all is served.
    pub public_url: Option<Url>,
    /// The sites whose pages may use the API.
    pub cors: CorsOrigins,
    /// The names that this server answers to.
    pub hosts: KnownHosts,
    /// Bytes of one image.
    pub image_bytes: usize,
    /// Bytes of one JSON body.
    pub json_bytes: usize,
    /// Bytes of all request bodies in memory at one time.
    pub bodies_bytes: usize,
    /// How fast bodies must come.
    pub pace: Pace,
    /// Label Studio may be at a private address.
    pub allow_private_pictures: bool,
    /// What is read of bodies that nobody wants.
    pub drain: Drain,
    /// How often it is looked whether who listens to events may still do so.
    pub look_after_listeners: Duration,
    /// What pages say in commands that are typed on this machine.
    pub local_commands: LocalCommands,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            secure_cookies: false,
            trust_proxy: false,
            public_url: None,
            cors: CorsOrigins::default(),
            hosts: KnownHosts::new([], None),
            image_bytes: 25 * 1024 * 1024,
            json_bytes: 8 * 1024 * 1024,
            bodies_bytes: 64 * 1024 * 1024,
            pace: Pace::default(),
            allow_private_pictures: false,
            drain: Drain::default(),
            look_after_listeners: Duration::from_secs(15),
            local_commands: LocalCommands::default(),
        }
    }
}

impl HttpConfig {
    /// The path of the public address.
    #[must_use]
    pub fn base_path(&self) -> BasePath {
        // What the command line would refuse is served at the root.
        self.public_url.as_ref().and_then(|url| app::base_path_of(url.path()).ok()).unwrap_or_default()
    }
}

impl AppState {
    /// The state around `service`.
    #[must_use]
    pub fn new(service: Service, store: Store, config: HttpConfig, shutdown: CancellationToken) -> Self {
        let leptos = LeptosOptions::builder()
            .output_name("fovea")
            .site_pkg_dir("pkg")
            .site_root("")
            .env(Env::PROD)
            .build();
        let largest = config.json_bytes.max(config.image_bytes + FORM_TEXT_BYTES);
        let bodies = BodyBudget::new(config.bodies_bytes, largest);
        let drains = Drains::new(config.drain);
        let prometheus = super::telemetry::recorder();
        let (listeners, metrics) = (Listeners::default(), MetricsPage::default());
        let background = BackgroundHealth::default();
        let config = Arc::new(config);
        Self {
            service,
            store,
            config,
            shutdown,
            background,
            leptos,
            bodies,
            drains,
            listeners,
            listening_rights: ListeningRights::default(),
            metrics,
            readiness: LastReadiness::default(),
            prometheus,
        }
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
