// The whole guide by mouse and keyboard, from an empty folder: pictures in,
// train, deploy, predict, ask, review, submit, train again, compare, promote.
// Nothing is done by command or API. Its pictures are in test-results/guide.
import { expect, test, type Page } from "@playwright/test";
import { alive } from "../pages/deployment.ts";
import { PredictionsPage } from "../pages/predictions.ts";
import { ReviewPage } from "../pages/review.ts";
import { smears } from "../support/archives.ts";
import { draw } from "../support/pictures.ts";
import { onAnEmptyServer } from "../support/own-server.ts";

test.use({ actionTimeout: 20_000, storageState: undefined, viewport: { width: 1280, height: 800 } });

/** Pictures that are predicted; so many of them are reviewed and submitted. */
const IMAGES = 8;
const REVIEWED = 7;
/** A training of a moment: what it learns does not matter here. */
const FEW = { max_steps: "4", evaluations: "0" };

async function shot(page: Page, name: string): Promise<void> {
  await page.waitForFunction(() => [...document.images].every((image) => image.loading === "lazy" || image.complete));
  await page.screenshot({ path: `test-results/guide/${name}.png` });
}

async function main(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: new RegExp(`^${name}`) }).click();
}

async function tab(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation", { name: "Parts of this deployment" }).getByRole("link", { name }).click();
}

/** Chooses files by a click, as a person does. */
async function choose(page: Page, button: RegExp, files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.locator("label").filter({ hasText: button }).first().click();
  await (await chooser).setFiles(files);
}

function section(page: Page, heading: string) {
  return page.locator("section", { has: page.getByRole("heading", { name: heading, exact: true }) });
}

