//! `authmint jwt`: sign, verify, encrypt, decrypt, inspect.

use std::path::PathBuf;
use std::time::Duration;

use authmint_jose::{
    Algorithm, Clock as _, ContentEncryption, EncryptionKey, EncryptionKeySet, JweBuilder, JwePolicy, Jwk,
    Key, KeyManagement, KeySet, Policy, SystemClock,
};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::input;
use crate::output::{Failure, print};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Sign claims: a token on standard output
    #[command(
        after_help = "Examples:\n  authmint jwt sign --key key.json --iss me --aud api --expires-in 300 --claim admin=true\n  echo '{\"sub\":\"ada\"}' | authmint jwt sign --key key.json --claims - --expires-in 300"
    )]
    Sign(Sign),
    /// Verify a token and print its claims; the exit code says whether it is good
    #[command(
        after_help = "Example:\n  authmint jwt verify eyJ… --key jwks.json --alg ES256 --typ at+jwt --iss https://login.example.com --aud api"
    )]
    Verify(Verify),
    /// Encrypt what standard input or a file says
    Encrypt {
        #[command(flatten)]
        key: KeyOptions,
        /// How the content is encrypted
        #[arg(long, default_value = "A256GCM")]
        enc: ContentEncryption,
        /// What to encrypt; standard input unless said
        #[arg(long, value_name = "FILE", default_value = "-")]
        input: PathBuf,
        /// It is a signed token (cty: JWT)
        #[arg(long)]
        nested: bool,
    },
    /// Decrypt a message and print what it says
    Decrypt {
        /// The message; read from standard input if it is left out
        message: Option<String>,
        #[command(flatten)]
        key: KeyOptions,
        /// The content algorithms to accept; all but none unless said
        #[arg(long)]
        enc: Vec<ContentEncryption>,
        /// Print header and plaintext as JSON
        #[arg(long)]
        json: bool,
    },
    /// Decode a token, explain each claim, and say what is wrong with it: the same as `authmint token inspect`
    Inspect(crate::token::Inspect),
}

#[derive(Args)]
pub(crate) struct KeyOptions {
    /// A file with the key: a JWK, a JWK set, PEM, DER, or a line of OpenSSH
    #[arg(long = "key", value_name = "FILE")]
    file: PathBuf,
    /// The name of the key, where the file holds several
    #[arg(long)]
    kid: Option<String>,
    /// A file with the password of an encrypted key
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// The algorithm, where the key does not say it
    #[arg(long)]
    alg: Option<String>,
}

impl KeyOptions {
    fn key(&self) -> Result<Jwk, Failure> {
        let key = input::named_key(&self.file, self.password_file.as_ref(), self.kid.as_deref())?;
        match &self.alg {
            Some(alg) => Ok(key.with_alg(alg)?),
            None => Ok(key),
        }
    }

    fn encryption_key(&self) -> Result<EncryptionKey, Failure> {
        let key = EncryptionKey::new(&self.key()?)?;
        if key.algorithm().is_none() {
            return Err(unsettled());
        }
        Ok(key)
    }
}

fn unsettled() -> Failure {
    Failure::new("the key does not say which algorithm it is for").advice("name it with --alg")
}

#[derive(Args)]
pub(crate) struct Sign {
    #[command(flatten)]
    key: KeyOptions,
    /// The kind of token
    #[arg(long, default_value = "JWT")]
    typ: String,
    /// A file with claims as JSON; - for standard input
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    /// One more claim; the value is JSON, or else text
    #[arg(long = "claim", value_name = "NAME=VALUE")]
    more: Vec<String>,
    /// The issuer
    #[arg(long)]
    iss: Option<String>,
    /// The subject
    #[arg(long)]
    sub: Option<String>,
    /// The audience; several make an array
    #[arg(long)]
    aud: Vec<String>,
    /// How many seconds it is good for; adds iat and exp
    #[arg(long, value_name = "SECONDS")]
    expires_in: Option<u64>,
}

#[derive(Args)]
pub(crate) struct Verify {
    /// The token; read from standard input if it is left out
    token: Option<String>,
    /// A file with the keys: a JWK, a JWK set, PEM, DER, or a line of OpenSSH
    #[arg(long = "key", value_name = "FILE")]
    file: PathBuf,
    /// An algorithm to accept; at least one
    #[arg(long, required = true)]
    alg: Vec<Algorithm>,
    /// The kind of token; JWT or nothing unless said
    #[arg(long)]
    typ: Option<String>,
    /// The issuer it must be from; any unless said
    #[arg(long)]
    iss: Option<String>,
    /// The audience it must name; any unless said
    #[arg(long)]
    aud: Option<String>,
    /// The subject it must be of; any unless said
    #[arg(long)]
    sub: Option<String>,
    /// How many seconds the clocks may differ
    #[arg(long, default_value = "0", value_name = "SECONDS")]
    leeway: u64,
    /// Print the verdict, header and claims as JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Sign(options) => sign(&options),
        Command::Verify(options) => verify(options),
        Command::Encrypt { key, enc, input, nested } => {
            let builder = JweBuilder::new(enc);
            let builder = if nested { builder.content_type("JWT") } else { builder };
            let mut plaintext = input::bytes(&input)?;
            if nested {
                plaintext = plaintext.trim_ascii().to_vec();
            }
            print(&builder.encrypt(&key.encryption_key()?, &plaintext)?);
            Ok(())
        }
        Command::Decrypt { message, key, enc, json } => {
            let enc = if enc.is_empty() { ContentEncryption::ALL.to_vec() } else { enc };
            decrypt(&input::token(message)?, &key, &enc, json)
        }
        Command::Inspect(options) => crate::token::inspect(options).await,
    }
}

