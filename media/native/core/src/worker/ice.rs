//! ICE-lite (RFC 8445 section 2.5) of every peer: who may speak from which address, and where to send.

use std::collections::HashMap;
use std::net::IpAddr;

use super::agent::{Agent, Credentials};
use super::config::WorkerConfig;
use super::limits::Windows;
use crate::api::{Transport, Tuple};
use crate::id::{PeerId, WorkerId};
use crate::stats::Counters;
use crate::stun::{IntegrityKey, Message};

/// What a datagram's source stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) peer: PeerId,
    pub(crate) owner: WorkerId,
}

/// A check that passed.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    pub(crate) peer: PeerId,
    pub(crate) owner: WorkerId,
    /// Signs the answer.
    pub(crate) key: IntegrityKey,
    /// The path to send on changed, or was nominated by new credentials.
    pub(crate) selected: bool,
}

/// Credentials, validated addresses and selected paths.
#[derive(Debug)]
pub(crate) struct IceTable {
    agents: HashMap<PeerId, Agent>,
    ufrags: HashMap<String, PeerId>,
    tuples: HashMap<Tuple, PeerId>,
    per_tuple: Windows<Tuple>,
    per_ip: Windows<IpAddr>,
}

impl IceTable {
    pub(crate) fn new() -> Self {
        Self {
            agents: HashMap::new(),
            ufrags: HashMap::new(),
            tuples: HashMap::new(),
            per_tuple: Windows::new(),
            per_ip: Windows::new(),
        }
    }

    /// Adds a peer, or gives it new credentials (ICE restart).
    pub(crate) fn register(&mut self, peer: PeerId, owner: WorkerId, ufrag: String, pwd: String, remote_ufrag: String) {
        let key = IntegrityKey::new(&pwd);
        let Some(agent) = self.agents.get_mut(&peer) else {
            let current = Credentials {
                ufrag: ufrag.clone(),
                key,
                remote_ufrag,
                generation: 0,
            };
            self.ufrags.insert(ufrag, peer);
            self.agents.insert(
                peer,
                Agent {
                    owner,
                    current,
                    previous: None,
                    paths: Vec::new(),
                    selected: None,
                    nominated: 0,
                    confirmed: false,
                    consent_us: None,
                },
            );
            return;
        };
        if agent.current.ufrag == ufrag {
            agent.current.key = key;
            agent.current.remote_ufrag = remote_ufrag;
            return;
        }
        let current = Credentials {
            ufrag: ufrag.clone(),
            key,
            remote_ufrag,
            generation: agent.current.generation + 1,
        };
        let replaced = std::mem::replace(&mut agent.current, current);
        // A path nominated by older credentials lives on only through those that nominated it.
        let dropped = match agent.previous.take() {
            Some((oldest, _)) if oldest.generation == agent.nominated && agent.selected.is_some() => {
                agent.previous = Some((oldest, None));
                replaced
            }
            other => {
                agent.previous = Some((replaced, None));
                match other {
                    Some((oldest, _)) => oldest,
                    None => {
                        self.ufrags.insert(ufrag, peer);
                        return;
                    }
                }
            }
        };
        self.ufrags.remove(&dropped.ufrag);
        self.ufrags.insert(ufrag, peer);
    }

    pub(crate) fn unregister(&mut self, peer: PeerId) {
        let Some(agent) = self.agents.remove(&peer) else { return };
        self.ufrags.remove(&agent.current.ufrag);
        if let Some((previous, _)) = &agent.previous {
            self.ufrags.remove(&previous.ufrag);
        }
        for path in &agent.paths {
            self.tuples.remove(&path.tuple);
        }
    }

    /// The peer whose checks validated this address.
    pub(crate) fn known(&self, from: &Tuple) -> Option<Known> {
        let peer = *self.tuples.get(from)?;
        self.agents.get(&peer).map(|agent| Known {
            peer,
            owner: agent.owner,
        })
    }

    pub(crate) fn selected(&self, peer: PeerId) -> Option<Tuple> {
        self.agents.get(&peer)?.selected
    }

    /// Microseconds since the last valid check of `peer`.
    pub(crate) fn consent_age(&self, now_us: u64, peer: PeerId) -> Option<u64> {
        Some(now_us.saturating_sub(self.agents.get(&peer)?.consent_us?))
    }

    /// Authenticated traffic came from a validated address.
    pub(crate) fn heard(&mut self, now_us: u64, peer: PeerId, from: &Tuple) {
        if let Some(agent) = self.agents.get_mut(&peer) {
            if let Some(path) = agent.paths.iter_mut().find(|path| path.tuple == *from) {
                path.heard_us = now_us;
            }
        }
    }

    /// A handshake came on a validated path: until the peer names one, this is the path that works for it both ways.
    /// A check alone does not say so, since our answer may have come from an address that the peer did not ask.
    pub(crate) fn handshake(&mut self, peer: PeerId, from: Tuple) -> bool {
        let Some(agent) = self.agents.get_mut(&peer) else {
            return false;
        };
        if agent.confirmed || agent.selected == Some(from) || !agent.paths.iter().any(|path| path.tuple == from) {
            return false;
        }
        agent.selected = Some(from);
        true
    }

