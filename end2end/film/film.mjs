// The README's pictures and its film, taken of a demo that has run: what a
// person sees who follows one deployment from drift to a better model.
//
//   FOVEA_BIN=… node film.mjs DATA OUT
//
// DATA is the folder of a demo that has run to its end, and DATA-in-drift the
// same before its training; both are made when DATA is not there.
// OUT gets the pictures and film.webp.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright";

const [data, out] = process.argv.slice(2).map((path) => resolve(path));
const program = process.env.FOVEA_BIN ?? "fovea";
const SIZE = { width: 1120, height: 700 };
/** Bytes that a README's reader may be made to wait for. */
const HEAVIEST = 3_000_000;
/** Qualities tried in turn, until the film is light enough. */
const QUALITIES = [88, 80, 72, 60, 50, 40, 30];
const ADMIN = { email: "ada@example.org", password: "a long enough password" };

const inDrift = `${data}-in-drift`;
if (!existsSync(join(data, "fovea.db"))) await demo();
mkdirSync(out, { recursive: true });
const frames = mkdtempSync(join(tmpdir(), "fovea-film-"));
const browser = await chromium.launch({
  executablePath: process.env.FOVEA_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb", "--font-render-hinting=none"],
});
try {
  const shots = [];
  await served(inDrift, async (page, url) => {
    await drift(scenes(page, url, shots));
    await pictures(page, url, { dashboard: "", screenshot: "/predictions" });
  });
  await served(data, async (page, url) => {
    await loop(scenes(page, url, shots));
    await comparison(page, url);
  });
  write(shots);
} finally {
  await browser.close();
  rmSync(frames, { recursive: true, force: true });
}

/** Runs the demo, and keeps how it is when the drift has come to its end. */
async function demo() {
  const run = ["demo", "--auto-review", "--every-ms", "400", "--data-dir", data, "--addr", "127.0.0.1:0"];
  const playing = spawn(program, run, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(playing, "exit");
  const heard = (line) => {
    console.log(line);
    if (line.startsWith("The drift has reached its end")) keep();
  };
  for (const said of [playing.stdout, playing.stderr]) createInterface({ input: said }).on("line", heard);
  const [status] = await ended;
  if (status !== 0) throw new Error(`the demo ended with ${status}`);
}

/** Keeps how the demo is now. */
function keep() {
  const backup = `${inDrift}.backup`;
  called("backup", backup, "--data-dir", data);
  called("restore", backup, "--data-dir", inDrift);
  rmSync(backup);
}

/** What the program prints. */
function called(...args) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`fovea ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Serves a folder while `visit` looks at it in a browser. */
async function served(folder, visit) {
  const port = await freePort();
  const server = spawn(program, ["serve", "--addr", `127.0.0.1:${port}`, "--data-dir", folder], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    const url = `http://127.0.0.1:${port}`;
    await visit(await signedIn(url, server, folder), url);
  } finally {
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    await ended;
  }
}

/** Opens a way in: the first start's link, or a new one. */
async function signedIn(url, server, folder) {
  const first = await Promise.race([firstLink(server), new Promise((done) => setTimeout(done, 20_000))]);
  const link = first ?? called("user", "link", ADMIN.email, "--base", url, "--data-dir", folder).match(/https?:\S+secret=\S+/)?.[0];
  const context = await browser.newContext({ viewport: SIZE, colorScheme: "light", locale: "en-GB", timezoneId: "UTC" });
  const page = await context.newPage();
  await page.goto(link);
  if (await page.getByLabel("E-mail").isEditable()) await page.getByLabel("E-mail").fill(ADMIN.email);
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL((to) => !to.pathname.includes("setup"));
  return page;
}

function firstLink(server) {
  return new Promise((done) => {
    createInterface({ input: server.stdout }).on("line", (line) => {
      const found = line.match(/https?:\S*\/setup\?secret=\S+/);
      if (found) done(found[0]);
    });
  });
}

async function settled(page) {
  await page.locator("html[data-alive]").waitFor({ state: "attached", timeout: 30_000 });
  await page.waitForFunction(() =>
    [...document.images].every((image) => {
      const { top, bottom } = image.getBoundingClientRect();
      return bottom <= 0 || top >= innerHeight || image.complete;
    }),
  );
  await page.waitForTimeout(600);
}

/** How scenes are taken: each is a picture, and how long it is looked at. */
function scenes(page, url, shots) {
  let at = { x: SIZE.width * 0.6, y: SIZE.height * 0.7 };
  const take = async (words, ms) => {
    await caption(page, words);
    const path = join(frames, `${String(shots.length).padStart(3, "0")}.png`);
    await page.screenshot({ path });
    shots.push({ path, ms });
  };
  const open = async (path) => {
    await page.goto(url + path);
    await settled(page);
  };
  const point = async (locator, words, ms = 900) => {
    const box = await locator.boundingBox();
    if (!box) return;
    const to = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    for (const step of [0.4, 0.7, 0.9]) {
      await pointer(page, at.x + (to.x - at.x) * step, at.y + (to.y - at.y) * step);
      await take(words, 90);
    }
    at = to;
    await pointer(page, to.x, to.y);
    await take(words, ms);
  };
  return { page, take, open, point };
}

