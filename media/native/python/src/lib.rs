//! The `media._native` extension module.
#![forbid(unsafe_code)]

mod backlog;
mod config;
mod events;
mod forwarder;
mod output;
mod peers;
mod queue;
mod specs;
mod start;
mod thread;

use pyo3::prelude::*;

/// Native packet path of the media plane; media/forwarder.py is its typed face.
#[pymodule]
mod _native {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::forwarder::Forwarder;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add(
            "build_profile",
            if cfg!(debug_assertions) { "debug" } else { "release" },
        )
    }
}
