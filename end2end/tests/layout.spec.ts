// Nothing is cut and nothing jumps: tables at two widths, what moves while a
// page loads, and how soon something is painted.
import { expect, test, type Page } from "@playwright/test";
import { alive } from "../pages/deployment.ts";
import { REPORTED, run } from "../support/global-setup.ts";
import { PLACES } from "../support/places.ts";

const TABLE = `/deployments/${REPORTED}/predictions?view=table`;
const PATHS = [...PLACES.map(({ path }) => path), TABLE];

/** What is wider than its place, of the places that scroll tables. */
async function cut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const places = [...document.querySelectorAll<HTMLElement>(".scroll, .pane")];
    // Closed folds have a width and are not seen.
    const seen = places.filter((place) => place.clientWidth > 0 && place.checkVisibility());
    const wide = seen.filter((place) => place.scrollWidth > place.clientWidth + 1);
    return wide.map((place) => `${place.scrollWidth} in ${place.clientWidth}: ${place.innerText.slice(0, 60)}`);
  });
}

for (const width of [1280, 768]) {
  test.describe(`at ${width}`, () => {
    test.use({ viewport: { width, height: 800 } });
    test("no table is cut", async ({ page }) => {
      test.setTimeout(120_000);
      const found: Record<string, string[]> = {};
      for (const path of PATHS) {
        await page.goto(run().url + path);
        await alive(page);
        const wide = await cut(page);
        if (wide.length > 0) found[path] = wide;
      }
      expect(found).toEqual({});
    });
  });
}

for (const path of ["/audit", "/users"]) {
  test(`on a narrow screen names on ${path} are broken where their words join`, async ({ page }) => {
    await page.setViewportSize({ width: 768, height: 1200 });
    await page.goto(run().url + path);
    await alive(page);
    const names = page.locator("tbody span:has(> wbr)");
    await expect(names).not.toHaveCount(0);
    const broken = await names.evaluateAll((names) => {
      const lines = (text: Node): number => {
        const range = document.createRange();
        range.selectNodeContents(text);
        return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
      };
      const parts = names.flatMap((name) => [...name.childNodes]);
      const words = parts.filter((part) => part.nodeType === Node.TEXT_NODE && !/\s/.test(part.textContent ?? " "));
      return words.filter((word) => lines(word) > 1).map((word) => word.textContent);
    });
    expect(broken).toEqual([]);
  });
}

test("on a narrow screen the navigation takes its lines alone, however short the page", async ({ page }) => {
  await page.setViewportSize({ width: 768, height: 1200 });
  await page.goto(`${run().url}/connections`);
  await alive(page);
  const [side, last] = [page.locator(".side"), page.locator(".side > :last-child")];
  const [outer, inner] = await Promise.all([side.boundingBox(), last.boundingBox()]);
  expect(outer!.y + outer!.height - (inner!.y + inner!.height)).toBeLessThan(40);
  expect(outer!.height).toBeLessThan(300);
});

test("what is there stays in its place while a page loads", async ({ page }) => {
  test.setTimeout(120_000);
  await page.addInitScript(() => {
    const shifts = { sum: 0 };
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
        if (!entry.hadRecentInput) shifts.sum += entry.value;
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  const found: Record<string, number> = {};
  for (const path of PATHS) {
    await page.goto(run().url + path);
    await alive(page);
    // Live pages always have a request under way: what counts is what is drawn.
    await page.waitForFunction(() => [...document.images].every((image) => image.loading === "lazy" || image.complete));
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 300))));
    const sum = await page.evaluate(() => (window as unknown as { shifts: { sum: number } }).shifts.sum);
    if (sum > 0.05) found[path] = sum;
  }
  expect(found).toEqual({});
});

test("charts have their columns before the last of them is read", async ({ page }) => {
  await page.goto(`${run().url}/deployments/${REPORTED}`);
  await alive(page);
  const columns = await page.locator(".charts").evaluateAll((grids) => {
    const widths = (grid: Element): string => {
      const columns = getComputedStyle(grid).gridTemplateColumns.split(" ");
      return columns.map((width) => Math.round(parseFloat(width))).join(" ");
    };
    return grids.map((grid) => {
      const whole = widths(grid);
      [...grid.children].slice(1).forEach((chart) => chart.remove());
      return { whole, begun: widths(grid) };
    });
  });
  expect(columns.length).toBeGreaterThan(0);
  expect(columns.filter(({ whole, begun }) => whole !== begun)).toEqual([]);
});

test("something is painted within a second on a slow line", async ({ page, context }) => {
  const line = await context.newCDPSession(page);
  await line.send("Network.enable");
  const bytes = 10_000_000 / 8;
  await line.send("Network.emulateNetworkConditions", { offline: false, latency: 40, downloadThroughput: bytes, uploadThroughput: bytes });
  await line.send("Network.setCacheDisabled", { cacheDisabled: true });
  const painted: number[] = [];
  for (let visit = 0; visit < 3; visit++) {
    await page.goto(`${run().url}/deployments/${REPORTED}`);
    await alive(page);
    painted.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Infinity));
  }
  // The machine may be busy with something else once.
  expect(Math.min(...painted), `milliseconds: ${painted}`).toBeLessThanOrEqual(1_000);
});
