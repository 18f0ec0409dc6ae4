//! The `media._native` extension module.
