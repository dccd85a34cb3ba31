//! Adding to what a person agreed to, within the bounds of a scope.

use authmint_oauth2::Scope;

/// Both together; where that is more than one scope can hold, what was agreed to last.
pub(crate) fn add(known: &Scope, agreed: &Scope) -> Scope {
    let both = known.union(agreed);
    both.as_str().parse().unwrap_or_else(|_| agreed.clone())
}
