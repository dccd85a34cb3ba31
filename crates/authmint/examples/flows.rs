//! A client that does one thing after another at a provider, as it is told on standard input: a line of JSON for each step, a line
//! of JSON for each answer. With it the end-to-end tests hold the client against providers of other makers.
//!
//! ```sh
//! echo '{"do":"client_credentials","issuer":"http://localhost:8080","client_id":"job","secret":"…"}' | cargo run --example flows --features client,reqwest
//! ```

use std::io::{BufRead, Write};
use std::sync::Arc;

use authmint::client::{
    Client, ClientAuth, ClientConfig, DevicePoll, Error, Login, LoginOptions, Registration, Reqwest, Secret,
    TokenSource, Tokens, discover,
};
use authmint::jose::{EncryptionKey, EncryptionKeySet, Jwk, Key};
use authmint::oauth2::ClientMetadata;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

/// One step.
#[derive(Deserialize)]
struct Step {
    r#do: What,
    #[serde(flatten)]
    settings: Settings,
    /// For `jwt_bearer`: what the other issuer signed.
    assertion: Option<Secret>,
    /// For `register`.
    metadata: Option<ClientMetadata>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    Login,
    Tokens,
    ClientCredentials,
    Device,
    JwtBearer,
    Register,
}

/// What the client says of itself.
#[derive(Deserialize)]
struct Settings {
    issuer: String,
    #[serde(default)]
    client_id: String,
    secret: Option<Secret>,
    #[serde(default)]
    method: String,
    key: Option<Value>,
    redirect_uri: Option<String>,
    scope: Option<String>,
    #[serde(default)]
    resource: Vec<String>,
    #[serde(default)]
    push: bool,
    #[serde(default)]
    sign_requests: bool,
    #[serde(default)]
    form_post: bool,
    #[serde(default)]
    hybrid: bool,
    dpop: Option<Value>,
    decrypt: Option<Value>,
    #[serde(default)]
    signed_user_info: bool,
    #[serde(default)]
    claims: Option<Value>,
}

fn main() -> Result<(), std::io::Error> {
    let runtime = tokio::runtime::Runtime::new()?;
    let mut lines = std::io::stdin().lock().lines();
    while let Some(Ok(line)) = lines.next() {
        let answer = match serde_json::from_str::<Step>(&line) {
            Ok(step) => runtime.block_on(run(step, &mut || lines.next()?.ok())),
            Err(error) => Ok(json!({ "error": format!("no step: {error}") })),
        };
        say(&answer.unwrap_or_else(|error| json!({ "error": error.to_string() })));
    }
    Ok(())
}

fn say(value: &Value) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{value}").and_then(|()| out.flush());
}

async fn run(step: Step, next: &mut dyn FnMut() -> Option<String>) -> Result<Value, Error> {
    let transport = Arc::new(Reqwest::new()?);
    if let What::Register = step.r#do {
        let provider = discover(&step.settings.issuer.parse()?, transport.as_ref()).await?;
        return register(&provider, &step.metadata.unwrap_or_default(), transport).await;
    }
    let client = Client::discover(step.settings.config()?, transport).await?;
    match step.r#do {
        What::Login => {
            let (address, pending) = client.start(&LoginOptions::new()).await?;
            say(&json!({ "open": address }));
            let login = client.callback(&pending, &next().unwrap_or_default()).await?;
            after_login(&client, login).await
        }
        What::Tokens => {
            let (address, pending) = client.start(&LoginOptions::new()).await?;
            say(&json!({ "open": address }));
            let tokens = client.callback_for_tokens(&pending, &next().unwrap_or_default()).await?;
            Ok(describe(&tokens))
        }
        What::ClientCredentials => {
            let scope = step.settings.scope.as_deref().map(str::parse).transpose()?;
            let tokens = client.client_credentials(scope).await?;
            Ok(describe(&tokens))
        }
        What::Device => {
            let mut device =
                client.start_device(&step.settings.scope.as_deref().unwrap_or("openid").parse()?).await?;
            say(&json!({ "open": device.verification_uri_complete(), "user_code": device.user_code() }));
            // Once before, so that the provider is asked too early too.
            let first = client.poll_device(&mut device).await?;
            next();
            let tokens = match first {
                DevicePoll::Allowed(tokens) => *tokens,
                DevicePoll::Pending => client.wait_for_device(&mut device, tokio::time::sleep).await?,
            };
            Ok(describe(&tokens))
        }
        What::JwtBearer => {
            let assertion = step.assertion.unwrap_or_else(|| Secret::new(""));
            Ok(describe(&client.jwt_bearer(assertion, None).await?))
        }
        What::Register => Ok(Value::Null),
    }
}

