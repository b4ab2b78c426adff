//! `docs/proxies.md`, tried with the proxies it is about: nginx as it is
//! installed, and nginx and Caddy with the lines that stand there.

use crate::program::Program;
use domain::{geometry::Size, inference::Pixels};
use reqwest::{Client, RequestBuilder, Response, header, redirect::Policy};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

const DOCS: &str = include_str!("../../../docs/proxies.md");
const NAME: &str = "fovea.example.org";
/// Only so that a test ends: a proxy that buffers holds events back for good.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that keeps running; killed when it is dropped.
struct Process(Child);

impl Process {
    /// Starts it, and gives the lines up to the one with `ready`.
    fn start(command: &mut Command, ready: &str) -> (Self, Vec<String>) {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut process =
            Self(child.unwrap_or_else(|error| panic!("{command:?}: {error}: cargo xtask setup")));
        let (output, errors) = (process.0.stdout.take(), process.0.stderr.take());
        let (sender, lines) = std::sync::mpsc::channel();
        let readers: [Box<dyn Read + Send>; 2] =
            [Box::new(output.expect("piped")), Box::new(errors.expect("piped"))];
        for reader in readers {
            let sender = sender.clone();
            // To its end: a program whose lines nobody takes comes to a halt.
            std::thread::spawn(move || {
                for line in BufReader::new(reader).lines().map_while(Result::ok) {
                    // Nobody listens any more once it was ready.
                    let _ = sender.send(line);
                }
            });
        }
        drop(sender);
        let mut earlier = Vec::new();
        for line in lines {
            let is_ready = line.contains(ready);
            earlier.push(line);
            if is_ready {
                return (process, earlier);
            }
        }
        panic!("it ended without a line with {ready:?}: {earlier:#?}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server with a deployment, behind a proxy.
struct Site {
    /// Scheme, name and port.
    url: String,
    /// The path below which the server is.
    base: &'static str,
    http: Client,
    token: String,
    secret: String,
    _processes: [Process; 2],
    _program: Program,
}

impl Site {
    /// `proxy` gets a free port and the server's address, and starts one.
    fn start(
        scheme: &str,
        arguments: &[&str],
        proxy: impl FnOnce(&Program, u16, SocketAddr) -> Process,
    ) -> Self {
        let program = Program::new();
        program.good(&["model", "register", "analyser", "--labels", "red"]);
        program.good(&["deploy", "--name", "cells", "--model", "analyser/1"]);
        let token = program.json(&["token", "create", "--name", "t", "--role", "admin", "--json"]);
        let port = free_port();
        let url = format!("{scheme}://{NAME}:{port}");
        let mut server = Command::new(env!("CARGO_BIN_EXE_fovea"));
        server.args(["serve", "--addr", "127.0.0.1:0", "--no-worker"]);
        server.args(arguments.iter().map(|argument| argument.replace("https://fovea.example.org", &url)));
        server.env("FOVEA_DATA_DIR", program.path("data"));
        let (server, lines) = Process::start(&mut server, "setup?secret=");
        let address = lines.iter().find_map(|line| line.strip_prefix("Fovea listens on http://"));
        let address = address.and_then(|text| text.parse().ok()).expect("an address");
        let secret = lines.last().and_then(|line| line.rsplit_once('=')).expect("a link").1.to_owned();
        let proxy = proxy(&program, port, address);
        let http = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .resolve(NAME, SocketAddr::from(([127, 0, 0, 1], 0)))
            .tls_danger_accept_invalid_certs(true)
            .build();
        Self {
            url,
            base: "",
            http: http.expect("a client"),
            token: token["secret"].as_str().expect("a secret").to_owned(),
            secret,
            _processes: [server, proxy],
            _program: program,
        }
    }

    fn behind_nginx(scheme: &str, arguments: &[&str], server: impl Fn(u16, SocketAddr) -> String) -> Self {
        Self::start(scheme, arguments, |program, port, address| {
            write_certificate(program);
            let folder = program.path(".");
            let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                .map(|kind| format!("{kind}_temp_path {kind};"))
                .concat();
            let server = server(port, address);
            let text = format!(
                "daemon off; master_process off; pid nginx.pid; error_log stderr notice;\nevents {{}}\n\
                 http {{ access_log off; gzip on; {temporary}\n{server}\n}}"
            );
            fs::write(program.path("nginx.conf"), text).expect("written");
            let mut nginx = Command::new(first_of(&["/usr/sbin/nginx", "/usr/local/sbin/nginx"], "nginx"));
            nginx.args(["-e", "stderr", "-c"]).arg(program.path("nginx.conf")).arg("-p").arg(folder);
            // It says so once it listens.
            Process::start(&mut nginx, "OS: ").0
        })
    }

    fn behind_caddy(arguments: &[&str], documented: &str, name: &str) -> Self {
        Self::start("https", arguments, |program, port, address| {
            write_certificate(program);
            let site = replaced(
                documented,
                &[(
                    &format!("{name} {{"),
                    format!(
                        "{NAME}:{port} {{\n    bind 127.0.0.1\n    tls {} {}",
                        program.path("fovea.crt").display(),
                        program.path("fovea.key").display()
                    ),
                )],
            );
            // Pages are at this address; calls of gRPC at another one.
            let site = site.replace("127.0.0.1:3000", &address.to_string());
            let text = format!("{{\n    admin off\n    auto_https disable_redirects\n}}\n{site}");
            fs::write(program.path("Caddyfile"), text).expect("written");
            let mut caddy = Command::new(first_of(&["/usr/bin/caddy"], "caddy"));
            caddy.args(["run", "--adapter", "caddyfile", "--config"]).arg(program.path("Caddyfile"));
            caddy.env("HOME", program.path(".")).env_remove("XDG_DATA_HOME").env_remove("XDG_CONFIG_HOME");
            Process::start(&mut caddy, "serving initial configuration").0
        })
    }

    fn below(self, base: &'static str) -> Self {
        Self { base, ..self }
    }

    fn address(&self, path: &str) -> String {
        format!("{}{}{path}", self.url, self.base)
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(self.address(path))
    }

    async fn send_form(&self, path: &str, form: String) -> Response {
        let request = self.http.post(self.address(path)).header(header::ORIGIN, &self.url);
        let request = request.header(header::ACCEPT, "text/html");
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.body(form).send().await.expect("an answer")
    }

    async fn report(&self, content_type: &str, body: Vec<u8>) -> Response {
        let request = self.http.post(self.address("/api/v1/deployments/cells/predictions"));
        let request = request.bearer_auth(&self.token).header(header::CONTENT_TYPE, content_type);
        request.body(body).send().await.expect("an answer")
    }

    /// Listens, reports, and waits for the event while the stream is open.
    async fn hears_of_a_report(&self, content_type: &str, body: Vec<u8>) {
        let stream = self.get("/api/v1/events").bearer_auth(&self.token).send();
        let listened = async {
            let mut stream = stream.await.expect("a stream");
            assert_eq!(stream.status(), 200);
            let mut text = String::new();
            let mut reported = false;
            while !text.contains("predictions_arrived") {
                let chunk = stream.chunk().await.expect("it goes on").expect("it stays open");
                text.push_str(&String::from_utf8_lossy(&chunk));
                if !reported && text.contains("listening") {
                    reported = true;
                    let answer = self.report(content_type, body.clone()).await;
                    assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap_or_default());
                }
            }
        };
        tokio::time::timeout(PATIENCE, listened).await.expect("nothing between holds events back");
    }

    /// A first visit, and an image larger than proxies take by themselves.
    async fn is_whole(&self) {
        let form = format!("secret={}&email=ada%40example.org&password=correct+horse+battery", self.secret);
        let answer = self.send_form("/auth/setup", form).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()[header::LOCATION]),
            (303, &format!("{}/", self.base).parse().expect("text"))
        );
        let cookie = answer.headers()[header::SET_COOKIE].to_str().expect("text").to_owned();
        let prefix = if self.base.is_empty() { "__Host-" } else { "__Secure-" };
        assert!(cookie.starts_with(&format!("{prefix}fovea_session=")), "{cookie}");
        assert!(cookie.contains("; Secure"), "{cookie}");
        let session = cookie.split(';').next().unwrap_or_default();
        let page = self.get("/").header(header::COOKIE, session).send().await.expect("an answer");
        assert_eq!(page.status(), 200);
        assert!(page.headers().contains_key(header::STRICT_TRANSPORT_SECURITY));
        let page = page.text().await.expect("a page");
        assert!(page.contains(&format!("href=\"{}/deployments/cells\"", self.base)), "{page}");

        let (content_type, body) = report_with_image(&grain());
        self.hears_of_a_report(content_type, body).await;
    }
}

