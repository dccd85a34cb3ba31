//! The pages for a device without a browser (RFC 8628 3.3): type its code, see what it wants and decide, and be sent back to it.

use std::collections::BTreeMap;

use askama::Template;

use super::scopes::{self, ScopeLine};
use super::{Application, Layout, User, render};

/// The form for the code that a device shows.
#[derive(Clone)]
pub struct DeviceCode {
    /// The frame of the page.
    pub layout: Layout,
    /// Where the form is posted.
    pub action: String,
    /// The token that binds the form to this browser's session.
    pub csrf: String,
    /// The code that is already filled in; empty for none. It is never taken without a click.
    pub user_code: String,
    /// The person who is signed in.
    pub user: User,
    /// Why the person sees the form again.
    pub error: Option<DeviceCodeError>,
}

/// Why a code did not lead on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceCodeError {
    /// No device waits under this code: mistyped, expired, or decided before.
    Unknown,
    /// The form was older than its token.
    Expired,
}

impl DeviceCodeError {
    fn sentence(self) -> &'static str {
        match self {
            Self::Unknown => {
                "No device is waiting with this code. Check the code on the device; it may have a new one by now."
            }
            Self::Expired => "This page was open for a while, so it expired. Please continue again.",
        }
    }

    fn is_about_fields(self) -> bool {
        self == Self::Unknown
    }
}

/// The question whether a device may have what it asks for.
#[derive(Clone)]
pub struct DeviceConsent {
    /// The frame of the page.
    pub layout: Layout,
    /// Where the form is posted.
    pub action: String,
    /// The token that binds the form to this browser's session and to the code.
    pub csrf: String,
    /// The code, as the device shows it.
    pub user_code: String,
    /// The application on the device.
    pub application: Application,
    /// The person who decides.
    pub user: User,
    /// The scopes that are asked for, in the order in which they are shown.
    pub scopes: Vec<String>,
    /// What scopes of APIs mean, by name.
    pub descriptions: BTreeMap<String, String>,
}

impl DeviceConsent {
    fn scope_lines(&self) -> impl Iterator<Item = ScopeLine<'_>> {
        self.scopes.iter().map(|scope| scopes::line(scope, &self.descriptions))
    }
}

/// What was decided.
#[derive(Clone)]
pub struct DeviceDone {
    /// The frame of the page.
    pub layout: Layout,
    /// The application on the device.
    pub application: Application,
    /// Whether the device may have what it asked for.
    pub allowed: bool,
}

#[derive(Template)]
#[template(path = "device_code.html")]
struct CodeHtml<'a> {
    layout: &'a Layout,
    page: &'a DeviceCode,
}

#[derive(Template)]
#[template(path = "device_consent.html")]
struct ConsentHtml<'a> {
    layout: &'a Layout,
    page: &'a DeviceConsent,
}

#[derive(Template)]
#[template(path = "device_done.html")]
struct DoneHtml<'a> {
    layout: &'a Layout,
    page: &'a DeviceDone,
}

impl DeviceCode {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        render::html(&CodeHtml { layout: &self.layout, page: self }, "Connect a device")
    }
}

impl DeviceConsent {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        render::html(&ConsentHtml { layout: &self.layout, page: self }, "Connect this device?")
    }
}

impl DeviceDone {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        render::html(&DoneHtml { layout: &self.layout, page: self }, "Back to your device")
    }
}