/** What is seen while the images drift. */
async function drift({ page, take, open, point }) {
  await open("/deployments/smears");
  await take("A detector at work: what arrives, live", 3000);
  await point(page.getByText(/^Drift/).first(), "Drift is declared: what differs, and since when", 2800);
  for (const step of [1, 2, 3]) {
    await page.mouse.wheel(0, 260);
    await page.waitForTimeout(350);
    await take("Drift is declared: what differs, and since when", step === 3 ? 2200 : 250);
  }
  await open("/deployments/smears/predictions");
  await take("Every image and every box is kept", 2600);
  const query = 'outlier_score > 0.9 and has(label = "white cell")';
  const field = page.getByRole("textbox", { name: "Query" });
  await field.click();
  for (let length = 8; length <= query.length + 7; length += 8) {
    await field.fill(query.slice(0, length));
    await take("Find what matters by a query", 160);
  }
  await field.press("Escape");
  await field.press("Enter");
  await settled(page);
  await take("Find what matters by a query", 2600);
  await reviewed(page, take, point);
}

/** What came of it. */
async function loop({ page, take, open }) {
  await open("/deployments/smears/learning");
  await take("Reviews become the next model, by themselves", 3000);
  await page.mouse.wheel(0, 420);
  await page.waitForTimeout(400);
  await take("Measured on images that no training ever sees", 3000);
  await open("/models/smears/2");
  await take("Each version with its figures and where it comes from", 2600);
  await open("/models");
  await take("Weights of your own come by mouse", 2200);
  await open("/deployments/smears");
  await take("The better model answers now. Self-hosted, one program", 3200);
}

/** One image is reviewed. */
async function reviewed(page, take, point) {
  await page.locator(".grid > .cell[data-id] .tile").first().click();
  const review = page.getByRole("link", { name: "Review" }).first();
  await review.waitFor();
  await settled(page);
  await take("One at a time, with all that is known of it", 2200);
  await review.click();
  await page.locator("canvas[data-surface=image][data-drawn]").waitFor();
  await settled(page);
  await take("Correct it by mouse or keyboard", 2600);
  const canvas = await page.locator("canvas[data-surface=overlay]").boundingBox();
  await page.keyboard.press("d");
  const from = { x: canvas.x + canvas.width * 0.42, y: canvas.y + canvas.height * 0.4 };
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  for (const step of [1, 2, 3, 4]) {
    const to = { x: from.x + step * 22, y: from.y + step * 20 };
    await page.mouse.move(to.x, to.y);
    await pointer(page, to.x, to.y);
    await take("Correct it by mouse or keyboard", 220);
  }
  await page.mouse.up();
  await take("Correct it by mouse or keyboard", 1400);
  await page.keyboard.press("Control+z");
  await point(page.getByRole("button", { name: /^Accept and next/ }), "Accept, and the next image is there", 1800);
}

/** A line of words at the bottom of the picture. */
async function caption(page, words) {
  await page.evaluate((words) => {
    const line = document.querySelector("#film-words") ?? document.body.appendChild(document.createElement("p"));
    line.id = "film-words";
    line.textContent = words;
    const style = "position:fixed;left:50%;bottom:18px;translate:-50% 0;z-index:999;margin:0;padding:10px 20px;border-radius:999px;";
    line.setAttribute("style", `${style}background:#111214e6;color:#fff;font:600 17px/1.3 var(--font);white-space:nowrap`);
  }, words);
}

/** A pointer for those who look on. */
async function pointer(page, x, y) {
  await page.evaluate(
    ([x, y]) => {
      const dot = document.querySelector("#film-dot") ?? document.body.appendChild(document.createElement("i"));
      dot.id = "film-dot";
      const style = "position:fixed;z-index:998;width:22px;height:22px;border-radius:50%;border:3px solid #fff;pointer-events:none;";
      dot.setAttribute("style", `${style}background:#3d63dd99;box-shadow:0 1px 6px #0006;left:${x - 11}px;top:${y - 11}px`);
    },
    [x, y],
  );
}

/** Still pictures of README and docs. */
async function pictures(page, url, paths) {
  await page.setViewportSize({ width: 1280, height: 800 });
  for (const [name, path] of Object.entries(paths)) {
    await page.goto(`${url}/deployments/smears${path}`);
    await settled(page);
    await page.screenshot({ path: join(out, `${name}.png`) });
  }
}

/** Two models' boxes beside the truth. */
async function comparison(page, url) {
  await page.setViewportSize({ width: 1280, height: 800 });
  // What came last was replayed by the candidate, so both models' boxes are there.
  const latest = await page.evaluate(async () => {
    const answer = await fetch("/api/v1/deployments/smears/predictions?limit=1");
    return (await answer.json()).items[0].id;
  });
  await page.goto(`${url}/deployments/smears/review/${latest}`);
  await page.locator("canvas[data-surface=image][data-drawn]").waitFor();
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await settled(page);
  await page.screenshot({ path: join(out, "compare.png") });
}

/** Puts the scenes together, as well as they may be for their weight. */
function write(shots) {
  const film = join(out, "film.webp");
  for (const quality of QUALITIES) {
    const each = shots.flatMap(({ path, ms }) => ["-lossy", "-q", String(quality), "-m", "6", "-d", String(ms), path]);
    const run = spawnSync("img2webp", ["-loop", "0", "-min_size", ...each, "-o", film], { encoding: "utf8" });
    if (run.status !== 0) throw new Error(`img2webp (Debian's package webp): ${run.error ?? run.stderr}`);
    const bytes = spawnSync("stat", ["-c", "%s", film], { encoding: "utf8" }).stdout.trim();
    const seconds = shots.reduce((sum, { ms }) => sum + ms, 0) / 1000;
    console.log(`film.webp: ${shots.length} pictures, ${seconds} s, quality ${quality}, ${bytes} bytes`);
    if (Number(bytes) <= HEAVIEST) return;
  }
  throw new Error(`the film is heavier than ${HEAVIEST} bytes at any quality`);
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  return port;
}
