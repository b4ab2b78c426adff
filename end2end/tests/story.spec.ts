// The whole loop by hand and mouse: predict, look, filter, review, submit,
// watch a training start, compare, promote. Its pictures are in
// test-results/story; with FOVEA_STORY_SCREENSHOTS they go to that folder.
import { expect, test, type Page } from "@playwright/test";
import { DeploymentPage, alive } from "../pages/deployment.ts";
import { PredictionsPage } from "../pages/predictions.ts";
import { ReviewPage } from "../pages/review.ts";
import { run } from "../support/global-setup.ts";
import { draw } from "../support/pictures.ts";
import { api } from "../support/reviews.ts";

test.use({ actionTimeout: 20_000 });

const NAME = "story";
/** Images of the story; so many of them are reviewed and submitted. */
const IMAGES = 12;
const REVIEWED = 4;

async function shot(page: Page, name: string): Promise<void> {
  await page.waitForFunction(() => [...document.images].every((image) => image.loading === "lazy" || image.complete));
  await page.screenshot({ path: `${process.env.FOVEA_STORY_SCREENSHOTS ?? "test-results/story"}/${name}.png` });
}

/** Opens a tab of the deployment by its link. */
async function tab(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation", { name: "Parts of this deployment" }).getByRole("link", { name }).click();
}

