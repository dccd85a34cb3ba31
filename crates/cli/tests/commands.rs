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
    for name in ["CONFIG", "ISSUER", "LISTEN", "DATABASE", "SECRET_FILE", "SECRET", "LOG"] {
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
