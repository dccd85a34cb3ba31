//! By which name a client knows a person (OpenID Connect Core 8): the public one, or one for its sector alone.

use std::borrow::Cow;

use authmint_jose::{SealingKey, base64url};
use authmint_oauth2::{ClientMetadata, Error as ProtocolError, ErrorCode, SubjectType};
use url::Url;

use crate::storage::Client;

/// Names people for one client.
#[derive(Clone, Debug)]
pub(crate) struct Subjects {
    /// The key and the sector; none for public names.
    pairwise: Option<(SealingKey, String)>,
}

impl Subjects {
    pub(crate) fn of(client: &Client, key: &SealingKey) -> Self {
        let pairwise = client.metadata.subject_type == SubjectType::Pairwise;
        // Registration saw to it that there is one.
        let sector = sector(&client.metadata).unwrap_or_else(|_| client.id.clone());
        Self { pairwise: pairwise.then(|| (key.clone(), sector)) }
    }

    pub(crate) fn is_pairwise(&self) -> bool {
        self.pairwise.is_some()
    }

    /// The `sub` of a person for this client (Core 8.1): never turned back, since the key never leaves the server.
    pub(crate) fn name<'s>(&self, subject: &'s str) -> Cow<'s, str> {
        match &self.pairwise {
            Some((key, sector)) => {
                let mac = key.mac(format!("{sector}\n{subject}").as_bytes());
                Cow::Owned(base64url::encode(&mac))
            }
            None => Cow::Borrowed(subject),
        }
    }
}

/// The sector of a client: the host of its `sector_identifier_uri`, or of all its redirect URIs.
///
/// Only an `https` address says whose a host is: in a private-use scheme anybody writes any, and every native application has
/// `localhost`. A `sector_identifier_uri` says whose redirect URIs it vouches for, so it says nothing where there are none.
///
/// # Errors
/// `invalid_client_metadata` when its redirect URIs have several hosts and it names no sector (Core 8.1).
pub(crate) fn sector(metadata: &ClientMetadata) -> Result<String, ProtocolError> {
    let host = |uri: &str| {
        let url = Url::parse(uri).ok().filter(|url| url.scheme() == "https")?;
        url.host_str().map(str::to_owned)
    };
    let mut hosts: Vec<_> = match &metadata.sector_identifier_uri {
        _ if metadata.redirect_uris.is_empty() => Vec::new(),
        Some(uri) => vec![host(uri)],
        None => metadata.redirect_uris.iter().map(|uri| host(uri.as_str())).collect(),
    };
    hosts.dedup();
    match hosts.as_slice() {
        [Some(host)] => Ok(host.clone()),
        _ => Err(ProtocolError::new(
            ErrorCode::InvalidClientMetadata,
            "subject_type pairwise needs https redirect_uris of one host, or a sector_identifier_uri that lists redirect_uris",
        )
        .parameter("sector_identifier_uri")
        .section("OpenID Connect Core 8.1")),
    }
}

/// Whether people would go by other names for a client if its metadata changed.
pub(crate) fn renames(before: &ClientMetadata, after: &ClientMetadata) -> bool {
    let sector = |metadata: &ClientMetadata| {
        (metadata.subject_type == SubjectType::Pairwise).then(|| sector(metadata).ok())
    };
    sector(before) != sector(after)
}

#[cfg(test)]
mod tests {
    use authmint_oauth2::RedirectUri;

    use super::*;

    #[test]
    fn names_differ_by_sector_and_stay_the_same_within() {
        let key = SealingKey::generate().unwrap();
        let client = |id: &str, uri: &str| {
            let mut client = crate::test_client(id);
            client.metadata.subject_type = SubjectType::Pairwise;
            client.metadata.redirect_uris = vec![RedirectUri::parse(uri).unwrap()];
            Subjects::of(&client, &key)
        };
        let one = client("1", "https://a.example/1");
        assert_eq!(one.name("ada"), client("2", "https://a.example/2").name("ada"));
        assert_ne!(one.name("ada"), client("3", "https://b.example/1").name("ada"));
        assert_ne!(one.name("ada"), one.name("bob"));
        let public = Subjects::of(&crate::test_client("4"), &key);
        assert_eq!(public.name("ada"), "ada");
    }

    #[test]
    fn several_hosts_need_a_sector() {
        let uris = ["https://a.example/cb", "https://b.example/cb"];
        let mut metadata = ClientMetadata {
            redirect_uris: uris.map(|uri| RedirectUri::parse(uri).unwrap()).to_vec(),
            ..ClientMetadata::default()
        };
        assert!(sector(&metadata).is_err());
        metadata.sector_identifier_uri = Some("https://c.example/sector.json".to_owned());
        assert_eq!(sector(&metadata).unwrap(), "c.example");
    }
}
