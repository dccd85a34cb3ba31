//! `authmint client add`: from flags, from a file of client metadata (RFC 7591 2), or from both: flags go over the file.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use authmint_oauth2::{ClientAuthMethod, ClientMetadata, GrantType, RedirectUri};
use authmint_server::NewClient;
use authmint_server::storage::AccessTokenFormat;
use clap::Args;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::config::Settings;
use crate::output::{Failure, print, say};

#[derive(Args)]
pub(crate) struct Add {
    /// The name people see
    #[arg(long)]
    name: Option<String>,
    /// Its client_id; made if nothing is said
    #[arg(long)]
    id: Option<String>,
    /// Where people are sent back to after login; may be given several times
    #[arg(long = "redirect-uri", value_name = "URL")]
    redirect_uris: Vec<String>,
    /// Where people are sent back to after logout; may be given several times
    #[arg(long = "post-logout-redirect-uri", value_name = "URL")]
    post_logout_redirect_uris: Vec<String>,
    /// How it authenticates: client_secret_basic (if nothing is said), client_secret_post, client_secret_jwt, private_key_jwt
    /// or none
    #[arg(long, value_name = "METHOD")]
    auth_method: Option<String>,
    /// What it may use; authorization_code and refresh_token where people log in, else client_credentials
    #[arg(long = "grant", value_name = "GRANT")]
    grants: Vec<String>,
    /// What it may ask for: values divided by spaces, such as "openid profile email orders:read"; openid profile email if
    /// nothing is said and people log in
    #[arg(long, value_name = "SCOPES")]
    scope: Option<String>,
    /// The API its access tokens are for, by the name the API checks for; may be given several times
    #[arg(long, value_name = "NAME")]
    audience: Vec<String>,
    /// Its public keys: a JWK set, for private_key_jwt
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// Client metadata as JSON (RFC 7591), for everything that has no flag here, such as jwks_uri or logo_uri
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,
    /// Issue random access tokens that an API must introspect, not JWTs
    #[arg(long)]
    opaque: bool,
    /// It is our own: nobody is asked for consent
    #[arg(long)]
    trusted: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Add {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let metadata = self.client_metadata()?;
        let provider = self.settings.load()?.open().await?;
        let is_nameless = metadata.client_name.is_none() && !metadata.redirect_uris.is_empty();
        let is_for_itself = metadata.redirect_uris.is_empty() && self.grants.is_empty();
        let new = NewClient {
            id: self.id,
            metadata,
            secret: None,
            audience: self.audience,
            access_token_format: if self.opaque { AccessTokenFormat::Opaque } else { AccessTokenFormat::Jwt },
            trusted: self.trusted,
        };
        let registered = provider.server().register_client(new).await?;
        if is_nameless {
            say("note: without --name, people see the client_id where an application asks for consent");
        }
        if is_for_itself {
            say(
                "note: without --redirect-uri, nobody can log in with it: it gets tokens for itself (client_credentials)",
            );
        }
        print(&format!("client_id      {}", registered.client.id));
        if let Some(secret) = registered.secret {
            print(&format!("client_secret  {}", secret.expose()));
            say("The secret is shown this once: only its hash is kept.");
        }
        Ok(())
    }

    fn client_metadata(&self) -> Result<ClientMetadata, Failure> {
        let parse_uris =
            |uris: &[String]| uris.iter().map(|uri| RedirectUri::parse(uri)).collect::<Result<Vec<_>, _>>();
        let mut metadata = match &self.metadata {
            Some(path) => read_metadata(path)?,
            None => ClientMetadata {
                grant_types: default_grants(&self.redirect_uris),
                ..ClientMetadata::default()
            },
        };
        if let Some(name) = &self.name {
            metadata.client_name = Some(name.clone());
        }
        if !self.redirect_uris.is_empty() {
            metadata.redirect_uris = parse_uris(&self.redirect_uris)?;
        }
        if !self.post_logout_redirect_uris.is_empty() {
            metadata.post_logout_redirect_uris = parse_uris(&self.post_logout_redirect_uris)?;
        }
        if let Some(method) = &self.auth_method {
            let names: Vec<_> = ClientAuthMethod::ALL.iter().map(ClientAuthMethod::as_str).collect();
            metadata.token_endpoint_auth_method = ClientAuthMethod::from_name(method).ok_or_else(|| {
                Failure::new(format!("{method} is no authentication method")).advice(names.join(", "))
            })?;
        }
        if !self.grants.is_empty() {
            metadata.grant_types = parse_grants(&self.grants)?;
        }
        if let Some(scope) = &self.scope {
            metadata.scope = scope.parse()?;
        }
        if let Some(path) = &self.jwks {
            let form = "name a file that holds the public keys: {\"keys\": [ … ]} (RFC 7517 5)";
            metadata.jwks = Some(read_json(path, "a JWK set", form)?);
        }
        Ok(metadata)
    }
}

