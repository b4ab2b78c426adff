// Every page is rendered whole by the server: it can be read with scripts off.
import { expect, test } from "@playwright/test";
import { DeploymentPage } from "../pages/deployment.ts";
import { run, REPORTED } from "../support/global-setup.ts";
import { PLACES } from "../support/places.ts";

for (const place of PLACES) {
  test(`${place.name} can be read without scripts`, async ({ page }) => {
    const answer = await page.goto(run().url + place.path);
    expect(answer?.status()).toBe(200);
    await expect(page.locator("main")).toContainText(place.shows);
  });
}

test("the grid shows its pictures and boxes without scripts", async ({ page }) => {
  await page.goto(`${run().url}/deployments/${REPORTED}/predictions`);
  const tiles = new DeploymentPage(page, run().url, REPORTED).tiles();
  await expect(tiles.first().locator("img")).toBeVisible();
  await expect(tiles.first().locator("svg path").first()).toBeVisible();
  expect(await tiles.count()).toBeGreaterThan(20);
});

test("a query is asked, counted, sorted and paged without scripts", async ({ page }) => {
  await page.goto(`${run().url}/deployments/${REPORTED}/predictions`);
  await page.getByRole("textbox", { name: "Query" }).fill('tag = "night"');
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByRole("textbox", { name: "Query" })).toHaveValue('tag = "night"');
  await expect(page.locator(".counted")).toContainText("13 predictions");
  await page.goto(`${run().url}/deployments/${REPORTED}/predictions`);
  await page.getByRole("link", { name: "Count them all" }).click();
  await expect(page.locator(".counted")).toContainText("64 predictions");
  await expect(page.locator(".facet-value").first()).toBeVisible();
  await page.getByRole("link", { name: "Table" }).click();
  await expect(page.locator(".rows tbody [data-id]").first()).toBeVisible();
  await page.getByRole("link", { name: "More" }).click();
  await expect(page.locator(".rows tbody [data-id]")).toHaveCount(4);
});

test("a query that cannot be read says where without scripts", async ({ page }) => {
  await page.goto(`${run().url}/deployments/${REPORTED}/predictions?q=statsu%20%3D%20to_review`);
  await expect(page.locator(".query-ink .q-wrong")).toHaveText("statsu");
  await page.getByRole("link", { name: "Write status" }).click();
  await expect(page.locator(".rows, .grid").first()).toBeVisible();
});
