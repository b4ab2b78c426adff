//! A fresh store for each test.
//!
//! The PostgreSQL server is started by the first test that needs it, in a
//! temporary folder, on a Unix socket only. It is the child of a shell that
//! waits for the end of its standard input, which comes when the test process
//! ends in whatever way; then the shell stops the server and removes the folder.

use sqlx::{Connection, PgConnection};
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};
use store::{Durability, Store, StoreOptions};

/// Makes two tests of one function that takes a `&Store`.
macro_rules! both {
    ($($(#[$attribute:meta])* async fn $name:ident($store:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "not every test uses all that its file imports")]
            use super::*;

            async fn check($store: &store::Store) $body

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let fresh = $crate::harness::sqlite().await;
                check(&fresh.store).await;
                fresh.close().await;
            }

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let Some(fresh) = $crate::harness::postgres().await else { return };
                check(&fresh.store).await;
                fresh.close().await;
            }
        }
    )*};
}
pub(crate) use both;

/// A store and the folder that goes with it.
pub(crate) struct Fresh {
    pub(crate) store: Store,
    _folder: tempfile::TempDir,
}

impl Fresh {
    pub(crate) async fn close(self) {
        self.store.close().await.unwrap();
    }
}

pub(crate) async fn sqlite() -> Fresh {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(StoreOptions::in_folder(folder.path())).await.unwrap();
    Fresh { store, _folder: folder }
}

/// `None` when `FOVEA_TEST_POSTGRES=off`.
///
/// # Panics
/// When PostgreSQL is not installed: a suite that skips half of itself in
/// silence proves nothing.
pub(crate) async fn postgres() -> Option<Fresh> {
    if std::env::var("FOVEA_TEST_POSTGRES").is_ok_and(|value| value == "off") {
        eprintln!("PostgreSQL is left out: FOVEA_TEST_POSTGRES=off");
        return None;
    }
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions {
        database_url: server.fresh_database().await,
        storage_url: folder.path().display().to_string(),
        durability: Durability::Normal,
    };
    let store = Store::open(options).await.unwrap();
    Some(Fresh { store, _folder: folder })
}

const SCRIPT: &str = r#"
set -eu
bin=$1
dir=$(mktemp -d "${TMPDIR:-/tmp}/fovea-pg.XXXXXX")
trap 'rm -rf "$dir"' EXIT
"$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-locale --no-sync >"$dir/log" 2>&1 ||
    { cat "$dir/log" >&2; exit 1; }
"$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w start \
    -o "-k $dir -c listen_addresses='' -c fsync=off -c max_connections=200" >/dev/null ||
    { cat "$dir/log" >&2; exit 1; }
echo "$dir"
cat >/dev/null || true
"$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
"#;

struct Server {
    socket: String,
    /// Its standard input is the server's leash.
    _shell: Child,
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let programs = installed().unwrap_or_else(|| {
            panic!(
                "PostgreSQL is not installed. Install it:\n    \
                 apt-get install -y --no-install-recommends postgresql\n\
                 or leave these tests out: FOVEA_TEST_POSTGRES=off"
            )
        });
        start(&programs)
    })
}

/// The newest `…/bin` with `initdb` and `pg_ctl`: Debian's, or the one in `PATH`.
fn installed() -> Option<PathBuf> {
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.map(|entry| entry.path()).max_by_key(|path| version(path));
    let debian = newest.map(|path| path.join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    debian
        .into_iter()
        .chain(std::env::split_paths(&path))
        .find(|folder| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file())
}

fn start(programs: &Path) -> Server {
    // initdb refuses to run as root.
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0\n"));
    let mut command = if root {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg("sh");
        command
    } else {
        Command::new("sh")
    };
    let mut shell = command
        .args(["-c", SCRIPT, "sh"])
        .arg(programs)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut socket = String::new();
    BufReader::new(shell.stdout.take().unwrap()).read_line(&mut socket).unwrap();
    assert!(!socket.is_empty(), "PostgreSQL did not start; what it said is above");
    Server { socket: socket.trim().to_owned(), _shell: shell }
}

impl Server {
    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@localhost/{database}?host={}", self.socket)
    }

    async fn fresh_database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url("postgres")).await.unwrap();
        let text = format!("CREATE DATABASE {name}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        self.url(&name)
    }
}
