// How long a frame of the review takes with 10,000 boxes, and how long it is
// from the key to the next image, in a real browser without a graphics card.
// Prints one line a figure: what, median and 95th percentile in milliseconds,
// parted by tabs. Takes the program from FOVEA_BIN.
import { deflateSync } from "node:zlib";
import { Bed, print } from "./bed.mjs";

const WIDTH = 4000;
const HEIGHT = 3000;
const BOXES = 10_000;
const FRAMES = 300;
const WARM_UP = 30;
const LABELS = ["red cell", "white cell", "platelet", "other"];

/** CRC-32 as PNG has it (node's own came with 20.15, Debian has 18). */
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A picture with soft spots, as a PNG. */
function picture(width, height, seed) {
  const row = width * 3 + 1;
  const pixels = Buffer.alloc(row * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const spot = Math.sin((x + seed * 37) / 29) * Math.sin((y + seed * 53) / 23);
      const at = y * row + 1 + x * 3;
      pixels[at] = 190 + 40 * spot;
      pixels[at + 1] = 160 + 50 * spot;
      pixels[at + 2] = 175 + 30 * spot;
    }
  }
  const chunk = (kind, data) => {
    const named = Buffer.concat([Buffer.from(kind, "ascii"), data]);
    const framed = Buffer.alloc(named.length + 8);
    framed.writeUInt32BE(data.length, 0);
    named.copy(framed, 4);
    framed.writeUInt32BE(crc32(named), named.length + 4);
    return framed;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const body = deflateSync(pixels, { level: 1 });
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", body), chunk("IEND", Buffer.alloc(0))]);
}

async function report(url, token, filename, width, height, boxes, seed) {
  const form = new FormData();
  form.set("report", JSON.stringify({ filename, latency_ms: 20, boxes }));
  form.set("media", new Blob([picture(width, height, seed)], { type: "image/png" }), filename);
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}/api/v1/deployments/bench/predictions`, { method: "POST", headers, body: form });
  if (!answer.ok) throw new Error(`report: ${answer.status} ${await answer.text()}`);
  return (await answer.json()).id;
}

/** A draft as the page keeps it: a server stores fewer boxes than this. */
function draft(name) {
  const box = (_, i) => ({ label: LABELS[i % LABELS.length], x: (i % 100) * 40, y: Math.floor(i / 100) * 30, w: 36, h: 26 });
  const boxes = Array.from({ length: BOXES }, box);
  const size = { width: WIDTH, height: HEIGHT };
  const work = { format: 1, kept: new Date().toISOString(), size, base_revision: 0, base: [], started_from: "champion", boxes, active_ms: 0 };
  return JSON.stringify({ deployment: "bench", name, draft: work });
}

/** Milliseconds from frame to frame while a hand does something each frame. */
function frames(page, deed) {
  return page.evaluate(
    async ({ deed, FRAMES, WARM_UP }) => {
      const canvas = document.querySelector("canvas[data-surface=overlay]");
      const area = canvas.getBoundingClientRect();
      const middle = { x: area.left + area.width / 2 + 3, y: area.top + area.height / 2 + 4 };
      const send = (kind, dx, dy) => {
        const at = { clientX: middle.x + dx, clientY: middle.y + dy, bubbles: true, cancelable: true, pointerId: 1, pointerType: "mouse" };
        canvas.dispatchEvent(new PointerEvent(kind, at));
      };
      const turn = (deltaY) =>
        canvas.dispatchEvent(new WheelEvent("wheel", { clientX: middle.x, clientY: middle.y, deltaY, bubbles: true, cancelable: true }));
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const act = {
        pan: (i) => send("pointermove", 60 * Math.sin(i / 9), 40 * Math.cos(i / 7)),
        drag: (i) => send("pointermove", 200 * Math.sin(i / 9), 120 * Math.cos(i / 7)),
        zoom: (i) => turn(i % 40 < 20 ? -60 : 60),
      }[deed];
      if (deed !== "zoom") send("pointerdown", 0, 0);
      const times = [];
      let last = await frame();
      for (let i = 0; i < FRAMES + WARM_UP; i++) {
        act(i);
        const now = await frame();
        if (i >= WARM_UP) times.push(now - last);
        last = now;
      }
      if (deed !== "zoom") send("pointerup", 0, 0);
      return times;
    },
    { deed, FRAMES, WARM_UP },
  );
}

async function tenThousand(page, url, id) {
  await page.addInitScript(([key, text]) => localStorage.setItem(key, text), [`fovea/${Bed.WHO.email}/draft/${id}`, draft("large.png")]);
  await page.goto(`${url}/deployments/bench/review/${id}`);
  await page.locator(`canvas[data-drawn="${id}"]`).waitFor({ state: "attached" });
  await page.getByText("is back").waitFor();
  // Not fitted: some boxes are out of sight, as in real work.
  await page.keyboard.press("h");
  print("a frame while panning, 10,000 boxes", await frames(page, "pan"));
  print("a frame while zooming, 10,000 boxes", await frames(page, "zoom"));
  await page.keyboard.press("r");
  await page.keyboard.press("v");
  print("a frame while dragging a box, 10,000 boxes", await frames(page, "drag"));
}

async function acceptAndNext(page, url, count) {
  await page.goto(`${url}/deployments/bench/review?q=${encodeURIComponent('filename ~ "small"')}`);
  const image = page.locator("canvas[data-surface=image]");
  await page.locator('canvas[data-drawn]:not([data-drawn=""])').waitFor({ state: "attached" });
  const times = [];
  for (let i = 0; i < count - 1; i++) {
    // A reviewer looks at each image for a moment.
    await page.waitForLoadState("networkidle");
    await page.waitForTimeout(600);
    const before = await image.getAttribute("data-drawn");
    times.push(
      await page.evaluate(async (before) => {
        const image = document.querySelector("canvas[data-surface=image]");
        const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
        const started = performance.now();
        window.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));
        while ([before, ""].includes(image.getAttribute("data-drawn"))) await frame();
        // The frame after the paint has been given to the screen.
        await frame();
        return performance.now() - started;
      }, before),
    );
  }
  print("from accept to the next image drawn, 15 boxes", times);
}

// Frames follow each other as fast as they are made, so that the time between
// two of them is what one costs.
const UNLIMITED = ["--disable-frame-rate-limit", "--disable-gpu-vsync"];

const bed = new Bed();
try {
  bed.fovea("model", "register", "bench", "--labels", LABELS.join(","));
  bed.fovea("deploy", "--name", "bench", "--model", "bench/1");
  const token = bed.fovea("token", "create", "--name", "bench", "--role", "admin");
  await bed.serve();
  const context = await bed.browse({ width: 1280, height: 800 }, UNLIMITED);
  const page = await context.newPage();
  await bed.signUp(page);
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  await fetch(`${bed.url}/api/v1/deployments/bench/review-settings`, { method: "PUT", headers, body: '{"blind_share":0}' });

  const fifteen = Array.from({ length: 15 }, (_, i) => ({ label: LABELS[i % 3], score: 0.9 - i / 50, x: 20 + (i % 5) * 120, y: 20 + Math.floor(i / 5) * 140, w: 80, h: 90 }));
  for (let i = 0; i < 20; i++) await report(bed.url, token, `small-${i}.png`, 640, 480, fifteen, i);
  await acceptAndNext(page, bed.url, 20);
  const large = await report(bed.url, token, "large.png", WIDTH, HEIGHT, [], 1);
  await tenThousand(await context.newPage(), bed.url, large);
} finally {
  await bed.end();
}