test("the loop closes: from a first prediction to a promoted model", async ({ page }) => {
  test.setTimeout(240_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  const deployment = new DeploymentPage(page, run().url, NAME);
  const predictions = new PredictionsPage(page, run().url, NAME);
  const review = new ReviewPage(page, run().url, NAME);

  await test.step("a model is put to work", async () => {
    await page.goto(`${run().url}/models/cells/1`);
    await alive(page);
    await page.getByRole("link", { name: "Deploy", exact: true }).click();
    await page.getByLabel("Name", { exact: true }).fill(NAME);
    await page.getByLabel("Threshold").fill("0.05");
    await page.getByRole("button", { name: "Deploy" }).click();
    await expect(page).toHaveURL(new RegExp(`/deployments/${NAME}$`));
    await api().put(`/deployments/${NAME}/review-settings`, { blind_share: 0 });
  });

  await test.step("it predicts what is dropped and what is sent", async () => {
    await tab(page, "Predictions");
    await deployment.drop("dropped.png", draw(9000).png);
    await expect(deployment.dropped("dropped.png")).toContainText(/object/);
    for (let index = 1; index < IMAGES; index++) await api().predict(NAME, draw(9000 + index).png);
  });

  await test.step("the dashboard shows it", async () => {
    await tab(page, "Dashboard");
    await deployment.expectTotal(IMAGES);
    await expect(page.getByRole("region", { name: "Throughput" })).toBeVisible();
    await shot(page, "1-dashboard");
  });

  await test.step("a query finds the crowded ones, the strangest first", async () => {
    await tab(page, "Predictions");
    await predictions.ask("objects >= 1 and status = to_review");
    await page.locator(".listing-bar details.menu summary", { hasText: "Arrived" }).click();
    await page.getByRole("link", { name: "Outlier score, the greatest first" }).click();
    await expect(page).toHaveURL(/sort=-outlier_score/);
    await expect(predictions.cells().first()).toBeVisible();
    await shot(page, "2-predictions");
  });

  await test.step("some are reviewed", async () => {
    await predictions.cells().first().locator(".tile").click();
    await page.getByRole("link", { name: "Review" }).first().click();
    await alive(page);
    for (let index = 0; index < REVIEWED; index++) {
      const surface = page.locator("canvas[data-surface=image]");
      await expect(surface).toHaveAttribute("data-drawn", /.+/);
      const drawn = await surface.getAttribute("data-drawn");
      if (index === 0) {
        await review.draw({ x: 40, y: 40 }, { x: 120, y: 130 });
        await shot(page, "3-review");
      }
      await review.accept();
      await expect(surface).not.toHaveAttribute("data-drawn", drawn ?? "");
    }
  });

  await test.step("the feedback loop is switched on, and they are submitted", async () => {
    await page.goto(`${run().url}/deployments/${NAME}/feedback`);
    await alive(page);
    await page.getByLabel("Submitting").selectOption("true");
    await page.getByLabel("Dataset version").fill("story-feedback/v1");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Reviewed, not submitted yet").locator("xpath=..")).toContainText(String(REVIEWED));
    await page.getByRole("link", { name: "To the reviewed predictions" }).click();
    await expect(predictions.cells()).toHaveCount(REVIEWED);
    await predictions.pick(0).click();
    await page.getByRole("button", { name: /that match$/ }).click();
    await page.getByRole("button", { name: /^Submit/ }).click();
    await expect(predictions.toast()).toContainText(/submitted/i);
  });

  await test.step("a training launches itself", async () => {
    await tab(page, "Learning");
    await page.getByLabel("Promotion policy").selectOption("shadow");
    await page.getByLabel("Required verdict").selectOption("");
    await page.locator("section", { has: page.getByRole("heading", { name: "Continuous deployment" }) }).getByRole("button", { name: "Save" }).click();
    await expect(page.getByLabel("Promotion policy")).toHaveValue("shadow");
    await page.getByLabel("Launch automatically").selectOption("true");
    await page.getByLabel("Trigger", { exact: true }).selectOption("feedback_count");
    await page.getByLabel("Submissions per training", { exact: true }).fill(String(REVIEWED));
    await page.getByText("Parameters", { exact: true }).click();
    for (const [key, value] of Object.entries({ max_steps: "3", evaluations: "0" })) await page.locator(`#next-${key}`).fill(value);
    await page.locator("section", { has: page.getByRole("heading", { name: "Continuous training" }) }).getByRole("button", { name: "Save" }).click();
    const launch = page.getByRole("link", { name: new RegExp(`^${NAME}-\\d+$`) });
    await expect(launch).toBeVisible({ timeout: 30_000 });
    await shot(page, "4-learning");
    await launch.click();
    await expect(page).toHaveURL(new RegExp(`/experiments/${NAME}-\\d+$`));
    await expect(page.getByRole("link", { name: "cells/2" })).toBeVisible({ timeout: 120_000 });
    await shot(page, "5-experiment");
  });

  await test.step("its model is the shadow, and sees the same images", async () => {
    await page.goto(`${run().url}/deployments/${NAME}/learning`);
    await alive(page);
    await expect(page.getByText("shadow cells/2")).toBeVisible({ timeout: 60_000 });
    await page.getByRole("button", { name: "Replay" }).click();
    const seen = page.getByText("Predictions replayed").locator("xpath=..");
    await expect(async () => {
      await page.reload();
      await expect(seen).toContainText(`replayed${IMAGES}`, { timeout: 1_000 });
    }).toPass({ timeout: 60_000 });
    await page.goto(`${run().url}/deployments/${NAME}/predictions`);
    await alive(page);
    await predictions.cells().first().locator(".tile").click();
    await page.getByRole("link", { name: "Review" }).first().click();
    await alive(page);
    await review.button("Shadow").click();
    await review.button("Compare").click();
    await expect(review.button("Compare")).toHaveAttribute("aria-pressed", "true");
    await shot(page, "6-compare");
  });

  await test.step("it is promoted, and there is a way back", async () => {
    await page.goto(`${run().url}/deployments/${NAME}`);
    await alive(page);
    await page.getByRole("link", { name: "Promote …" }).click();
    await page.getByLabel("Version", { exact: true }).selectOption("cells/2");
    await page.getByRole("button", { name: "Promote", exact: true }).click();
    await expect(page.locator(".pill-accent", { hasText: "cells/2" })).toBeVisible();
    await tab(page, "Learning");
    await expect(page.getByRole("button", { name: "Back to cells/1" })).toBeVisible();
    await shot(page, "7-promoted");
  });

  expect(complaints, "what the browser's console says").toEqual([]);
});