/// An operator's typing mistake must not pass for a default, so what is not known is an error here.
fn read_metadata(path: &Path) -> Result<ClientMetadata, Failure> {
    let form = "name a file that holds one JSON object of client metadata, such as {\"client_name\": \"Orders\", \
        \"redirect_uris\": [\"https://orders.example.com/callback\"]} (RFC 7591 2)";
    let members: Map<String, Value> = read_json(path, "client metadata", form)?;
    let known = ClientMetadata::member_names();
    if let Some(unknown) = members.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(Failure::new(format!("{} names {unknown}, which is no client metadata", path.display()))
            .advice(known.join(", ")));
    }
    Ok(ClientMetadata::from_members(&members)?)
}

fn read_json<T: DeserializeOwned>(path: &Path, what: &'static str, advice: &str) -> Result<T, Failure> {
    let problem = |error: &dyn Display| {
        Failure::new(format!("{} can't be read as {what}: {error}", path.display())).advice(advice)
    };
    let text = std::fs::read_to_string(path).map_err(|error| problem(&error))?;
    // First what says where a mistake is.
    let read = serde_json::from_str(&text).map_err(|error| problem(&error))?;
    authmint_jose::check_json(what, &text).map_err(|error| problem(&error))?;
    Ok(read)
}

fn default_grants(redirect_uris: &[String]) -> Vec<GrantType> {
    if redirect_uris.is_empty() {
        vec![GrantType::ClientCredentials]
    } else {
        vec![GrantType::AuthorizationCode, GrantType::RefreshToken]
    }
}

fn parse_grants(names: &[String]) -> Result<Vec<GrantType>, Failure> {
    let known: Vec<&str> = GrantType::ALL.iter().map(GrantType::as_str).collect();
    let parse = |name: &String| {
        GrantType::from_name(name)
            .ok_or_else(|| Failure::new(format!("{name} is no grant")).advice(known.join(", ")))
    };
    names.iter().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        add: Add,
    }

    fn metadata(json: &str, flags: &[&str]) -> Result<ClientMetadata, Failure> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(json.as_bytes()).unwrap();
        let path = file.path().to_str().unwrap();
        let line = ["add", "--metadata", path].into_iter().chain(flags.iter().copied());
        Line::try_parse_from(line).unwrap().add.client_metadata()
    }

    #[test]
    fn flags_go_over_the_file() {
        let json = r#"{"client_name":"Orders","redirect_uris":["https://a.example/cb"],"logo_uri":"https://a.example/l",
            "grant_types":["authorization_code"],"token_endpoint_auth_method":"client_secret_post"}"#;
        let file = metadata(json, &[]).unwrap();
        assert_eq!(file.logo_uri.as_deref(), Some("https://a.example/l"));
        assert_eq!(file.token_endpoint_auth_method, ClientAuthMethod::ClientSecretPost);
        assert_eq!(file.grant_types, [GrantType::AuthorizationCode]);
        let both = metadata(
            json,
            &["--name", "Bills", "--auth-method", "none", "--redirect-uri", "https://b.example/"],
        );
        let both = both.unwrap();
        assert_eq!(both.client_name.as_deref(), Some("Bills"));
        assert_eq!(both.token_endpoint_auth_method, ClientAuthMethod::None);
        assert_eq!(both.redirect_uris, [RedirectUri::parse("https://b.example/").unwrap()]);
        assert_eq!(both.logo_uri, file.logo_uri);
    }

    #[test]
    fn a_mistake_in_the_file_is_no_default() {
        for json in [
            r#"{"redirect_urls":["https://a.example/cb"]}"#,
            r#"{"redirect_uris":["javascript:alert(1)"]}"#,
            r#"{"client_name":"a","client_name":"b"}"#,
            r#"{"client_name":5}"#,
            "[]",
        ] {
            assert!(metadata(json, &[]).is_err(), "{json}");
        }
    }
}
