//! Which simulcast and temporal layer of a track one subscriber gets.

use crate::id::Layer;
use crate::packet::Packet;

/// Highest layers that a subscriber's link can carry; the place for a bandwidth estimator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Highest affordable layer; `None` = not even the lowest, the stream pauses.
    pub layer: Option<Layer>,
    pub temporal: u8,
}

impl Default for Budget {
    /// No limit.
    fn default() -> Self {
        Self {
            layer: Some(Layer(7)),
            temporal: 7,
        }
    }
}

/// What to do with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    Forward,
    /// First packet of a key frame of the layer that was waited for; call `switched` when it was taken.
    Switch,
    /// Of the current layer, but of a temporal layer above the limit: leave no gap.
    Skip,
    /// Of a layer that is not sent.
    Other,
}

/// Selection state of one slot. It stays on `current` until a key frame of `target` arrives.
#[derive(Clone, Debug)]
pub struct LayerSelector {
    max: Layer,
    active: u8,
    budget: Budget,
    current: Option<Layer>,
    target: Option<Layer>,
    temporal: u8,
}

impl LayerSelector {
    /// `active` = layers that carry packets, bit n = layer n.
    pub fn new(max: Layer, active: u8) -> Self {
        let mut selector = Self {
            max,
            active,
            budget: Budget::default(),
            current: None,
            target: None,
            temporal: 0,
        };
        selector.retarget();
        selector
    }

    /// Another track: nothing of the old one is sent any more.
    pub fn restart(&mut self, active: u8) {
        self.active = active;
        self.current = None;
        self.retarget();
    }

    /// The tile's size changed.
    pub fn set_max(&mut self, max: Layer) {
        self.max = max;
        self.retarget();
    }

    /// A layer began or ceased to carry packets.
    pub fn set_active(&mut self, layer: Layer, active: bool) {
        let bit = 1u8.checked_shl(u32::from(layer.0)).unwrap_or(0);
        self.active = if active { self.active | bit } else { self.active & !bit };
        self.retarget();
    }

    /// The link carries more or less.
    pub fn set_budget(&mut self, budget: Budget) {
        self.budget = budget;
        if budget.layer.is_none() {
            self.current = None;
        }
        self.retarget();
    }

    /// The layer that is sent now.
    pub fn current(&self) -> Option<Layer> {
        self.current
    }

    /// The layer that should be sent; `None` = paused or nothing to send.
    pub fn target(&self) -> Option<Layer> {
        self.target
    }

    /// Layer whose key frame is waited for; ask for it until it comes.
    pub fn wants_key_frame(&self) -> Option<Layer> {
        self.target.filter(|target| self.current != Some(*target))
    }

    /// Decides on a packet. `in_order` = newer than everything of its layer before.
    pub fn choose(&mut self, packet: &Packet, in_order: bool) -> Choice {
        let inspection = &packet.inspection;
        if self.wants_key_frame() == Some(packet.layer) && inspection.key_frame {
            return Choice::Switch;
        }
        if self.current != Some(packet.layer) {
            return Choice::Other;
        }
        let tid = inspection.temporal_id;
        if tid > self.temporal
            && tid <= self.budget.temporal
            && in_order
            && inspection.frame_start
            && inspection.switching_point
        {
            self.temporal = tid;
        }
        if tid <= self.temporal {
            Choice::Forward
        } else {
            Choice::Skip
        }
    }

    /// The key frame that `choose` called a switch is sent. A key frame starts every temporal layer.
    pub fn switched(&mut self, layer: Layer) {
        self.current = Some(layer);
        self.temporal = self.budget.temporal;
    }

    /// What was sent of the current layer is broken (a send buffer was full): wait for a key frame again.
    pub fn interrupt(&mut self) {
        self.current = None;
    }

