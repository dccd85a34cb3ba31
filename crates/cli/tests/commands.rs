//! The operator's commands, as an operator runs them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs `authmint` in a folder.
fn authmint(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authmint"));
    command.args(arguments).current_dir(folder).stdin(Stdio::piped());
    for name in [
        "CONFIG",
        "ISSUER",
        "LISTEN",
        "DATABASE",
        "DATABASE_PASSWORD",
        "DATABASE_PASSWORD_FILE",
        "SECRET_FILE",
        "SECRET",
        "LOG",
    ] {
        command.env_remove(format!("AUTHMINT_{name}"));
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that needs no input may have ended by now.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn good(folder: &Path, arguments: &[&str]) -> String {
    let output = authmint(folder, arguments, "correct horse battery staple");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What a command that fails says; the folder's own path is left out.
fn said(folder: &Path, arguments: &[&str]) -> String {
    let output = authmint(folder, arguments, "correct horse battery staple");
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    let here = folder.canonicalize().unwrap();
    String::from_utf8(output.stderr).unwrap().replace(here.to_str().unwrap(), "[folder]")
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn provider() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    good(folder.path(), &["init", "--issuer", "http://localhost:8080"]);
    folder
}

const ALL: [&str; 3] = ["authmint.db", "authmint.secret", "authmint.toml"];

#[test]
fn init_begins_a_provider_and_every_command_leaves_three_files() {
    let folder = provider();
    assert_eq!(files(folder.path()), ALL);
    good(folder.path(), &["user", "add", "ada", "--password-stdin"]);
    good(
        folder.path(),
        &["client", "add", "--id", "app", "--redirect-uri", "http://localhost:3000/callback"],
    );
    assert!(good(folder.path(), &["user", "list"]).contains("ada"));
    assert_eq!(files(folder.path()), ALL);
    good(folder.path(), &["init"]);
    assert!(good(folder.path(), &["user", "list"]).contains("ada"), "a second init begins nothing anew");
}

#[test]
fn in_a_wrong_folder_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    for command in [&["user", "list"][..], &["client", "list"], &["key", "list"], &["key", "rotate"]] {
        let arguments = [command, &["--issuer", "http://localhost:8080"]].concat();
        let text = said(folder.path(), &arguments);
        assert!(text.contains("there is no database at [folder]/authmint.db"), "{text}");
    }
    insta::assert_snapshot!(said(folder.path(), &["backup", "copy.db"]));
    assert_eq!(files(folder.path()), Vec::<String>::new());
}

#[test]
fn a_lost_secret_is_not_replaced_unasked() {
    let folder = provider();
    let secret = folder.path().join("authmint.secret");
    let right = fs::read(&secret).unwrap();
    fs::remove_file(&secret).unwrap();
    let text = said(folder.path(), &["serve", "--listen", "0"]);
    assert_eq!(said(folder.path(), &["user", "list"]), text);
    assert!(!secret.exists());
    insta::assert_snapshot!(text);

    let other = provider();
    fs::copy(other.path().join("authmint.secret"), &secret).unwrap();
    let before = good(folder.path(), &["key", "list"]);
    insta::assert_snapshot!(mask_key(&said(folder.path(), &["key", "rotate"])));
    assert_eq!(good(folder.path(), &["key", "list"]), before);

    fs::remove_file(&secret).unwrap();
    good(folder.path(), &["key", "rotate", "--at-once", "--new-secret"]);
    good(folder.path(), &["key", "rotate"]);
    assert_ne!(fs::read(&secret).unwrap(), right);
}

/// The identifier of a key differs each time.
fn mask_key(text: &str) -> String {
    let (before, after) = text.split_once("signing key ").unwrap();
    format!("{before}signing key [kid] {}", after.split_once(' ').unwrap().1)
}

#[test]
fn a_list_of_keys_writes_nothing() {
    let folder = provider();
    let database = folder.path().join("authmint.db");
    let before = fs::read(&database).unwrap();
    good(folder.path(), &["key", "list"]);
    assert_eq!(fs::read(&database).unwrap(), before);
}

#[test]
fn a_backup_can_be_put_back() {
    let folder = provider();
    good(folder.path(), &["user", "add", "ada", "--password-stdin"]);
    good(folder.path(), &["backup", "copy.db"]);
    fs::rename(folder.path().join("copy.db"), folder.path().join("authmint.db")).unwrap();
    assert!(good(folder.path(), &["user", "list"]).contains("ada"));
}

#[cfg(unix)]
#[test]
fn a_provider_that_is_asked_to_end_leaves_one_database_file() {
    use std::io::{BufRead, BufReader};

    let folder = provider();
    let mut command = Command::new(env!("CARGO_BIN_EXE_authmint"));
    command.args(["serve", "--listen", "0"]).current_dir(folder.path()).env_remove("AUTHMINT_LOG");
    let mut served = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(served.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("authmint serves")));
    good(folder.path(), &["user", "add", "ada", "--password-stdin"]);
    let asked = Command::new("kill").arg(served.id().to_string()).status().unwrap();
    assert!(asked.success());
    assert!(lines.any(|line| line.unwrap().contains("ended")));
    assert!(served.wait().unwrap().success());
    assert_eq!(files(folder.path()), ALL);
}

#[test]
fn a_password_is_printed_only_when_it_counts() {
    let folder = provider();
    assert!(good(folder.path(), &["user", "add", "ada", "--generate"]).contains('-'));
    for arguments in [
        &["user", "add", "Ada", "--generate"][..],
        &["user", "add", "bob", "--email", "bob", "--generate"],
        &["user", "passwd", "nobody", "--generate"],
    ] {
        assert!(authmint(folder.path(), arguments, "").stdout.is_empty(), "{arguments:?}");
        insta::assert_snapshot!(said(folder.path(), arguments));
    }
    good(folder.path(), &["user", "lock", "ada"]);
    assert!(good(folder.path(), &["user", "list"]).contains("locked"));
    good(folder.path(), &["user", "unlock", "ada"]);
    assert!(good(folder.path(), &["user", "list"]).contains("active"));
}

#[test]
fn what_can_not_be_used_is_named() {
    let folder = provider();
    fs::write(folder.path().join("keys.json"), "no keys").unwrap();
    for arguments in [
        &["init", "--issuer", "http://localhost:9000"][..],
        &["client", "add", "--auth-method", "private_key_jwt", "--jwks", "keys.json"],
        &["client", "list", "--issuer", "https://login.example.com/"],
        &["client", "list", "--issuer", "http://login.example.com"],
        &["client", "list", "--config", "none.toml"],
        &["token", "inspect", "Bearer "],
    ] {
        insta::assert_snapshot!(said(folder.path(), arguments));
    }
}

#[test]
fn migrate_works_on_a_file_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let text = said(folder.path(), &["migrate"]);
    assert!(text.contains("there is no database at [folder]/authmint.db"), "{text}");
    assert_eq!(files(folder.path()), Vec::<String>::new());
    let folder = provider();
    assert!(good(folder.path(), &["migrate", "--check"]).contains("are up to date"));
    assert!(good(folder.path(), &["migrate"]).contains("are up to date"));
    assert_eq!(files(folder.path()), ALL);
}

