//! Graphs run by ONNX Runtime, where the operator names its library.
//!
//! The library is nothing that Fovea brings along: it is opened while the
//! program runs, once for the process.

mod library;
mod values;

use super::session::{Runtime, Session, Tensor};
use domain::inference::ModelError;
use library::Library;
use ort::{
    environment::{Environment, GlobalThreadPoolOptions},
    ep::{self, ExecutionProvider as _, ExecutionProviderDispatch},
    session::{SessionInputValue, builder::SessionBuilder},
    value::{TensorElementType, ValueType},
};
use std::{
    num::NonZero,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread::available_parallelism,
};

/// Why a library cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is not used as ONNX Runtime: {reason}", path.display())]
pub struct OnnxRuntimeError {
    path: PathBuf,
    reason: String,
}

/// Which devices may work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accelerators {
    /// The processor alone: for trials, whose memory is limited.
    None,
    /// A CUDA device where the library and the machine have one.
    IfThere,
}

/// What this process has loaded: it takes one library, and keeps it.
static LOADED: Mutex<Option<Loaded>> = Mutex::new(None);

#[derive(Clone)]
struct Loaded {
    library: Library,
    /// Its threads and its settings.
    environment: Environment,
}

/// The runtime. All of a process share its threads.
#[derive(Clone)]
pub struct OnnxRuntime {
    loaded: Loaded,
    uses_cuda: bool,
}

impl std::fmt::Debug for OnnxRuntime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OnnxRuntime({} {})", self.version(), self.providers().join(", "))
    }
}

impl OnnxRuntime {
    /// Loads the library at `path`, with this many threads; 0 for one a
    /// processor.
    ///
    /// # Errors
    /// When it is no library of ONNX Runtime that can be used, or another one
    /// was loaded before.
    pub fn open(path: &Path, threads: usize, accelerators: Accelerators) -> Result<Self, OnnxRuntimeError> {
        let fail = |reason: String| OnnxRuntimeError { path: path.to_owned(), reason };
        let library = Library::look(path)?;
        let mut slot = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        let loaded = match &*slot {
            Some(before) if before.library != library => {
                let before = before.library.path.display();
                return Err(fail(format!("this process has loaded {before} already")));
            }
            Some(before) => before.clone(),
            None => {
                let environment = start(&library, threads).map_err(fail)?;
                slot.insert(Loaded { library, environment }).clone()
            }
        };
        let uses_cuda = accelerators == Accelerators::IfThere && cuda_works(&loaded.environment);
        Ok(Self { loaded, uses_cuda })
    }

    /// The library's version, like `1.32.0`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.loaded.library.version
    }

    /// Where the library lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.loaded.library.path
    }

    /// What runs graphs, the first before the others: `CUDA`, `CPU`.
    #[must_use]
    pub fn providers(&self) -> Vec<&'static str> {
        let cuda = self.uses_cuda.then_some("CUDA");
        cuda.into_iter().chain(["CPU"]).collect()
    }

    fn builder(&self) -> ort::Result<SessionBuilder> {
        let builder = ort::session::Session::builder(&self.loaded.environment)?;
        if self.uses_cuda {
            return Ok(builder.with_execution_providers([cuda()])?);
        }
        Ok(builder)
    }
}

/// Hands the library to the binding and makes its threads.
fn start(library: &Library, threads: usize) -> Result<Environment, String> {
    let builder = ort::init_from(&library.path).map_err(|error| error.to_string())?;
    let threads = match threads {
        0 => available_parallelism().map_or(1, NonZero::get),
        threads => threads,
    };
    // Threads that spin between images take the processor from whoever decodes
    // the next one.
    let pool = GlobalThreadPoolOptions::default()
        .with_intra_threads(threads)
        .and_then(|pool| pool.with_inter_threads(1))
        .and_then(|pool| pool.with_spin_control(false))
        .map_err(|error| error.to_string())?;
    let builder = builder.with_name("fovea").with_telemetry(false).with_global_thread_pool(pool);
    builder.build().map_err(|error| error.to_string())
}

fn cuda() -> ExecutionProviderDispatch {
    ep::CUDA::default().build().error_on_failure()
}

/// Whether the library has CUDA, and CUDA finds a device: the one does not say
/// the other.
fn cuda_works(environment: &Environment) -> bool {
    let registers = || -> ort::Result<()> {
        ort::session::Session::builder(environment)?.with_execution_providers([cuda()])?;
        Ok(())
    };
    ep::CUDA::is_available().unwrap_or(false) && registers().is_ok()
}

impl Runtime for OnnxRuntime {
    fn name(&self) -> &'static str {
        "ONNX Runtime"
    }

    /// None: what it knows depends on the library, which says it when it loads
    /// the graph.
    fn unknown_operators(&self, _: &[&str]) -> Vec<String> {
        Vec::new()
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Session>, ModelError> {
        let load = || self.builder()?.commit_from_memory(bytes);
        let session = load().map_err(|error| ModelError::Weights(error.to_string()))?;
        let inputs = session.inputs().iter().filter_map(|input| match input.dtype() {
            ValueType::Tensor { ty, .. } => Some((input.name().to_owned(), *ty)),
            _ => None,
        });
        Ok(Box::new(OnnxRuntimeSession { inputs: inputs.collect(), session: Mutex::new(session) }))
    }
}

/// A loaded graph. One image at a time: all threads work on it.
struct OnnxRuntimeSession {
    /// Names and the elements that they want.
    inputs: Vec<(String, TensorElementType)>,
    session: Mutex<ort::session::Session>,
}

#[allow(clippy::needless_pass_by_value, reason = "errors are given by value")]
fn failed(reason: impl ToString) -> ModelError {
    ModelError::Failed(reason.to_string())
}

impl Session for OnnxRuntimeSession {
    fn run(&self, inputs: Vec<Tensor>, outputs: &[String]) -> Result<Vec<Tensor>, ModelError> {
        let given = inputs.into_iter().map(|tensor| {
            let element =
                self.inputs.iter().find(|(name, _)| *name == tensor.name).map(|(_, element)| *element);
            let element = element.ok_or_else(|| failed(format!("there is no input {}", tensor.name)))?;
            let name = tensor.name.clone();
            Ok((name, values::to_graph(tensor, element).map_err(failed)?))
        });
        let given: Vec<(String, SessionInputValue<'_>)> = given.collect::<Result<_, ModelError>>()?;
        // A run that panicked left nothing behind that the next one reads.
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let answered = session.run(given).map_err(failed)?;
        let output = |name: &String| {
            let value = answered.get(name).ok_or_else(|| failed(format!("there is no output {name}")))?;
            values::from_graph(name, value).map_err(failed)
        };
        outputs.iter().map(output).collect()
    }
}
