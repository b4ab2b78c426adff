// The Predictions page on very many predictions, in a real browser without a
// graphics card: from the click to the first page, the frames while scrolling,
// and what the tab holds in memory. Prints one line a figure: what, median and
// 95th percentile, parted by tabs. Takes the program from FOVEA_BIN and the
// filled folder, whose first deployment is `bench`, from FOVEA_BENCH_FOLDER.
import { readFileSync } from "node:fs";
import { Bed, print } from "./bed.mjs";

const CLICKS = 12;
const SCROLLED_SECONDS = 20;
/** Pixels of one frame: a fast hand on a wheel. */
const STEP = 60;
/** Gone to in jumps, so that the memory can show what it keeps. */
const PAGES = 200;

/** From the click on the tab until its first pictures are there to look at. */
async function clicks(page, url) {
  const times = [];
  for (let i = 0; i < CLICKS; i++) {
    await page.goto(`${url}/deployments/bench`);
    await page.locator("html[data-alive]").waitFor({ state: "attached" });
    await page.waitForLoadState("networkidle");
    times.push(
      await page.evaluate(async () => {
        const link = [...document.querySelectorAll("a")].find((a) => a.textContent.trim() === "Predictions");
        const started = performance.now();
        link.click();
        const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
        const seen = () => {
          const pictures = [...document.querySelectorAll(".grid > .cell[data-id] img")];
          const inSight = pictures.filter((picture) => picture.getBoundingClientRect().top < innerHeight);
          return inSight.length > 0 && inSight.every((picture) => picture.complete && picture.naturalWidth > 0);
        };
        while (!seen()) await frame();
        await frame();
        return performance.now() - started;
      }),
    );
  }
  print("from the click to the first page", times);
}

/** Milliseconds from frame to frame while the list scrolls, and how far it came. */
async function scroll(page) {
  const { times, cells } = await page.evaluate(
    async ({ SCROLLED_SECONDS, STEP }) => {
      const pane = document.querySelector(".pane");
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const seen = new Set();
      const times = [];
      const started = await frame();
      let last = started;
      while (last - started < SCROLLED_SECONDS * 1000) {
        pane.scrollTop += STEP;
        const now = await frame();
        times.push(now - last);
        last = now;
        if (times.length % 30 === 0) for (const cell of pane.querySelectorAll(".cell[data-id]")) seen.add(cell.dataset.id);
      }
      return { times, cells: seen.size };
    },
    { SCROLLED_SECONDS, STEP },
  );
  const second = times.reduce((sum, time) => sum + time, 0) / 1000;
  console.log(`predictions scrolled past\t${cells}\t${cells}`);
  print("a frame while scrolling", times);
  console.log(`frames a second while scrolling\t${(times.length / second).toFixed(1)}\t${(times.length / second).toFixed(1)}`);
}

/** Megabytes that the tab's process holds, after its garbage is gone. */
async function memory(page, browser) {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  await session.detach();
  const whole = await browser.newBrowserCDPSession();
  const { processInfo } = await whole.send("SystemInfo.getProcessInfo");
  await whole.detach();
  const sizes = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => {
    const kilobytes = readFileSync(`/proc/${id}/status`, "utf8").match(/VmRSS:\s+(\d+)/)?.[1] ?? "0";
    return Number(kilobytes) / 1024;
  });
  return Math.max(...sizes);
}

/** To the end of what is loaded, again and again. */
async function far(page, pages) {
  await page.evaluate(async (pages) => {
    const pane = document.querySelector(".pane");
    const last = () => [...pane.querySelectorAll(".cell[data-id]")].at(-1)?.dataset.id;
    const wait = () => new Promise((resolve) => setTimeout(resolve, 20));
    for (let number = 0; number < pages; number++) {
      const before = last();
      pane.scrollTop = pane.scrollHeight;
      for (let waited = 0; waited < 250 && last() === before; waited++) await wait();
    }
  }, pages);
}

const bed = new Bed(process.env.FOVEA_BENCH_FOLDER);
try {
  await bed.serve();
  const context = await bed.browse({ width: 1280, height: 800 });
  const page = await context.newPage();
  await bed.signUp(page);
  await clicks(page, bed.url);
  await page.waitForLoadState("networkidle");
  await scroll(page);
  await far(page, 20);
  const early = await memory(page, bed.browser);
  await far(page, PAGES);
  const late = await memory(page, bed.browser);
  console.log(`megabytes of the tab: after a few pages, after ${PAGES} more\t${early.toFixed(1)}\t${late.toFixed(1)}`);
} finally {
  await bed.end();
}