test("from an empty folder to a promoted model, by mouse and keyboard alone", async ({ page }) => {
  test.setTimeout(240_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await onAnEmptyServer(page, async ({ url }) => {
    await test.step("pictures with boxes come in", async () => {
      await shot(page, "01-first-page");
      await page.getByRole("link", { name: "Import a dataset" }).click();
      await alive(page);
      await shot(page, "02-no-dataset");
      await choose(page, /Choose files/, [{ name: "smears.zip", mimeType: "application/zip", buffer: smears(8300, 12) }]);
      await page.getByRole("button", { name: "Import without a check" }).click();
      await page.getByRole("link", { name: "smears/v1" }).click({ timeout: 30_000 });
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("smears/v1");
      await shot(page, "03-dataset");
    });

    await test.step("a model is trained on them", async () => {
      await page.getByRole("link", { name: "Train on it" }).click();
      await page.getByLabel("Model", { exact: true }).fill("cells");
      await page.getByText("Parameters", { exact: true }).click();
      for (const [key, value] of Object.entries(FEW)) await page.locator(`#param-${key}`).fill(value);
      await shot(page, "04-launch");
      await page.getByRole("button", { name: "Launch" }).click();
      await expect(page.getByRole("link", { name: "cells/1" }).first()).toBeVisible({ timeout: 60_000 });
      await shot(page, "05-experiment");
    });

    await test.step("it is deployed", async () => {
      await page.getByRole("link", { name: "Deploy it" }).click();
      await page.getByLabel("Name", { exact: true }).fill("ward");
      await page.getByLabel("Threshold").fill("0.05");
      await page.getByRole("button", { name: "Deploy" }).click();
      await expect(page).toHaveURL(/\/deployments\/ward$/);
      await expect(page.getByText(/^No prediction yet/)).toBeVisible();
      await shot(page, "06-nothing-predicted-yet");
    });

    const predictions = new PredictionsPage(page, url, "ward");
    await test.step("it predicts", async () => {
      await tab(page, "Predictions");
      await page.locator("summary", { hasText: "Predict an image" }).click();
      const pictures = Array.from({ length: IMAGES }, (_, index) => ({
        name: `slide-${index}.png`,
        mimeType: "image/png",
        buffer: draw(9100 + index).png,
      }));
      await choose(page, /Drop images here/, pictures);
      for (const { name } of pictures) {
        await expect(page.locator(".drop-item").filter({ hasText: name })).toContainText(/object/, { timeout: 30_000 });
      }
      await shot(page, "07-predicted");
      await tab(page, "Dashboard");
      await expect(page.locator("#predictions-total")).toHaveText(String(IMAGES));
      await shot(page, "08-dashboard");
    });

    await test.step("a query finds them", async () => {
      await tab(page, "Predictions");
      await expect(predictions.cells()).toHaveCount(IMAGES);
      await predictions.field().click();
      await page.keyboard.type("status = to_review");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Enter");
      await expect(page).toHaveURL(/q=status/);
      await expect(predictions.cells()).toHaveCount(IMAGES);
      await shot(page, "09-query");
    });

    await test.step("they are reviewed", async () => {
      const review = new ReviewPage(page, url, "ward");
      await predictions.cells().first().locator(".tile").click();
      await page.getByRole("link", { name: "Review" }).first().click();
      await alive(page);
      const surface = page.locator("canvas[data-surface=image]");
      for (let index = 0; index < REVIEWED; index++) {
        await expect(surface).toHaveAttribute("data-drawn", /.+/);
        const drawn = (await surface.getAttribute("data-drawn")) ?? "";
        await review.draw({ x: 40 + 10 * index, y: 40 }, { x: 140, y: 150 });
        if (index === 0) await shot(page, "10-review");
        await review.accept();
        // One that began blind is accepted once more, with the model's boxes in sight.
        await expect(async () => {
          const now = await surface.getAttribute("data-drawn");
          if (now === drawn && (await page.getByText("Saved as you saw it").isVisible())) await review.accept();
          expect(now).not.toBe(drawn);
        }).toPass({ timeout: 20_000 });
      }
    });

    await test.step("they are submitted", async () => {
      await page.goto(`${url}/deployments/ward/feedback`);
      await alive(page);
      await page.getByLabel("Submitting").selectOption("true");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("link", { name: "To the reviewed predictions" }).click();
      await expect(predictions.cells()).toHaveCount(REVIEWED);
      await predictions.pick(0).click();
      await page.getByRole("button", { name: /that match$/ }).click();
      await page.getByRole("button", { name: /^Submit/ }).click();
      await expect(predictions.toast()).toContainText(/submitted/i);
      await shot(page, "11-submitted");
    });

    await test.step("a training launches itself and its model becomes the shadow", async () => {
      await tab(page, "Learning");
      await page.getByLabel("Promotion policy").selectOption("shadow");
      await page.getByLabel("Required verdict").selectOption("");
      await section(page, "Continuous deployment").getByRole("button", { name: "Save" }).click();
      await expect(section(page, "Continuous deployment")).toContainText("Saved");
      await page.getByLabel("Launch automatically").selectOption("true");
      await page.getByLabel("Trigger", { exact: true }).selectOption("feedback_count");
      await page.getByLabel("Submissions per training", { exact: true }).fill(String(REVIEWED));
      await page.getByText("Parameters", { exact: true }).click();
      for (const [key, value] of Object.entries(FEW)) await page.locator(`#next-${key}`).fill(value);
      await section(page, "Continuous training").getByRole("button", { name: "Save" }).click();
      await expect(page.getByRole("link", { name: /^ward-\d+$/ })).toBeVisible({ timeout: 30_000 });
      await expect(page.getByText("shadow cells/2")).toBeVisible({ timeout: 90_000 });
      await shot(page, "12-learning");
    });

    await test.step("champion and candidate are compared", async () => {
      await page.getByRole("button", { name: "Compare now" }).click();
      const byLabel = page.getByRole("heading", { name: "By label" });
      await expect(byLabel).toBeVisible({ timeout: 60_000 });
      await byLabel.scrollIntoViewIfNeeded();
      await shot(page, "13-comparison");
    });

    await test.step("it is promoted, and there is a way back", async () => {
      await tab(page, "Dashboard");
      await page.getByRole("link", { name: "Promote …" }).click();
      await page.getByLabel("Version", { exact: true }).selectOption("cells/2");
      await page.getByRole("button", { name: "Promote", exact: true }).click();
      await expect(page.locator(".pill-accent", { hasText: "cells/2" })).toBeVisible();
      await tab(page, "Learning");
      await expect(page.getByRole("button", { name: "Back to cells/1" })).toBeVisible();
      await main(page, "Models");
      await expect(page.getByRole("link", { name: "cells/2" })).toBeVisible();
      await shot(page, "14-models");
    });
    // Before the server ends, which leaves the page without one.
    expect(complaints, "what the browser's console says").toEqual([]);
  });
});
