//! A `fovea serve` of our own on a free port, ended with the measurement.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::Bed;
use super::http::Connection;
use crate::process::{capture, shown};

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder of data, and the program that works on it.
pub(super) struct Site {
    binary: PathBuf,
    folder: PathBuf,
    /// What every command is given besides.
    options: Vec<String>,
}

/// A running server.
pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
    pub(super) token: String,
    /// From the start of the process until it answered.
    pub(super) started_in: Duration,
}

impl Site {
    pub(super) fn new(bed: &Bed, folder: &Path) -> Self {
        let site = Self { binary: bed.binary.clone(), folder: folder.to_owned(), options: Vec::new() };
        match &bed.device {
            Some(device) => site.with_option("--device", device),
            None => site,
        }
    }

    /// Every command gets this option.
    pub(super) fn with_option(mut self, name: &str, value: &str) -> Self {
        self.options.extend([name.to_owned(), value.to_owned()]);
        self
    }

    /// `fovea ARGUMENTS` on this folder, ready to run.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).arg("--data-dir").arg(&self.folder).args(&self.options);
        command.env_remove("FOVEA_ONNXRUNTIME").env_remove("FOVEA_TOKEN").env("RUST_LOG", "warn");
        command
    }

    /// Runs `fovea ARGUMENTS` on this folder and gives what it printed.
    pub(super) fn run(&self, arguments: &[&str]) -> Result<String> {
        capture(&mut self.command(arguments))
    }

    /// Makes a token that may do everything.
    pub(super) fn token(&self) -> Result<String> {
        let printed = self.run(&["token", "create", "--name", "bench", "--role", "admin"])?;
        token_in(&printed).with_context(|| format!("no token in `{}`", printed.trim()))
    }

    /// Starts a server and waits until it is ready.
    pub(super) fn serve(&self, token: String) -> Result<Server> {
        let address = free_address()?;
        let mut serve = self.command(&["serve", "--addr", &address.to_string()]);
        let started = Instant::now();
        let mut child = serve
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start `{}`", shown(&serve)))?;
        while !is_ready(address) {
            if let Some(status) = child.try_wait()? {
                bail!("the server ended with {status} before it was ready");
            }
            if started.elapsed() > PATIENCE {
                child.kill()?;
                child.wait()?;
                bail!("the server was not ready after {PATIENCE:?}");
            }
            pause();
        }
        Ok(Server { child, address, token, started_in: started.elapsed() })
    }
}

#[allow(clippy::disallowed_methods, reason = "another process says when it is ready only when asked")]
pub(super) fn pause() {
    std::thread::sleep(Duration::from_millis(5)); // paced: the interval of asking
}

/// Whether a server answers there that it can be asked.
pub(super) fn is_ready(address: SocketAddr) -> bool {
    let answer = Connection::open(address, "").and_then(|mut connection| connection.get("/readyz"));
    answer.is_ok_and(|answer| answer.status == 200)
}

/// The longest word of an answer is the secret.
fn token_in(printed: &str) -> Option<String> {
    let words = printed.split(|c: char| c.is_whitespace() || "\"',:{}".contains(c));
    words.max_by_key(|word| word.len()).filter(|word| word.len() >= 20).map(str::to_owned)
}

/// An address of this machine where nobody listens.
pub(super) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

impl Server {
    pub(super) fn connect(&self) -> Result<Connection> {
        Connection::open(self.address, &self.token)
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends the process as a loss of power to it would: at once, unasked.
    pub(super) fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already: then there is nothing left to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_in_plain_words_and_in_json() {
        let secret = "fov_0123456789abcdef0123456789";
        assert_eq!(token_in(&format!("Token `bench`, shown once:\n{secret}\n")).as_deref(), Some(secret));
        assert_eq!(
            token_in(&format!("{{\"name\":\"bench\",\"secret\":\"{secret}\"}}")).as_deref(),
            Some(secret)
        );
        assert_eq!(token_in("no token here"), None);
    }
}
