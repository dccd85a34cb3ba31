//! One run of one module: a client, a browser that nobody is signed in with, and the flow that every module shares.

use authmint::oauth2::{Params, ResponseType};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::browser::{Browser, Callback, Channel, End};
use crate::checks::{self, IdToken};
use crate::op::{Auth, ISSUER, Op, Rp, header, json_of, random};
use crate::registered::{Registration, unregister};

/// What a plan lets a module vary in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variant {
    pub(crate) response_type: ResponseType,
    pub(crate) form_post: bool,
    pub(crate) auth: Auth,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "filters pass references")]
impl Variant {
    fn every(auth: Auth, form_posts: &[bool]) -> Vec<Self> {
        let modes = form_posts.iter();
        modes
            .flat_map(|form_post| {
                response_types().into_iter().map(|response_type| Self {
                    response_type,
                    form_post: *form_post,
                    auth,
                })
            })
            .collect()
    }

    /// The plans basic, implicit and hybrid, and the same by form_post.
    pub(crate) fn static_plans() -> Vec<Self> {
        Self::every(Auth::Basic, &[false, true])
    }

    /// The plan dynamic, whose response type is the runner's choice.
    pub(crate) fn dynamic_plan() -> Vec<Self> {
        Self::every(Auth::PrivateKeyJwt, &[false])
    }

    /// Everything above.
    pub(crate) fn all() -> Vec<Self> {
        [Self::static_plans(), Self::dynamic_plan()].concat()
    }

    pub(crate) fn with_auth(self, auth: Auth) -> Self {
        Self { auth, ..self }
    }

    pub(crate) fn has_code(&self) -> bool {
        self.response_type.has_code()
    }

    pub(crate) fn has_token(&self) -> bool {
        self.response_type.has_token()
    }

    pub(crate) fn has_id_token(&self) -> bool {
        self.response_type.has_id_token()
    }

    /// Whether there is an access token for UserInfo.
    pub(crate) fn has_userinfo(&self) -> bool {
        self.has_code() || self.has_token()
    }

    fn channel(&self) -> Channel {
        match (self.form_post, self.response_type.is_front_channel()) {
            (true, _) => Channel::FormPost,
            (false, true) => Channel::Fragment,
            (false, false) => Channel::Query,
        }
    }
}

/// The response types that the plans name.
fn response_types() -> [ResponseType; 6] {
    ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"]
        .map(|name| name.parse().unwrap())
}

/// Runs a module in each of the variants, each from a browser of its own. Who runs a plan chooses whether its clients are
/// registered beforehand or register themselves; here those with a key and those of form_post do so.
pub(crate) fn run(variants: Vec<Variant>, module: impl Fn(&mut Module<'_>)) {
    assert!(!variants.is_empty());
    let op = Op::new();
    let known: Vec<Rp> = [Auth::Basic, Auth::Post].map(|auth| op.register(auth, |_| {})).into();
    for variant in variants {
        if variant.form_post || variant.auth == Auth::PrivateKeyJwt {
            dynamic(&op, variant, json!({}), &module);
        } else {
            let rp = known.iter().find(|rp| rp.auth == variant.auth).unwrap().clone();
            module(&mut Module::new(&op, rp, variant));
        }
    }
}

/// Runs a module with a client that registers itself before and removes itself afterwards.
pub(crate) fn dynamic(op: &Op, variant: Variant, members: Value, module: impl Fn(&mut Module<'_>)) {
    let registration = Registration::new(variant.auth, variant.response_type).with(members);
    let (rp, answer) = registration.register(op);
    module(&mut Module::new(op, rp, variant));
    unregister(op, &answer);
}

pub(crate) struct Module<'o> {
    pub(crate) op: &'o Op,
    pub(crate) rp: Rp,
    pub(crate) variant: Variant,
    pub(crate) browser: Browser,
}

/// What a successful run brought.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) callback: Callback,
    /// The ID token that came through the browser.
    pub(crate) front: Option<IdToken>,
    /// The ID token of the token endpoint.
    pub(crate) back: Option<IdToken>,
    /// The response of the token endpoint.
    pub(crate) tokens: Option<Value>,
}

impl Done {
    /// The last ID token; every module has one.
    pub(crate) fn id_token(&self) -> &Value {
        &self.back.as_ref().or(self.front.as_ref()).unwrap().claims
    }

    pub(crate) fn id_tokens(&self) -> impl Iterator<Item = &Value> {
        self.front.iter().chain(&self.back).map(|token| &token.claims)
    }

    /// The last access token.
    pub(crate) fn access_token(&self) -> Option<&str> {
        let tokens = self.tokens.as_ref().map(|tokens| tokens["access_token"].as_str().unwrap());
        tokens.or_else(|| self.callback.params.get("access_token"))
    }

    pub(crate) fn refresh_token(&self) -> Option<&str> {
        self.tokens.as_ref()?["refresh_token"].as_str()
    }
}

impl<'o> Module<'o> {
    pub(crate) fn new(op: &'o Op, rp: Rp, variant: Variant) -> Self {
        Self { op, rp, variant, browser: Browser::default() }
    }

    /// The request that every module begins with.
    pub(crate) fn request(&self) -> Params {
        let mut params = Params::new();
        params.set("client_id", &self.rp.id);
        params.set("redirect_uri", &self.rp.redirect_uri);
        params.set("scope", "openid");
        params.set("state", random(10));
        params.set("nonce", random(10));
        params.set("response_type", self.variant.response_type.as_str());
        if self.variant.form_post {
            params.set("response_mode", "form_post");
        }
        params
    }

    /// The request with one parameter more, or another value of one.
    pub(crate) fn with(&self, name: &str, value: &str) -> Params {
        let mut params = self.request();
        params.set(name, value);
        params
    }

