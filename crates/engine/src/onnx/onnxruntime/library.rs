//! Looks at a shared library before anything of it is used.

use super::OnnxRuntimeError;
use std::{
    ffi::{CStr, c_char},
    path::{Path, PathBuf},
};

/// The oldest 1.x whose interface is asked for.
const OLDEST_MINOR: u32 = 17;

/// A library that is ONNX Runtime, of a version that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Library {
    /// Absolute, links followed.
    pub(super) path: PathBuf,
    /// `1.32.0`.
    pub(super) version: String,
}

impl Library {
    /// Loads the library at `path` and asks for its version. Loading runs its
    /// initialisers: it is as trusted as the program itself.
    ///
    /// # Errors
    /// When there is no such file, it is no shared library, is not ONNX Runtime
    /// or too old.
    pub(super) fn look(path: &Path) -> Result<Self, OnnxRuntimeError> {
        let fail = |reason: String| OnnxRuntimeError { path: path.to_owned(), reason };
        let file = path.canonicalize().map_err(|error| fail(error.to_string()))?;
        if !file.is_file() {
            return Err(fail("it is no file: name the shared library itself".to_owned()));
        }
        let version = version_of(&file).map_err(fail)?;
        let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        let (major, minor) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        if major != 1 || minor < OLDEST_MINOR {
            return Err(fail(format!("it is version {version}; 1.{OLDEST_MINOR} to 1.x can be used")));
        }
        Ok(Self { path: file, version })
    }
}

/// The first functions of ONNX Runtime's C interface, which stay what they are.
#[repr(C)]
struct ApiBase {
    get_api: *const std::ffi::c_void,
    get_version_string: extern "C" fn() -> *const c_char,
}

/// What the library says it is.
#[allow(unsafe_code, reason = "the binding does not give the version before it has taken the library")]
fn version_of(path: &Path) -> Result<String, String> {
    // SAFETY: the operator named the file as code to run in this process.
    let library = unsafe { libloading::Library::new(path) }
        .map_err(|error| format!("it cannot be loaded as a shared library: {error}"))?;
    // SAFETY: the name and its signature are those of onnxruntime_c_api.h.
    let base = unsafe { library.get::<extern "C" fn() -> *const ApiBase>(b"OrtGetApiBase\0") }
        .map_err(|_| "it is a shared library, but not ONNX Runtime's".to_owned())?;
    // SAFETY: null, or a structure that lives as long as the library, which this
    // scope holds.
    let base = unsafe { base().as_ref() }.ok_or("it is ONNX Runtime's, but does not give its functions")?;
    let text = (base.get_version_string)();
    if text.is_null() {
        return Err("it does not say its version".to_owned());
    }
    // SAFETY: not null, and by its documentation a text that ends with a zero
    // and lives as long as the library.
    let version = unsafe { CStr::from_ptr(text) };
    Ok(version.to_string_lossy().into_owned())
}
