// A list of thousands: what is drawn stays bounded, both ways.
import { expect, test } from "@playwright/test";
import { PredictionsPage } from "../pages/predictions.ts";
import { Api } from "../support/fovea.ts";
import { run } from "../support/global-setup.ts";

const LONG = "assembly-line";
const MANY = 3000;
/** Two dozen pages come one after the other, on a busy machine each in its seconds. */
const FAR_MS = 240_000;

test.beforeAll(async () => {
  const api = new Api(run().url, run().token);
  // A worker that begins anew after a failure finds it there.
  if (await api.hasDeployment(LONG)) return;
  await api.deploy(LONG, "analyser/1");
  const lines: string[] = [];
  for (let index = 0; index < MANY; index++) {
    const boxes = [{ label: "red cell", score: 0.9, x: 10 + (index % 400), y: 40, w: 60, h: 50 }];
    lines.push(JSON.stringify({ filename: `part-${index}.png`, width: 640, height: 480, latency_ms: 10 + (index % 90), boxes }));
  }
  await api.reportMany(LONG, lines);
});

test("scrolling far and back finds the same, and draws no more than a screen or two", async ({ page }) => {
  test.setTimeout(FAR_MS + 60_000);
  const list = new PredictionsPage(page, run().url, LONG);
  await list.open();
  await list.expectTotal(MANY);
  const first = (await list.names())[0];
  const most = { elements: 0 };
  const scrollTo = async (bottom: boolean): Promise<void> => {
    await page.locator(".pane").evaluate((pane, bottom) => {
      pane.scrollTop = bottom ? pane.scrollHeight : 0;
    }, bottom);
    most.elements = Math.max(most.elements, (await list.pane()).elements);
  };
  const last = page.locator(`.tile[title="part-0.png"]`);
  await expect(async () => {
    await scrollTo(true);
    await expect(last).toBeVisible({ timeout: 200 });
  }).toPass({ timeout: FAR_MS, intervals: [50] });
  expect(most.elements, "elements in the pane").toBeLessThan(2500);
  await expect.poll(() => list.state().get("from"), { message: "the address follows" }).not.toBeNull();
  await scrollTo(false);
  await expect(page.locator(`.tile[title="${first}"]`)).toBeVisible();
});

test("a range from the first to the last has no gap where pages were forgotten", async ({ page }) => {
  test.setTimeout(FAR_MS + 60_000);
  const list = new PredictionsPage(page, run().url, LONG);
  await list.open();
  const first = list.cells().first();
  await first.hover();
  await first.getByRole("checkbox").click();
  const last = list.cells().filter({ has: page.locator(`.tile[title="part-0.png"]`) });
  await expect(async () => {
    await page.locator(".pane").evaluate((pane) => {
      pane.scrollTop = pane.scrollHeight;
    });
    await expect(last).toBeVisible({ timeout: 200 });
  }).toPass({ timeout: FAR_MS, intervals: [50] });
  await last.locator(".tile").click({ modifiers: ["Shift"] });
  await expect(page.locator(".acts")).toContainText("3,000 selected");
});

test("an address in the middle of the list leads there, and the list goes on both ways", async ({ page }) => {
  const list = new PredictionsPage(page, run().url, LONG);
  await list.open({ q: 'filename = "part-1500.png"' });
  const id = await list.cells().first().getAttribute("data-id");
  await list.open({ from: id ?? "" });
  await expect(list.cells().first()).toBeVisible();
  const tile = page.locator(`.tile[title="part-1500.png"]`);
  await expect(tile).toBeInViewport();
  const place = async (): Promise<number> => Math.round((await tile.boundingBox())?.y ?? -1);
  const at = await place();
  await expect(page.locator(`.tile[title="part-1504.png"]`)).toBeAttached();
  expect(Math.abs((await place()) - at), "what is looked at has not moved").toBeLessThan(3);
  await page.locator(".pane").evaluate((pane) => {
    pane.scrollTop -= 3000;
  });
  await expect(page.locator(`.tile[title="part-1560.png"]`)).toBeAttached();
});

test("coming back from a review finds the same place and the same selection", async ({ page }) => {
  const list = new PredictionsPage(page, run().url, LONG);
  await list.open();
  await page.locator(".pane").evaluate((pane) => {
    pane.scrollTop = 2500;
  });
  await expect.poll(() => list.state().get("from")).not.toBeNull();
  const { scrolled } = await list.pane();
  const tile = list.cells().nth(20);
  const name = await tile.locator(".tile").getAttribute("title");
  await tile.hover();
  await tile.getByRole("checkbox").click();
  await tile.locator(".cell-act").click();
  await expect(page).toHaveURL(/\/review\//);
  await page.goBack();
  await expect(page.locator(`.cell.picked .tile[title="${name}"]`)).toBeInViewport();
  expect(Math.abs((await list.pane()).scrolled - scrolled)).toBeLessThan(5);
});
