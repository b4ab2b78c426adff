// A model of one's own: dropped, tried on a picture, imported, deployed, asked.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { DeploymentPage } from "../pages/deployment.ts";
import { ModelsPage } from "../pages/models.ts";
import { run } from "../support/global-setup.ts";
import { tinyOnnx } from "../support/onnx.ts";
import { draw } from "../support/pictures.ts";

const PICTURE = { name: "smear.png", bytes: draw(77).png, type: "image/png" };

test("a dropped model shows its boxes, is imported, deployed and predicts", async ({ page }) => {
  const models = new ModelsPage(page, run().url);
  await models.open();
  await models.drop(models.place, { name: "lamps v2.onnx", bytes: tinyOnnx(["lamp", "dark lamp"]) });
  await expect(models.file).toContainText("ONNX");
  await expect(models.file).toContainText("2 labels");
  await models.tryOn(PICTURE);
  await expect(models.trial).toContainText("1 object");
  await expect(models.trial.locator("svg.boxes path")).toHaveCount(1);
  await expect(models.trial).toContainText("lamp");

  await page.locator("#import-name").fill("lamps");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.locator(".import-done")).toContainText("lamps/1 is imported");
  await page.getByRole("button", { name: "Deploy" }).click();
  await expect(page).toHaveURL(/\/deployments\/lamps$/);

  const deployment = new DeploymentPage(page, run().url, "lamps");
  await deployment.open("predictions");
  await deployment.drop(PICTURE.name, PICTURE.bytes);
  await expect(deployment.dropped(PICTURE.name)).toContainText("1 object");
});

test("a model that says nothing of itself is described by its recipe and its labels", async ({ page }) => {
  const models = new ModelsPage(page, run().url);
  await models.open();
  await models.drop(models.place, { name: "export.onnx", bytes: tinyOnnx(["lamp", "dark lamp"], false) });
  await expect(models.file.getByRole("alert")).toContainText("output0");
  await expect(page.getByRole("button", { name: "Import", exact: true })).toBeDisabled();
  await expect(page.getByLabel("Recipe:")).toHaveValue(/"output"/);
  await page.getByLabel("Labels, one a line").fill("lamp\ndark lamp");
  await page.getByRole("button", { name: "Look again" }).click();
  await expect(models.file).toContainText("2 labels");
  await expect(page.getByRole("button", { name: "Import", exact: true })).toBeEnabled();
  const found = await new AxeBuilder({ page }).analyze();
  expect(found.violations).toEqual([]);

  // Whoever comes back finds it, and can let it go.
  await models.open();
  const waiting = page.getByRole("listitem").filter({ hasText: "export.onnx" });
  await waiting.getByRole("button", { name: "Go on" }).click();
  await expect(models.file).toContainText("export.onnx");
  await page.getByRole("button", { name: "Discard" }).click();
  await models.open();
  await expect(page.getByText("Waiting to be imported")).toHaveCount(0);
});

test("labels may be dropped along, and what is no model is refused with a reason", async ({ page }) => {
  const models = new ModelsPage(page, run().url);
  await models.open();
  const labels = { name: "labels.txt", bytes: Buffer.from("lamp\ndark lamp\n") };
  await models.drop(models.place, { name: "export.onnx", bytes: tinyOnnx(["a", "b"], false) }, labels);
  await expect(models.file).toContainText("dark lamp");
  await page.getByRole("button", { name: "Discard" }).click();
  await models.drop(models.place, { name: "best.pt", bytes: Buffer.from("PK\u0003\u0004 a pickle in a zip of the usual kind") });
  await expect(page.getByRole("alert")).toContainText("neither as ONNX nor as weights of Fovea");
});
