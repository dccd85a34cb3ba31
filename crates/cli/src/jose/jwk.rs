//! `authmint jwk`: make keys, and turn them from one form into another.

use std::io::Write as _;
use std::path::PathBuf;

use authmint_jose::{
    Algorithm, ContentEncryption, Curve, Jwk, KeyManagement, KeyType, OkpCurve, PrivateForm, PublicForm,
    RsaSize,
};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::input;
use crate::output::{Failure, print};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make a new key for an algorithm: a private JWK on standard output
    #[command(
        after_help = "Examples:\n  authmint jwk generate ES256\n  authmint jwk generate RS256 --bits 3072 --kid 2026-11\n  authmint jwk generate ECDH-ES+A128KW --curve P-256"
    )]
    Generate {
        /// What it is for: a signature algorithm (ES256, RS256, EdDSA, HS256, ML-DSA-65, …) or one of encryption
        /// (RSA-OAEP-256, ECDH-ES, A256KW, …)
        algorithm: String,
        /// Its name; the thumbprint unless said
        #[arg(long)]
        kid: Option<String>,
        /// The size of an RSA key: 2048, 3072 or 4096
        #[arg(long, default_value = "2048")]
        bits: u32,
        /// The curve of a key for ECDH: X25519, P-256, P-384 or P-521
        #[arg(long)]
        curve: Option<String>,
        /// Write this form
        #[arg(long, value_enum, default_value_t = Form::Jwk)]
        to: Form,
    },
    /// Turn a key from any form into another
    #[command(
        after_help = "Examples:\n  authmint jwk convert key.pem --to jwk\n  authmint jwk convert id_ed25519.pub --to pem\n  authmint jwk convert key.json --to pem --encrypt password.txt"
    )]
    Convert {
        #[command(flatten)]
        source: Source,
        /// The form to write
        #[arg(long, value_enum)]
        to: Form,
        /// Write the public half alone
        #[arg(long)]
        public: bool,
        /// Give it this name
        #[arg(long)]
        kid: Option<String>,
        /// Say what it is for
        #[arg(long, value_name = "ALGORITHM")]
        alg: Option<String>,
        /// Encrypt the private key with the password in this file's first line (PEM only)
        #[arg(long, value_name = "FILE")]
        encrypt: Option<PathBuf>,
    },
    /// Print a key's thumbprint (RFC 7638)
    Thumbprint {
        #[command(flatten)]
        source: Source,
        /// As a URI (RFC 9278)
        #[arg(long)]
        uri: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a key's public half as a JWK
    Public {
        #[command(flatten)]
        source: Source,
    },
}

/// Where a key comes from.
#[derive(Args)]
pub(crate) struct Source {
    /// The key: a JWK, PEM, DER, or a line of OpenSSH; standard input unless said
    #[arg(default_value = "-")]
    file: PathBuf,
    /// A file with the password of an encrypted key
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl Source {
    fn key(&self) -> Result<Jwk, Failure> {
        input::key(&self.file, self.password_file.as_ref())
    }
}

/// A form of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// JSON (RFC 7517)
    Jwk,
    /// A JWK set of one
    Jwks,
    /// PEM: PKCS#8 for a private key, SPKI for a public one
    Pem,
    /// DER of the same
    Der,
    /// PKCS#1 in DER, for RSA
    Pkcs1,
    /// SEC 1 in DER, for a private key of an elliptic curve
    Sec1,
    /// A line of OpenSSH, public keys only
    Openssh,
}

/// Runs the command.
pub(crate) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Generate { algorithm, kid, bits, curve, to } => {
            let key = generate(&algorithm, bits, curve.as_deref())?;
            let kid = kid.unwrap_or_else(|| key.thumbprint());
            write(&key.with_kid(kid), to, false, None)
        }
        Command::Convert { source, to, public, kid, alg, encrypt } => {
            let mut key = source.key()?;
            if let Some(kid) = kid {
                key = key.with_kid(kid);
            }
            if let Some(alg) = alg {
                key = key.with_alg(&alg)?;
            }
            write(&key, to, public, encrypt.as_ref())
        }
        Command::Thumbprint { source, uri, json } => {
            let key = source.key()?;
            let line = match (json, uri) {
                (true, _) => {
                    json!({ "thumbprint": key.thumbprint(), "uri": key.thumbprint_uri() }).to_string()
                }
                (false, true) => key.thumbprint_uri(),
                (false, false) => key.thumbprint(),
            };
            print(&line);
            Ok(())
        }
        Command::Public { source } => write(&source.key()?, Form::Jwk, true, None),
    }
}

