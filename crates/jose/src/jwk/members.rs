//! The members of a JWK as JSON (RFC 7517 4; parameters by RFC 7518 6, RFC 8037 2, and `AKP` as ML-DSA for JOSE has it).

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::base64url;
use crate::crypto::{PrivateMaterial, PublicMaterial};
use crate::error::Error;
use crate::json;
use crate::key_type::{Curve, MlDsa, OkpCurve};

use super::{Material, roca};

/// The longest JWK text.
const MAX_BYTES: usize = 16 * 1024;

/// The members of a JWK; values are still text.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Members {
    pub(super) kty: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) alg: Option<String>,
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub(super) usage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key_ops: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) crv: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) y: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) n: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) e: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) d: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) p: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) q: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dq: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) qi: Option<String>,
    #[serde(skip_serializing)]
    oth: Option<Vec<Other>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) k: Option<String>,
    #[serde(rename = "pub", skip_serializing_if = "Option::is_none")]
    pub(super) public: Option<String>,
    #[serde(rename = "priv", skip_serializing_if = "Option::is_none")]
    pub(super) private: Option<String>,
}

/// A third prime: seen so that it can be refused.
#[derive(Default, Deserialize)]
struct Other {}

impl Drop for Members {
    fn drop(&mut self) {
        let secret =
            [&mut self.d, &mut self.p, &mut self.q, &mut self.dp, &mut self.dq, &mut self.qi, &mut self.k];
        secret.into_iter().chain([&mut self.private]).for_each(Zeroize::zeroize);
    }
}

impl Members {
    /// Reads a JWK, refusing members that are named twice.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_BYTES {
            return Err(Error::TooLong("the JWK"));
        }
        json::check("the JWK", text)?;
        serde_json::from_str(text)
            .map_err(|_| Error::InvalidKey("a member of the JWK has the wrong JSON type"))
    }

    /// The parameters, decoded.
    pub(super) fn material(&self) -> Result<Material, Error> {
        match self.kty.as_str() {
            "oct" => Ok(Material::Secret(secret(self.k.as_ref())?)),
            "RSA" => self.rsa(),
            "EC" => self.ec(),
            "OKP" => self.okp(),
            "AKP" => self.akp(),
            _ => Err(Error::InvalidKey("kty must be RSA, EC, OKP, AKP or oct")),
        }
    }

    fn rsa(&self) -> Result<Material, Error> {
        let (n, e) = (number(self.n.as_ref())?, number(self.e.as_ref())?);
        check_rsa(&n, &e)?;
        let public = PublicMaterial::Rsa { n, e };
        if self.d.is_none() {
            return Ok(Material::Public(public));
        }
        if self.oth.is_some() {
            return Err(Error::InvalidKey("RSA keys of more than two primes are not supported"));
        }
        let private = PrivateMaterial::Rsa {
            d: secret(self.d.as_ref())?,
            p: secret(self.p.as_ref())?,
            q: secret(self.q.as_ref())?,
            dp: secret(self.dp.as_ref())?,
            dq: secret(self.dq.as_ref())?,
            qi: secret(self.qi.as_ref())?,
        };
        Ok(Material::Pair(public, private))
    }

    fn ec(&self) -> Result<Material, Error> {
        let curve = self.crv.as_deref().and_then(Curve::named);
        let curve = curve.ok_or(Error::InvalidKey("crv must be P-256, P-384, P-521 or secp256k1"))?;
        let full = |bytes: Vec<u8>| {
            let fits = bytes.len() == curve.coordinate_len();
            if fits {
                Ok(bytes)
            } else {
                Err(Error::InvalidKey("a coordinate has not the length of its curve (RFC 7518 6.2.1)"))
            }
        };
        let public = PublicMaterial::Ec {
            curve,
            x: full(bytes(self.x.as_ref())?)?,
            y: full(bytes(self.y.as_ref())?)?,
        };
        if self.d.is_none() {
            Ok(Material::Public(public))
        } else {
            let d = secret(self.d.as_ref())?;
            if d.len() != curve.coordinate_len() {
                return Err(Error::InvalidKey("d has not the length of its curve (RFC 7518 6.2.2)"));
            }
            Ok(Material::Pair(public, PrivateMaterial::Ec { d }))
        }
    }

    fn okp(&self) -> Result<Material, Error> {
        let curve = self.crv.as_deref().and_then(OkpCurve::named);
        let curve = curve.ok_or(Error::InvalidKey("crv must be Ed25519, Ed448, X25519 or X448"))?;
        let x = bytes(self.x.as_ref())?;
        let d = self.d.as_ref().map(|_| secret(self.d.as_ref())).transpose()?;
        if x.len() != curve.key_len() || d.as_ref().is_some_and(|d| d.len() != curve.key_len()) {
            return Err(Error::InvalidKey("x or d has not the length of its curve (RFC 8037 2)"));
        }
        Ok(pair(PublicMaterial::Okp { curve, x }, d.map(|d| PrivateMaterial::Okp { d })))
    }

    fn akp(&self) -> Result<Material, Error> {
        let set = self.alg.as_deref().and_then(MlDsa::named);
        let set =
            set.ok_or(Error::InvalidKey("alg of an AKP key must be ML-DSA-44, ML-DSA-65 or ML-DSA-87"))?;
        let public = bytes(self.public.as_ref())?;
        let seed = self.private.as_ref().map(|_| secret(self.private.as_ref())).transpose()?;
        if public.len() != set.public_len() || seed.as_ref().is_some_and(|seed| seed.len() != 32) {
            return Err(Error::InvalidKey("pub or priv has not the length of its alg"));
        }
        Ok(pair(PublicMaterial::MlDsa { set, public }, seed.map(|seed| PrivateMaterial::MlDsa { seed })))
    }

    /// The public members of a key.
    pub(super) fn of_public(public: &PublicMaterial) -> Self {
        let encoded = |bytes: &[u8]| Some(base64url::encode(bytes));
        let mut members = Self::default();
        match public {
            PublicMaterial::Rsa { n, e } => {
                "RSA".clone_into(&mut members.kty);
                (members.n, members.e) = (encoded(n), encoded(e));
            }
            PublicMaterial::Ec { curve, x, y } => {
                "EC".clone_into(&mut members.kty);
                members.crv = Some(curve.name().to_owned());
                (members.x, members.y) = (encoded(x), encoded(y));
            }
            PublicMaterial::Okp { curve, x } => {
                "OKP".clone_into(&mut members.kty);
                members.crv = Some(curve.name().to_owned());
                members.x = encoded(x);
            }
            PublicMaterial::MlDsa { set, public } => {
                "AKP".clone_into(&mut members.kty);
                members.alg = Some(set.name().to_owned());
                members.public = encoded(public);
            }
        }
        members
    }

    /// The members of a secret.
    pub(super) fn of_secret(secret: &[u8]) -> Self {
        let mut members = Self::default();
        "oct".clone_into(&mut members.kty);
        members.k = Some(base64url::encode(secret));
        members
    }

    /// The members of both halves.
    pub(super) fn of_pair(public: &PublicMaterial, private: &PrivateMaterial) -> Self {
        let encoded = |bytes: &[u8]| Some(base64url::encode(bytes));
        let mut members = Self::of_public(public);
        match private {
            PrivateMaterial::Rsa { d, p, q, dp, dq, qi } => {
                (members.d, members.p, members.q) = (encoded(d), encoded(p), encoded(q));
                (members.dp, members.dq, members.qi) = (encoded(dp), encoded(dq), encoded(qi));
            }
            PrivateMaterial::Ec { d } | PrivateMaterial::Okp { d } => members.d = encoded(d),
            PrivateMaterial::MlDsa { seed } => members.private = encoded(seed),
        }
        members
    }

    /// The input of the thumbprint: the required members in the order of their names (RFC 7638 3.2).
    pub(super) fn thumbprint_input(&self) -> Zeroizing<String> {
        let member =
            |name: &str, value: Option<&String>| value.map(|value| format!("\"{name}\":\"{value}\""));
        let members = match self.kty.as_str() {
            "RSA" => vec![
                member("e", self.e.as_ref()),
                member("kty", Some(&self.kty)),
                member("n", self.n.as_ref()),
            ],
            "oct" => vec![member("k", self.k.as_ref()), member("kty", Some(&self.kty))],
            "AKP" => vec![
                member("alg", self.alg.as_ref()),
                member("kty", Some(&self.kty)),
                member("pub", self.public.as_ref()),
            ],
            _ => vec![
                member("crv", self.crv.as_ref()),
                member("kty", Some(&self.kty)),
                member("x", self.x.as_ref()),
                member("y", self.y.as_ref()),
            ],
        };
        Zeroizing::new(format!("{{{}}}", members.into_iter().flatten().collect::<Vec<_>>().join(",")))
    }
}

