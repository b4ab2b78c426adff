//! Graphs run by the crate `rten`, on the processor.

mod staged;
mod suppression;

use super::session::{Runtime, Session, Tensor, Values};
use domain::inference::ModelError;
use rten::{DataType, Model, ModelOptions, RunOptions, ThreadPool, Value, ValueOrView, ValueType};
use rten_tensor::Layout as _;
use staged::Stages;
use std::{
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, OnceLock},
    thread::available_parallelism,
};
use suppression::take_out;

/// ONNX's own operators that it knows.
const KNOWN: &str = "Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool \
    BatchNormalization BitCast Cast CastLike Ceil Clip Concat ConcatFromSequence Constant ConstantOfShape Conv \
    ConvInteger ConvTranspose Cos Cosh CumSum DepthToSpace DequantizeLinear Div DynamicQuantizeLinear Einsum \
    Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm \
    GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual GridSample HardSigmoid HardSwish Identity If \
    InstanceNormalization IsInf IsNaN LSTM LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax \
    LpNormalization MatMul MatMulInteger Max MaxPool Mean Min Mod Mul Neg NonMaxSuppression NonZero Not \
    OneHot Or PRelu Pad Pow QuantizeLinear RMSNormalization Range Reciprocal ReduceL1 ReduceL2 \
    ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu \
    Reshape Resize ReverseSequence RotaryEmbedding Round Scatter ScatterElements ScatterND SequenceAt \
    SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength Shape Sigmoid Sign \
    SimplifiedLayerNormalization Sin Sinh Size Slice Softmax Softplus Softsign Split SplitToSequence Sqrt Squeeze \
    Sub Sum Swish Tan Tanh Tile TopK Transpose Trilu Unsqueeze Upsample Where Xor";

/// The runtime, with a pool of its own: its work would wait for images that
/// other models decode, were it to run in theirs.
pub struct Rten {
    threads: usize,
    pool: OnceLock<Arc<ThreadPool>>,
}

impl Rten {
    /// With this many threads; 0 for one a processor. They start with the first
    /// graph.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        Self { threads, pool: OnceLock::new() }
    }

    fn pool(&self) -> Arc<ThreadPool> {
        let threads = match self.threads {
            0 => available_parallelism().map_or(1, NonZero::get),
            threads => threads,
        };
        Arc::clone(self.pool.get_or_init(|| Arc::new(ThreadPool::with_num_threads(threads))))
    }
}

impl Runtime for Rten {
    fn name(&self) -> &'static str {
        "rten"
    }

    fn unknown_operators(&self, operators: &[&str]) -> Vec<String> {
        let known = |operator: &str| KNOWN.split_whitespace().any(|known| known == operator);
        // Those of other domains are few and change: the loader says.
        let own = operators.iter().filter(|operator| !operator.contains('.'));
        own.filter(|operator| !known(operator)).map(|operator| (*operator).to_owned()).collect()
    }

    fn advice(&self) -> Option<&'static str> {
        Some("ONNX Runtime may know them: name its library with --onnxruntime FILE")
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Session>, ModelError> {
        let pool = self.pool();
        let (bytes, suppressions) = match take_out(bytes)? {
            Some(changed) => changed,
            None => (bytes.to_vec(), Vec::new()),
        };
        let load = || {
            pool.run(|| ModelOptions::with_all_ops().prepack_weights(true).load(bytes))
                .map_err(|error| ModelError::Weights(error.to_string()))
        };
        let model =
            caught(load).map_err(|()| ModelError::Weights("the graph makes no sense".to_owned()))??;
        let stages = Stages::new(&model, suppressions, &pool)?;
        Ok(Box::new(RtenSession { model, pool, stages }))
    }
}

/// A graph may be whole and yet lead the runtime into a panic.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T, ()> {
    catch_unwind(AssertUnwindSafe(work)).map_err(drop)
}

struct RtenSession {
    model: Model,
    pool: Arc<ThreadPool>,
    stages: Stages,
}

#[allow(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn failed(reason: impl ToString) -> ModelError {
    ModelError::Failed(reason.to_string())
}

impl Session for RtenSession {
    fn run(&self, inputs: Vec<Tensor>, outputs: &[String]) -> Result<Vec<Tensor>, ModelError> {
        let given = inputs.into_iter().map(|tensor| {
            let id = self.model.node_id(&tensor.name).map_err(failed)?;
            let wanted = self.model.node_info(id).and_then(|node| node.dtype());
            Ok((id, value(tensor, wanted)?))
        });
        let given: Vec<(_, ValueOrView<'_>)> = given.collect::<Result<_, ModelError>>()?;
        let wanted = outputs.iter().map(|name| self.model.node_id(name).map_err(failed));
        let wanted = wanted.collect::<Result<Vec<_>, _>>()?;
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.pool)));
        let values = caught(|| self.stages.run(&self.model, given, &wanted, &options))
            .map_err(|()| failed("the graph makes no sense"))?
            .map_err(failed)?;
        outputs.iter().zip(values).map(|(name, value)| tensor(name, value)).collect()
    }
}

/// Whole numbers have 32 bits there, and pictures may be bytes.
fn value(tensor: Tensor, wanted: Option<ValueType>) -> Result<ValueOrView<'static>, ModelError> {
    let shape = &tensor.shape[..];
    let value = match (tensor.values, wanted) {
        (Values::Floats(values), Some(ValueType::Tensor(DataType::UInt8))) => {
            let values: Vec<u8> = values.into_iter().map(|value| value.round() as u8).collect();
            Value::from_shape(shape, values).map_err(failed)
        }
        (Values::Floats(values), _) => Value::from_shape(shape, values).map_err(failed),
        (Values::Integers(values), _) => {
            let values: Vec<i32> = values.into_iter().map(|value| value as i32).collect();
            Value::from_shape(shape, values).map_err(failed)
        }
    };
    value.map(ValueOrView::from)
}

fn tensor(name: &str, value: Value) -> Result<Tensor, ModelError> {
    let (shape, values) = match value {
        Value::FloatTensor(tensor) => (tensor.shape().to_vec(), Values::Floats(tensor.into_data())),
        Value::Int32Tensor(tensor) => integers(tensor),
        Value::Int8Tensor(tensor) => integers(tensor),
        Value::UInt8Tensor(tensor) => integers(tensor),
        _ => return Err(failed(format!("the output {name} is no tensor"))),
    };
    Ok(Tensor { name: name.to_owned(), shape, values })
}

fn integers<T: Clone + Into<i64>>(tensor: rten_tensor::Tensor<T>) -> (Vec<usize>, Values) {
    let shape = tensor.shape().to_vec();
    (shape, Values::Integers(tensor.into_data().into_iter().map(Into::into).collect()))
}
