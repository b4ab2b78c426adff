//! What PyTorch writes in Python's pickle format, read without running any of
//! it.
//!
//! A pickle is a program for a small machine with a stack. This one knows only
//! what describes tensors; a call of anything else is refused by name. Time and
//! memory are bounded by the bytes at hand: an instruction makes one value, a
//! value is shared and never copied, and none is nested deeply.

use super::value::{Kind, Storage, Tensor, Value};
use std::{collections::HashMap, rc::Rc};

/// Instructions of a pickle at most: a network of a thousand layers has some
/// hundred thousand.
const MOST_STEPS: usize = 2_000_000;
/// Values within values at most.
const DEEPEST: u8 = 32;
/// Numbers of a shape at most.
const MOST_AXES: usize = 8;

/// All that a file of tensors may name.
const GLOBALS: [&str; 13] = [
    "collections OrderedDict",
    "torch._utils _rebuild_tensor_v2",
    "torch._utils _rebuild_parameter",
    "torch DoubleStorage",
    "torch FloatStorage",
    "torch HalfStorage",
    "torch BFloat16Storage",
    "torch LongStorage",
    "torch IntStorage",
    "torch ShortStorage",
    "torch ByteStorage",
    "torch CharStorage",
    "torch BoolStorage",
];

type Result<T> = std::result::Result<T, String>;

/// The machine.
struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Value>,
    marks: Vec<usize>,
    memo: HashMap<u32, Value>,
}

/// The value that a pickle describes, and the bytes after it.
pub(super) fn read(bytes: &[u8]) -> Result<(Value, &[u8])> {
    let mut machine = Machine { bytes, at: 0, stack: Vec::new(), marks: Vec::new(), memo: HashMap::new() };
    for _ in 0..MOST_STEPS {
        if let Some(value) = machine.step()? {
            return Ok((value, bytes.get(machine.at..).unwrap_or_default()));
        }
    }
    Err("its description is too long".to_owned())
}

fn depth(value: &Value) -> u8 {
    match value {
        Value::List(_, depth) | Value::Map(_, depth) => *depth,
        _ => 0,
    }
}

fn one_deeper<'v>(values: impl Iterator<Item = &'v Value>) -> Result<u8> {
    let depth = values.map(depth).max().unwrap_or(0) + 1;
    if depth > DEEPEST { Err("its description is nested too deeply".to_owned()) } else { Ok(depth) }
}

fn list(values: Vec<Value>) -> Result<Value> {
    let depth = one_deeper(values.iter())?;
    Ok(Value::List(Rc::new(values), depth))
}

