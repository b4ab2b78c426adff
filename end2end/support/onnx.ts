// A small ONNX file, written by hand: a detector in the form of YOLOv8 exports
// that sees one box in the middle of a picture, with its brightness as score.

const SIDE = 64;
/** Candidates at strides 8, 16 and 32 on that side. */
const CANDIDATES = 84;

/** A message of Protocol Buffers: fields by their numbers. */
class Message {
  private readonly parts: Buffer[] = [];

  private varint(number: number): this {
    const bytes: number[] = [];
    for (; number >= 0x80; number = Math.floor(number / 0x80)) bytes.push((number & 0x7f) | 0x80);
    bytes.push(number);
    this.parts.push(Buffer.from(bytes));
    return this;
  }

  number(field: number, number: number): this {
    return this.varint(field * 8).varint(number);
  }

  bytes(field: number, bytes: Buffer): this {
    this.varint(field * 8 + 2).varint(bytes.length);
    this.parts.push(bytes);
    return this;
  }

  text(field: number, text: string): this {
    return this.bytes(field, Buffer.from(text));
  }

  message(field: number, message: Message): this {
    return this.bytes(field, message.done());
  }

  done(): Buffer {
    return Buffer.concat(this.parts);
  }
}

function node(operator: string, inputs: string[], output: string): Message {
  const node = new Message();
  for (const input of inputs) node.text(1, input);
  node.text(2, output).text(4, operator);
  if (operator === "ReduceMean") node.message(5, new Message().text(1, "keepdims").number(3, 0).number(20, 2));
  return node;
}

function tensor(name: string, shape: number[], at: [number, number][]): Message {
  const values = new Float32Array(shape.reduce((all, side) => all * side, 1));
  for (const [row, value] of at) values[row * CANDIDATES] = value;
  const tensor = new Message();
  for (const side of shape) tensor.number(1, side);
  return tensor.number(2, 1).text(8, name).bytes(9, Buffer.from(values.buffer));
}

function value(name: string, shape: number[]): Message {
  const sides = new Message();
  for (const side of shape) sides.message(1, new Message().number(1, side));
  return new Message().text(1, name).message(2, new Message().message(1, new Message().number(1, 1).message(2, sides)));
}

/** `output0 = box + mask * mean(images)`; without `named`, it does not say what its labels are. */
export function tinyOnnx(labels: string[], named = true): Buffer {
  const shape = [1, 4 + labels.length, CANDIDATES];
  const graph = new Message()
    .message(1, node("ReduceMean", ["images"], "mean"))
    .message(1, node("Mul", ["mask", "mean"], "scores"))
    .message(1, node("Add", ["box", "scores"], "output0"))
    .text(2, "tiny")
    .message(5, tensor("box", shape, [0, 1, 2, 3].map((row) => [row, SIDE / 2])))
    .message(5, tensor("mask", shape, [[4, 1]]))
    .message(11, value("images", [1, 3, SIDE, SIDE]))
    .message(12, value("output0", shape));
  const model = new Message().number(1, 8).text(2, "fovea-tests").message(7, graph);
  model.message(8, new Message().number(2, 13));
  const names = labels.map((label, number) => `${number}: '${label}'`).join(", ");
  const metadata = { names: `{${names}}`, task: "detect", imgsz: "[64, 64]", stride: "32" };
  for (const [key, value] of Object.entries(named ? metadata : {})) {
    model.message(14, new Message().text(1, key).text(2, value));
  }
  return model.done();
}
