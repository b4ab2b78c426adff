// The main job: an image goes in, boxes come out, figures move.
import { expect, test } from "@playwright/test";
import { DeploymentPage } from "../pages/deployment.ts";
import { Api } from "../support/fovea.ts";
import { REPORTED, SERVED, run } from "../support/global-setup.ts";
import { draw } from "../support/pictures.ts";

test("a dropped image comes back with its boxes and stands first in the grid", async ({ page }) => {
  const deployment = new DeploymentPage(page, run().url, SERVED);
  await deployment.open("predictions");
  await deployment.drop("fresh smear.png", draw(501).png);
  const result = deployment.dropped("fresh smear.png");
  await expect(result).toContainText(/\d+ objects?/, { timeout: 30_000 });
  await expect(result.locator("svg path").first()).toBeVisible();

  await deployment.open("predictions");
  await expect(deployment.tiles().first()).toHaveAttribute("title", "fresh smear.png");
});

test("what is no image is refused in words that help", async ({ page }) => {
  const deployment = new DeploymentPage(page, run().url, SERVED);
  await deployment.open("predictions");
  await deployment.drop("notes.png", Buffer.from("these are only words, whatever the name says"));
  await expect(deployment.dropped("notes.png").getByRole("alert")).toContainText(/image/i);
});

test("the dashboard's count moves while nobody touches the page", async ({ page }) => {
  const api = new Api(run().url, run().token);
  const deployment = new DeploymentPage(page, run().url, SERVED);
  await deployment.open();
  await expect(page.locator(".live")).toHaveText("live");
  const before = await deployment.total();
  for (const seed of [601, 602, 603]) await api.predict(SERVED, draw(seed).png);
  await deployment.expectTotal(before + 3);
});

test("a tile leads to the details of its prediction", async ({ page }) => {
  const deployment = new DeploymentPage(page, run().url, REPORTED);
  await deployment.open("predictions");
  await deployment.tiles().first().click();
  await expect(page).toHaveURL(/view=details&id=[0-9a-f-]{36}/);
  await expect(page.locator(".details .label-head").filter({ hasText: "red cell" })).toBeVisible();
  await expect(page.getByText("slide-").first()).toBeVisible();
});
