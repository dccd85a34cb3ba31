//! `authmint dev`: a provider, a sample application and an API on one machine, to see a sign-in work in a minute.

#[allow(
    dead_code,
    unused_imports,
    reason = "pages are plain views; what is shown is up to the command that serves them"
)]
pub(crate) mod pages;
