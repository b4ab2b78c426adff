// One prediction, large: its code comes when it is opened.
import { expect, test } from "@playwright/test";
import { DeploymentPage, alive } from "../pages/deployment.ts";
import { REPORTED, run } from "../support/global-setup.ts";

const CODE = /\/split_dashboard[^/]*\.wasm/;

test("the list comes without the code for one shown large, and says so where that cannot be had", async ({ page }) => {
  const asked: string[] = [];
  page.on("request", (request) => void (CODE.test(request.url()) && asked.push(request.url())));
  const deployment = new DeploymentPage(page, run().url, REPORTED);
  await deployment.open("predictions");
  expect(asked).toEqual([]);

  await page.route(CODE, (route) => route.abort());
  await deployment.tiles().first().click();
  await expect(page).toHaveURL(/view=details&id=[0-9a-f-]{36}/);
  await expect(page.getByRole("heading", { name: "This page could not be loaded" })).toBeVisible();
  expect(asked).not.toEqual([]);

  await page.unroute(CODE);
  await page.reload();
  await expect(page.locator(".large-one .stage-side")).toBeVisible();
});

test("an address of one shown large is woken with its code", async ({ page }) => {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
  await page.goto(`${run().url}/deployments/${REPORTED}/predictions?view=details`);
  await alive(page);
  const slider = page.locator(".large-one").getByRole("slider", { name: "Confidence" });
  await slider.fill("0.8");
  await expect(page.getByText("from 0.80")).toBeVisible();
  expect(complaints).toEqual([]);
});