fn free_port() -> u16 {
    let probe = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    probe.local_addr().expect("an address").port()
}

fn first_of<'a>(places: &[&'a str], name: &'a str) -> &'a str {
    places.iter().find(|place| Path::new(place).exists()).copied().unwrap_or(name)
}

fn write_certificate(program: &Program) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
        .args([
            "-days",
            "2",
            "-subj",
            &format!("/CN={NAME}"),
            "-addext",
            &format!("subjectAltName=DNS:{NAME}"),
        ])
        .arg("-keyout")
        .arg(program.path("fovea.key"))
        .arg("-out")
        .arg(program.path("fovea.crt"))
        .output()
        .expect("openssl starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// The lines that the documentation has for a proxy.
fn block(language: &str) -> &'static str {
    block_after("", language)
}

/// The first such lines after a heading.
fn block_after(heading: &str, language: &str) -> &'static str {
    let section = DOCS.split_once(heading).expect("a heading").1;
    let after = section.split_once(&format!("```{language}\n")).expect("a block").1;
    after.split_once("```").expect("its end").0
}

/// `text` with what differs on this machine, each of which must stand there.
#[track_caller]
fn replaced(text: &str, what: &[(&str, String)]) -> String {
    what.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "no {from:?} in:\n{text}");
        text.replace(from, to)
    })
}

