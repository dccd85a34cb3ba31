//! Requests that wait: for a person, or for the browser that brings their name.

use std::collections::HashMap;

use authmint_jose::Timestamp;
use authmint_server::storage::{
    Answer, Interaction, InteractionStore, PushedRequest, PushedRequestStore, TokenHash,
};

use super::{MemoryStore, taken};

impl InteractionStore for MemoryStore {
    fn save_interaction(&self, id: TokenHash, interaction: Interaction, most: usize) -> Answer<'_, ()> {
        self.attempt(move |state| {
            if state.interactions.contains_key(&id) {
                return Err(taken());
            }
            make_room(&mut state.interactions, most, |known| known.expires_at);
            state.interactions.insert(id, interaction);
            Ok(())
        })
    }

    fn interaction(&self, id: TokenHash) -> Answer<'_, Option<Interaction>> {
        self.with(move |state| state.interactions.get(&id).cloned())
    }

    fn take_interaction(&self, id: TokenHash) -> Answer<'_, Option<Interaction>> {
        self.with(move |state| state.interactions.remove(&id))
    }
}

impl PushedRequestStore for MemoryStore {
    fn save_pushed_request(&self, id: TokenHash, request: PushedRequest, most: usize) -> Answer<'_, ()> {
        self.attempt(move |state| {
            if state.pushed_requests.contains_key(&id) {
                return Err(taken());
            }
            make_room(&mut state.pushed_requests, most, |known| known.expires_at);
            state.pushed_requests.insert(id, request);
            Ok(())
        })
    }

    fn pushed_request(&self, id: TokenHash) -> Answer<'_, Option<PushedRequest>> {
        self.with(move |state| state.pushed_requests.get(&id).cloned())
    }

    fn take_pushed_request(&self, id: TokenHash) -> Answer<'_, Option<PushedRequest>> {
        self.with(move |state| state.pushed_requests.remove(&id))
    }
}

/// Makes room for one more: those that expire first go.
fn make_room<V>(waiting: &mut HashMap<TokenHash, V>, most: usize, expires_at: impl Fn(&V) -> Timestamp) {
    while waiting.len() >= most.max(1) {
        let first = waiting.iter().min_by_key(|(_, known)| expires_at(known));
        let Some(first) = first.map(|(id, _)| *id) else { break };
        waiting.remove(&first);
    }
}
