//! `fovea serve`.

mod announce;
mod descriptors;
mod grpc;

use super::{WrongUse, global::GlobalOptions};
use crate::{
    compose::Composed,
    http::{self, AppState, CorsOrigin, HttpConfig, KnownHosts},
    jobs, listener,
    messages::MessageOptions,
    trainers::TrainerOptions,
};
use announce::announce;
use anyhow::Context as _;
use app::LocalCommands;
use clap::Args;
use descriptors::connections_that_fit;
use engine::InferenceOptions;
use service::Limits;
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use url::Url;

/// How long open requests may take to end once the server stops.
const GRACE: Duration = Duration::from_secs(10);

/// Serves the pages, the API and the models.
#[derive(Args, Clone)]
#[command(after_help = "Examples:\n  fovea serve\n  fovea serve --addr 0.0.0.0:8080 --trust-proxy")]
pub(super) struct Serve {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:3000", env = "FOVEA_ADDR")]
    addr: SocketAddr,
    /// Cookies only travel over TLS.
    #[arg(long)]
    secure_cookies: bool,
    /// A proxy of yours writes X-Forwarded-For and -Proto, or Forwarded.
    #[arg(long)]
    trust_proxy: bool,
    /// The address that people type, if a proxy stands between: https://HOST,
    /// https://HOST:PORT, or with a path such as https://HOST/fovea.
    #[arg(long, value_name = "URL", env = "FOVEA_PUBLIC_URL", value_parser = public_url)]
    public_url: Option<Url>,
    /// A name that this server answers to, beside addresses, localhost, this
    /// machine's name and the public one. May be given several times.
    #[arg(long, value_name = "HOST", env = "FOVEA_ALLOWED_HOSTS", value_delimiter = ',')]
    allowed_host: Vec<String>,
    /// A site whose pages may use the API with a token, like
    /// https://app.example.org, or * for all. May be given several times.
    #[arg(long, value_name = "ORIGIN", env = "FOVEA_CORS_ORIGINS", value_delimiter = ',')]
    cors_origin: Vec<CorsOrigin>,
    /// How far ahead of this machine's clock a sender's may be, in seconds: what
    /// is from later than now is then stored as from now, with a note in its
    /// metadata.
    #[arg(long, default_value_t = Limits::default().clock_ahead.as_secs(), value_name = "S", env = "FOVEA_CLOCK_AHEAD_S")]
    clock_ahead_s: u64,
    /// Where to serve /metrics without a token, for those who watch only.
    #[arg(long, value_name = "ADDR", env = "FOVEA_METRICS_ADDR")]
    metrics_addr: Option<SocketAddr>,
    /// Where to serve gRPC (the Open Inference Protocol), in plain HTTP/2. A
    /// quarter of --max-connections, at most 256, are then for it.
    #[arg(long, value_name = "ADDR", env = "FOVEA_GRPC_ADDR")]
    grpc_addr: Option<SocketAddr>,
    /// Leave background work to `fovea worker`.
    #[arg(long)]
    no_worker: bool,
    #[command(flatten)]
    trainers: TrainerOptions,
    #[command(flatten)]
    messages: MessageOptions,
    /// Days that the log of acts is kept; 0 for ever.
    #[arg(long, default_value_t = service::AUDIT_DAYS, value_name = "DAYS", env = "FOVEA_AUDIT_DAYS")]
    audit_days: u32,
    /// Megabytes (MiB) that one image may have, at most 32.
    #[arg(long, default_value_t = 25, value_name = "MIB")]
    max_image_mb: usize,
    /// Most connections at one time.
    #[arg(long, default_value_t = listener::Limits::default().connections, value_name = "N")]
    max_connections: usize,
    /// Most images in one run of the network.
    #[arg(long, default_value_t = InferenceOptions::default().max_batch, value_name = "N")]
    max_batch: usize,
    /// Longest wait for images of a batch that are on their way, in milliseconds.
    #[arg(long, default_value_t = millis(InferenceOptions::default().max_wait), value_name = "MS")]
    batch_wait_ms: u64,
    /// Threads that run the network; 0 for one a processor.
    #[arg(long, default_value_t = 0, value_name = "N")]
    inference_threads: usize,
}