    /// Judges a binding request; `None` = no answer, the reason is counted.
    pub(crate) fn check(
        &mut self,
        now_us: u64,
        from: Tuple,
        request: &Message<'_>,
        config: &WorkerConfig,
        counters: &mut Counters,
    ) -> Option<Accepted> {
        let (local, remote) = request.ufrags().unwrap_or_default();
        let Some(peer) = self.ufrags.get(local).copied() else {
            counters.drop_stun_unknown_ufrag += 1;
            return None;
        };
        let limited = !self
            .per_tuple
            .take(now_us, from, config.stun_per_tuple, config.stun_sources)
            || !self
                .per_ip
                .take(now_us, from.remote.ip(), config.stun_per_ip, config.stun_sources);
        if limited {
            counters.drop_stun_rate += 1;
            return None;
        }
        let agent = self.agents.get_mut(&peer)?;
        let credentials = match &agent.previous {
            Some((previous, _)) if previous.ufrag == local => previous,
            _ => &agent.current,
        };
        if remote != credentials.remote_ufrag || !request.verify(&credentials.key) {
            counters.drop_stun_integrity += 1;
            return None;
        }
        let (key, generation, owner) = (credentials.key.clone(), credentials.generation, agent.owner);
        if !self.claim(now_us, from, peer, config) {
            counters.drop_unknown_tuple += 1;
            return None;
        }
        let agent = self.agents.get_mut(&peer)?;
        agent.consent_us = Some(now_us);
        if let Some(evicted) = agent.remember(now_us, from, generation, config.tuples_per_peer) {
            self.tuples.remove(&evicted);
        }
        let agent = self.agents.get_mut(&peer)?;
        let selected = agent.select(now_us, from, generation, request.use_candidate, config);
        Some(Accepted {
            peer,
            owner,
            key,
            selected,
        })
    }

    /// An address that another live peer validated a moment ago is not given away: its source may be spoofed.
    fn claim(&mut self, now_us: u64, from: Tuple, peer: PeerId, config: &WorkerConfig) -> bool {
        let holder = self.tuples.get(&from).copied().filter(|holder| *holder != peer);
        if let Some(agent) = holder.and_then(|holder| self.agents.get_mut(&holder)) {
            let path = agent.paths.iter().position(|path| path.tuple == from);
            if let Some(index) = path {
                if now_us.saturating_sub(agent.paths[index].checked_us) < config.consent_timeout_us / 3 {
                    return false;
                }
                agent.paths.swap_remove(index);
            }
            if agent.selected == Some(from) {
                agent.select_best();
            }
        }
        self.tuples.insert(from, peer);
        true
    }

    /// A TCP connection ended; the peer whose selected path changed by it, if one did.
    pub(crate) fn tuple_closed(&mut self, tuple: &Tuple) -> Option<PeerId> {
        let peer = self.tuples.remove(tuple)?;
        let agent = self.agents.get_mut(&peer)?;
        agent.paths.retain(|path| path.tuple != *tuple);
        if agent.selected != Some(*tuple) {
            return None;
        }
        agent.select_best();
        Some(peer)
    }

    /// Ends old credentials and stale addresses; gives the peers of `me` whose consent expired (RFC 7675).
    pub(crate) fn expire(&mut self, now_us: u64, me: WorkerId, config: &WorkerConfig, expired: &mut Vec<PeerId>) {
        for (peer, agent) in &mut self.agents {
            if let Some((previous, Some(end))) = &agent.previous {
                if now_us >= *end {
                    self.ufrags.remove(&previous.ufrag);
                    agent.previous = None;
                    let (selected, generation) = (agent.selected, agent.current.generation);
                    agent.drop_paths(&mut self.tuples, |path| {
                        path.generation < generation && Some(path.tuple) != selected
                    });
                }
            }
            let selected = agent.selected;
            let limit = if agent.owner == me {
                config.consent_timeout_us
            } else {
                2 * config.consent_timeout_us
            };
            agent.drop_paths(&mut self.tuples, |path| {
                now_us.saturating_sub(path.checked_us) >= limit && Some(path.tuple) != selected
            });
            let consent = agent.consent_us.map(|at| now_us.saturating_sub(at));
            if consent.is_some_and(|age| age >= limit) {
                agent.drop_paths(&mut self.tuples, |_| true);
                agent.selected = None;
                agent.consent_us = None;
                if agent.owner == me {
                    expired.push(*peer);
                }
            }
        }
    }

    /// Entries of all tables, for the leak test.
    pub(crate) fn len(&self) -> usize {
        self.agents.len() + self.ufrags.len() + self.tuples.len()
    }
}

/// Whether a path runs over a TCP stream.
pub(crate) fn is_tcp(tuple: Option<Tuple>) -> bool {
    matches!(
        tuple,
        Some(Tuple {
            transport: Transport::Tcp(_),
            ..
        })
    )
}
