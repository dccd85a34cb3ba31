//! `authmint token inspect`: what a token says, claim by claim, and what is wrong with it.

use std::io::Read;
use std::path::PathBuf;

use authmint_fetch::{Reqwest, get_json};
use authmint_jose::{Algorithm, Clock, KeySet, SystemClock, Timestamp, peek_unverified};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use crate::output::{Failure, moment, print, table};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Decode a JWT, explain each claim, and say what is wrong with it
    Inspect(Inspect),
}

#[derive(Args)]
pub(crate) struct Inspect {
    /// The token; read from standard input if it is left out, which keeps it out of the shell's history
    token: Option<String>,
    /// The issuer's keys, to verify the signature: a JWK set in a file, or its https address
    #[arg(long, value_name = "FILE or URL")]
    jwks: Option<String>,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) async fn run(command: Command) -> Result<(), Failure> {
    let Command::Inspect(options) = command;
    inspect(options).await
}

/// Shows a token.
pub(crate) async fn inspect(Inspect { token, jwks, json }: Inspect) -> Result<(), Failure> {
    let token = if let Some(token) = token {
        token
    } else {
        let mut text = String::new();
        std::io::stdin().take(128 * 1024).read_to_string(&mut text)?;
        text
    };
    let token = token.trim();
    let token = match token.split_once(char::is_whitespace) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim_start(),
        _ => token,
    };
    if token.is_empty() || token.eq_ignore_ascii_case("bearer") {
        return Err(
            Failure::new("no token was given").advice("pipe it in: authmint token inspect < token.txt")
        );
    }
    let keys = match jwks {
        Some(source) => Some(read_keys(&source).await?),
        None => None,
    };
    let report = Report::of(token, keys.as_ref(), SystemClock.now())?;
    if json {
        report.print_json();
    } else {
        report.print();
    }
    if report.wrong.is_empty() { Ok(()) } else { Err(Failure::new("the token is not good, see above")) }
}

async fn read_keys(source: &str) -> Result<KeySet, Failure> {
    let text = if source.starts_with("https://") || source.starts_with("http://") {
        String::from_utf8(get_json(&Reqwest::new()?, source).await?.to_vec())?
    } else {
        let path = PathBuf::from(source);
        std::fs::read_to_string(&path)
            .map_err(|error| Failure::new(format!("the JWK set {} can't be read: {error}", path.display())))?
    };
    Ok(KeySet::from_jwks(&text)?)
}

/// What each registered name means: header parameters (RFC 7515 4.1) and claims (RFC 7519 4.1, RFC 9068 2.2, OpenID
/// Connect Core 2).
const MEANINGS: &[(&str, &str)] = &[
    ("alg", "algorithm of the signature"),
    ("typ", "kind of token"),
    ("kid", "name of the key"),
    ("iss", "who issued it"),
    ("sub", "whom it speaks of"),
    ("aud", "whom it is for"),
    ("exp", "when it expires"),
    ("nbf", "from when it is valid"),
    ("iat", "when it was issued"),
    ("jti", "its own name"),
    ("client_id", "the application it was issued to"),
    ("scope", "what it allows"),
    ("auth_time", "when the person logged in"),
    ("nonce", "the login request it answers"),
    ("azp", "the application it was issued to"),
    ("amr", "how the person logged in"),
    ("acr", "how sure the issuer is"),
    ("at_hash", "the access token it belongs to"),
    ("sid", "the login session"),
];

/// What was found.
#[derive(Debug)]
struct Report {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    wrong: Vec<String>,
    notes: Vec<String>,
}

impl Report {
    fn of(token: &str, keys: Option<&KeySet>, now: Timestamp) -> Result<Self, Failure> {
        if token.split('.').count() == 5 {
            return Err(Failure::new("this token is encrypted (JWE): only its recipient can look inside"));
        }
        if !token.contains('.') {
            return Err(Failure::new("this is no JWT: it has no dots")
                .advice("an opaque token is known to its issuer only: ask the introspection endpoint"));
        }
        let (header, claims) = peek_unverified::<Map<String, Value>>(token)?;
        let header = header.as_object().cloned().unwrap_or_default();
        let mut report = Self { header, claims, wrong: Vec::new(), notes: Vec::new() };
        report.check_header();
        report.check_times(now);
        report.check_presence();
        report.check_signature(token, keys);
        Ok(report)
    }

    fn check_header(&mut self) {
        match self.header.get("alg").and_then(Value::as_str) {
            None => self.wrong.push("alg is missing: nobody can verify it (RFC 7515 4.1.1)".to_owned()),
            Some(none) if none.eq_ignore_ascii_case("none") => {
                self.wrong.push(
                    "alg is none: it is not signed, anyone can have written it (RFC 8725 3.2)".to_owned(),
                );
            }
            Some(name) if name.parse::<Algorithm>().is_err() => {
                self.notes.push(format!("alg {name:?} is not one that authmint knows"));
            }
            Some(_) => {}
        }
        for name in ["jwk", "jku", "x5u", "x5c"] {
            if self.header.contains_key(name) {
                self.notes.push(format!(
                    "{name} in the header offers a key: a verifier must not take it (RFC 8725 3.10)"
                ));
            }
        }
        if self.header.contains_key("crit") {
            self.notes.push(
                "crit asks for an extension: verifiers that don't know it must refuse (RFC 7515 4.1.11)"
                    .to_owned(),
            );
        }
    }