    fn retarget(&mut self) {
        let allowed = self.budget.layer.map(|layer| layer.min(self.max));
        self.target = allowed.and_then(|allowed| {
            let below = self.active & (u16::MAX >> (15 - allowed.0.min(7))) as u8;
            if below != 0 {
                return Some(Layer(7 - below.leading_zeros() as u8));
            }
            // A publisher that sends only a larger layer: better than a black tile.
            (self.active != 0).then(|| Layer(self.active.trailing_zeros() as u8))
        });
        if self.target.is_none() && self.budget.layer.is_none() {
            self.current = None;
        }
        self.temporal = self.temporal.min(self.budget.temporal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::PacketPool;
    use crate::packet::Inspection;
    use std::sync::Arc;

    fn packet(layer: u8, inspection: Inspection) -> Packet {
        let mut packet = Arc::unwrap_or_clone(PacketPool::new(0).take());
        packet.layer = Layer(layer);
        packet.inspection = inspection;
        packet
    }

    fn key(layer: u8) -> Packet {
        packet(
            layer,
            Inspection {
                key_frame: true,
                frame_start: true,
                ..Inspection::default()
            },
        )
    }

    fn delta(layer: u8) -> Packet {
        packet(
            layer,
            Inspection {
                frame_start: true,
                ..Inspection::default()
            },
        )
    }

    fn temporal(tid: u8, switching_point: bool) -> Packet {
        packet(
            0,
            Inspection {
                frame_start: true,
                temporal_id: tid,
                switching_point,
                ..Inspection::default()
            },
        )
    }

    #[test]
    fn the_old_layer_is_sent_until_a_key_frame_of_the_target() {
        let mut selector = LayerSelector::new(Layer(0), 0b111);
        assert_eq!(selector.choose(&delta(0), true), Choice::Other);
        assert_eq!(selector.choose(&key(0), true), Choice::Switch);
        selector.switched(Layer(0));
        selector.set_max(Layer(2));
        assert_eq!(selector.wants_key_frame(), Some(Layer(2)));
        assert_eq!(selector.choose(&delta(0), true), Choice::Forward);
        assert_eq!(selector.choose(&delta(2), true), Choice::Other);
        assert_eq!(selector.choose(&key(1), true), Choice::Other);
        assert_eq!(selector.choose(&key(2), true), Choice::Switch);
        selector.switched(Layer(2));
        assert_eq!(selector.choose(&delta(0), true), Choice::Other);
        assert_eq!(selector.wants_key_frame(), None);
    }

    #[test]
    fn the_target_is_the_best_active_layer_within_the_limits() {
        let mut selector = LayerSelector::new(Layer(1), 0b101);
        assert_eq!(selector.target(), Some(Layer(0)));
        selector.set_active(Layer(1), true);
        assert_eq!(selector.target(), Some(Layer(1)));
        selector.set_budget(Budget {
            layer: Some(Layer(0)),
            temporal: 7,
        });
        assert_eq!(selector.target(), Some(Layer(0)));
        selector.set_active(Layer(0), false);
        selector.set_active(Layer(1), false);
        assert_eq!(selector.target(), Some(Layer(2)), "better too large than black");
        selector.set_active(Layer(2), false);
        assert_eq!(selector.target(), None);
    }

    #[test]
    fn a_pause_sends_nothing_and_resumes_at_a_key_frame() {
        let mut selector = LayerSelector::new(Layer(0), 1);
        selector.switched(Layer(0));
        selector.set_budget(Budget {
            layer: None,
            temporal: 7,
        });
        assert_eq!((selector.current(), selector.target()), (None, None));
        assert_eq!(selector.choose(&key(0), true), Choice::Other);
        selector.set_budget(Budget::default());
        assert_eq!(selector.choose(&delta(0), true), Choice::Other);
        assert_eq!(selector.choose(&key(0), true), Choice::Switch);
    }

    #[test]
    fn temporal_layers_rise_only_at_switching_points_and_fall_at_once() {
        let mut selector = LayerSelector::new(Layer(0), 1);
        selector.switched(Layer(0));
        assert_eq!(selector.choose(&temporal(2, false), true), Choice::Forward);
        selector.set_budget(Budget {
            layer: Some(Layer(0)),
            temporal: 0,
        });
        assert_eq!(selector.choose(&temporal(1, true), true), Choice::Skip);
        selector.set_budget(Budget {
            layer: Some(Layer(0)),
            temporal: 1,
        });
        assert_eq!(selector.choose(&temporal(1, false), true), Choice::Skip);
        assert_eq!(selector.choose(&temporal(2, true), true), Choice::Skip);
        assert_eq!(selector.choose(&temporal(1, true), false), Choice::Skip);
        assert_eq!(selector.choose(&temporal(1, true), true), Choice::Forward);
        assert_eq!(selector.choose(&temporal(1, false), true), Choice::Forward);
    }
}
