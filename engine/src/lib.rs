//! The whole C API of Wasmtime, re-exported so that it ends up in one archive.

pub use wasmtime_c_api::*;
