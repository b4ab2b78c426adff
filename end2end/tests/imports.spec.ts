// Labelled images come in by mouse: dropped, checked, imported, undone.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { DatasetsPage } from "../pages/datasets.ts";
import { run } from "../support/global-setup.ts";
import { draw } from "../support/pictures.ts";
import { zip } from "../support/zip.ts";

const IMAGES = 6;

/** A set in YOLO's form, with a line that is no box. */
function set(first: number): Buffer {
  const files: { name: string; bytes: Buffer }[] = [{ name: "set/data.yaml", bytes: Buffer.from("train: train/images\nval: val/images\nnames: [cup, plate]\n") }];
  for (let index = 0; index < IMAGES; index++) {
    const split = index < 4 ? "train" : "val";
    files.push({ name: `set/${split}/images/${index}.png`, bytes: draw(first + index).png });
    const line = index === 0 ? "0 0.5 0.5 0.2 0.2\n0 0.5 0.5 0 0.2\n" : "1 0.5 0.5 0.25 0.25\n";
    files.push({ name: `set/${split}/labels/${index}.txt`, bytes: Buffer.from(line) });
  }
  return zip(files);
}

async function shot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `test-results/imports/${name}.png`, fullPage: true });
}

test("a dropped archive is checked, imported, listed and undone", async ({ page }) => {
  test.setTimeout(120_000);
  const datasets = new DatasetsPage(page, run().url);
  await datasets.open();
  await datasets.choose([{ name: "crockery.zip", mimeType: "application/zip", buffer: set(8100) }]);
  await expect(page.getByLabel("Dataset")).toHaveValue("crockery");
  await shot(page, "ready");
  await page.getByRole("button", { name: "Check", exact: true }).click();

  await expect(page).toHaveURL(/\/imports\//);
  await expect(page.locator(".pill").first()).toHaveText("succeeded", { timeout: 30_000 });
  await expect(page.getByText("What an import would make")).toBeVisible();
  await expect(page.getByRole("heading", { name: /^Faults \(/ })).toBeVisible();
  await expect(page.locator("tbody").getByText("train/labels/0.txt").first()).toBeVisible();
  await shot(page, "checked");
  const found = await new AxeBuilder({ page }).analyze();
  expect(found.violations).toEqual([]);

  await page.getByRole("button", { name: /^Import/ }).click();
  const made = page.getByRole("link", { name: "crockery/v1" });
  await expect(made).toBeVisible({ timeout: 30_000 });
  await shot(page, "imported");
  await made.click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("crockery/v1");
  await datasets.open();
  await expect(page.locator("tbody").getByRole("link", { name: "crockery/v1" }).last()).toBeVisible();
  await shot(page, "listed");

  await page.getByRole("link", { name: "import of crockery.zip" }).click();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("The version was deleted.")).toBeVisible();
});

test("files that are no data set are refused with what to do", async ({ page }) => {
  const datasets = new DatasetsPage(page, run().url);
  await datasets.open();
  await datasets.choose([{ name: "photo.png", mimeType: "image/png", buffer: draw(8200).png }]);
  await page.getByLabel("Dataset").fill("nothing");
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("no known annotations", { timeout: 30_000 });
  await shot(page, "refused");
});