fn sign(options: &Sign) -> Result<(), Failure> {
    let key = Key::new(&options.key.key()?)?;
    if key.algorithm().is_none() {
        return Err(unsettled());
    }
    print(&key.sign_jwt(&options.typ, &claims(options)?)?);
    Ok(())
}

fn claims(options: &Sign) -> Result<Map<String, Value>, Failure> {
    let mut claims = match &options.claims {
        None => Map::new(),
        Some(file) => serde_json::from_str(&input::text(file)?)
            .map_err(|error| Failure::new(format!("{} is no JSON object: {error}", file.display())))?,
    };
    let mut add = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    if let Some(iss) = &options.iss {
        add("iss", iss.as_str().into());
    }
    if let Some(sub) = &options.sub {
        add("sub", sub.as_str().into());
    }
    match options.aud.as_slice() {
        [] => {}
        [only] => drop(add("aud", only.as_str().into())),
        several => drop(add("aud", several.into())),
    }
    if let Some(seconds) = options.expires_in {
        let now = SystemClock.now();
        add("iat", now.as_secs().into());
        add("exp", now.saturating_add(Duration::from_secs(seconds)).as_secs().into());
    }
    for claim in &options.more {
        let (name, value) = claim.split_once('=').ok_or_else(|| {
            Failure::new(format!("{claim} is no claim")).advice("write it as NAME=VALUE, such as admin=true")
        })?;
        add(name, serde_json::from_str(value).unwrap_or_else(|_| value.into()));
    }
    Ok(claims)
}

fn verify(options: Verify) -> Result<(), Failure> {
    let keys = input::keys(&options.file, None)?;
    let keys: Vec<Key> = keys.iter().filter_map(|jwk| Key::new(jwk).ok()).collect();
    if keys.is_empty() {
        return Err(Failure::new(format!("{} holds no key for signatures", options.file.display())));
    }
    let mut policy = Policy::new(&options.alg).leeway(Duration::from_secs(options.leeway));
    policy = match &options.typ {
        Some(typ) => policy.typ(typ),
        None => policy.typ_or_absent("JWT"),
    };
    policy = options.iss.as_deref().map_or(policy.clone().any_issuer(), |iss| policy.issuer(iss));
    policy = options.aud.as_deref().map_or(policy.clone().any_audience(), |aud| policy.audience(aud));
    if let Some(sub) = &options.sub {
        policy = policy.subject(sub);
    }
    let token = input::token(options.token)?;
    match KeySet::new(keys).verify_jwt::<Value>(&token, &policy, SystemClock.now()) {
        Ok(verified) if options.json => {
            let header: Value = serde_json::from_str(verified.header.as_json())?;
            print(&json!({ "valid": true, "header": header, "claims": verified.claims }).to_string());
            Ok(())
        }
        Ok(verified) => {
            print(&serde_json::to_string_pretty(&verified.claims)?);
            Ok(())
        }
        Err(error) => {
            if options.json {
                print(&json!({ "valid": false, "error": error.to_string() }).to_string());
            }
            Err(Failure::new(error).advice("authmint jwt inspect says what is in it, claim by claim"))
        }
    }
}

fn decrypt(
    message: &str,
    options: &KeyOptions,
    enc: &[ContentEncryption],
    as_json: bool,
) -> Result<(), Failure> {
    let key = EncryptionKey::new(&options.key()?)?;
    // The key decides which algorithms there are to accept; RSA1_5 is never among them.
    let policy = JwePolicy::new(KeyManagement::ALL, enc)
        .max_bytes(input::MAX_MESSAGE_BYTES)
        .max_plaintext(input::MAX_BYTES);
    let opened = EncryptionKeySet::from(key).decrypt_jwe(message, &policy)?;
    let plaintext = String::from_utf8_lossy(&opened.plaintext);
    if as_json {
        let header = json!({ "alg": opened.header.algorithm(), "enc": opened.header.encryption(),
            "kid": opened.header.kid(), "typ": opened.header.typ(), "cty": opened.header.content_type() });
        print(&json!({ "header": header, "plaintext": plaintext }).to_string());
        return Ok(());
    }
    write(&opened.plaintext)
}

fn write(bytes: &[u8]) -> Result<(), Failure> {
    use std::io::{IsTerminal as _, Write as _};
    let mut out = std::io::stdout();
    if out.is_terminal() {
        // Whoever wrote the message must not steer the terminal.
        print(&String::from_utf8_lossy(bytes));
    } else {
        out.write_all(bytes)?;
    }
    Ok(())
}
