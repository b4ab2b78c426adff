// Images to review: reported with boxes that are known, each under a tag of
// its own, so that tests do not take each other's.
import { Api, type Report } from "./fovea.ts";
import { REVIEWED, run } from "./global-setup.ts";
import { draw } from "./pictures.ts";

export interface Box {
  label: string;
  x: number;
  y: number;
  w: number;
  h: number;
  score: number;
}

/** What the model saw on the images below. */
export const BOXES: Box[] = [
  { label: "red cell", x: 100, y: 80, w: 90, h: 80, score: 0.93 },
  { label: "red cell", x: 300, y: 200, w: 80, h: 84, score: 0.71 },
  { label: "white cell", x: 420, y: 90, w: 120, h: 110, score: 0.88 },
  { label: "platelet", x: 220, y: 360, w: 40, h: 38, score: 0.41 },
  { label: "platelet", x: 500, y: 380, w: 36, h: 30, score: 0.12 },
];

/** What a second model saw: one alike, one of another label, one alone. */
export const SHADOW: Box[] = [
  { label: "red cell", x: 102, y: 82, w: 88, h: 78, score: 0.9 },
  { label: "platelet", x: 422, y: 92, w: 118, h: 108, score: 0.6 },
  { label: "red cell", x: 40, y: 300, w: 90, h: 90, score: 0.7 },
];

let made = 0;

export function api(): Api {
  return new Api(run().url, run().token);
}

/** Reports images with `BOXES`; gives their ids and the query that finds them. */
export async function toReview(count: number, shadow = false): Promise<{ ids: string[]; q: string }> {
  const tag = `round-${Date.now()}-${made++}`;
  const ids: string[] = [];
  for (let index = 0; index < count; index++) {
    const report: Report = {
      filename: `${tag}-${index + 1}.png`,
      latency_ms: 20,
      boxes: BOXES,
      tags: [tag],
      ...(shadow ? { shadow: { latency_ms: 25, boxes: SHADOW } } : {}),
    };
    ids.push(await api().reportAndName(REVIEWED, report, draw(5000 + index).png));
  }
  return { ids, q: `tag = "${tag}"` };
}

export interface Subject {
  prediction: { status: string };
  review: { revision: number; started_from: string; boxes: Box[]; statistics?: Record<string, number> } | null;
}

export async function subject(id: string): Promise<Subject> {
  return api().get<Subject>(`/predictions/${id}/review`);
}

/** The share of images that are reviewed without seeing the model's boxes. */
export async function setBlindShare(blind_share: number): Promise<void> {
  await api().put(`/deployments/${REVIEWED}/review-settings`, { blind_share });
}