#[test]
fn a_client_is_added_from_a_file_and_shown_whole() {
    let folder = provider();
    let metadata = r#"{"client_name":"Orders","redirect_uris":["https://app.example/cb"],"policy_uri":"https://app.example/p",
        "default_max_age":600,"grant_types":["authorization_code"]}"#;
    fs::write(folder.path().join("orders.json"), metadata).unwrap();
    let add =
        ["client", "add", "--id", "orders", "--metadata", "orders.json", "--scope", "openid", "--trusted"];
    let added = good(folder.path(), &add);
    let secret = added.lines().find_map(|line| line.strip_prefix("client_secret  ")).unwrap();
    let shown = good(folder.path(), &["client", "show", "orders"]);
    assert!(!shown.contains(secret), "{shown}");
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["policy_uri"], "https://app.example/p");
    assert_eq!((&shown["default_max_age"], &shown["scope"]), (&600.into(), &"openid".into()));
    assert_eq!((&shown["trusted"], &shown["manages_itself"]), (&true.into(), &false.into()));
    assert!(said(folder.path(), &["client", "show", "bills"]).contains("there is no client bills"));
    fs::write(folder.path().join("wrong.json"), r#"{"redirect_urls":[]}"#).unwrap();
    let wrong = said(folder.path(), &["client", "add", "--metadata", "wrong.json"]);
    assert!(wrong.contains("names redirect_urls, which is no client metadata"), "{wrong}");
}

#[test]
fn an_invitation_is_made_where_clients_may_register_themselves() {
    let folder = provider();
    let closed = said(folder.path(), &["client", "invite"]);
    assert!(closed.contains("registration = \"invited\""), "{closed}");
    let settings = folder.path().join("authmint.toml");
    let mut text = fs::read_to_string(&settings).unwrap();
    text.push_str(
        "registration = \"invited\"\n\n[fetch]\nallow = [\"127.0.0.0/8\", \"keys.internal.example\"]\n",
    );
    fs::write(&settings, &text).unwrap();
    let token = good(folder.path(), &["client", "invite", "--lifetime", "12h", "--once"]);
    assert_eq!(token.trim().split('.').count(), 3, "{token}");
    fs::write(&settings, text + "ca_file = \"ca.pem\"\n").unwrap();
    let missing = said(folder.path(), &["client", "list"]);
    assert!(missing.contains("the ca_file ca.pem can't be used"), "{missing}");
}