/// All that comes after a login: UserInfo again, a refresh, a request with a token that stays fresh, introspection, revocation.
async fn after_login(client: &Client, login: Login) -> Result<Value, Error> {
    let metadata = client.metadata().clone();
    let mut answer = describe(&login.tokens);
    let mut add = |name: &str, value: Value| {
        answer.as_object_mut().map(|answer| answer.insert(name.to_owned(), value));
    };
    add("sub", login.user_info.sub.clone().into());
    add("email", login.user_info.claims.email.clone().into());
    add("id_token", serde_json::to_value(&login.id_token).unwrap_or_default());
    add("logout", client.logout_url(&login.tokens, Some("bye")).into());
    let mut tokens = login.tokens;
    if tokens.refresh_token.is_some() {
        tokens = client.refresh(&tokens, login.id_token.as_ref()).await?;
        add("refreshed", true.into());
    }
    if let Some(url) = metadata.userinfo_endpoint {
        let source = TokenSource::of_login(client.clone(), tokens.clone(), login.id_token);
        let request = http::Request::get(url).body(Bytes::new());
        let request = request.map_err(|_| Error::Configuration("the UserInfo endpoint is no address"))?;
        add("sent", source.send(request).await?.status().as_u16().into());
    }
    if metadata.server.introspection_endpoint.is_some() {
        // Who proves nothing is told nothing of tokens.
        let asked = client.introspect(&tokens.access_token, None).await;
        add("active", asked.map_or_else(|error| error.to_string().into(), |answer| answer.active.into()));
    }
    if metadata.server.revocation_endpoint.is_some() {
        client.revoke(tokens.refresh_token.as_ref().unwrap_or(&tokens.access_token), None).await?;
        add("revoked", true.into());
    }
    Ok(answer)
}

async fn register(
    provider: &authmint::oidc::ProviderMetadata,
    metadata: &ClientMetadata,
    transport: Arc<Reqwest>,
) -> Result<Value, Error> {
    let mut registration = Registration::register(provider, metadata, None, transport).await?;
    let client_id = registration.information().client_id.clone();
    let name = registration.read().await?.metadata.client_name.clone();
    registration.delete().await?;
    Ok(json!({ "client_id": client_id, "client_name": name, "deleted": true }))
}

fn describe(tokens: &Tokens) -> Value {
    json!({
        "token_type": tokens.token_type.as_str(), "scope": tokens.scope, "expires": tokens.expires_at.is_some(),
        "refreshable": tokens.refresh_token.is_some(), "access_token": tokens.access_token.expose(),
    })
}

impl Settings {
    fn config(&self) -> Result<ClientConfig, Error> {
        let key = |value: &Value| Key::from_jwk(&value.to_string());
        let own_key = self.key.as_ref().map(key).transpose()?;
        let auth = match (self.method.as_str(), &self.secret, &own_key) {
            ("client_secret_post", Some(secret), _) => ClientAuth::SecretPost(secret.clone()),
            ("client_secret_jwt", Some(secret), _) => ClientAuth::SecretJwt(secret.clone()),
            ("private_key_jwt", _, Some(key)) => ClientAuth::PrivateKey(key.clone()),
            (_, Some(secret), _) => ClientAuth::Secret(secret.clone()),
            _ => ClientAuth::None,
        };
        let mut config = ClientConfig::new(self.issuer.parse()?, &self.client_id, auth);
        if let Some(uri) = &self.redirect_uri {
            config = config.redirect_uri(uri);
        }
        if let Some(scope) = &self.scope {
            config = config.scope(scope.parse()?);
        }
        for resource in &self.resource {
            config = config.resource(resource);
        }
        if let Some(claims) = &self.claims {
            config = config.claims(authmint::oidc::ClaimsRequest::parse(&claims.to_string())?);
        }
        if let Some(dpop) = &self.dpop {
            config = config.dpop(key(dpop)?);
        }
        if let Some(decrypt) = &self.decrypt {
            let keys = EncryptionKeySet::new([EncryptionKey::new(&Jwk::from_json(&decrypt.to_string())?)?]);
            config = config.encrypted_id_tokens(keys.clone()).encrypted_user_info(keys);
        }
        if let Some(key) = own_key.filter(|_| self.sign_requests) {
            config = config.sign_requests(key);
        }
        for (is_asked_for, change) in [
            (self.push, ClientConfig::push_requests as fn(ClientConfig) -> ClientConfig),
            (self.form_post, ClientConfig::form_post),
            (self.hybrid, ClientConfig::hybrid),
            (self.signed_user_info, ClientConfig::signed_user_info),
        ] {
            if is_asked_for {
                config = change(config);
            }
        }
        Ok(config)
    }
}
