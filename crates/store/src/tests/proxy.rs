//! A way to PostgreSQL that breaks when it is told to: before the n-th
//! statement gets there, or after it did its work and before its answer.

use crate::{Store, StoreOptions};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, UnixStream},
    sync::watch,
};

/// Where a connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The statement does not get there.
    Before,
    /// Its answer does not come back.
    After,
}

/// How the server can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// As if nothing was between.
    Open,
    /// Connections are closed, and new ones at once.
    Closed,
    /// Connections are taken and nothing passes any more.
    Silent,
}

#[derive(Debug, Default)]
struct Plan {
    seen: usize,
    fails: Option<(usize, Cut)>,
    fired: bool,
}

/// A proxy on 127.0.0.1 for one database.
#[derive(Debug)]
pub(crate) struct Proxy {
    /// Of the database, by way of the proxy.
    pub(crate) url: String,
    plan: Arc<Mutex<Plan>>,
    way: watch::Sender<Way>,
}

/// A store whose database is reached by way of a proxy; its files are in a
/// folder that goes with it.
pub(crate) struct ProxiedStore {
    pub(crate) store: Store,
    pub(crate) proxy: Proxy,
    /// Of the database, past the proxy.
    pub(crate) url: String,
    pub(crate) _folder: tempfile::TempDir,
}

impl ProxiedStore {
    /// On a new database; `None` where there is no PostgreSQL.
    pub(crate) async fn open() -> Option<Self> {
        let url = test_postgres::fresh_database().await?;
        let folder = tempfile::tempdir().unwrap();
        let proxy = Proxy::new(&url).await;
        let options =
            StoreOptions { database_url: proxy.url.clone(), ..StoreOptions::in_folder(folder.path()) };
        let store = Store::open(options).await.unwrap();
        Some(Self { store, proxy, url, _folder: folder })
    }
}

impl Proxy {
    /// In front of `url`, which names a socket's folder as `host`.
    pub(crate) async fn new(url: &str) -> Self {
        let (database, folder) = url.split_once("?host=").unwrap();
        let socket = PathBuf::from(folder).join(".s.PGSQL.5432");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url =
            format!("{}?sslmode=disable", database.replace("@localhost", &format!("@127.0.0.1:{port}")));
        let plan = Arc::new(Mutex::new(Plan::default()));
        let (way, ways) = watch::channel(Way::Open);
        let plans = Arc::clone(&plan);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // Messages go one by one, each of which would wait 40 ms for the other side.
                client.set_nodelay(true).unwrap();
                let server = UnixStream::connect(&socket).await.unwrap();
                let (plan, mut way) = (Arc::clone(&plans), ways.clone());
                tokio::spawn(async move {
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    let (swallow, swallowing) = watch::channel(false);
                    let closed = way.clone();
                    tokio::select! {
                        _ = requests(from_client, to_server, &plan, swallow, way.clone()) => {}
                        _ = answers(from_server, to_client, swallowing, closed) => {}
                        _ = way.wait_for(|way| *way == Way::Closed) => {}
                    }
                });
            }
        });
        Self { url, plan, way }
    }

    pub(crate) fn set(&self, way: Way) {
        self.way.send_replace(way);
    }

    /// Numbers begin at 1 again, and the statement with this number is cut.
    pub(crate) fn arm(&self, number: usize, cut: Cut) {
        *self.plan.lock().unwrap() = Plan { seen: 0, fails: Some((number, cut)), fired: false };
    }

    /// Nothing is cut any more; whether something was.
    pub(crate) fn disarm(&self) -> bool {
        let mut plan = self.plan.lock().unwrap();
        plan.fails = None;
        plan.fired
    }
}

impl Plan {
    fn next(&mut self) -> Option<Cut> {
        self.seen += 1;
        let (number, cut) = self.fails?;
        (number == self.seen).then(|| {
            self.fired = true;
            cut
        })
    }
}

async fn requests(
    mut client: impl AsyncRead + Unpin,
    mut server: impl AsyncWriteExt + Unpin,
    plan: &Mutex<Plan>,
    swallow: watch::Sender<bool>,
    mut way: watch::Receiver<Way>,
) -> std::io::Result<()> {
    // The first message has no kind.
    let length = client.read_u32().await?;
    let mut body = vec![0; length as usize - 4];
    client.read_exact(&mut body).await?;
    server.write_all(&[&length.to_be_bytes(), body.as_slice()].concat()).await?;
    loop {
        let message = message(&mut client).await?;
        let _ = way.wait_for(|way| *way != Way::Silent).await;
        let cut = match message[0] {
            b'Q' | b'E' => plan.lock().unwrap().next(),
            _ => None,
        };
        match cut {
            Some(Cut::Before) => return Ok(()),
            Some(Cut::After) => {
                swallow.send_replace(true);
            }
            None => {}
        }
        server.write_all(&message).await?;
    }
}

async fn answers(
    mut server: impl AsyncRead + Unpin,
    mut client: impl AsyncWriteExt + Unpin,
    swallowing: watch::Receiver<bool>,
    mut way: watch::Receiver<Way>,
) -> std::io::Result<()> {
    loop {
        let message = message(&mut server).await?;
        let _ = way.wait_for(|way| *way != Way::Silent).await;
        if !*swallowing.borrow() {
            client.write_all(&message).await?;
        } else if message[0] == b'Z' {
            // It is ready for the next one: what was sent is done.
            return Ok(());
        }
    }
}

/// A kind, a length that counts itself, and a body.
async fn message(from: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let kind = from.read_u8().await?;
    let length = from.read_u32().await?;
    let mut message = vec![kind];
    message.extend(length.to_be_bytes());
    let head = message.len();
    message.resize(head + length as usize - 4, 0);
    from.read_exact(&mut message[head..]).await?;
    Ok(message)
}