impl Serve {
    pub(super) fn at(addr: SocketAddr) -> Self {
        let usual = InferenceOptions::default();
        Self {
            addr,
            secure_cookies: false,
            trust_proxy: false,
            public_url: None,
            allowed_host: Vec::new(),
            cors_origin: Vec::new(),
            clock_ahead_s: Limits::default().clock_ahead.as_secs(),
            metrics_addr: None,
            grpc_addr: None,
            no_worker: false,
            trainers: TrainerOptions::default(),
            messages: MessageOptions::default(),
            audit_days: service::AUDIT_DAYS,
            max_image_mb: 25,
            max_connections: listener::Limits::default().connections,
            max_batch: usual.max_batch,
            batch_wait_ms: millis(usual.max_wait),
            inference_threads: usual.threads,
        }
    }

    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let inference = InferenceOptions {
            max_batch: self.max_batch.clamp(1, 64),
            max_wait: Duration::from_millis(self.batch_wait_ms),
            threads: self.inference_threads,
            ..InferenceOptions::default()
        };
        global.open_device()?;
        let limits = Limits { clock_ahead: Duration::from_secs(self.clock_ahead_s), ..Limits::default() };
        let data = global.open_within(inference, &self.trainers, limits).await?;
        let running = self.start(data).await?;
        let stopping = running.shutdown.clone();
        tokio::spawn(async move {
            stop_signal().await;
            stopping.cancel();
        });
        running.wait().await
    }

    fn limits(&self) -> listener::Limits {
        listener::Limits {
            connections: self.max_connections.clamp(1, connections_that_fit()),
            // Behind a proxy all come from one address: the proxy's.
            of_one_address: listener::Limits::default().of_one_address.filter(|_| !self.trust_proxy),
            ..listener::Limits::default()
        }
    }

    /// Listens, and returns once it does.
    pub(super) async fn start(self, data: Composed) -> anyhow::Result<Running> {
        if !(1..=32).contains(&self.max_image_mb) {
            return Err(WrongUse("--max-image-mb must be from 1 to 32".to_owned()).into());
        }
        let begun = Instant::now();
        let listener = TcpListener::bind(self.addr).await;
        let listener = listener.with_context(|| format!("{} cannot be listened on", self.addr))?;
        let addr = listener.local_addr()?;
        let shutdown = CancellationToken::new();
        let (limits, grpc) = grpc::beside(self.limits(), self.grpc_addr).await?;
        let config = HttpConfig {
            secure_cookies: self.secure_cookies,
            trust_proxy: self.trust_proxy,
            hosts: KnownHosts::new(self.allowed_host, self.public_url.as_ref()),
            public_url: self.public_url.clone(),
            cors: self.cors_origin.into_iter().collect(),
            image_bytes: self.max_image_mb * 1024 * 1024,
            allow_private_pictures: self.messages.allows_private(),
            local_commands: LocalCommands { options: data.command_options.clone() },
            ..HttpConfig::default()
        };
        let sender = Arc::new(self.messages.sender().map_err(WrongUse)?);
        // Before the first page: what it shows is then told of from there on.
        data.service.browsing().follow_events(service::Anyone).await?;
        let state = AppState::new(data.service.clone(), data.store.clone(), config, shutdown.clone());
        let worker = match self.no_worker {
            true => None,
            false => {
                let health = state.background.clone();
                let work = jobs::run(data.clone(), sender, self.audit_days, health, shutdown.clone());
                // A server without its background work must not look well:
                // however that ends, the server stops.
                let stop_server = shutdown.clone().drop_guard();
                Some(tokio::spawn(async move {
                    let _stop_server = stop_server;
                    work.await
                }))
            }
        };
        let figures = match self.metrics_addr {
            Some(addr) => Some(serve_metrics(addr, state.clone()).await?),
            None => None,
        };
        let also = announce::Also { figures, grpc: grpc.as_ref().map(grpc::Listening::addr) };
        let pages = listener::serve(listener, http::app(state.clone()), limits, shutdown.clone());
        let server = tokio::spawn(async move {
            tokio::join!(pages, grpc::serve(grpc, state));
        });
        announce(&data, addr, self.public_url.as_ref(), also).await?;
        tracing::info!(%addr, elapsed_ms = millis(begun.elapsed()), "serving");
        Ok(Running { addr, data, shutdown, server, worker })
    }
}

/// Serves the figures at an address of their own until the server stops.
async fn serve_metrics(addr: SocketAddr, state: AppState) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(addr).await;
    let listener = listener.with_context(|| format!("{addr} cannot be listened on"))?;
    let addr = listener.local_addr()?;
    let (app, shutdown) = (http::metrics_app(state.clone()), state.shutdown);
    tokio::spawn(listener::serve(listener, app, listener::Limits::default(), shutdown));
    Ok(addr)
}

/// The address of the start page.
fn public_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{error}: it is like https://fovea.example.org"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("it must begin with https:// or http://, and a host".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it must have no ? and no #".to_owned());
    }
    app::base_path_of(url.path())?;
    Ok(url)
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A server that listens.
pub(super) struct Running {
    pub(super) addr: SocketAddr,
    pub(super) data: Composed,
    pub(super) shutdown: CancellationToken,
    server: JoinHandle<()>,
    worker: Option<JoinHandle<anyhow::Result<()>>>,
}

impl Running {
    /// Waits until the server was told to stop, and then for what is open.
    ///
    /// # Errors
    /// When the server or its background work ended before.
    pub(super) async fn wait(mut self) -> anyhow::Result<()> {
        let ended = tokio::select! {
            ended = &mut self.server => Some(ended),
            () = self.shutdown.cancelled() => None,
        };
        let ended = match ended {
            Some(ended) => ended,
            None => match tokio::time::timeout(GRACE, &mut self.server).await {
                Ok(ended) => ended,
                Err(_) => {
                    tracing::warn!("some requests did not end in time");
                    Ok(())
                }
            },
        };
        self.shutdown.cancel();
        let worked = match self.worker {
            // It gives back what it has; the next start would find it anyway.
            Some(worker) => tokio::time::timeout(GRACE, worker).await.unwrap_or(Ok(Ok(()))),
            None => Ok(Ok(())),
        };
        self.data.store.close().await?;
        worked.context("the background work ended early")??;
        ended.context("the server's task ended early")
    }
}

/// Resolves at SIGINT or SIGTERM.
pub(super) async fn stop_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without a way to hear of it, only a kill ends the program.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::public_url;

    #[test]
    fn a_public_address_is_a_web_address_with_a_plain_path() {
        for good in [
            "https://fovea.example.org",
            "http://10.0.0.1:8080/",
            "https://a.b:8443",
            "https://a/fovea",
            "https://a/tools/fovea/",
        ] {
            assert!(public_url(good).is_ok(), "{good}");
        }
        for bad in [
            "fovea.example.org",
            "ftp://a",
            "https://a/a%20b",
            "https://a/api",
            "https://a/?x",
            "https://",
            "",
        ] {
            assert!(public_url(bad).is_err(), "{bad}");
        }
    }
}
