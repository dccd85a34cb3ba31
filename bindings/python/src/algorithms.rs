//! The algorithms that a caller allows, of any kind, read once.

use authmint_jose::{Algorithm, ContentEncryption, KeyManagement};
use pyo3::prelude::*;

/// A list of algorithms by their names.
#[pyclass(frozen, module = "authmint._core")]
pub(crate) struct Algorithms {
    pub(crate) signatures: Vec<Algorithm>,
    pub(crate) managements: Vec<KeyManagement>,
    pub(crate) encryptions: Vec<ContentEncryption>,
    #[pyo3(get)]
    names: Vec<String>,
}

impl Algorithms {
    pub(crate) fn of_signatures(signatures: Vec<Algorithm>) -> Self {
        let names = signatures.iter().map(|algorithm| algorithm.name().to_owned()).collect();
        Self { signatures, managements: Vec::new(), encryptions: Vec::new(), names }
    }
}

#[pymethods]
impl Algorithms {
    /// Those of these names that the core knows; all it knows, where there is no list. Names that are not known allow nothing.
    ///
    /// `RSA1_5` is there only where it is named: its padding has leaked plaintexts in many programs.
    #[new]
    #[pyo3(signature = (names = None))]
    fn new(names: Option<Vec<String>>) -> Self {
        let wanted = |name: &str, by_default: bool| match &names {
            Some(names) => names.iter().any(|wanted| wanted == name),
            None => by_default,
        };
        let signatures: Vec<_> =
            Algorithm::ALL.iter().copied().filter(|algorithm| wanted(algorithm.name(), true)).collect();
        let managements: Vec<_> = KeyManagement::ALL
            .iter()
            .copied()
            .filter(|algorithm| wanted(algorithm.name(), *algorithm != KeyManagement::Rsa1_5))
            .collect();
        let mut encryptions: Vec<_> = ContentEncryption::ALL
            .iter()
            .copied()
            .filter(|encryption| wanted(encryption.name(), true))
            .collect();
        // A list that names no content encryption is about key management alone.
        if encryptions.is_empty() && !managements.is_empty() {
            encryptions = ContentEncryption::ALL.to_vec();
        }
        let known = signatures.iter().map(|algorithm| algorithm.name());
        let known = known.chain(managements.iter().map(|algorithm| algorithm.name()));
        let names =
            known.chain(encryptions.iter().map(|encryption| encryption.name())).map(str::to_owned).collect();
        Self { signatures, managements, encryptions, names }
    }

    /// The algorithms of signatures among them.
    #[getter]
    fn signatures(&self) -> Vec<&'static str> {
        self.signatures.iter().map(|algorithm| algorithm.name()).collect()
    }

    /// The algorithms of encryption among them: `alg`.
    #[getter]
    fn managements(&self) -> Vec<&'static str> {
        self.managements.iter().map(|algorithm| algorithm.name()).collect()
    }

    /// The algorithms of encryption among them: `enc`.
    #[getter]
    fn encryptions(&self) -> Vec<&'static str> {
        self.encryptions.iter().map(|encryption| encryption.name()).collect()
    }
}
