//! Tensors on their way into ONNX Runtime and back, whatever the graph's types.

use super::super::session::{Tensor, Values};
use half::f16;
use ort::{
    session::SessionInputValue,
    value::{DynValue, PrimitiveTensorElementType, Tensor as OrtTensor, TensorElementType, ValueType},
};

/// A tensor with the elements that an input wants.
///
/// # Errors
/// When that is a type no picture is given as.
pub(super) fn to_graph(
    tensor: Tensor,
    element: TensorElementType,
) -> Result<SessionInputValue<'static>, String> {
    let Tensor { name, shape, values } = tensor;
    let shape: Vec<i64> = shape.iter().map(|length| *length as i64).collect();
    let value = match element {
        TensorElementType::Float32 => OrtTensor::from_array((shape, values.into_floats())).map(Into::into),
        TensorElementType::Float16 => tensor_of(shape, values.into_floats(), f16::from_f32),
        TensorElementType::Float64 => tensor_of(shape, values.into_floats(), f64::from),
        TensorElementType::Uint8 => tensor_of(shape, values.into_floats(), |value| value.round() as u8),
        TensorElementType::Int32 => tensor_of(shape, integers(values), |value| value as i32),
        TensorElementType::Int64 => OrtTensor::from_array((shape, integers(values))).map(Into::into),
        other => return Err(format!("the input {name} wants {other}, which is not given here")),
    };
    value.map_err(|error| format!("the input {name}: {error}"))
}

fn tensor_of<S, T: PrimitiveTensorElementType + std::fmt::Debug + Clone + 'static>(
    shape: Vec<i64>,
    values: Vec<S>,
    convert: impl Fn(S) -> T,
) -> ort::Result<SessionInputValue<'static>> {
    let values: Vec<T> = values.into_iter().map(convert).collect();
    OrtTensor::from_array((shape, values)).map(Into::into)
}

fn integers(values: Values) -> Vec<i64> {
    match values {
        Values::Integers(values) => values,
        Values::Floats(values) => values.into_iter().map(|value| value.round() as i64).collect(),
    }
}

/// An output as plain numbers.
///
/// # Errors
/// When it is no tensor of numbers.
pub(super) fn from_graph(name: &str, value: &DynValue) -> Result<Tensor, String> {
    let ValueType::Tensor { ty, .. } = value.dtype() else {
        return Err(format!("the output {name} is no tensor"));
    };
    let (shape, values) = match ty {
        TensorElementType::Float32 => floats(value, |value: f32| value),
        TensorElementType::Float16 => floats(value, f16::to_f32),
        TensorElementType::Float64 => floats(value, |value: f64| value as f32),
        TensorElementType::Int64 => whole(value, |value: i64| value),
        TensorElementType::Int32 => whole(value, |value: i32| i64::from(value)),
        TensorElementType::Int8 => whole(value, |value: i8| i64::from(value)),
        TensorElementType::Uint8 => whole(value, |value: u8| i64::from(value)),
        TensorElementType::Bool => whole(value, |value: bool| i64::from(value)),
        other => return Err(format!("the output {name} is of the type {other}, which is not read")),
    }
    .map_err(|error| format!("the output {name}: {error}"))?;
    Ok(Tensor { name: name.to_owned(), shape, values })
}

fn floats<T: PrimitiveTensorElementType + Copy>(
    value: &DynValue,
    convert: impl Fn(T) -> f32,
) -> ort::Result<(Vec<usize>, Values)> {
    let (shape, values) = value.try_extract_tensor::<T>()?;
    Ok((lengths(shape), Values::Floats(values.iter().map(|value| convert(*value)).collect())))
}

fn whole<T: PrimitiveTensorElementType + Copy>(
    value: &DynValue,
    convert: impl Fn(T) -> i64,
) -> ort::Result<(Vec<usize>, Values)> {
    let (shape, values) = value.try_extract_tensor::<T>()?;
    Ok((lengths(shape), Values::Integers(values.iter().map(|value| convert(*value)).collect())))
}

fn lengths(shape: &[i64]) -> Vec<usize> {
    shape.iter().map(|length| usize::try_from(*length).unwrap_or(0)).collect()
}