    /// The request without one of its parameters.
    pub(crate) fn without(&self, name: &str) -> Params {
        self.request().iter().filter(|(known, _)| *known != name).collect()
    }

    /// Asks, and signs in and allows wherever the provider asks back.
    pub(crate) fn visit(&mut self, request: &Params) -> End {
        self.browser.visit(self.op, &address(request))
    }

    /// A visit that must end at the suite, the way the variant says.
    #[track_caller]
    pub(crate) fn callback(&mut self, request: &Params) -> Callback {
        let callback = self.visit(request).callback();
        assert_eq!(callback.channel, self.variant.channel(), "{:?}: {callback:?}", self.variant);
        let (uri, _) = self.rp.redirect_uri.split_once('?').unwrap_or((&self.rp.redirect_uri, ""));
        let expected = if callback.channel == Channel::Query { uri } else { &self.rp.redirect_uri };
        assert_eq!(callback.uri, expected);
        callback
    }

    /// The whole flow with everything that the suite checks in each module.
    #[track_caller]
    pub(crate) fn succeed(&mut self, request: &Params) -> Done {
        let callback = self.callback(request);
        self.complete(request, callback)
    }

    /// What follows a successful answer.
    #[track_caller]
    pub(crate) fn complete(&self, request: &Params, callback: Callback) -> Done {
        self.complete_with_audience(request, callback, &format!("{ISSUER}/token"))
    }

    #[track_caller]
    pub(crate) fn complete_with_audience(
        &self,
        request: &Params,
        callback: Callback,
        audience: &str,
    ) -> Done {
        let (variant, params) = (self.variant, &callback.params);
        assert_eq!(params.get("error"), None, "{variant:?}: {callback:?}");
        assert_eq!(params.get("state"), request.get("state"), "{variant:?}");
        assert_eq!(params.get("iss"), Some(ISSUER), "RFC 9207, and right if it is there");
        let has = |name: &str| params.get(name).is_some();
        assert_eq!(
            (has("code"), has("access_token"), has("id_token")),
            (variant.has_code(), variant.has_token(), variant.has_id_token()),
            "{variant:?}"
        );
        let front = params.get("id_token").map(|token| {
            let token = IdToken::check(self.op, &self.rp, token, request.get("nonce"));
            token.check_hash("at_hash", params.get("access_token"), variant.has_token());
            token.check_hash("c_hash", params.get("code"), variant.has_code());
            token.check_hash("s_hash", params.get("state"), false);
            token
        });
        if let Some(token) = params.get("access_token") {
            assert!(params.get("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("Bearer")));
            assert!(params.get("expires_in").unwrap().parse::<u64>().unwrap() > 0);
            self.userinfo(token);
        }
        let (mut back, mut tokens) = (None, None);
        if let Some(code) = params.get("code") {
            assert!(code.len() >= 16, "128 bits");
            checks::has_entropy(code);
            let response = self.redeem(request, code, audience);
            let text = response["id_token"].as_str().unwrap_or_else(|| panic!("{response}"));
            let token = IdToken::check(self.op, &self.rp, text, request.get("nonce"));
            token.check_hash("at_hash", response["access_token"].as_str(), false);
            token.check_hash("c_hash", Some(code), false);
            if let Some(front) = &front {
                for name in ["iss", "sub"] {
                    assert_eq!(front.claims[name], token.claims[name], "{name}");
                }
            }
            let info = json_of(&self.userinfo(response["access_token"].as_str().unwrap()));
            assert_eq!(info["sub"], token.claims["sub"]);
            (back, tokens) = (Some(token), Some(response));
        }
        Done { callback, front, back, tokens }
    }

    /// Redeems a code; the request may have had a `code_challenge` of [`VERIFIER`].
    fn redeem(&self, request: &Params, code: &str, audience: &str) -> Value {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &*self.rp.redirect_uri),
        ];
        if request.get("code_challenge").is_some() {
            form.push(("code_verifier", VERIFIER));
        }
        let response = self.op.token_with_audience(&self.rp, &form, audience);
        let tokens = checks::token_response(&response);
        assert!(tokens.get("error").is_none());
        tokens
    }

    /// Redeems a code a second time.
    pub(crate) fn redeem_again(&self, code: &str) -> Response<Bytes> {
        let form =
            [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &*self.rp.redirect_uri)];
        self.op.token(&self.rp, &form)
    }

    /// UserInfo by GET, which must answer.
    #[track_caller]
    pub(crate) fn userinfo(&self, token: &str) -> Response<Bytes> {
        let response = self.ask_userinfo(token);
        assert_eq!(response.status(), StatusCode::OK, "{response:?}");
        response
    }

    pub(crate) fn ask_userinfo(&self, token: &str) -> Response<Bytes> {
        let request = Request::get(format!("{ISSUER}/userinfo"))
            .header("accept", "application/json")
            .header("accept-charset", "utf-8")
            .header("authorization", format!("Bearer {token}"));
        self.op.send(request.body(Bytes::new()).unwrap())
    }

    /// The claims about the person: of UserInfo, or of the ID token where that is all there is.
    pub(crate) fn person(&self, done: &Done) -> Value {
        match done.access_token() {
            Some(token) => {
                let response = self.userinfo(token);
                assert!(header(&response, "content-type").starts_with("application/json"));
                let info = json_of(&response);
                assert!(!info["sub"].as_str().unwrap().is_empty());
                assert!(done.id_tokens().all(|claims| claims["sub"] == info["sub"]));
                checks::person_claims(&info, self.op.now());
                info
            }
            None => done.id_token().clone(),
        }
    }
}

/// The verifier and the challenge of RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) fn address(request: &Params) -> String {
    format!("{ISSUER}/authorize?{}", request.to_query())
}
