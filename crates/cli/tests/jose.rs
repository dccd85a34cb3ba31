//! `authmint jwk` and `authmint jwt` as a person or a script runs them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Runs the command in a folder with this standard input.
fn run(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_authmint"))
        .args(arguments)
        .current_dir(folder)
        .env("AUTHMINT_LOG", "warn")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn ok(folder: &Path, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let output = run(folder, arguments, input);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn text(folder: &Path, arguments: &[&str], input: &str) -> String {
    String::from_utf8(ok(folder, arguments, input.as_bytes())).unwrap().trim_end().to_owned()
}

/// What a failure says; it must end with 1.
fn failure(folder: &Path, arguments: &[&str], input: &str) -> String {
    let output = run(folder, arguments, input.as_bytes());
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_key_goes_through_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (algorithm, forms) in [
        ("RS256", &["jwk", "jwks", "pem", "der", "pkcs1"][..]),
        ("ES384", &["jwk", "jwks", "pem", "der", "sec1"]),
        ("EdDSA", &["jwk", "jwks", "pem", "der"]),
        ("ML-DSA-44", &["jwk", "jwks", "pem", "der"]),
        ("ECDH-ES+A128KW", &["jwk", "pem"]),
    ] {
        let key = text(folder, &["jwk", "generate", algorithm], "");
        std::fs::write(folder.join("key"), &key).unwrap();
        let thumbprint = text(folder, &["jwk", "thumbprint", "key"], "");
        let parsed: Value = serde_json::from_str(&key).unwrap();
        assert_eq!((&parsed["alg"], &parsed["kid"]), (&algorithm.into(), &thumbprint.as_str().into()));
        for form in forms {
            let other = ok(folder, &["jwk", "convert", "key", "--to", form], b"");
            let back = String::from_utf8(ok(folder, &["jwk", "thumbprint"], &other)).unwrap();
            assert_eq!(back.trim(), thumbprint, "{algorithm} {form}");
        }
        let public = text(folder, &["jwk", "public"], &key);
        assert!(!public.contains("\"d\"") && !public.contains("\"priv\""));
    }
    let uri = text(folder, &["jwk", "thumbprint", "--uri", "key"], "");
    assert!(uri.starts_with("urn:ietf:params:oauth:jwk-thumbprint:sha-256:"));
}

#[test]
fn a_key_is_kept_under_a_password() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("password"), "correct horse\n").unwrap();
    std::fs::write(folder.join("key.json"), text(folder, &["jwk", "generate", "ES256"], "")).unwrap();
    let pem = text(folder, &["jwk", "convert", "key.json", "--to", "pem", "--encrypt", "password"], "");
    std::fs::write(folder.join("key.pem"), pem).unwrap();
    let thumbprint =
        |file: &str, more: &[&str]| text(folder, &[&["jwk", "thumbprint", file], more].concat(), "");
    assert_eq!(thumbprint("key.pem", &["--password-file", "password"]), thumbprint("key.json", &[]));
    assert!(failure(folder, &["jwk", "thumbprint", "key.pem"], "").contains("--password-file"));
}

#[test]
fn a_token_is_signed_verified_and_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("key"), text(folder, &["jwk", "generate", "ES256"], "")).unwrap();
    std::fs::write(folder.join("public"), text(folder, &["jwk", "public", "key"], "")).unwrap();
    let sign = [
        "jwt",
        "sign",
        "--key",
        "key",
        "--iss",
        "me",
        "--aud",
        "api",
        "--expires-in",
        "60",
        "--claim",
        "admin=true",
    ];
    let token = text(folder, &sign, "");
    let verify = ["jwt", "verify", "--key", "public", "--alg", "ES256", "--iss", "me", "--aud", "api"];
    let claims: Value = serde_json::from_str(&text(folder, &verify, &token)).unwrap();
    assert_eq!((&claims["admin"], &claims["iss"]), (&true.into(), &"me".into()));
    let json: Value =
        serde_json::from_str(&text(folder, &[&verify[..], &["--json"]].concat(), &token)).unwrap();
    assert_eq!((&json["valid"], &json["header"]["alg"]), (&true.into(), &"ES256".into()));

    let other =
        ["jwt", "verify", "--key", "public", "--alg", "ES256", "--iss", "you", "--aud", "api", "--json"];
    let output = run(folder, &other, token.as_bytes());
    let verdict: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &verdict["valid"]), (Some(1), &false.into()));
    assert!(String::from_utf8_lossy(&output.stderr).contains("issuer"));
    assert!(failure(folder, &verify, "").contains("no token was given"));
    let report: Value = serde_json::from_str(&text(folder, &["jwt", "inspect", "--json"], &token)).unwrap();
    assert_eq!(report["wrong"], Value::Array(Vec::new()));
}

