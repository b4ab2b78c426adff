//! The smallest HTTP client that keeps a connection: what a load generator
//! needs, and no more. Plain text over TCP, no redirects.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// An open connection to a server.
pub(super) struct Connection {
    stream: BufReader<TcpStream>,
    token: String,
}

/// What the server answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The body, when the status is one of success.
    pub(super) fn ok(self) -> Result<Vec<u8>> {
        if !(200..300).contains(&self.status) {
            bail!("status {}: {}", self.status, String::from_utf8_lossy(&self.body));
        }
        Ok(self.body)
    }
}

/// What is sent beside method and path.
pub(super) struct Content<'a> {
    pub(super) media_type: &'a str,
    pub(super) body: &'a [u8],
    pub(super) idempotency_key: Option<&'a str>,
}

impl Connection {
    /// Connects; every request carries the token.
    pub(super) fn open(address: SocketAddr, token: &str) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        Ok(Self { stream: BufReader::new(stream), token: token.to_owned() })
    }

    /// Asks for a path.
    pub(super) fn get(&mut self, path: &str) -> Result<Answer> {
        self.send("GET", path, None)
    }

    /// Sends content to a path.
    pub(super) fn post(&mut self, path: &str, content: &Content) -> Result<Answer> {
        self.send("POST", path, Some(content))
    }

    fn send(&mut self, method: &str, path: &str, content: Option<&Content>) -> Result<Answer> {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n",
            self.token
        );
        if let Some(content) = content {
            head.push_str(&format!(
                "Content-Type: {}\r\nContent-Length: {}\r\n",
                content.media_type,
                content.body.len()
            ));
            if let Some(key) = content.idempotency_key {
                head.push_str(&format!("Idempotency-Key: {key}\r\n"));
            }
        }
        head.push_str("\r\n");
        let mut message = head.into_bytes();
        message.extend_from_slice(content.map_or(&[], |content| content.body));
        self.stream.get_mut().write_all(&message)?;
        read_answer(&mut self.stream)
    }
}

/// How the body says where it ends.
enum Length {
    Known(usize),
    Chunked,
}

fn read_answer(stream: &mut impl BufRead) -> Result<Answer> {
    let status_line = read_line(stream)?;
    let status = status_line.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.with_context(|| format!("`{status_line}` is no status line"))?;
    let mut length = Length::Known(0);
    loop {
        let line = read_line(stream)?;
        let Some((name, value)) = line.split_once(':') else { break };
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            length = Length::Known(value.parse().context("a length that is no number")?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") && value.eq_ignore_ascii_case("chunked") {
            length = Length::Chunked;
        }
    }
    let body = match length {
        Length::Known(length) => read_exactly(stream, length)?,
        Length::Chunked => read_chunks(stream)?,
    };
    Ok(Answer { status, body })
}

fn read_chunks(stream: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(stream)?;
        let size = line.split(';').next().unwrap_or("").trim();
        let size =
            usize::from_str_radix(size, 16).with_context(|| format!("`{line}` is no size of a chunk"))?;
        body.extend(read_exactly(stream, size)?);
        read_line(stream)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

fn read_exactly(stream: &mut impl Read, length: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn read_line(stream: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        bail!("the server closed the connection");
    }
    line.truncate(line.trim_end().len());
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, status: u16, body: &str) {
        let answer = read_answer(&mut text.as_bytes()).unwrap();
        assert_eq!((answer.status, String::from_utf8(answer.body).unwrap()), (status, body.to_owned()));
    }

    #[test]
    fn a_body_of_known_length_is_read() {
        check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, more", 200, "hello");
    }

    #[test]
    fn a_body_in_chunks_is_put_together() {
        check(
            "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
            201,
            "abcde",
        );
    }

    #[test]
    fn an_answer_without_a_body_is_empty() {
        check("HTTP/1.1 204 No Content\r\n\r\n", 204, "");
    }

    #[test]
    fn a_connection_that_closes_is_an_error() {
        assert!(read_answer(&mut "".as_bytes()).is_err());
        assert!(read_answer(&mut "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort".as_bytes()).is_err());
    }
}
