//! `fovea healthcheck`.

use super::output;
use anyhow::{Context as _, ensure};
use clap::Args;
use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

/// Asks a server on this machine whether it is ready, and ends with 0 if so:
/// for containers that have no other program.
#[derive(Args)]
#[command(after_help = "Example:\n  fovea healthcheck --addr 127.0.0.1:3000")]
pub(super) struct Healthcheck {
    /// Where the server listens.
    #[arg(long, env = "FOVEA_ADDR", default_value = "127.0.0.1:3000")]
    addr: SocketAddr,
}

/// Who asks wants to know within its own limit, which is mostly 30 s.
const PATIENCE: Duration = Duration::from_secs(5);
/// What is read of an answer: its first line and the reason.
const MOST: u64 = 4_096;

impl Healthcheck {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let addr = reachable(self.addr);
        let stream = TcpStream::connect_timeout(&addr, PATIENCE);
        let mut stream = stream.with_context(|| format!("nothing answers at {addr}"))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        // A path that a proxy puts before it may be left out. One write: a
        // server that answers at the first line and closes would cut off an
        // answer that is followed by the rest of the question.
        let question = format!("GET /readyz HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n");
        stream.write_all(question.as_bytes())?;
        let mut answer = Vec::new();
        stream.take(MOST).read_to_end(&mut answer).context("the answer does not come")?;
        let answer = String::from_utf8_lossy(&answer);
        let status = answer.split_whitespace().nth(1).unwrap_or("no");
        ensure!(status == "200", "{addr} is not ready: {}", answer.lines().last().unwrap_or_default());
        output::line("ready");
        Ok(())
    }
}

/// A server that listens everywhere listens on this machine's own address, too.
fn reachable(mut addr: SocketAddr) -> SocketAddr {
    if addr.ip().is_unspecified() {
        addr.set_ip(match addr {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    addr
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn asked(answer: &'static str) -> anyhow::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let addr = listener.local_addr().expect("an address");
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("somebody asks");
            // All of it: what is unread when a socket is closed cuts off the answer.
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") {
                let mut part = [0; 512];
                let read = stream.read(&mut part).expect("a request");
                assert_ne!(read, 0, "the request ends within its head");
                asked.extend_from_slice(&part[..read]);
            }
            assert!(asked.starts_with(b"GET /readyz "));
            stream.write_all(answer.as_bytes()).expect("it listens");
        });
        let result = Healthcheck { addr }.run();
        server.join().expect("it answered");
        result
    }

    #[test]
    fn a_server_that_is_ready_is_told_from_one_that_is_not() {
        assert!(asked("HTTP/1.1 200 OK\r\n\r\nready\n").is_ok());
        let error = asked("HTTP/1.1 503 Service Unavailable\r\n\r\nthe disk is full").expect_err("not ready");
        assert!(error.to_string().contains("the disk is full"), "{error}");
    }

    #[test]
    fn an_address_for_everybody_is_asked_at_home() {
        assert_eq!(reachable(SocketAddr::from(([0, 0, 0, 0], 80))).to_string(), "127.0.0.1:80");
        assert_eq!(reachable(SocketAddr::from((Ipv6Addr::UNSPECIFIED, 80))).to_string(), "[::1]:80");
    }
}
