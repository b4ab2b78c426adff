// What a person did on a page is still there when the page fetches its data
// again, because somebody else, or a program, changed something meanwhile.
import { join } from "node:path";
import { expect, test, type Page } from "@playwright/test";
import { DeploymentPage, alive } from "../pages/deployment.ts";
import { Api, fovea } from "../support/fovea.ts";
import { REVIEWED, run } from "../support/global-setup.ts";
import { onAServer } from "../support/own-server.ts";
import { draw } from "../support/pictures.ts";
import { BOXES, api, toReview } from "../support/reviews.ts";

/** What goes wrong on a page, as it does. */
function heard(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  return complaints;
}

test("what became of a dropped image stays while its deployment is changed", async ({ page }) => {
  const name = "dropped-on";
  await api().deploy(name, "cells/1");
  const deployment = new DeploymentPage(page, run().url, name);
  await deployment.open("predictions");
  await deployment.drop("kept.png", draw(9600).png);
  const result = deployment.dropped("kept.png");
  await expect(result).toContainText(/object/, { timeout: 30_000 });

  // The threshold is what the page fetches again, and the pill tells when it did.
  await api().put(`/deployments/${name}`, { threshold: 0.31 });
  await api().put(`/deployments/${name}/feedback-loop`, { enabled: true, dataset: `${name}/v1`, create: true });
  await expect(page.getByText("feedback loop", { exact: true })).toBeVisible();
  await expect(result).toContainText(/object/);
  await expect(deployment.dropZone()).toHaveAttribute("open");
  await deployment.drop("another.png", draw(9601).png);
  await expect(deployment.dropped("another.png")).toContainText(/object/, { timeout: 30_000 });
  await expect(result).toContainText(/object/);
});

test("a slider stays where it was put while its prediction is reviewed elsewhere", async ({ page }) => {
  const complaints = heard(page);
  const { ids } = await toReview(1);
  await page.goto(`${run().url}/predictions/${ids[0]}`);
  await alive(page);
  const slider = page.getByRole("slider");
  await slider.fill("0.8");
  await expect(page.getByText("from 0.80")).toBeVisible();

  const boxes = BOXES.slice(0, 2).map(({ score: _, ...box }) => box);
  await api().put(`/predictions/${ids[0]}/review`, { base_revision: 0, boxes });
  await expect(page.getByText("Nobody has reviewed it yet.")).toHaveCount(0);
  await expect(page.getByText("from 0.80")).toBeVisible();
  await expect(slider).toHaveValue("0.8");
  expect(complaints).toEqual([]);
});

test("the next prediction is looked at anew", async ({ page }) => {
  const complaints = heard(page);
  const { ids, q } = await toReview(2);
  await page.goto(`${run().url}/deployments/${REVIEWED}/predictions?view=details&q=${encodeURIComponent(q)}&id=${ids[0]}`);
  await alive(page);
  await page.getByRole("slider", { name: "Confidence" }).fill("0.8");
  await expect(page.getByText("from 0.80")).toBeVisible();
  await page.locator(`.cell[data-id="${ids[1]}"] .tile`).click();
  await expect(page).toHaveURL(new RegExp(`id=${ids[1]}`));
  await expect(page.getByText("from 0.80")).toHaveCount(0);
  await expect(page.getByText(/^from \d/)).toBeVisible();
  expect(complaints).toEqual([]);
});

test("a tick stays with its experiment when another one comes above it", async ({ page }) => {
  await page.goto(`${run().url}/experiments`);
  await alive(page);
  const ticks = page.getByRole("checkbox");
  const label = (await ticks.first().getAttribute("aria-label")) ?? "";
  await ticks.first().check();

  const name = `above-${Date.now()}`;
  const params = { max_steps: 1, evaluations: 0 };
  await api().post("/experiments", { name, dataset: "smears/v1", model: "ticked", params });
  await expect(page.getByRole("checkbox", { name: `Compare ${name}` })).toBeVisible();
  await expect(page.getByRole("checkbox", { name: `Compare ${name}` })).not.toBeChecked();
  await expect(page.getByRole("checkbox", { name: label, exact: true })).toBeChecked();
  await expect(page.getByRole("checkbox", { checked: true })).toHaveCount(1);
});

test("what is typed about feedback stays while predictions are reviewed", async ({ page }) => {
  await page.goto(`${run().url}/deployments/${REVIEWED}/feedback`);
  await alive(page);
  const waiting = page.getByText("Reviewed, not submitted yet").locator("xpath=..");
  const before = await waiting.innerText();
  const dataset = page.getByLabel("Dataset version");
  await dataset.fill("half-typ");

  const { ids } = await toReview(1);
  await api().put(`/predictions/${ids[0]}/review`, { base_revision: 0, boxes: [] });
  await expect(waiting).not.toHaveText(before.replaceAll("\n", ""));
  await expect(dataset).toHaveValue("half-typ");
  await expect(dataset).toBeFocused();
});

test.describe("with a trainer of the operator's", () => {
  test.use({ storageState: undefined });

  test("a form that is half filled in stays while its settings are changed elsewhere", async ({ page }) => {
    let token = "";
    const prepare = (data: string): void => {
      fovea(data, "model", "register", "analyser", "--labels", "red cell");
      fovea(data, "deploy", "--name", "ward", "--model", "analyser/1");
      token = fovea(data, "token", "create", "--name", "elsewhere", "--role", "admin").trim();
    };
    const trainer = join(import.meta.dirname, "../../trainers/minimal.py");
    const visit = async ({ url }: { url: string }): Promise<void> => {
      await page.goto(`${url}/deployments/ward/learning`);
      await alive(page);
      await page.getByLabel("Trainer", { exact: true }).selectOption("minimal");
      await page.getByText("Parameters of minimal").click();
      const steps = page.locator("#next-minimal-steps");
      await steps.fill("77");

      await new Api(url, token).put("/deployments/ward/continuous-training", { enabled: true, threshold: 30 });
      await expect(page.getByText("after 30 more submissions")).toBeVisible();
      await expect(page.getByLabel("Trainer", { exact: true })).toHaveValue("minimal");
      await expect(steps).toBeVisible();
      await expect(steps).toHaveValue("77");
      await expect(steps).toBeFocused();
    };
    await onAServer(page, prepare, visit, "--trainer", `minimal=python3 '${trainer}'`);
  });
});
