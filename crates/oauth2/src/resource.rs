//! Resource indicators (RFC 8707): which APIs a token is for.

use url::Url;

use crate::error::{Error, ErrorCode};
use crate::params::Params;

/// The name of the parameter, which may be repeated.
pub const RESOURCE: &str = "resource";
/// The most resources in one request.
pub const MAX_RESOURCES: usize = 8;

/// Reads every `resource` of a request.
///
/// # Errors
/// `invalid_target` when one is not an absolute URI without a fragment, or when there are more than [`MAX_RESOURCES`].
pub fn from_params(params: &Params) -> Result<Vec<String>, Error> {
    let invalid = |description| {
        Error::new(ErrorCode::InvalidTarget, description).parameter(RESOURCE).section("RFC 8707 2")
    };
    let mut resources = Vec::new();
    for resource in params.get_all(RESOURCE) {
        let is_absolute = Url::parse(resource).is_ok() && !resource.contains('#');
        if !is_absolute || resource.len() > 2048 {
            return Err(invalid("resource must be an absolute URI without a fragment"));
        }
        if !resources.iter().any(|known| known == resource) {
            resources.push(resource.to_owned());
        }
    }
    if resources.len() > MAX_RESOURCES {
        return Err(invalid("there are more than 8 resources"));
    }
    Ok(resources)
}

/// Writes every resource.
pub fn to_params(resources: &[String], params: &mut Params) {
    for resource in resources {
        params.append(RESOURCE, resource);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_absolute_and_may_be_several() {
        let read = |query: &str| from_params(&Params::parse(query.as_bytes()).unwrap());
        let two = read("resource=https://a.example/&resource=urn:b&resource=urn:b").unwrap();
        assert_eq!(two, ["https://a.example/", "urn:b"]);
        assert!(read("").unwrap().is_empty());
        for query in ["resource=/orders", "resource=https://a.example/%23x", "resource=a.example"] {
            assert_eq!(read(query).unwrap_err().code(), ErrorCode::InvalidTarget, "{query}");
        }
        let many = (0..9).map(|n| format!("resource=urn:{n}")).collect::<Vec<_>>().join("&");
        assert!(read(&many).is_err());
    }
}
