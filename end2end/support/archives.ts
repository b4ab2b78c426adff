// Labelled pictures as a person would drop them.
import { HEIGHT, WIDTH, draw } from "./pictures.ts";
import { type File, zip } from "./zip.ts";

const NAMES = ["red cell", "white cell", "platelet"];

/** Pictures of smears from a seed on, every fourth for validation, in YOLO's form. */
export function smears(first: number, count: number): Buffer {
  const files: File[] = [{ name: "set/data.yaml", bytes: Buffer.from(`train: train/images\nval: val/images\nnames: [${NAMES.join(", ")}]\n`) }];
  for (let index = 0; index < count; index++) {
    const split = index % 4 === 3 ? "val" : "train";
    const { png, cells } = draw(first + index);
    const lines = cells.map(({ label, x, y, w, h }) => {
      const shares = [(x + w / 2) / WIDTH, (y + h / 2) / HEIGHT, w / WIDTH, h / HEIGHT];
      return `${NAMES.indexOf(label)} ${shares.map((share) => share.toFixed(6)).join(" ")}\n`;
    });
    files.push({ name: `set/${split}/images/${index}.png`, bytes: png });
    files.push({ name: `set/${split}/labels/${index}.txt`, bytes: Buffer.from(lines.join("")) });
  }
  return zip(files);
}
