//! `[tls]`: the certificate and its key.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::listen::tls::Files;

/// The section of the settings file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Tls {
    /// The files, with paths relative to that of the settings.
    pub(crate) fn files(&self, folder: &Path) -> Files {
        Files { certificate: folder.join(&self.certificate), key: folder.join(&self.key) }
    }
}
