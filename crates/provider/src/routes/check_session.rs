//! The frame of Session Management 3.3. It reads its cookie in the browser, so it is the same for everybody.

use crate::pages::CheckSession;
use crate::provider::Provider;
use crate::reply::{self, Reply};

/// `GET /check-session`.
pub(crate) fn show(provider: &Provider) -> Reply {
    let page = CheckSession { cookie: provider.cookies().state_name() };
    reply::public_frame(page.render(), &CheckSession::script_hash())
}
