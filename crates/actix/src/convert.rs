//! Requests and answers between actix-web, which has the types of `http` 0.2, and Authmint, which has those of `http` 1.

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderName;
use actix_web::{Error, HttpRequest, HttpResponse, error::InternalError, web};
use authmint_web::{MAX_BODY, Reply};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Uri};

/// The headers of a request, for [`Login::update`](crate::Login::update) and [`Login::check_csrf`](crate::Login::check_csrf).
///
/// ```
/// use actix_web::{HttpRequest, web::Data};
/// use authmint_actix::{Login, headers};
///
/// fn is_ours(login: &Data<Login>, request: &HttpRequest, csrf: Option<&str>) -> bool {
///     login.check_csrf(&headers(request), csrf)
/// }
/// ```
#[must_use]
pub fn headers(request: &HttpRequest) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(request.headers().len());
    for (name, value) in request.headers() {
        // What one version of the types takes, the other takes too.
        if let (Ok(name), Ok(value)) = (
            http::HeaderName::from_bytes(name.as_str().as_bytes()),
            HeaderValue::from_bytes(value.as_bytes()),
        ) {
            headers.append(name, value);
        }
    }
    headers
}

/// Adds headers to an answer: what [`Login::update`](crate::Login::update) gave.
pub fn add_headers(response: &mut HttpResponse, headers: &HeaderMap) {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_str().as_bytes()),
            actix_web::http::header::HeaderValue::from_bytes(value.as_bytes()),
        ) {
            response.headers_mut().append(name, value);
        }
    }
}

/// Method and address of a request; `None` for what can't be served.
pub(crate) fn head(request: &HttpRequest) -> Option<(Method, Uri)> {
    let method = Method::from_bytes(request.method().as_str().as_bytes()).ok()?;
    Some((method, request.uri().to_string().parse().ok()?))
}

/// A request with its body. What is too long arrives as something that is too long, and is answered where all else is.
///
/// # Errors
/// The answer to a body that was cut off or broken.
pub(crate) async fn read(
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<Request<Bytes>, HttpResponse> {
    let most = MAX_BODY.saturating_add(1);
    let body = match payload.to_bytes_limited(most).await {
        Ok(Ok(body)) => body,
        Err(_) => Bytes::from(vec![0; most]),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a body could not be read");
            return Err(HttpResponse::BadRequest().body("The body of the request was cut off or broken.\n"));
        }
    };
    let Some((method, uri)) = head(request) else { return Err(HttpResponse::BadRequest().finish()) };
    let mut converted = Request::new(body);
    (*converted.method_mut(), *converted.uri_mut()) = (method, uri);
    *converted.headers_mut() = headers(request);
    Ok(converted)
}

/// An answer of Authmint's as one of actix-web's.
pub(crate) fn answer(reply: Reply) -> HttpResponse {
    let (parts, body) = reply.into_parts();
    let status = StatusCode::from_u16(parts.status.as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status).body(body);
    // A body of bytes is given a type of its own; what Authmint sends says what it is, or nothing.
    response.headers_mut().remove(actix_web::http::header::CONTENT_TYPE);
    add_headers(&mut response, &parts.headers);
    response
}

/// An answer in place of what an extractor should have given.
pub(crate) fn refuse(response: HttpResponse) -> Error {
    InternalError::from_response("the request was turned away", response).into()
}

/// The answer where an application lacks what an extractor needs.
pub(crate) fn not_set_up(what: &str) -> Error {
    tracing::error!("an extractor of authmint-actix needs a {what} in the application's data");
    refuse(HttpResponse::InternalServerError().finish())
}