fn pair(public: PublicMaterial, private: Option<PrivateMaterial>) -> Material {
    match private {
        Some(private) => Material::Pair(public, private),
        None => Material::Public(public),
    }
}

/// RFC 7518 3.3 asks for 2048 bits; beyond 8192 a verification costs too much. With an exponent of one, a message is its own
/// signature.
pub(super) fn check_rsa(n: &[u8], e: &[u8]) -> Result<(), Error> {
    if matches!(e, [] | [0, ..] | [1]) || e.last().is_some_and(|last| last % 2 == 0) {
        return Err(Error::InvalidKey("the exponent must be odd and at least 3 (RFC 8017 3.1)"));
    }
    // Longer ones are slow, and no backend takes them.
    if e.len() > 4 {
        return Err(Error::InvalidKey("the exponent has more than 32 bits"));
    }
    match n {
        _ if n.last().is_some_and(|last| last % 2 == 0) => Err(Error::InvalidKey("the modulus is even")),
        [] | [0, ..] => Err(Error::InvalidKey("the modulus has leading zeros")),
        _ if n.len() < 256 || (n.len() == 256 && n.first().is_some_and(|byte| *byte < 0x80)) => {
            Err(Error::WeakKey("RSA keys have at least 2048 bits"))
        }
        _ if n.len() > 1024 => Err(Error::TooLong("the RSA modulus")),
        _ if roca::is_marked(n) => Err(Error::WeakKey("this RSA key can be factored: CVE-2017-15361")),
        _ => Ok(()),
    }
}

fn bytes(member: Option<&String>) -> Result<Vec<u8>, Error> {
    let text = member.ok_or(Error::InvalidKey("a required member of the JWK is missing"))?;
    base64url::decode(text)
}

fn secret(member: Option<&String>) -> Result<Zeroizing<Vec<u8>>, Error> {
    bytes(member).map(Zeroizing::new)
}

/// A big-endian number without leading zeros (RFC 7518 2, Base64urlUInt); some issuers write one anyway.
fn number(member: Option<&String>) -> Result<Vec<u8>, Error> {
    let mut bytes = bytes(member)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.drain(..zeros);
    Ok(bytes)
}
