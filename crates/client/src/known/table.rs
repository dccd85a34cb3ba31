//! The table of known providers. Facts from their documentation and published metadata, as of November 2026.

use super::{Endpoints, KnownProvider, Quirk};
use crate::quirks::UserInfoMap;

/// What most providers of OpenID Connect are asked for.
const OPENID: &str = "openid profile email";
/// A map with every pointer empty.
const NOWHERE: UserInfoMap = UserInfoMap {
    sub: "",
    name: "",
    preferred_username: "",
    email: "",
    email_verified: "",
    picture: "",
    profile: "",
    emails_url: None,
};

/// A provider with metadata of its own.
const fn openid(
    name: &'static str,
    title: &'static str,
    issuer: &'static str,
    console: &'static str,
) -> KnownProvider {
    KnownProvider { name, title, issuer, scope: OPENID, console, endpoints: None, quirks: &[] }
}

/// Every provider that is known.
pub const ALL: &[KnownProvider] = &[
    // Accounts that people have.
    openid(
        "google",
        "Google",
        "https://accounts.google.com",
        "https://console.cloud.google.com/apis/credentials",
    ),
    KnownProvider {
        name: "microsoft",
        title: "Microsoft",
        issuer: "https://login.microsoftonline.com/common/v2.0",
        scope: OPENID,
        console: "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps",
        endpoints: Some(Endpoints {
            authorization: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
            token: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
            user_info: "https://graph.microsoft.com/oidc/userinfo",
            jwks: "https://login.microsoftonline.com/common/discovery/v2.0/keys",
            end_session: "https://login.microsoftonline.com/common/oauth2/v2.0/logout",
            ..Endpoints::NONE
        }),
        quirks: &[Quirk::TenantIssuer("https://login.microsoftonline.com/{tid}/v2.0")],
    },
    KnownProvider {
        name: "apple",
        title: "Apple",
        issuer: "https://appleid.apple.com",
        scope: "openid name email",
        console: "https://developer.apple.com/account/resources/identifiers",
        endpoints: None,
        quirks: &[Quirk::FormPost, Quirk::SignedSecret],
    },
    KnownProvider {
        name: "facebook",
        title: "Facebook",
        issuer: "https://www.facebook.com",
        scope: "public_profile email",
        console: "https://developers.facebook.com/apps",
        endpoints: Some(Endpoints {
            authorization: "https://www.facebook.com/v23.0/dialog/oauth",
            token: "https://graph.facebook.com/v23.0/oauth/access_token",
            user_info: "https://graph.facebook.com/v23.0/me?fields=id,name,email,picture",
            ..Endpoints::NONE
        }),
        quirks: &[
            Quirk::SecretInForm,
            Quirk::UserInfo(UserInfoMap {
                sub: "/id",
                name: "/name",
                email: "/email",
                picture: "/picture/data/url",
                ..NOWHERE
            }),
        ],
    },
    KnownProvider {
        quirks: &[Quirk::NoNonce],
        ..openid(
            "linkedin",
            "LinkedIn",
            "https://www.linkedin.com/oauth",
            "https://www.linkedin.com/developers/apps",
        )
    },
    KnownProvider {
        name: "amazon",
        title: "Amazon",
        issuer: "https://www.amazon.com",
        scope: "profile",
        console: "https://developer.amazon.com/loginwithamazon/console/site/lwa/overview.html",
        endpoints: Some(Endpoints {
            authorization: "https://www.amazon.com/ap/oa",
            token: "https://api.amazon.com/auth/o2/token",
            user_info: "https://api.amazon.com/user/profile",
            ..Endpoints::NONE
        }),
        quirks: &[Quirk::UserInfo(UserInfoMap {
            sub: "/user_id",
            name: "/name",
            email: "/email",
            ..NOWHERE
        })],
    },
    KnownProvider {
        name: "x",
        title: "X",
        issuer: "https://x.com",
        scope: "users.read tweet.read",
        console: "https://developer.x.com/en/portal/dashboard",
        endpoints: Some(Endpoints {
            authorization: "https://x.com/i/oauth2/authorize",
            token: "https://api.x.com/2/oauth2/token",
            user_info: "https://api.x.com/2/users/me?user.fields=profile_image_url",
            revocation: "https://api.x.com/2/oauth2/revoke",
            ..Endpoints::NONE
        }),
        quirks: &[Quirk::UserInfo(UserInfoMap {
            sub: "/data/id",
            name: "/data/name",
            preferred_username: "/data/username",
            picture: "/data/profile_image_url",
            ..NOWHERE
        })],
    },
    openid("yahoo", "Yahoo", "https://api.login.yahoo.com", "https://developer.yahoo.com/apps"),
    KnownProvider {
        quirks: &[Quirk::SecretMac],
        ..openid("line", "LINE", "https://access.line.me", "https://developers.line.biz/console")
    },
    KnownProvider {
        scope: "openid",
        ..openid("kakao", "Kakao", "https://kauth.kakao.com", "https://developers.kakao.com/console/app")
    },
    KnownProvider {
        name: "naver",
        title: "Naver",
        issuer: "https://nid.naver.com",
        scope: "",
        console: "https://developers.naver.com/apps",
        endpoints: Some(Endpoints {
            authorization: "https://nid.naver.com/oauth2.0/authorize",
            token: "https://nid.naver.com/oauth2.0/token",
            user_info: "https://openapi.naver.com/v1/nid/me",
            ..Endpoints::NONE
        }),
        quirks: &[
            Quirk::SecretInForm,
            Quirk::UserInfo(UserInfoMap {
                sub: "/response/id",
                name: "/response/name",
                preferred_username: "/response/nickname",
                email: "/response/email",
                picture: "/response/profile_image",
                ..NOWHERE
            }),
        ],
    },
    KnownProvider {
        name: "reddit",
        title: "Reddit",
        issuer: "https://www.reddit.com",
        scope: "identity",
        console: "https://www.reddit.com/prefs/apps",
        endpoints: Some(Endpoints {
            authorization: "https://www.reddit.com/api/v1/authorize",
            token: "https://www.reddit.com/api/v1/access_token",
            user_info: "https://oauth.reddit.com/api/v1/me",
            revocation: "https://www.reddit.com/api/v1/revoke_token",
            ..Endpoints::NONE
        }),
        quirks: &[Quirk::UserInfo(UserInfoMap {
            sub: "/id",
            preferred_username: "/name",
            picture: "/icon_img",
            ..NOWHERE
        })],
    },
    KnownProvider {
        name: "mastodon",
        title: "Mastodon",
        issuer: "https://{place}",
        scope: "read:accounts",
        console: "https://docs.joinmastodon.org/client/token",
        endpoints: Some(Endpoints {
            authorization: "https://{place}/oauth/authorize",
            token: "https://{place}/oauth/token",
            user_info: "https://{place}/api/v1/accounts/verify_credentials",
            revocation: "https://{place}/oauth/revoke",
            ..Endpoints::NONE
        }),
        quirks: &[Quirk::UserInfo(UserInfoMap {
            sub: "/id",
            name: "/display_name",
            preferred_username: "/username",
            picture: "/avatar",
            profile: "/url",
            ..NOWHERE
        })],
    },
    // Games, music, video.
    KnownProvider {
        name: "discord",
        title: "Discord",
        issuer: "https://discord.com",
        scope: "identify email",
        console: "https://discord.com/developers/applications",
        endpoints: Some(Endpoints {
            authorization: "https://discord.com/oauth2/authorize",
            token: "https://discord.com/api/oauth2/token",
            user_info: "https://discord.com/api/users/@me",
            revocation: "https://discord.com/api/oauth2/token/revoke",
            ..Endpoints::NONE
        }),
        quirks: &[Quirk::UserInfo(UserInfoMap {
            sub: "/id",
            name: "/global_name",
            preferred_username: "/username",
            email: "/email",
            email_verified: "/verified",
            ..NOWHERE
        })],
    },
    KnownProvider {
        scope: "openid user:read:email",
        quirks: &[Quirk::Parameter(
            "claims",
            r#"{"userinfo":{"email":null,"email_verified":null,"picture":null,"preferred_username":null}}"#,
        )],
        ..openid("twitch", "Twitch", "https://id.twitch.tv/oauth2", "https://dev.twitch.tv/console/apps")
    },
    KnownProvider {
        name: "spotify",
        title: "Spotify",
        issuer: "https://accounts.spotify.com",
        scope: "user-read-email user-read-private",
        console: "https://developer.spotify.com/dashboard",
        endpoints: Some(Endpoints {
            authorization: "https://accounts.spotify.com/authorize",
            token: "https://accounts.spotify.com/api/token",
            user_info: "https://api.spotify.com/v1/me",
            ..Endpoints::NONE
        }),
        quirks: &[Quirk::UserInfo(UserInfoMap {
            sub: "/id",
            name: "/display_name",
            email: "/email",
            picture: "/images/0/url",
            profile: "/external_urls/spotify",
            ..NOWHERE
        })],
    },
    KnownProvider {
        scope: "openid",
        ..openid(
            "battlenet",
            "Battle.net",
            "https://oauth.battle.net",
            "https://develop.battle.net/access/clients",
        )
    },
    KnownProvider {
        name: "strava",
        title: "Strava",
        issuer: "https://www.strava.com",
        scope: "read",
        console: "https://www.strava.com/settings/api",
        endpoints: Some(Endpoints {
            authorization: "https://www.strava.com/oauth/authorize",
            token: "https://www.strava.com/oauth/token",
            user_info: "https://www.strava.com/api/v3/athlete",
            ..Endpoints::NONE
        }),
        quirks: &[
            Quirk::SecretInForm,
            Quirk::ScopeSeparator(','),
            Quirk::UserInfo(UserInfoMap {
                sub: "/id",
                preferred_username: "/username",
                picture: "/profile",
                ..NOWHERE
            }),
        ],
    },
    KnownProvider {
        name: "patreon",
        title: "Patreon",
        issuer: "https://www.patreon.com",
        scope: "identity identity[email]",
        console: "https://www.patreon.com/portal/registration/register-clients",
        endpoints: Some(Endpoints {
            authorization: "https://www.patreon.com/oauth2/authorize",
            token: "https://www.patreon.com/api/oauth2/token",
            user_info: "https://www.patreon.com/api/oauth2/v2/identity?fields%5Buser%5D=full_name,email,is_email_verified,image_url,url",
            ..Endpoints::NONE
        }),
        quirks: &[
            Quirk::SecretInForm,
            Quirk::UserInfo(UserInfoMap {
                sub: "/data/id",
                name: "/data/attributes/full_name",
                email: "/data/attributes/email",
                email_verified: "/data/attributes/is_email_verified",
                picture: "/data/attributes/image_url",
                profile: "/data/attributes/url",
                ..NOWHERE
            }),
        ],
    },
    // Work and code.
    KnownProvider {
        name: "github",
        title: "GitHub",
        issuer: "https://github.com/login/oauth",
        scope: "read:user user:email",
        console: "https://github.com/settings/developers",
        endpoints: Some(Endpoints {
            authorization: "https://github.com/login/oauth/authorize",
            token: "https://github.com/login/oauth/access_token",
            user_info: "https://api.github.com/user",
            ..Endpoints::NONE
        }),
        quirks: &[
            Quirk::SecretInForm,
            Quirk::UserInfo(UserInfoMap {
                sub: "/id",
                name: "/name",
                preferred_username: "/login",
                picture: "/avatar_url",
                profile: "/html_url",
                emails_url: Some("https://api.github.com/user/emails"),
                ..NOWHERE
            }),
        ],
    },
    openid("gitlab", "GitLab", "https://gitlab.com", "https://gitlab.com/-/user_settings/applications"),
    openid(
        "gitlab-self-managed",
        "GitLab",
        "https://{place}",
        "https://docs.gitlab.com/integration/oauth_provider",
    ),
    KnownProvider {
        name: "bitbucket",
        title: "Bitbucket",
        issuer: "https://bitbucket.org",
        scope: "account",
        console: "https://bitbucket.org/account/settings",
        endpoints: Some(Endpoints {
            authorization: "https://bitbucket.org/site/oauth2/authorize",
            token: "https://bitbucket.org/site/oauth2/access_token",
            user_info: "https://api.bitbucket.org/2.0/user",
            ..Endpoints::NONE
        }),
        quirks: &[Quirk::UserInfo(UserInfoMap {
            sub: "/uuid",
            name: "/display_name",
            preferred_username: "/username",
            picture: "/links/avatar/href",
            profile: "/links/html/href",
            ..NOWHERE
        })],
    },
    KnownProvider {
        name: "atlassian",
        title: "Atlassian",
        issuer: "https://auth.atlassian.com",
        scope: "read:me",
        console: "https://developer.atlassian.com/console/myapps",
        endpoints: Some(Endpoints {
            authorization: "https://auth.atlassian.com/authorize",
            token: "https://auth.atlassian.com/oauth/token",
            user_info: "https://api.atlassian.com/me",
            ..Endpoints::NONE
        }),
        quirks: &[
            Quirk::SecretInForm,
            Quirk::Parameter("audience", "api.atlassian.com"),
            Quirk::Parameter("prompt", "consent"),
            Quirk::UserInfo(UserInfoMap {
                sub: "/account_id",
                name: "/name",
                preferred_username: "/nickname",
                email: "/email",
                picture: "/picture",
                ..NOWHERE
            }),
        ],
    },
    openid("slack", "Slack", "https://slack.com", "https://api.slack.com/apps"),
    openid(
        "huggingface",
        "Hugging Face",
        "https://huggingface.co",
        "https://huggingface.co/settings/applications",
    ),
    openid("dropbox", "Dropbox", "https://www.dropbox.com", "https://www.dropbox.com/developers/apps"),
    openid("xero", "Xero", "https://identity.xero.com", "https://developer.xero.com/app/manage"),
    openid("salesforce", "Salesforce", "https://login.salesforce.com", "https://login.salesforce.com"),
    KnownProvider {
        name: "digitalocean",
        title: "DigitalOcean",
        issuer: "https://cloud.digitalocean.com",
        scope: "read",
        console: "https://cloud.digitalocean.com/account/api/applications",
        endpoints: Some(Endpoints {
            authorization: "https://cloud.digitalocean.com/v1/oauth/authorize",
            token: "https://cloud.digitalocean.com/v1/oauth/token",
            user_info: "https://api.digitalocean.com/v2/account",
            ..Endpoints::NONE
        }),
        quirks: &[
            Quirk::SecretInForm,
            Quirk::UserInfo(UserInfoMap {
                sub: "/account/uuid",
                name: "/account/name",
                email: "/account/email",
                email_verified: "/account/email_verified",
                ..NOWHERE
            }),
        ],
    },
    KnownProvider {
        name: "zoom",
        title: "Zoom",
        issuer: "https://zoom.us",
        scope: "user:read:user",
        console: "https://marketplace.zoom.us/develop/create",
        endpoints: Some(Endpoints {
            authorization: "https://zoom.us/oauth/authorize",
            token: "https://zoom.us/oauth/token",
            user_info: "https://api.zoom.us/v2/users/me",
            revocation: "https://zoom.us/oauth/revoke",
            ..Endpoints::NONE
        }),
        quirks: &[Quirk::UserInfo(UserInfoMap {
            sub: "/id",
            name: "/display_name",
            email: "/email",
            picture: "/pic_url",
            ..NOWHERE
        })],
    },
    KnownProvider {
        name: "figma",
        title: "Figma",
        issuer: "https://www.figma.com",
        scope: "current_user:read",
        console: "https://www.figma.com/developers/apps",
        endpoints: Some(Endpoints {
            authorization: "https://www.figma.com/oauth",
            token: "https://api.figma.com/v1/oauth/token",
            user_info: "https://api.figma.com/v1/me",
            ..Endpoints::NONE
        }),
        quirks: &[Quirk::UserInfo(UserInfoMap {
            sub: "/id",
            name: "/handle",
            email: "/email",
            picture: "/img_url",
            ..NOWHERE
        })],
    },
    KnownProvider {
        name: "wordpress",
        title: "WordPress.com",
        issuer: "https://public-api.wordpress.com",
        scope: "auth",
        console: "https://developer.wordpress.com/apps",
        endpoints: Some(Endpoints {
            authorization: "https://public-api.wordpress.com/oauth2/authorize",
            token: "https://public-api.wordpress.com/oauth2/token",
            user_info: "https://public-api.wordpress.com/rest/v1.1/me",
            ..Endpoints::NONE
        }),
        quirks: &[
            Quirk::SecretInForm,
            Quirk::UserInfo(UserInfoMap {
                sub: "/ID",
                name: "/display_name",
                preferred_username: "/username",
                email: "/email",
                email_verified: "/email_verified",
                picture: "/avatar_URL",
                profile: "/profile_URL",
                ..NOWHERE
            }),
        ],
    },
    // Science and government.
    KnownProvider {
        scope: "openid",
        ..openid("orcid", "ORCID", "https://orcid.org", "https://orcid.org/developer-tools")
    },
    KnownProvider {
        scope: "openid email",
        quirks: &[Quirk::Parameter("acr_values", "urn:acr.login.gov:auth-only")],
        ..openid(
            "login-gov",
            "Login.gov",
            "https://secure.login.gov/",
            "https://portal.int.identitysandbox.gov",
        )
    },
    // Providers that a company has for itself.
    openid(
        "entra",
        "Microsoft Entra ID",
        "https://login.microsoftonline.com/{place}/v2.0",
        "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps",
    ),
    openid("okta", "Okta", "https://{place}", "https://developer.okta.com/docs/guides"),
    openid("auth0", "Auth0", "https://{place}/", "https://manage.auth0.com"),
    openid("keycloak", "Keycloak", "https://{place}", "https://www.keycloak.org/documentation"),
    openid("zitadel", "ZITADEL", "https://{place}", "https://zitadel.com/docs"),
    openid("authentik", "authentik", "https://{place}/", "https://docs.goauthentik.io"),
    openid("authelia", "Authelia", "https://{place}", "https://www.authelia.com/configuration"),
    openid(
        "cognito",
        "Amazon Cognito",
        "https://cognito-idp.{place}",
        "https://console.aws.amazon.com/cognito",
    ),
    openid("onelogin", "OneLogin", "https://{place}/oidc/2", "https://developers.onelogin.com"),
    openid("pingone", "PingOne", "https://auth.pingone.com/{place}/as", "https://console.pingone.com"),
];