#[test]
fn a_message_is_encrypted_and_decrypted() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for algorithm in ["RSA-OAEP-256", "ECDH-ES", "A128GCMKW", "A256GCM"] {
        std::fs::write(folder.join("key"), text(folder, &["jwk", "generate", algorithm], "")).unwrap();
        let message = text(folder, &["jwt", "encrypt", "--key", "key"], "hello\n");
        assert_eq!(
            ok(folder, &["jwt", "decrypt", "--key", "key"], message.as_bytes()),
            b"hello\n",
            "{algorithm}"
        );
        let json = text(folder, &["jwt", "decrypt", "--key", "key", "--json"], &message);
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!((&json["plaintext"], &json["header"]["enc"]), (&"hello\n".into(), &"A256GCM".into()));
        let refused = failure(folder, &["jwt", "decrypt", "--key", "key", "--enc", "A128GCM"], &message);
        assert!(refused.contains("algorithm"), "{refused}");
    }
}

#[test]
fn a_key_of_a_form_without_names_reads_what_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for form in ["pem", "der"] {
        let key = |file: &str, algorithm: &str| {
            std::fs::write(folder.join("key"), text(folder, &["jwk", "generate", algorithm], "")).unwrap();
            std::fs::write(folder.join(file), ok(folder, &["jwk", "convert", "key", "--to", form], b""))
                .unwrap();
        };
        key("signs", "ES256");
        let token = text(folder, &["jwt", "sign", "--key", "key", "--expires-in", "60"], "");
        assert!(text(folder, &["jwt", "verify", "--key", "signs", "--alg", "ES256"], &token).contains("exp"));
        key("decrypts", "ECDH-ES");
        let message = text(folder, &["jwt", "encrypt", "--key", "key"], "hello\n");
        let decrypt = ["jwt", "decrypt", "--key", "decrypts"];
        assert_eq!(ok(folder, &decrypt, message.as_bytes()), b"hello\n", "{form}");
    }
}

#[test]
fn what_goes_wrong_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(failure(folder, &["jwk", "generate", "ES257"], "").contains("for signatures: HS256"));
    assert!(failure(folder, &["jwk", "thumbprint", "missing"], "").contains("missing can't be read"));
    assert!(failure(folder, &["jwk", "thumbprint"], "{]").contains("no JSON"));
    std::fs::write(folder.join("rsa"), text(folder, &["jwk", "generate", "RS256"], "")).unwrap();
    let bare: Value = serde_json::from_str(&std::fs::read_to_string(folder.join("rsa")).unwrap()).unwrap();
    let mut bare = bare.as_object().unwrap().clone();
    bare.remove("alg");
    std::fs::write(folder.join("bare"), Value::Object(bare).to_string()).unwrap();
    assert!(failure(folder, &["jwt", "sign", "--key", "bare"], "").contains("--alg"));
    assert!(failure(folder, &["jwt", "sign", "--key", "rsa", "--claim", "x"], "").contains("NAME=VALUE"));
    assert!(
        failure(folder, &["jwk", "convert", "rsa", "--to", "jwk", "--encrypt", "rsa"], "").contains("PEM")
    );
}

#[test]
fn s18_what_a_stranger_wrote_does_not_steer_the_terminal_and_nothing_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let key: Value = serde_json::from_str(&text(folder, &["jwk", "generate", "EdDSA"], "")).unwrap();
    let mut hostile = key.clone();
    hostile["kid"] = "\u{1b}]0;owned\u{7}".into();
    let line = text(folder, &["jwk", "convert", "--to", "openssh"], &hostile.to_string());
    assert!(!line.contains('\u{1b}') && !line.contains('\u{7}'), "{line:?}");

    std::fs::write(folder.join("key"), text(folder, &["jwk", "generate", "dir"], "")).unwrap();
    std::fs::write(folder.join("secret"), text(folder, &["jwk", "generate", "A256GCM"], "")).unwrap();
    let large = vec![b'a'; 3_000_000];
    let message = ok(folder, &["jwt", "encrypt", "--key", "secret"], &large);
    assert_eq!(ok(folder, &["jwt", "decrypt", "--key", "secret"], &message), large);
    let refused = run(folder, &["jwt", "encrypt", "--key", "secret"], &vec![b'a'; 4 * 1024 * 1024 + 1]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("longer than 4 MiB"));

    let twice = format!(r#"{{"keys":[{{"kty":"oct","kty":"oct","k":"{}"}}]}}"#, "A".repeat(43));
    assert!(failure(folder, &["jwk", "thumbprint"], &twice).contains("twice"));
}