impl Machine<'_> {
    fn take(&mut self, count: usize) -> Result<&[u8]> {
        let end = self.at.checked_add(count).ok_or("it is cut")?;
        let taken = self.bytes.get(self.at..end).ok_or("it is cut")?;
        self.at = end;
        Ok(taken)
    }

    /// A number without a sign, lowest byte first.
    fn number(&mut self, bytes: usize) -> Result<usize> {
        let taken = self.take(bytes)?;
        Ok(taken.iter().rev().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)))
    }

    fn line(&mut self) -> Result<String> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length =
            rest.iter().take(200).position(|byte| *byte == b'\n').ok_or("it names something endless")?;
        let line = String::from_utf8_lossy(rest.get(..length).unwrap_or_default()).into_owned();
        self.at += length + 1;
        Ok(line)
    }

    fn text(&mut self, length: usize) -> Result<()> {
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| "a name is no text")?;
        let text = Value::Text(text.into());
        self.stack.push(text);
        Ok(())
    }

    fn pop(&mut self) -> Result<Value> {
        self.stack.pop().ok_or_else(|| "its description takes what is not there".to_owned())
    }

    /// What was pushed since the last mark.
    fn pop_marked(&mut self) -> Result<Vec<Value>> {
        let mark = self.marks.pop().filter(|mark| *mark <= self.stack.len());
        Ok(self.stack.split_off(mark.ok_or("its description has no mark where it needs one")?))
    }

    /// Does the next instruction; the last one gives the value.
    fn step(&mut self) -> Result<Option<Value>> {
        match self.number(1)? as u8 {
            b'.' => return self.pop().map(Some),
            0x80 => drop(self.take(1)?),
            0x95 => drop(self.take(8)?),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => drop(self.pop()?),
            b'N' => self.stack.push(Value::Nothing),
            0x88 | 0x89 => self.stack.push(Value::Flag),
            b'G' => {
                self.take(8)?;
                self.stack.push(Value::Nothing);
            }
            op @ (b'J' | b'K' | b'M' | 0x8a) => self.whole(op)?,
            op @ (b'X' | 0x8c | b'U') => {
                let length = self.number(if op == b'X' { 4 } else { 1 })?;
                self.text(length)?;
            }
            op @ (b'h' | b'j' | b'q' | b'r' | 0x94) => self.remember(op)?,
            op @ (b')' | b']' | b'}' | b't' | 0x85..=0x87) => self.collection(op)?,
            op @ (b'a' | b'e' | b's' | b'u') => self.add(op)?,
            op @ (b'c' | 0x93) => self.global(op)?,
            b'R' => self.call()?,
            // The state of an object: only an OrderedDict has one here.
            b'b' => drop(self.pop()?),
            b'Q' => self.storage()?,
            other => {
                return Err(format!("its description has an instruction 0x{other:02x} that no tensor needs"));
            }
        }
        Ok(None)
    }

    fn whole(&mut self, op: u8) -> Result<()> {
        let value = match op {
            b'K' => self.number(1)? as i64,
            b'M' => self.number(2)? as i64,
            b'J' => i64::from(self.number(4)? as u32 as i32),
            _ => {
                let length = self.number(1)?;
                // Longer ones are no sizes; what they are does not matter.
                if length > 8 {
                    self.take(length)?;
                    -1
                } else {
                    self.number(length)? as i64
                }
            }
        };
        self.stack.push(Value::Whole(value));
        Ok(())
    }

    fn remember(&mut self, op: u8) -> Result<()> {
        let place = match op {
            0x94 => self.memo.len(),
            b'h' | b'q' => self.number(1)?,
            _ => self.number(4)?,
        } as u32;
        if matches!(op, b'h' | b'j') {
            let value = self.memo.get(&place).cloned();
            self.stack.push(value.ok_or("its description recalls what it never kept")?);
        } else {
            let top = self.stack.last().cloned().ok_or("its description keeps nothing")?;
            self.memo.insert(place, top);
        }
        Ok(())
    }

    fn collection(&mut self, op: u8) -> Result<()> {
        let value = match op {
            b'}' => Value::Map(Rc::new(Vec::new()), 1),
            b')' | b']' => list(Vec::new())?,
            b't' => list(self.pop_marked()?)?,
            _ => {
                let count = usize::from(op - 0x84);
                let first = self.stack.len().checked_sub(count).ok_or("a tuple lacks a part")?;
                list(self.stack.split_off(first))?
            }
        };
        self.stack.push(value);
        Ok(())
    }

    fn add(&mut self, op: u8) -> Result<()> {
        let values = match op {
            b'e' | b'u' => self.pop_marked()?,
            b'a' => vec![self.pop()?],
            _ => {
                let value = self.pop()?;
                vec![self.pop()?, value]
            }
        };
        let deeper = one_deeper(values.iter())?;
        match self.stack.last_mut() {
            Some(Value::List(all, depth)) if matches!(op, b'a' | b'e') => {
                *depth = deeper.max(*depth);
                Rc::make_mut(all).extend(values);
            }
            Some(Value::Map(all, depth)) if matches!(op, b's' | b'u') => {
                *depth = deeper.max(*depth);
                let mut values = values.into_iter();
                while let (Some(key), Some(value)) = (values.next(), values.next()) {
                    Rc::make_mut(all).push((key, value));
                }
            }
            _ => return Err("its description adds to what is no collection".to_owned()),
        }
        Ok(())
    }

    fn global(&mut self, op: u8) -> Result<()> {
        let name = if op == b'c' {
            let module = self.line()?;
            format!("{module} {}", self.line()?)
        } else {
            match (self.pop()?, self.pop()?) {
                (Value::Text(name), Value::Text(module)) => format!("{module} {name}"),
                _ => return Err("it names something by what is no text".to_owned()),
            }
        };
        let known = GLOBALS.iter().find(|global| **global == name);
        let known = known.ok_or_else(|| {
            format!("it wants {} to be run, and only tensors are read", name.replace(' ', "."))
        })?;
        self.stack.push(Value::Global(known));
        Ok(())
    }

    fn call(&mut self) -> Result<()> {
        let (arguments, function) = (self.pop()?, self.pop()?);
        let (Value::List(arguments, _), Value::Global(function)) = (arguments, function) else {
            return Err("it calls what is no function".to_owned());
        };
        let value = match function {
            "collections OrderedDict" => Value::Map(Rc::new(Vec::new()), 1),
            "torch._utils _rebuild_parameter" => arguments.first().cloned().unwrap_or(Value::Nothing),
            "torch._utils _rebuild_tensor_v2" => Value::Tensor(Rc::new(tensor(&arguments)?)),
            other => return Err(format!("it calls {}, which is no function", other.replace(' ', "."))),
        };
        self.stack.push(value);
        Ok(())
    }

    fn storage(&mut self) -> Result<()> {
        let wrong = || "a storage is not described as PyTorch does".to_owned();
        let Value::List(parts, _) = self.pop()? else { return Err(wrong()) };
        let [_, Value::Global(global), Value::Text(key), _, Value::Whole(length), ..] = parts.as_slice()
        else {
            return Err(wrong());
        };
        let kind = Kind::of(global).ok_or_else(wrong)?;
        let length = usize::try_from(*length).map_err(|_| wrong())?;
        self.stack.push(Value::Storage(Rc::new(Storage { kind, key: key.to_string(), length })));
        Ok(())
    }
}

