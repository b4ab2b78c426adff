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
  await expect(tiles.first().locator("svg rect").first()).toBeVisible();
  expect(await tiles.count()).toBeGreaterThan(20);
});