    fn check_times(&mut self, now: Timestamp) {
        for name in ["exp", "nbf", "iat", "auth_time"] {
            let Some(value) = self.claims.get(name) else { continue };
            let Some(time) = timestamp(value) else {
                self.wrong.push(format!("{name} is no number of seconds since 1970 (RFC 7519 2)"));
                continue;
            };
            match name {
                "exp" if time <= now => self.wrong.push(format!("it expired {} ago", span(now, time))),
                "nbf" | "iat" if time > now => {
                    self.wrong.push(format!("{name} lies {} ahead", span(time, now)));
                }
                _ => {}
            }
        }
    }

    fn check_presence(&mut self) {
        if !self.claims.contains_key("exp") {
            self.wrong.push("exp is missing: it would be good for ever (RFC 8725 3.9)".to_owned());
        }
        let typ = self.header.get("typ").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
        let required: &[&str] = match typ.trim_start_matches("application/") {
            "at+jwt" => &["iss", "sub", "aud", "client_id", "iat", "jti"],
            _ => &["iss", "sub", "aud"],
        };
        for name in required.iter().filter(|name| !self.claims.contains_key(**name)) {
            let kind = if typ == "at+jwt" {
                "an access token needs it (RFC 9068 2.2)"
            } else {
                "most verifiers need it"
            };
            self.notes.push(format!("{name} is missing: {kind}"));
        }
        if typ.is_empty() {
            self.notes.push(
                "typ is missing: it could be taken for another kind of token (RFC 8725 3.11)".to_owned(),
            );
        }
    }

    fn check_signature(&mut self, token: &str, keys: Option<&KeySet>) {
        match keys.map(|keys| keys.verify_jws(token, Algorithm::ALL)) {
            None => self.notes.push("the signature was not verified: name the keys with --jwks".to_owned()),
            Some(Ok(_)) => self.notes.push("the signature is valid".to_owned()),
            Some(Err(error)) => self.wrong.push(format!("the signature can't be trusted: {error}")),
        }
    }

    fn print_json(&self) {
        let (header, claims) = (&self.header, &self.claims);
        print(
            &json!({ "header": header, "claims": claims, "wrong": self.wrong, "notes": self.notes })
                .to_string(),
        );
    }

    fn print(&self) {
        for (title, members) in [("Header", &self.header), ("Claims", &self.claims)] {
            print(title);
            let rows: Vec<Vec<String>> = members.iter().map(|(name, value)| row(name, value)).collect();
            table(&rows);
            print("");
        }
        for wrong in &self.wrong {
            print(&format!("wrong  {wrong}"));
        }
        for note in &self.notes {
            print(&format!("note   {note}"));
        }
    }
}

fn row(name: &str, value: &Value) -> Vec<String> {
    let meaning = MEANINGS.iter().find(|(known, _)| *known == name).map_or("", |(_, meaning)| *meaning);
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let text: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(120).collect();
    let name: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
    let time = matches!(&*name, "exp" | "nbf" | "iat" | "auth_time" | "updated_at")
        .then(|| timestamp(value))
        .flatten();
    let text = time.map_or(text.clone(), |time| format!("{text} ({})", moment(time)));
    vec![format!("  {name}"), text, meaning.to_owned()]
}

fn timestamp(value: &Value) -> Option<Timestamp> {
    serde_json::from_value(value.clone()).ok()
}

fn span(later: Timestamp, earlier: Timestamp) -> String {
    match later.since(earlier).as_secs() {
        seconds @ 0..120 => format!("{seconds} seconds"),
        seconds @ 120..7200 => format!("{} minutes", seconds / 60),
        seconds @ 7200..172_800 => format!("{} hours", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use authmint_jose::{Key, base64url};

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    #[test]
    fn a_good_token_has_nothing_wrong() {
        let key = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
        let claims = json!({ "iss": "https://op.example", "sub": "s", "aud": "a", "client_id": "c", "iat": 999_000,
            "exp": 1_000_100, "jti": "j" });
        let token = key.sign_jwt("at+jwt", &claims).unwrap();
        let report = Report::of(&token, Some(&KeySet::new([key])), NOW).unwrap();
        assert_eq!(report.wrong, Vec::<String>::new());
        assert_eq!(report.notes, ["the signature is valid"]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let encode = |value: Value| base64url::encode(value.to_string().as_bytes());
        let token = format!(
            "{}.{}.",
            encode(json!({ "alg": "none" })),
            encode(json!({ "exp": "tomorrow", "iat": 2_000_000 }))
        );
        let report = Report::of(&token, None, NOW).unwrap();
        let wrong = report.wrong.join("\n");
        assert!(
            wrong.contains("alg is none")
                && wrong.contains("exp is no number")
                && wrong.contains("iat lies 11 days ahead"),
            "{wrong}"
        );
        let token = format!("{}.{}.AA", encode(json!({ "alg": "RS256" })), encode(json!({ "exp": 996_400 })));
        assert!(
            Report::of(&token, None, NOW).unwrap().wrong.join("\n").contains("it expired 60 minutes ago")
        );
    }

    #[test]
    fn what_is_no_jwt_is_explained() {
        assert!(Report::of("abcdef", None, NOW).is_err());
        assert!(Report::of("a.b.c.d.e", None, NOW).is_err());
    }
}
