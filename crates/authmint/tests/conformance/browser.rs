//! A browser as the suite drives one: one cookie jar a module, pages told apart by their address, elements by their id.

use std::collections::BTreeMap;

use authmint::oauth2::Params;
use bytes::Bytes;
use http::{Request, Response, StatusCode};

use crate::op::{ISSUER, Op, PASSWORD, USER, header};

/// How an authorization response came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Query,
    Fragment,
    FormPost,
}

/// What the suite's own address was called with.
#[derive(Clone, Debug)]
pub(crate) struct Callback {
    pub(crate) channel: Channel,
    /// The address without what the response added to it.
    pub(crate) uri: String,
    pub(crate) params: Params,
}

/// Where a visit ends.
#[derive(Debug)]
pub(crate) enum End {
    Callback(Callback),
    /// A page of the provider's that asks nothing.
    Page(Response<Bytes>),
}

impl End {
    #[track_caller]
    pub(crate) fn callback(self) -> Callback {
        match self {
            Self::Callback(callback) => callback,
            Self::Page(page) => panic!("no callback, but a page: {}", text(&page)),
        }
    }

    #[track_caller]
    pub(crate) fn page(self) -> Response<Bytes> {
        match self {
            Self::Page(page) => page,
            Self::Callback(callback) => panic!("no page, but a callback: {callback:?}"),
        }
    }
}

#[derive(Default)]
pub(crate) struct Browser {
    cookies: BTreeMap<String, String>,
    /// How many login pages were filled in.
    pub(crate) logins: usize,
    /// How many consents were given.
    pub(crate) consents: usize,
    /// How many logouts were confirmed.
    pub(crate) logouts: usize,
    /// What the pages loaded in frames.
    pub(crate) frames: Vec<String>,
    /// The last login page.
    pub(crate) login_page: String,
}

impl Browser {
    pub(crate) fn get(&mut self, op: &Op, address: &str) -> Response<Bytes> {
        self.send(op, Request::get(address).body(Bytes::new()).unwrap())
    }

    pub(crate) fn post(&mut self, op: &Op, address: &str, form: &Params) -> Response<Bytes> {
        let request = Request::post(address)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(form.to_query()));
        self.send(op, request.unwrap())
    }

    fn send(&mut self, op: &Op, mut request: Request<Bytes>) -> Response<Bytes> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.headers_mut().insert("cookie", cookies.join("; ").parse().unwrap());
        let response = op.send(request);
        for set in response.headers().get_all("set-cookie") {
            let (name, rest) = set.to_str().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
        }
        response
    }

    /// Goes on from a response until the suite is called or a page asks nothing: signs in, allows, lets forms go.
    pub(crate) fn go_on(&mut self, op: &Op, mut response: Response<Bytes>) -> End {
        for _ in 0..12 {
            if response.status().is_redirection() {
                assert_eq!(response.status(), StatusCode::SEE_OTHER);
                let location = header(&response, "location").to_owned();
                let address =
                    if location.starts_with('/') { format!("{ISSUER}{location}") } else { location };
                if !is_ours(&address) {
                    return End::Callback(redirected(&address));
                }
                response = self.get(op, &address);
                continue;
            }
            let page = text(&response);
            response = if let Some(form) = Form::with_id(&page, "login") {
                self.logins += 1;
                self.login_page.clone_from(&page);
                let fields = form.click(&page, "login-submit");
                let filled = fields.with("username", USER).with("password", PASSWORD);
                self.post(op, &form.address(), &filled.0)
            } else if let Some(form) = Form::with_id(&page, "consent") {
                self.consents += 1;
                self.post(op, &form.address(), &form.click(&page, "consent-allow").0)
            } else if let Some(form) = Form::with_id(&page, "form-post") {
                assert!(page.contains("<script>"), "the form must go without a click: {page}");
                let params = form.fields;
                return End::Callback(Callback { channel: Channel::FormPost, uri: form.action, params });
            } else if let Some(form) = Form::with_id(&page, "logout") {
                self.logouts += 1;
                self.post(op, &form.address(), &form.click(&page, "logout-submit").0)
            } else {
                let frames = page.split("<iframe ").skip(1).filter_map(|tag| attribute(tag, "src"));
                self.frames.extend(frames);
                // A page of frames goes on by itself.
                let Some((_, link)) = page.split_once("id=\"continue\"") else { return End::Page(response) };
                return End::Callback(redirected(&attribute(link, "href").unwrap()));
            };
        }
        panic!("the provider leads nowhere");
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(crate) fn visit(&mut self, op: &Op, address: &str) -> End {
        let response = self.get(op, address);
        self.go_on(op, response)
    }
}

fn is_ours(address: &str) -> bool {
    address == ISSUER || address.starts_with(&format!("{ISSUER}/"))
}

fn redirected(address: &str) -> Callback {
    let (channel, (uri, params)) = match address.split_once('#') {
        Some(parts) => (Channel::Fragment, parts),
        None => (Channel::Query, address.split_once('?').unwrap_or((address, ""))),
    };
    Callback { channel, uri: uri.to_owned(), params: Params::parse(params.as_bytes()).unwrap() }
}

pub(crate) fn text(response: &Response<Bytes>) -> String {
    String::from_utf8(response.body().to_vec()).unwrap()
}

/// A form of a page, with its hidden fields.
pub(crate) struct Form {
    action: String,
    fields: Params,
}

/// What a form is sent with.
pub(crate) struct Filled(pub(crate) Params);

impl Filled {
    fn with(mut self, name: &str, value: &str) -> Self {
        self.0.set(name, value);
        self
    }
}

impl Form {
    pub(crate) fn with_id(page: &str, id: &str) -> Option<Self> {
        let (_, rest) = page.split_once(&format!("<form id=\"{id}\" "))?;
        let (form, _) = rest.split_once("</form>")?;
        let hidden = form.split("<input type=\"hidden\" ").skip(1);
        let fields =
            hidden.map(|tag| (attribute(tag, "name").unwrap(), attribute(tag, "value").unwrap())).collect();
        Some(Self { action: attribute(form, "action")?, fields })
    }

    pub(crate) fn address(&self) -> String {
        if self.action.starts_with('/') { format!("{ISSUER}{}", self.action) } else { self.action.clone() }
    }

    /// The fields with what the button adds.
    pub(crate) fn click(&self, page: &str, button: &str) -> Filled {
        let (_, tag) = page
            .split_once(&format!("id=\"{button}\""))
            .unwrap_or_else(|| panic!("no button {button} in {page}"));
        let mut params = self.fields.clone();
        if let (Some(name), Some(value)) = (attribute(tag, "name"), attribute(tag, "value")) {
            params.set(name, value);
        }
        Filled(params)
    }
}

/// An attribute of the tag that the text begins within.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (tag, _) = tag.split_once('>')?;
    let (_, rest) =
        format!(" {tag}").split_once(&format!(" {name}=\"")).map(|(a, b)| (a.len(), b.to_owned()))?;
    Some(unescape(rest.split('"').next()?))
}

fn unescape(text: &str) -> String {
    let entities = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}
