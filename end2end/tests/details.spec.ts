// One prediction, large: its code comes when it is opened.
import { expect, test, type Page } from "@playwright/test";
import { DeploymentPage, alive } from "../pages/deployment.ts";
import { REPORTED, run } from "../support/global-setup.ts";

const CODE = /\/split_dashboard[^/]*\.wasm/;
const LARGE = `/deployments/${REPORTED}/predictions?view=details`;

/** What the page complains of, but for what it could not load. */
function complaints(page: Page): string[] {
  const all: string[] = [];
  page.on("pageerror", (error) => all.push(error.message));
  return all;
}

/** Moves the threshold, which shows that what is large answers. */
async function expectAwake(page: Page): Promise<void> {
  const slider = page.locator(".large-one").getByRole("slider", { name: "Confidence" });
  await slider.fill("0.8");
  await expect(page.getByText("from 0.80")).toBeVisible();
}

test("the list comes without the code for one shown large, and says so where that cannot be had", async ({ page }) => {
  const errors = complaints(page);
  const asked: string[] = [];
  page.on("request", (request) => void (CODE.test(request.url()) && asked.push(request.url())));
  const deployment = new DeploymentPage(page, run().url, REPORTED);
  await deployment.open("predictions");
  expect(asked).toEqual([]);

  await page.route(CODE, (route) => route.abort());
  await deployment.tiles().first().click();
  await expect(page).toHaveURL(/view=details&id=[0-9a-f-]{36}/);
  const alert = page.locator(".large-one").getByRole("alert");
  await expect(alert).toContainText("This prediction could not be loaded");
  const [told, film] = [await alert.boundingBox(), await page.locator(".pane").boundingBox()];
  expect(told!.y + told!.height).toBeLessThanOrEqual(film!.y);
  expect(asked).not.toEqual([]);

  await page.unroute(CODE);
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(page.locator(".large-one .stage-side")).toBeVisible();
  await alive(page);
  await expectAwake(page);
  expect(errors).toEqual([]);
});

test("while the code is on its way the place of what is large says so", async ({ page }) => {
  let send = () => {};
  const sent = new Promise<void>((resolve) => void (send = resolve));
  await page.route(CODE, async (route) => {
    await sent;
    await route.continue();
  });
  const deployment = new DeploymentPage(page, run().url, REPORTED);
  await deployment.open("predictions");
  await deployment.tiles().first().click();
  const bones = page.locator(".large-one [aria-busy]");
  await expect(bones).toBeVisible();
  const [place, film] = [await bones.boundingBox(), await page.locator(".pane").boundingBox()];
  expect(place!.y + place!.height).toBeLessThanOrEqual(film!.y);
  send();
  await expectAwake(page);
});

test("an address of one shown large is woken with its code", async ({ page }) => {
  const errors = complaints(page);
  page.on("console", (message) => void (message.type() === "error" && errors.push(message.text())));
  await page.goto(run().url + LARGE);
  await alive(page);
  await expectAwake(page);
  expect(errors).toEqual([]);
});

test("a page whose code does not come can be read, says so, and is loaded again by a click", async ({ page }) => {
  const errors = complaints(page);
  await page.route(CODE, (route) => route.abort());
  for (const address of [LARGE, `/deployments/${REPORTED}`]) {
    await page.goto(run().url + address);
    await expect(page.getByRole("alert")).toContainText("A part of this page could not be loaded");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  await page.unroute(CODE);
  await page.getByRole("link", { name: "Load it again" }).click();
  await alive(page);
  await expect(page.getByRole("alert")).toHaveCount(0);
  expect(errors).toEqual([]);
});
