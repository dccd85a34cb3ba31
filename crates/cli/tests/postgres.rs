//! The operator's commands on a database of PostgreSQL. `tests/postgres/start` makes a server for them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::env;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A database of its own, gone afterwards, and a folder for the files.
struct Place {
    server: String,
    name: String,
    folder: tempfile::TempDir,
}

impl Place {
    fn new(test: &str) -> Option<Self> {
        let Ok(server) = env::var("AUTHMINT_TEST_POSTGRES") else {
            // Past what captures the output of tests: what was not run must not look as if it had passed.
            let text = "\n*** NOT RUN: the commands on PostgreSQL. They need a server:\n\
                        ***   tests/postgres/start cargo test -p authmint-cli\n\n";
            std::io::stderr().write_all(text.as_bytes()).unwrap();
            return None;
        };
        let name = format!("cli_{test}_{}", std::process::id());
        let place = Self { server, name, folder: tempfile::tempdir().unwrap() };
        place.sql(&format!("CREATE DATABASE {}", place.name));
        Some(place)
    }

    fn sql(&self, sql: &str) {
        let done = Command::new("psql").args(["-q", &self.server, "-c", sql]).status();
        assert!(done.expect("psql comes with PostgreSQL").success(), "{sql}");
    }

    fn url(&self) -> String {
        format!("{}/{}", self.server.rsplit_once('/').unwrap().0, self.name)
    }

    fn authmint(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_authmint"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::piped());
        for name in
            ["CONFIG", "ISSUER", "LISTEN", "DATABASE", "DATABASE_PASSWORD", "DATABASE_PASSWORD_FILE", "LOG"]
        {
            command.env_remove(format!("AUTHMINT_{name}"));
        }
        command.envs(environment.iter().copied());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(b"correct horse battery staple");
        child.wait_with_output().unwrap()
    }

    fn good(&self, arguments: &[&str]) -> String {
        let output = self.authmint(arguments, &[]);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a command that fails says.
    fn said(&self, arguments: &[&str]) -> String {
        let output = self.authmint(arguments, &[]);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn settings(&self, database: &str) {
        let text = format!("issuer = \"http://localhost:8080\"\ndatabase = \"{database}\"\n");
        fs::write(self.folder.path().join("authmint.toml"), text).unwrap();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.sql(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

#[test]
fn every_command_works_on_postgresql() {
    let Some(place) = Place::new("commands") else { return };
    place.settings(&place.url());
    let nothing = place.said(&["user", "list"]);
    assert!(nothing.contains("there is nothing of a provider in the database postgres://"), "{nothing}");

    place.good(&["init"]);
    place.good(&["user", "add", "ada", "--password-stdin"]);
    assert!(place.good(&["user", "list"]).contains("ada"));
    place.good(&["user", "lock", "ada"]);
    place.good(&["user", "unlock", "ada"]);
    place.good(&["user", "passwd", "ada", "--password-stdin"]);
    place.good(&["client", "add", "--id", "app", "--redirect-uri", "http://localhost:3000/callback"]);
    assert!(place.good(&["client", "list"]).contains("app"));
    place.good(&["client", "remove", "app"]);
    let before = place.good(&["key", "list"]);
    place.good(&["key", "rotate"]);
    assert_ne!(place.good(&["key", "list"]), before);
    place.good(&["init"]);
    assert!(place.good(&["user", "list"]).contains("ada"), "a second init begins nothing anew");

    let backup = place.said(&["backup", "copy.db"]);
    assert!(backup.contains("pg_dump --format=custom --file=copy.db postgres://"), "{backup}");
    let mut files: Vec<_> =
        fs::read_dir(place.folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["authmint.secret", "authmint.toml"]);
}

#[test]
fn migrate_says_what_is_due_and_does_it() {
    let Some(place) = Place::new("migrate") else { return };
    place.settings(&place.url());
    let due = place.said(&["migrate", "--check"]);
    assert!(due.contains("of version 0"), "{due}");
    assert_eq!(place.said(&["migrate", "--check"]), due, "a check changes nothing");
    assert!(place.good(&["migrate"]).contains("0 before"));
    assert!(place.good(&["migrate", "--check"]).contains("are up to date"));
    assert!(place.good(&["migrate"]).contains("are up to date"));
}

#[test]
fn a_password_comes_from_a_file_or_the_environment_and_is_shown_nowhere() {
    let Some(place) = Place::new("password") else { return };
    // Over TLS the server wants the password of this role.
    let tls = env::var("AUTHMINT_TEST_POSTGRES_TLS").unwrap();
    let host = tls.split_once('@').unwrap().1.rsplit_once('/').unwrap().0;
    let ca = env::var("AUTHMINT_TEST_POSTGRES_CA").unwrap();
    let url = |password: &str| {
        format!("postgres://scram{password}@{host}/{}?sslmode=verify-full&sslrootcert={ca}", place.name)
    };
    place.settings(&url(""));
    let refused = place.said(&["migrate"]);
    assert!(refused.contains("password"), "{refused}");

    let right = [("AUTHMINT_DATABASE_PASSWORD", "correct horse")];
    assert!(place.authmint(&["migrate"], &right).status.success());
    let wrong = place.authmint(&["migrate"], &[("AUTHMINT_DATABASE_PASSWORD", "hunter2")]);
    assert_eq!(wrong.status.code(), Some(1));
    let shown = String::from_utf8([wrong.stdout, wrong.stderr].concat()).unwrap();
    assert!(shown.contains("password authentication failed") && !shown.contains("hunter2"), "{shown}");

    let file = place.folder.path().join("password");
    fs::write(&file, "correct horse\n").unwrap();
    close(&file);
    place.good(&["migrate", "--check", "--database-password-file", "password"]);
    let text = fs::read_to_string(place.folder.path().join("authmint.toml")).unwrap();
    let text = format!("{text}database_password_file = \"password\"\n");
    fs::write(place.folder.path().join("authmint.toml"), text).unwrap();
    place.good(&["migrate", "--check"]);

    let secret = url(":hunter2");
    for arguments in
        [&["migrate", "--help"][..], &["migrate", "--check"], &["init"], &["serve", "--listen", "0"]]
    {
        let environment = [
            ("AUTHMINT_DATABASE", secret.as_str()),
            ("AUTHMINT_DATABASE_PASSWORD", "hunter2"),
            ("AUTHMINT_LOG", "trace"),
        ];
        let output = place.authmint(arguments, &environment);
        let shown = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!shown.contains("hunter2"), "{arguments:?}: {shown}");
    }
}

fn close(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
}