/// Over a megabyte, which is all that nginx takes by itself.
fn grain() -> Vec<u8> {
    let size = Size::new(1000, 1000).expect("a size");
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let rgb: Vec<u8> = (0..3_000_000).map(|_| next()).collect();
    let file = imaging::encode_jpeg(&Pixels::new(size, rgb).expect("pixels"), 95).expect("a file");
    assert!(file.len() > 1024 * 1024, "{}", file.len());
    file
}

fn report() -> Value {
    json!({
        "filename": "a.jpg", "width": 1000, "height": 1000, "latency_ms": 12.5,
        "boxes": [{ "label": "red", "score": 0.8, "x": 10, "y": 10, "w": 20, "h": 20 }],
    })
}

fn report_with_image(image: &[u8]) -> (&'static str, Vec<u8>) {
    let head = "--b\r\nContent-Disposition: form-data; name=\"report\"\r\n\r\n";
    let media = "\r\n--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.jpg\"\r\n\
                 Content-Type: image/jpeg\r\n\r\n";
    let report = report().to_string();
    let parts = [head.as_bytes(), report.as_bytes(), media.as_bytes(), image, b"\r\n--b--\r\n"];
    ("multipart/form-data; boundary=b", parts.concat())
}

/// The options that the documentation has for a proxy with TLS.
fn documented_options() -> [&'static str; 3] {
    let command = "fovea serve --trust-proxy --public-url https://fovea.example.org";
    assert_eq!(DOCS.matches(command).count(), 2, "once for nginx, once for Caddy");
    ["--trust-proxy", "--public-url", "https://fovea.example.org"]
}

#[tokio::test]
async fn nginx_as_it_is_installed_hands_on_events_and_signing_in_says_what_to_set() {
    let site = Site::behind_nginx("http", &[], |port, address| {
        format!("server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://{address}; }} }}")
    });
    site.hears_of_a_report("application/json", report().to_string().into_bytes()).await;
    let answer = site.send_form("/auth/sign-in", "email=a%40b.example&password=x".to_owned()).await;
    assert_eq!(answer.status(), 403);
    let page = answer.text().await.expect("a page");
    for line in ["proxy_set_header Host $http_host;", &format!("fovea serve --public-url {}", site.url)] {
        assert!(page.contains(line), "{page}");
    }
}

#[tokio::test]
async fn each_line_that_signing_in_asks_for_is_enough() {
    let known_address = ["--public-url", "https://fovea.example.org"];
    let known_name = ["--allowed-host", NAME];
    for (options, line) in [(known_address, ""), (known_name, "proxy_set_header Host $http_host;")] {
        let site = Site::behind_nginx("http", &options, |port, address| {
            format!(
                "server {{ listen 127.0.0.1:{port}; location / {{ {line} proxy_pass http://{address}; }} }}"
            )
        });
        let form = format!("secret={}&email=ada%40example.org&password=correct+horse+battery", site.secret);
        let answer = site.send_form("/auth/setup", form).await;
        assert_eq!(answer.status(), 303, "{line}: {}", answer.text().await.unwrap_or_default());
    }
}

