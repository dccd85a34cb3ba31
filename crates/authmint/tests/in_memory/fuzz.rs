//! Row S47: random requests to every endpoint.

use authmint::provider::PeerAddress;
use authmint::server::Registration;
use bytes::Bytes;
use http::{HeaderValue, Request};

use crate::world::{ISSUER, World};

const ROUNDS: u32 = 1000;
const PATHS: &str = "/authorize /token /userinfo /introspect /revoke /jwks /logout /login /consent / \
    /.well-known/openid-configuration /.well-known/oauth-authorization-server \
    /.well-known/webfinger /register /register/x /x";
const METHODS: &str = "GET POST GET POST GET POST HEAD PUT OPTIONS DELETE";
const NAMES: &str = "client_id redirect_uri response_type scope state nonce prompt max_age code_challenge \
    code_challenge_method id_token_hint login_hint grant_type code code_verifier refresh_token token client_secret \
    client_assertion client_assertion_type interaction csrf username password decision action post_logout_redirect_uri \
    response_mode request token_type_hint resource rel";
const VALUES: &str = "x code openid openid+profile none login consent 0 -1 99999999999999999999 18446744073709551615 \
    S256 E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM authorization_code refresh_token client_credentials allow deny \
    cancel https://evil.example/ //evil.example javascript:alert(1) http://127.0.0.1:1/ a.b.c .. \
    eyJhbGciOiJub25lIn0.e30. %00 %ff %zz %0d%0aX:y %f0%9f%92%a9 é https://app.example/callback https://app.example/bye \
    urn:ietf:params:oauth:client-assertion-type:jwt-bearer <script>";

/// Xorshift: the same requests on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(most).unwrap()).unwrap()
    }

    fn word<'w>(&mut self, words: &'w str) -> &'w str {
        let words: Vec<_> = words.split_ascii_whitespace().collect();
        words[self.below(words.len())]
    }
}

#[test]
fn s47_random_requests_get_no_500_and_no_foreign_redirect() {
    let world = World::with(|config| config.server.registration = Registration::Open);
    let (id, key) = world.register(|_| {});
    let public = world.public();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..ROUNDS {
        let fields: Vec<_> = (0..random.below(12))
            .map(|_| {
                let value = match random.below(10) {
                    0 => id.clone(),
                    1 => public.clone(),
                    2 => key.clone(),
                    3 => "A".repeat(random.below(9000)),
                    4 => String::new(),
                    _ => random.word(VALUES).to_owned(),
                };
                format!("{}={value}", random.word(NAMES))
            })
            .collect();
        let form = fields.join("&");
        let (method, path) = (random.word(METHODS), random.word(PATHS));
        let query: String = form.chars().filter(|c| random.below(2) == 0 || c.is_ascii_graphic()).collect();
        let query = if random.below(2) == 0 { format!("?{query}") } else { String::new() };
        let Ok(uri) = format!("{ISSUER}{path}{query}").parse::<http::Uri>() else { continue };
        // A password costs an argon2id: a few are enough.
        if (path, method) == ("/login", "POST") && random.below(50) > 0 {
            continue;
        }
        let mut request = Request::builder().method(method).uri(uri).header("host", "op.example");
        if random.below(5) > 0 {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        let basic = data_encoding::BASE64.encode(format!("{id}:{key}").as_bytes());
        request = match random.below(6) {
            0 => request.header("authorization", format!("Basic {basic}")),
            1 => request.header("authorization", "Bearer a.b.c"),
            2 => request.header("authorization", HeaderValue::from_bytes(b"Basic \xff").unwrap()),
            _ => request,
        };
        if random.below(2) == 0 {
            let (browser, session) = ("a".repeat(43), "b".repeat(random.below(44)));
            let cookies = format!("__Host-authmint-browser={browser}; __Host-authmint-session={session}");
            request = request.header("cookie", cookies);
        }
        let body = match random.below(3) {
            0 => (0..random.below(200)).map(|_| u8::try_from(random.below(256)).unwrap()).collect(),
            _ => form.into_bytes(),
        };
        let mut request = request.body(Bytes::from(body)).unwrap();
        // From everywhere, so that no limit hides the rest.
        request.extensions_mut().insert(PeerAddress(std::net::Ipv4Addr::from(round << 8).into()));
        let response = world.send(request);
        if let Some(location) = response.headers().get("location").map(|to| to.to_str().unwrap()) {
            let local = ["/login", "/consent", "/authorize?", "/logout", "https://app.example/"];
            assert!(location == "/" || local.iter().any(|start| location.starts_with(start)), "{location}");
        }
        assert!(!String::from_utf8_lossy(response.body()).contains("<script"));
    }
}
