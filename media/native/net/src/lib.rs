//! Batched UDP and framed TCP for the packet path.
