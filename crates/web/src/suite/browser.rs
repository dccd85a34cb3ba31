//! A browser: cookies with their hosts, ages and sites, redirects, and forms that a person fills in.

use std::collections::BTreeMap;
use std::rc::Rc;

use authmint_oauth2::Params;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{Method, Request, Response, StatusCode};

use super::Application;
use super::world::{APP, ONE, PASSWORD, TWO, World};

const FORM: &str = "application/x-www-form-urlencoded";

/// Where a request comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    /// The person goes there.
    Navigation,
    /// A form of another site is posted.
    OtherSite,
}

/// A cookie, as `Set-Cookie` said.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) value: String,
    /// All attributes as they came.
    pub(crate) attributes: String,
}

/// The answer of a provider that a browser is about to bring to the application.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) path: String,
    pub(crate) params: Params,
    by_form: bool,
}

/// A browser of a person, with an application it looks at.
#[derive(Clone)]
pub struct Browser<'w> {
    world: &'w World,
    application: Rc<dyn Application>,
    cookies: BTreeMap<(String, String), Kept>,
}

impl<'w> Browser<'w> {
    pub(crate) fn new(world: &'w World, application: Box<dyn Application>) -> Self {
        Self { world, application: application.into(), cookies: BTreeMap::new() }
    }

    /// The same application in another browser.
    pub(crate) fn other(&self) -> Self {
        Self { cookies: BTreeMap::new(), ..self.clone() }
    }

    /// The same browser, at an application in the place of the one before.
    pub(crate) fn at(&self, application: Box<dyn Application>) -> Self {
        Self { application: application.into(), ..self.clone() }
    }

    /// The same browser, without the application's cookies.
    pub(crate) fn forgetting_the_application(&self) -> Self {
        let mut other = self.clone();
        other.cookies.retain(|(host, _), _| host != "app.example");
        other
    }

    /// The application's cookies whose names contain this.
    pub(crate) fn cookies(&self, part: &str) -> Vec<(&str, &Kept)> {
        let ours =
            self.cookies.iter().filter(|((host, name), _)| host == "app.example" && name.contains(part));
        ours.map(|((_, name), kept)| (name.as_str(), kept)).collect()
    }

    pub(crate) fn plant(&mut self, name: &str, value: &str) {
        let kept = Kept { value: value.to_owned(), attributes: "SameSite=Lax".to_owned() };
        self.cookies.insert(("app.example".to_owned(), name.to_owned()), kept);
    }

    /// Goes to a path of the application.
    pub(crate) async fn get(&mut self, path: &str) -> Response<Bytes> {
        self.send(Method::GET, &format!("{APP}{path}"), None, From::Navigation).await
    }

    /// Posts a form of the application's own.
    pub(crate) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Response<Bytes> {
        let form: Params = form.iter().copied().collect();
        self.send(Method::POST, &format!("{APP}{path}"), Some(&form), From::Navigation).await
    }

    /// A request to the application with headers of the test's own, beside the cookies.
    pub(crate) async fn request(&mut self, mut request: Request<Bytes>) -> Response<Bytes> {
        let cookies = self.cookies_for("app.example", From::Navigation);
        if !cookies.is_empty() {
            request.headers_mut().insert(COOKIE, cookies.parse().unwrap());
        }
        let response = self.application.send(request).await;
        self.keep("app.example", &response);
        response
    }

    pub(crate) async fn send(
        &mut self,
        method: Method,
        address: &str,
        form: Option<&Params>,
        from: From,
    ) -> Response<Bytes> {
        let (_, rest) = address.split_once("://").unwrap();
        let (host, path) = rest.split_at(rest.find('/').unwrap());
        let mut request = Request::new(form.map(|form| Bytes::from(form.to_query())).unwrap_or_default());
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().unwrap();
        request.headers_mut().insert(HOST, host.parse().unwrap());
        if form.is_some() {
            request.headers_mut().insert(CONTENT_TYPE, FORM.parse().unwrap());
        }
        let cookies = self.cookies_for(host, from);
        if !cookies.is_empty() {
            request.headers_mut().insert(COOKIE, cookies.parse().unwrap());
        }
        let response = match host {
            "app.example" => self.application.send(request).await,
            "one.example" => self.world.providers[0].handle(request).await,
            "two.example" => self.world.providers[1].handle(request).await,
            other => panic!("the browser was sent to {other}"),
        };
        self.keep(host, &response);
        response
    }