fn sizes(value: &Value) -> Option<Vec<usize>> {
    let Value::List(values, _) = value else { return None };
    if values.len() > MOST_AXES {
        return None;
    }
    let size = |value: &Value| match value {
        Value::Whole(size) => usize::try_from(*size).ok(),
        _ => None,
    };
    values.iter().map(size).collect()
}

fn tensor(arguments: &[Value]) -> Result<Tensor> {
    let wrong = || "a tensor is not described as PyTorch does".to_owned();
    let [Value::Storage(storage), Value::Whole(offset), shape, strides, ..] = arguments else {
        return Err(wrong());
    };
    let (shape, strides) = (sizes(shape).ok_or_else(wrong)?, sizes(strides).ok_or_else(wrong)?);
    let offset = usize::try_from(*offset).map_err(|_| wrong())?;
    if shape.len() != strides.len() {
        return Err(wrong());
    }
    Ok(Tensor { storage: (**storage).clone(), offset, shape, strides })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_run_something_is_refused_by_its_name() {
        let hostile = b"cposix\nsystem\n(X\x02\0\0\0idtR.";
        assert_eq!(read(hostile).unwrap_err(), "it wants posix.system to be run, and only tensors are read");
        let stacked = b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93.";
        assert!(read(stacked).unwrap_err().contains("builtins.eval"));
        assert!(read(b"ccollections\nOrderedDict\n)R.").is_ok());
    }

    #[test]
    fn depth_length_and_sharing_are_bounded() {
        let deep = [vec![b')'], vec![0x85; 100], vec![b'.']].concat();
        assert!(read(&deep).unwrap_err().contains("nested too deeply"));
        assert!(read(&vec![b'N'; 3_000_000]).unwrap_err().contains("too long"));
        // Each list holds the one before ten times: 10^20 in all, if copied.
        let mut shared = vec![b')', b'q', 0];
        for place in 1..=20u8 {
            shared.push(b'(');
            for _ in 0..10 {
                shared.extend([b'h', place - 1]);
            }
            shared.extend([b't', b'q', place]);
        }
        shared.push(b'.');
        assert!(read(&shared).is_ok());
    }

    #[test]
    fn cut_and_altered_bytes_never_panic() {
        let whole = b"\x80\x02}q\0(X\x01\0\0\0aq\x01ctorch._utils\n_rebuild_tensor_v2\nq\x02((X\x07\0\0\0storageq\x03ctorch\nFloatStorage\nq\x04X\x01\0\0\x000q\x05X\x03\0\0\0cpuq\x06K\x04tq\x07QK\0K\x02K\x02\x86q\x08K\x02K\x01\x86q\t\x89ccollections\nOrderedDict\nq\n)Rq\x0btq\x0cRq\ru.";
        let (value, rest) = read(whole).unwrap();
        assert!(rest.is_empty());
        let all = value.tensors();
        assert_eq!((all[0].0.as_str(), all[0].1.shape.as_slice()), ("a", [2, 2].as_slice()));
        assert_eq!(all[0].1.storage, Storage { kind: Kind::Float, key: "0".to_owned(), length: 4 });
        for length in 0..whole.len() {
            assert!(read(&whole[..length]).is_err());
        }
        for at in 0..whole.len() {
            for flip in [1, 0x10, 0x80, 0xFF] {
                let mut altered = whole.to_vec();
                altered[at] ^= flip;
                let _ = read(&altered).map(|(value, _)| value.tensors());
            }
        }
    }
}