#[tokio::test]
async fn nginx_with_the_documented_lines_needs_no_other() {
    let options = documented_options();
    let site = Site::behind_nginx("https", &options, |port, address| {
        replaced(
            block("nginx"),
            &[
                ("listen 443 ssl;", format!("listen 127.0.0.1:{port} ssl;")),
                ("/etc/ssl/fovea.crt", "fovea.crt".to_owned()),
                ("/etc/ssl/fovea.key", "fovea.key".to_owned()),
                ("127.0.0.1:3000", address.to_string()),
            ],
        )
    });
    site.is_whole().await;
}

#[tokio::test]
async fn caddy_with_the_documented_lines_needs_no_other() {
    Site::behind_caddy(&documented_options(), block("caddy"), NAME).is_whole().await;
}

const BELOW: &str = "## Below a path";

/// The options that the documentation has for a server below a path.
/// A call of gRPC whose message is empty.
async fn call(site: &Site, method: &str) -> Response {
    let path = format!("/inference.GRPCInferenceService/{method}");
    let request = site.http.post(site.address(&path)).header(header::CONTENT_TYPE, "application/grpc");
    request.header(header::TE, "trailers").body(&b"\0\0\0\0\0"[..]).send().await.expect("an answer")
}

/// What is answered comes through, and so does why something is not.
async fn check_grpc(site: &Site) {
    let live = call(site, "ServerLive").await;
    assert_eq!((live.status().as_u16(), live.version()), (200, reqwest::Version::HTTP_2));
    assert_eq!(live.bytes().await.expect("a message").as_ref(), b"\0\0\0\0\x02\x08\x01");
    assert_eq!(call(site, "ModelReady").await.headers()["grpc-status"], "16");
}

const GRPC: &str = "## gRPC";

#[tokio::test]
async fn nginx_with_the_documented_lines_hands_calls_of_grpc_on() {
    let address = format!("127.0.0.1:{}", free_port());
    let site = Site::behind_nginx("https", &["--grpc-addr", &address], |port, _| {
        replaced(
            block_after(GRPC, "nginx"),
            &[
                ("listen 8443 ssl", format!("listen 127.0.0.1:{port} ssl")),
                ("/etc/ssl/fovea.crt", "fovea.crt".to_owned()),
                ("/etc/ssl/fovea.key", "fovea.key".to_owned()),
                ("127.0.0.1:8001", address.clone()),
            ],
        )
    });
    check_grpc(&site).await;
}

#[tokio::test]
async fn caddy_with_the_documented_lines_hands_calls_of_grpc_on() {
    let address = format!("127.0.0.1:{}", free_port());
    let documented = replaced(block_after(GRPC, "caddy"), &[("127.0.0.1:8001", address.clone())]);
    let site = Site::behind_caddy(&["--grpc-addr", &address], &documented, "fovea.example.org:8443");
    check_grpc(&site).await;
}

fn documented_options_below() -> [&'static str; 3] {
    let command = "fovea serve --trust-proxy --public-url https://tools.example.org/fovea";
    assert_eq!(DOCS.matches(command).count(), 1);
    ["--trust-proxy", "--public-url", "https://fovea.example.org/fovea"]
}

#[tokio::test]
async fn nginx_with_the_documented_lines_serves_below_a_path_kept_or_taken_off() {
    for (pass, passed) in
        [("", ""), ("proxy_pass http://127.0.0.1:3000;", "proxy_pass http://127.0.0.1:3000/;")]
    {
        let site = Site::behind_nginx("https", &documented_options_below(), |port, address| {
            let location = block_after(BELOW, "nginx").replace(pass, passed);
            let location = replaced(&location, &[("127.0.0.1:3000", address.to_string())]);
            format!(
                "server {{ listen 127.0.0.1:{port} ssl; ssl_certificate fovea.crt; ssl_certificate_key fovea.key;\n\
                 location / {{ return 404; }}\n{location}\n}}"
            )
        });
        site.below("/fovea").is_whole().await;
    }
}

#[tokio::test]
async fn caddy_with_the_documented_lines_serves_below_a_path() {
    let site =
        Site::behind_caddy(&documented_options_below(), block_after(BELOW, "caddy"), "tools.example.org");
    let site = site.below("/fovea");
    let without_slash = site.get("").send().await.expect("an answer");
    assert!(without_slash.status().is_redirection(), "{}", without_slash.status());
    site.is_whole().await;
}