fn generate(algorithm: &str, bits: u32, curve: Option<&str>) -> Result<Jwk, Failure> {
    let key_type = match curve {
        None => None,
        Some(name) => Some(named_curve(name).ok_or_else(|| {
            Failure::new(format!("there is no curve {name}")).advice("X25519, P-256, P-384 or P-521")
        })?),
    };
    let size = match bits {
        2048 => RsaSize::Bits2048,
        3072 => RsaSize::Bits3072,
        4096 => RsaSize::Bits4096,
        _ => return Err(Failure::new("an RSA key has 2048, 3072 or 4096 bits here")),
    };
    let key = if let Ok(known) = algorithm.parse::<Algorithm>() {
        match known.key_type() {
            KeyType::Rsa => Jwk::generate_rsa(size)?,
            KeyType::Secret => Jwk::generate_secret(if known == Algorithm::HS256 { 32 } else { 64 })?,
            other => Jwk::generate(key_type.unwrap_or(other))?,
        }
    } else if let Ok(known) = algorithm.parse::<KeyManagement>() {
        if known.fits(KeyType::Rsa) {
            Jwk::generate_rsa(size)?
        } else if known.fits(KeyType::Okp(OkpCurve::X25519)) {
            Jwk::generate(key_type.unwrap_or(KeyType::Okp(OkpCurve::X25519)))?
        } else {
            authmint_jose::EncryptionKey::generate(known)?.to_jwk()
        }
    } else if let Ok(known) = algorithm.parse::<ContentEncryption>() {
        Jwk::generate_secret(known.key_len())?
    } else {
        let known = |names: &mut dyn Iterator<Item = &'static str>| names.collect::<Vec<_>>().join(", ");
        let signatures = known(&mut Algorithm::ALL.iter().map(|known| known.name()));
        let encryption = known(&mut KeyManagement::ALL.iter().map(|known| known.name()));
        return Err(Failure::new(format!("{algorithm} is no algorithm that authmint knows"))
            .advice(format!("for signatures: {signatures}; for encryption: {encryption}")));
    };
    Ok(key.with_alg(algorithm)?)
}

fn named_curve(name: &str) -> Option<KeyType> {
    let ec = Curve::ALL.iter().find(|known| known.name().eq_ignore_ascii_case(name));
    let okp = OkpCurve::ALL.iter().find(|known| known.name().eq_ignore_ascii_case(name));
    ec.map(|curve| KeyType::Ec(*curve)).or_else(|| okp.map(|curve| KeyType::Okp(*curve)))
}

fn write(key: &Jwk, to: Form, public: bool, encrypt: Option<&PathBuf>) -> Result<(), Failure> {
    let private = key.is_private() && !public;
    if encrypt.is_some() && (to != Form::Pem || !private) {
        return Err(
            Failure::new("only a private key in PEM is encrypted").advice("--to pem, without --public")
        );
    }
    let json = || {
        if private {
            key.export_private_json().map(|json| json.expose().to_owned())
        } else {
            key.to_public_json()
        }
    };
    match to {
        Form::Jwk => print(&json()?),
        Form::Jwks => print(&format!("{{\"keys\":[{}]}}", json()?)),
        Form::Openssh => print(&key.to_openssh(key.kid().unwrap_or_default())?),
        Form::Pem => {
            let pem = match (private, encrypt) {
                (true, Some(file)) => key.export_encrypted_pem(&input::password(file)?)?,
                (true, None) => key.export_private_pem()?.expose().to_owned(),
                (false, _) => key.to_public_pem()?,
            };
            print(pem.trim_end());
        }
        Form::Der => raw(&if private {
            key.export_private_der(PrivateForm::Pkcs8)?.to_vec()
        } else {
            key.to_public_der(PublicForm::Spki)?
        })?,
        Form::Pkcs1 => raw(&if private {
            key.export_private_der(PrivateForm::Pkcs1)?.to_vec()
        } else {
            key.to_public_der(PublicForm::Pkcs1)?
        })?,
        Form::Sec1 => raw(&key.export_private_der(PrivateForm::Sec1)?)?,
    }
    Ok(())
}

fn raw(bytes: &[u8]) -> Result<(), Failure> {
    use std::io::IsTerminal as _;
    let mut out = std::io::stdout();
    if out.is_terminal() {
        return Err(Failure::new("DER is no text for a terminal").advice("send it to a file: … > key.der"));
    }
    out.write_all(bytes)?;
    Ok(())
}
