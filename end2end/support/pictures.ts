// Pictures of a blood smear, drawn from a seed: what is in them is known, and
// nothing comes from elsewhere.
import { deflateSync } from "node:zlib";

export const WIDTH = 640;
export const HEIGHT = 480;

/** A box in pixels of the picture. */
export interface Cell {
  label: "red cell" | "white cell" | "platelet";
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Picture {
  png: Buffer;
  cells: Cell[];
}

/** Figures in [0, 1) that look random; the same seed gives the same ones. */
export function figures(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

type Colour = [number, number, number];

class Canvas {
  private readonly pixels = new Float32Array(WIDTH * HEIGHT * 3);

  constructor(ground: (x: number, y: number) => Colour) {
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) this.set(x, y, ground(x, y));
    }
  }

  private set(x: number, y: number, colour: Colour): void {
    this.pixels.set(colour, (y * WIDTH + x) * 3);
  }

  /** Blends a colour over an ellipse, softly at its rim. */
  ellipse(cx: number, cy: number, rx: number, ry: number, shade: (rim: number) => [Colour, number]): void {
    for (let y = Math.max(0, Math.floor(cy - ry)); y <= Math.min(HEIGHT - 1, cy + ry); y++) {
      for (let x = Math.max(0, Math.floor(cx - rx)); x <= Math.min(WIDTH - 1, cx + rx); x++) {
        const rim = Math.hypot((x - cx) / rx, (y - cy) / ry);
        if (rim > 1) continue;
        const [colour, strength] = shade(rim);
        const edge = Math.min(1, (1 - rim) * Math.min(rx, ry) * 0.6);
        const at = (y * WIDTH + x) * 3;
        colour.forEach((value, channel) => {
          const old = this.pixels[at + channel] ?? 0;
          this.pixels[at + channel] = old + (value - old) * strength * edge;
        });
      }
    }
  }

  png(random: () => number, light: number): Buffer {
    const rows = Buffer.alloc((WIDTH * 3 + 1) * HEIGHT);
    for (let y = 0; y < HEIGHT; y++) {
      for (let i = 0; i < WIDTH * 3; i++) {
        const grain = (random() - 0.5) * 7;
        rows[y * (WIDTH * 3 + 1) + 1 + i] = Math.max(0, Math.min(255, light * (this.pixels[y * WIDTH * 3 + i] ?? 0) + grain));
      }
    }
    const header = Buffer.alloc(13);
    header.writeUInt32BE(WIDTH, 0);
    header.writeUInt32BE(HEIGHT, 4);
    header.set([8, 2, 0, 0, 0], 8);
    const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const body = deflateSync(rows, { level: 6 });
    return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", body), chunk("IEND", Buffer.alloc(0))]);
  }
}

function chunk(kind: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(kind, "ascii"), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}

/** CRC-32 as PNG has it (node's own came with 20.15, Debian has 18). */
function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Draws a smear with about `count` red cells, in this share of the usual light. */
export function draw(seed: number, count = 22, light = 1): Picture {
  const random = figures(seed);
  const tilt = random() * Math.PI;
  const canvas = new Canvas((x, y) => {
    const light = 8 * Math.cos(tilt) * (x / WIDTH - 0.5) + 8 * Math.sin(tilt) * (y / HEIGHT - 0.5);
    return [236 + light, 228 + light, 224 + light];
  });
  const cells: Cell[] = [];
  const place = (label: Cell["label"], rx: number, ry: number): [number, number] | undefined => {
    for (let attempt = 0; attempt < 40; attempt++) {
      const cx = rx + 2 + random() * (WIDTH - 2 * rx - 4);
      const cy = ry + 2 + random() * (HEIGHT - 2 * ry - 4);
      const apart = cells.every((cell) => {
        const distance = Math.hypot(cell.x + cell.w / 2 - cx, cell.y + cell.h / 2 - cy);
        return distance > (cell.w / 2 + rx) * 0.92;
      });
      if (apart) {
        cells.push({ label, x: cx - rx, y: cy - ry, w: 2 * rx, h: 2 * ry });
        return [cx, cy];
      }
    }
    return undefined;
  };

  if (random() < 0.8) {
    const [rx, ry] = [58 + random() * 14, 54 + random() * 14];
    const at = place("white cell", rx, ry);
    if (at) {
      canvas.ellipse(at[0], at[1], rx, ry, () => [[214, 190, 214], 0.85]);
      for (let lobe = 0; lobe < 3; lobe++) {
        const angle = (lobe / 3) * 2 * Math.PI + random();
        const [dx, dy] = [Math.cos(angle) * rx * 0.3, Math.sin(angle) * ry * 0.3];
        canvas.ellipse(at[0] + dx, at[1] + dy, rx * 0.5, ry * 0.48, (rim) => [[98 + rim * 22, 62, 146], 0.94]);
      }
    }
  }
  for (let cell = 0; cell < count; cell++) {
    const r = 30 + random() * 10;
    const [rx, ry] = [r * (0.93 + random() * 0.14), r * (0.93 + random() * 0.14)];
    const at = place("red cell", rx, ry);
    if (!at) continue;
    const pallor = 0.35 + random() * 0.2;
    canvas.ellipse(at[0], at[1], rx, ry, (rim) => {
      const pale = Math.max(0, 1 - rim / pallor);
      return [[208 + pale * 22, 128 + pale * 70, 124 + pale * 72], 0.86];
    });
  }
  for (let platelet = 0; platelet < 2 + Math.floor(random() * 4); platelet++) {
    const r = 8 + random() * 5;
    const at = place("platelet", r, r);
    if (at) canvas.ellipse(at[0], at[1], r, r, (rim) => [[138 + rim * 30, 96 + rim * 30, 158], 0.9]);
  }
  return { png: canvas.png(random, light), cells };
}
