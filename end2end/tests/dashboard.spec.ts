// The dashboard answers first: what matters is on the first screen, and what
// is below it is one click away.
import { expect, test } from "@playwright/test";
import { DeploymentPage, alive } from "../pages/deployment.ts";
import { REPORTED, run } from "../support/global-setup.ts";
import { draw } from "../support/pictures.ts";
import { api } from "../support/reviews.ts";

const SCREEN = { width: 1280, height: 800 };
/** A window of drift, as small as it may be. */
const WINDOW = 30;

test.use({ viewport: SCREEN });

interface TrainingData {
  reference: { state: string } | null;
}

test("in drift the first screen says since when and of what", async ({ page }) => {
  test.setTimeout(150_000);
  const name = "dimmed";
  await api().deploy(name, "cells/1");
  const path = `/deployments/${name}/training-data`;
  await api().put(path, { dataset: "usual/v1", drift: { window: WINDOW, least: WINDOW, spacing_ms: 0, running: 1 } });
  await expect.poll(async () => (await api().get<TrainingData>(path)).reference?.state, { timeout: 60_000 }).toBe("ready");
  // The first window begins when the monitoring first looks, some seconds after.
  for (let index = 0; index < 2 * WINDOW; index++) await api().predict(name, draw(9500 + index, 10, 0.4).png);

  const deployment = new DeploymentPage(page, run().url, name);
  const drift = page.locator(".headline > li").first();
  await expect(async () => {
    await deployment.open();
    await expect(drift).toContainText(/Drift since \d\d:\d\d:\d\d/, { timeout: 500 });
  }).toPass({ timeout: 40_000 });
  await expect(drift).toContainText("brightness");
  await expect(drift).toHaveClass("headline-bad");
  await page.screenshot({ path: "test-results/dashboard/drift.png" });

  for (const seen of [drift, page.locator("#predictions-total"), page.getByRole("region", { name: "Latency" })]) {
    const box = await seen.boundingBox();
    expect((box?.y ?? Infinity) + (box?.height ?? 0), "its lower edge on the screen").toBeLessThanOrEqual(SCREEN.height);
  }
  await drift.getByRole("link").click();
  await expect(page.locator("#drift")).toBeInViewport();
});

test("parts fold, and the contents that stay lead to them", async ({ page }) => {
  await new DeploymentPage(page, run().url, REPORTED).open();
  const contents = page.getByRole("navigation", { name: "On this page" });
  await contents.getByRole("link", { name: "Quality" }).click();
  await expect(page.locator("#part-quality")).toBeInViewport();
  await expect(contents).toBeInViewport();
  const fold = page.locator("#part-quality > summary");
  await fold.click();
  await expect(page.getByRole("heading", { name: "Figures from reviews" })).toBeHidden();
  await fold.click();
  await expect(page.getByRole("heading", { name: "Figures from reviews" })).toBeVisible();
});

test("a figure says how far it is from the range before", async ({ page }) => {
  await page.goto(`${run().url}/deployments/${REPORTED}?range=6h`);
  await alive(page);
  const overview = page.getByRole("region", { name: "Overview" });
  await expect(overview.locator(".change").first()).toHaveText(/((%|unchanged|up) from \d)|(\d|none) before/);
});
