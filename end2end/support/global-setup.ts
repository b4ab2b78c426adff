// One folder and one server for the whole run: a model trained for a few
// seconds, a deployment of it, and one that was reported to all day.
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Api, Server, fovea } from "./fovea.ts";
import { HEIGHT, WIDTH, draw, figures } from "./pictures.ts";

const PICTURES = 32;
const REPORTS = 64;
/** Pictures that no model learns from: what drift is measured against takes 30. */
const USUAL = 32;

/** What the tests know of the run. */
export interface Run {
  url: string;
  setupLink: string;
  token: string;
}

/** Deployments that every run has. */
export const SERVED = "smears";
export const REPORTED = "ward-7";
/** Its images are reviewed by tests that report their own. */
export const REVIEWED = "rounds";

export function run(): Run {
  return JSON.parse(process.env.FOVEA_RUN ?? "{}") as Run;
}

export default async function prepare(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "fovea-end2end-"));
  const data = join(folder, "data");
  const images = join(folder, "images");
  mkdirSync(images);
  writeDataset(images, 1, PICTURES, (id) => (id % 8 === 0 ? "test" : id % 8 === 4 ? "val" : "train"));
  fovea(
    data,
    ...["import", "--format", "coco", "--images", images, "--annotations", join(images, "coco.json")],
    ...["--dataset", "smears", "--version", "v1", "--split", "from-file"],
  );
  const usual = join(folder, "usual");
  mkdirSync(usual);
  writeDataset(usual, 9400, USUAL, () => "test");
  fovea(
    data,
    ...["import", "--format", "coco", "--images", usual, "--annotations", join(usual, "coco.json")],
    ...["--dataset", "usual", "--version", "v1", "--split", "from-file"],
  );
  fovea(data, "train", "--dataset", "smears/v1", "--model", "cells", "--set", "max_steps=250", "--time-limit", "300s", "--seed", "1");
  // So short a training makes an unsure model.
  fovea(data, "deploy", "--name", SERVED, "--model", "cells/1", "--threshold", "0.05");
  fovea(data, "model", "register", "analyser", "--labels", "red cell,white cell,platelet");
  fovea(data, "deploy", "--name", REPORTED, "--model", "analyser/1");
  fovea(data, "deploy", "--name", REVIEWED, "--model", "analyser/1");
  const token = fovea(data, "token", "create", "--name", "end2end", "--role", "admin").trim();

  const server = await Server.start(data);
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await reportADay(new Api(server.url, token));
  } catch (error) {
    await stop();
    throw error;
  }
  const known: Run = { url: server.url, setupLink: server.setupLink, token };
  process.env.FOVEA_RUN = JSON.stringify(known);
  return stop;
}

function writeDataset(folder: string, first: number, count: number, splitOf: (id: number) => string): void {
  const names = ["red cell", "white cell", "platelet"];
  const images: object[] = [];
  const annotations: object[] = [];
  for (let id = first; id < first + count; id++) {
    const { png, cells } = draw(id);
    const file_name = `smear-${String(id).padStart(3, "0")}.png`;
    writeFileSync(join(folder, file_name), png);
    images.push({ id, file_name, width: WIDTH, height: HEIGHT, split: splitOf(id) });
    for (const { label, x, y, w, h } of cells) {
      const bbox = [x, y, w, h];
      const category_id = names.indexOf(label) + 1;
      annotations.push({ id: annotations.length + 1, image_id: id, category_id, bbox, area: w * h, iscrowd: 0 });
    }
  }
  const categories = names.map((name, index) => ({ id: index + 1, name }));
  writeFileSync(join(folder, "coco.json"), JSON.stringify({ images, annotations, categories }));
}

/** Reports of the last day, more of them by day than by night. */
async function reportADay(api: Api): Promise<void> {
  const random = figures(7);
  const now = Date.now();
  for (let index = 0; index < REPORTS; index++) {
    const { png, cells } = draw(1000 + index, 10 + Math.floor(random() * 16));
    const ago = ((REPORTS - 1 - index) / REPORTS) ** 1.4 * 23 * 3_600_000;
    const boxes = cells.map((cell) => ({ ...cell, score: 0.45 + 0.54 * random() }));
    const latency_ms = 22 + 14 * random() + (random() < 0.06 ? 60 * random() : 0);
    const report = {
      filename: `slide-${String(index + 1).padStart(3, "0")}.png`,
      latency_ms,
      boxes,
      source: index % 3 === 0 ? "scanner-2" : "scanner-1",
      tags: index % 5 === 0 ? ["night"] : [],
      timestamp: new Date(now - ago).toISOString(),
    };
    await api.report(REPORTED, report, png);
  }
}
