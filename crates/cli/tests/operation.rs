//! A provider as it runs: TLS, metrics, health, the audit file, what it is seeded with, and its end.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use reqwest::{Certificate, Client, Version};
use serde_json::Value;

/// A provider in a folder of its own, with whatever else it was told.
struct Node {
    folder: tempfile::TempDir,
    port: u16,
    watch: u16,
}

/// A running one; it is killed where a test fails.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

const SEED: &str = r#"
[[seed.users]]
username = "Ada"
password = "correct horse battery staple"
name = "Ada Lovelace"
updated_at = 1767225600
address = { locality = "London" }

[[seed.clients]]
client_id = "job"
client_secret = "sixteen-characters"
client_name = "First name"
grant_types = ["client_credentials"]
response_types = []
scope = "orders:read"
access_token_format = "opaque"
"#;

/// Below the ports that a system gives to outgoing connections: none of these takes it meanwhile.
fn free_port() -> u16 {
    loop {
        let random = RandomState::new().build_hasher().finish();
        let port = u16::try_from((random % 22_768).saturating_add(10_000)).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn authmint(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authmint"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    for name in ["CONFIG", "ISSUER", "LISTEN", "DATABASE", "SECRET_FILE", "SECRET", "LOG"] {
        command.env_remove(format!("AUTHMINT_{name}"));
    }
    command
}

fn good(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

impl Node {
    fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (port, watch) = (free_port(), free_port());
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        fs::write(folder.path().join("tls.pem"), made.cert.pem()).unwrap();
        let key = folder.path().join("tls-key.pem");
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        fs::set_permissions(&key, PermissionsExt::from_mode(0o600)).unwrap();
        let settings = format!(
            "issuer = \"https://localhost:{port}\"\nmetrics_listen = \"127.0.0.1:{watch}\"\n{more}\n\
             [tls]\ncertificate = \"tls.pem\"\nkey = \"tls-key.pem\"\n[audit]\nfile = \"audit.jsonl\"\n[fetch]\nca_file = \"tls.pem\"\n{SEED}"
        );
        fs::write(folder.path().join("authmint.toml"), settings).unwrap();
        Self { folder, port, watch }
    }

    fn start(&self) -> Running {
        let mut command = authmint(self.folder.path(), &["serve"]);
        // Nothing of the ordinary log: the audit trail does not depend on it.
        let mut child = command.env("AUTHMINT_LOG", "error").stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let running = Running { child, lines };
        running.until("authmint serves");
        running
    }

    fn run(&self, arguments: &[&str]) -> Output {
        authmint(self.folder.path(), arguments).output().unwrap()
    }

    fn client(&self) -> Client {
        let certificate =
            Certificate::from_pem(&fs::read(self.folder.path().join("tls.pem")).unwrap()).unwrap();
        Client::builder().tls_certs_only([certificate]).no_proxy().build().unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    async fn watched(&self, path: &str) -> Option<(u16, String)> {
        let client = Client::builder().no_proxy().build().unwrap();
        let response = client.get(format!("http://127.0.0.1:{}{path}", self.watch)).send().await.ok()?;
        Some((response.status().as_u16(), response.text().await.unwrap()))
    }

    async fn token(&self, secret: &str) -> reqwest::Response {
        let form = "grant_type=client_credentials&scope=orders:read";
        let request = self.client().post(self.url("/token")).basic_auth("job", Some(secret));
        request.header("content-type", "application/x-www-form-urlencoded").body(form).send().await.unwrap()
    }

    fn audit(&self, file: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.path().join(file)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Running {
    fn until(&self, text: &str) {
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(60)).expect(text);
            if line.contains(text) {
                return;
            }
        }
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    fn end(mut self) {
        self.signal("TERM");
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Where it has ended already there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_without_a_proxy_is_watched_and_leaves_a_trail() {
    let node = Node::new("");
    let running = node.start();
    let metadata = node.client().get(node.url("/.well-known/openid-configuration")).send().await.unwrap();
    assert_eq!((metadata.version(), metadata.status().as_u16()), (Version::HTTP_2, 200));
    assert!(metadata.headers().contains_key("strict-transport-security"));
    assert_eq!(node.watched("/health/ready").await.unwrap(), (200, "ready\n".to_owned()));

    assert_eq!(node.token("sixteen-characters").await.status(), 200);
    assert_eq!(node.token("not-this-one-at-all").await.status(), 401);
    let figures = node.watched("/metrics").await.unwrap().1;
    for line in [
        "authmint_http_requests_total{endpoint=\"token\",method=\"POST\",status=\"200\"} 1",
        "authmint_http_requests_total{endpoint=\"token\",method=\"POST\",status=\"401\"} 1",
        "authmint_audit_events_total{event=\"token_issued\"} 1",
        "authmint_audit_events_total{event=\"client_refused\"} 1",
        "authmint_audit_events_total{event=\"account_added\"} 1",
    ] {
        assert!(figures.lines().any(|other| other == line), "{line} is not in\n{figures}");
    }

    // Moved away, and a signal: the next event is in a new file. A command beside it writes there too.
    fs::rename(node.folder.path().join("audit.jsonl"), node.folder.path().join("old.jsonl")).unwrap();
    running.signal("HUP");
    for _ in 0..100 {
        if node.folder.path().join("audit.jsonl").exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    good(&node.run(&["user", "lock", "ada"]));
    assert_eq!(node.token("sixteen-characters").await.status(), 200);

    let old = node.audit("old.jsonl");
    let event =
        |name: &str| old.iter().find(|line| line["event"] == name).unwrap_or_else(|| panic!("{name}"));
    assert_eq!(event("token_issued")["client_id"], "job");
    assert_eq!(event("token_issued")["peer"], "127.0.0.1");
    assert_eq!(event("client_refused")["client_id"], "job");
    assert!(event("account_added")["subject"].is_string() && event("keys_made")["time"].is_string());
    let new: Vec<_> = node.audit("audit.jsonl").iter().map(|line| line["event"].clone()).collect();
    assert_eq!(new, ["account_locked", "token_issued"]);
    for file in ["old.jsonl", "audit.jsonl"] {
        let path = node.folder.path().join(file);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let text = fs::read_to_string(path).unwrap();
        for secret in ["sixteen-characters", "not-this-one", "correct horse"] {
            assert!(!text.contains(secret));
        }
    }
    running.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_is_announced_before_it_comes() {
    let node = Node::new("drain = 3");
    let running = node.start();
    assert_eq!(node.watched("/health/ready").await.unwrap().0, 200);
    running.signal("TERM");
    let mut ready = 200;
    for _ in 0..40 {
        ready = node.watched("/health/ready").await.unwrap().0;
        if ready == 503 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(ready, 503);
    assert_eq!(node.watched("/health/live").await.unwrap().0, 200);
    // New work that comes all the same is done.
    assert_eq!(node.token("sixteen-characters").await.status(), 200);
    running.end();
    assert!(node.watched("/health/live").await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_seeded_is_made_once_and_left_alone() {
    let node = Node::new("");
    node.start().end();
    let settings = node.folder.path().join("authmint.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let changed =
        text.replace("sixteen-characters", "another-secret-than-before").replace("Lovelace", "Byron");
    fs::write(&settings, changed).unwrap();
    let running = node.start();
    assert_eq!(node.token("sixteen-characters").await.status(), 200);
    assert_eq!(node.token("another-secret-than-before").await.status(), 401);
    let users = good(&node.run(&["user", "list"]));
    assert!(users.contains("Ada Lovelace") && !users.contains("Byron"), "{users}");
    assert_eq!(good(&node.run(&["client", "list"])).matches("First name").count(), 1);
    running.end();
}

#[test]
fn settings_are_checked_without_making_anything() {
    let node = Node::new("");
    let before = fs::read_dir(node.folder.path()).unwrap().count();
    let checked = node.run(&["config", "check"]);
    assert!(good(&checked).contains("[seed]"), "a doubt is no error");
    assert_eq!(node.run(&["config", "check", "--strict"]).status.code(), Some(1));
    // From another folder, the paths in the file are those beside it.
    let name = node.folder.path().file_name().unwrap().to_str().unwrap();
    let from_above = ["config", "check", "--config", &format!("{name}/authmint.toml")];
    good(&authmint(node.folder.path().parent().unwrap(), &from_above).output().unwrap());
    let shown = good(&node.run(&["config", "show"]));
    assert!(shown.contains("# seed user: Ada") && !shown.contains("correct horse"));
    fs::write(node.folder.path().join("tls-key.pem"), "no key").unwrap();
    let wrong = node.run(&["config", "check"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8(wrong.stdout).unwrap().contains("tls-key.pem can't be used as a private key"));
    let started = node.run(&["serve"]);
    assert_eq!(started.status.code(), Some(1));
    assert_eq!(fs::read_dir(node.folder.path()).unwrap().count(), before);
}

#[test]
fn profiles_are_shown_to_people_and_to_programs() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| good(&authmint(folder.path(), arguments).output().unwrap());
    insta::assert_snapshot!(run(&["profile", "show"]));
    let legacy: Value = serde_json::from_str(&run(&["profile", "show", "legacy", "--json"])).unwrap();
    assert_eq!(legacy["profile"], "legacy");
    for rule in legacy["rules"].as_array().unwrap() {
        for part in ["what", "says", "why", "source"] {
            assert!(rule[part].as_str().is_some_and(|text| !text.is_empty()), "{rule}");
        }
    }
}

#[test]
fn a_user_may_have_every_claim() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| authmint(folder.path(), arguments).output().unwrap();
    good(&run(&["init", "--issuer", "http://localhost:8080"]));
    let claims =
        r#"{"name":"Ada","email":"ada@example.com","address":{"country":"GB"},"department":"Engines"}"#;
    fs::write(folder.path().join("ada.json"), claims).unwrap();
    let add = ["user", "add", "ada", "--generate", "--claims", "ada.json", "--name", "Ada Lovelace"];
    good(&run(&add));
    let users = good(&run(&["user", "list"]));
    assert!(users.contains("Ada Lovelace") && users.contains("ada@example.com"), "{users}");
    fs::write(folder.path().join("ada.json"), r#"{"updated_at":"yesterday"}"#).unwrap();
    let refused = run(&["user", "add", "bob", "--generate", "--claims", "ada.json"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(refused.stdout.is_empty());
    insta::assert_snapshot!(String::from_utf8(refused.stderr).unwrap());
}