    fn cookies_for(&self, host: &str, from: From) -> String {
        let goes_along = |kept: &Kept| from == From::Navigation || kept.attributes.contains("SameSite=None");
        let ours = self.cookies.iter().filter(|((of, _), kept)| of == host && goes_along(kept));
        ours.map(|((_, name), kept)| format!("{name}={}", kept.value)).collect::<Vec<_>>().join("; ")
    }

    fn keep(&mut self, host: &str, response: &Response<Bytes>) {
        for set in response.headers().get_all(SET_COOKIE) {
            let set = set.to_str().unwrap();
            let (pair, attributes) = set.split_once("; ").unwrap_or((set, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if name.starts_with("__Host-") {
                let whole = attributes.contains("Secure") && attributes.contains("Path=/;");
                assert!(whole && !attributes.contains("Domain"), "a browser refuses {set}");
            }
            assert!(set.len() < 4096 + 200, "a browser refuses a cookie of {} bytes", set.len());
            let key = (host.to_owned(), name.to_owned());
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, Kept { value: value.to_owned(), attributes: attributes.to_owned() });
            }
        }
    }

    /// Begins a login at a path of the application, and goes through the provider's pages; what the provider answers is not yet
    /// brought.
    pub(crate) async fn answer_of(&mut self, path: &str) -> Delivery {
        let mut response = self.get(path).await;
        let mut host = APP.to_owned();
        for _ in 0..12 {
            if response.status() == StatusCode::SEE_OTHER {
                let to = location(&response);
                let to = if to.starts_with('/') { format!("{host}{to}") } else { to };
                let (path, query) = to.split_once('?').unwrap_or((&to, ""));
                if let Some(path) = path.strip_prefix(APP).filter(|path| path.starts_with("/callback")) {
                    let params = Params::parse(query.as_bytes()).unwrap();
                    return Delivery { path: path.to_owned(), params, by_form: false };
                }
                host = [ONE, TWO, APP].into_iter().find(|known| to.starts_with(known)).unwrap().to_owned();
                response = self.send(Method::GET, &to, None, From::Navigation).await;
                continue;
            }
            let page = text(&response);
            if page.contains(r#"id="form-post""#) {
                let action = between(&page, r#"method="post" action=""#, "\"");
                let path = action.strip_prefix(APP).unwrap().to_owned();
                return Delivery { path, params: hidden_fields(&page), by_form: true };
            }
            let mut form = hidden_fields(&page);
            let path = if page.contains("id=\"login-submit\"") {
                form.set("username", "person");
                form.set("password", PASSWORD);
                "/login"
            } else {
                form.set("decision", "allow");
                "/consent"
            };
            response = self.send(Method::POST, &format!("{host}{path}"), Some(&form), From::Navigation).await;
        }
        panic!("the provider leads nowhere");
    }

    /// Brings an answer to the application.
    pub(crate) async fn bring(&mut self, answer: &Delivery) -> Response<Bytes> {
        if answer.by_form {
            let address = format!("{APP}{}", answer.path);
            return self.send(Method::POST, &address, Some(&answer.params), From::OtherSite).await;
        }
        self.get(&format!("{}?{}", answer.path, answer.params.to_query())).await
    }

    /// Logs in by a path of the application.
    pub(crate) async fn log_in(&mut self, path: &str) -> Response<Bytes> {
        let answer = self.answer_of(path).await;
        self.bring(&answer).await
    }

    /// What the application says of the person.
    pub(crate) async fn home(&mut self) -> String {
        text(&self.get("/").await)
    }

    /// One line of it.
    pub(crate) async fn known(&mut self, what: &str) -> String {
        let home = self.home().await;
        between(&home, &format!("{what}="), "\n")
    }

    pub(crate) async fn is_logged_in(&mut self) -> bool {
        self.home().await != "nobody"
    }
}

fn hidden_fields(page: &str) -> Params {
    let mut fields = Params::new();
    for piece in page.split(r#"<input type="hidden" name=""#).skip(1) {
        let (name, rest) = piece.split_once('"').unwrap();
        fields.set(name, between(rest, "value=\"", "\""));
    }
    fields
}

pub(crate) fn between(text: &str, before: &str, after: &str) -> String {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split(after).next().unwrap().to_owned()
}

pub(crate) fn text(response: &Response<Bytes>) -> String {
    String::from_utf8(response.body().to_vec()).unwrap()
}

pub(crate) fn location(response: &Response<Bytes>) -> String {
    response.headers().get(LOCATION).map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default()
}
