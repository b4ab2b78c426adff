// What a deployment is called, its end and the way back, and what this server
// works with.
import { expect, test } from "@playwright/test";
import { alive } from "../pages/deployment.ts";
import { Api } from "../support/fovea.ts";
import { run } from "../support/global-setup.ts";

function api(): Api {
  return new Api(run().url, run().token);
}

test("a deployment gets another name, and its settings are there under it", async ({ page }) => {
  await api().deploy("old-name", "analyser/1");
  await page.goto(`${run().url}/deployments/old-name/settings`);
  await alive(page);
  const panel = page.locator("#name");
  await panel.getByLabel("Name").fill("no name at all");
  await panel.getByRole("button", { name: "Rename" }).click();
  await expect(panel.getByRole("alert")).toBeVisible();
  await panel.getByLabel("Name").fill("new-name");
  await panel.getByRole("button", { name: "Rename" }).click();
  await expect(page).toHaveURL(/\/deployments\/new-name\/settings$/);
  await expect(page.getByRole("heading", { level: 1, name: "new-name" })).toBeVisible();
  expect(await api().hasDeployment("old-name")).toBe(false);
});

test("a deleted deployment comes back by the key that is under the finger", async ({ page }) => {
  await api().deploy("short-lived", "analyser/1");
  await page.goto(`${run().url}/deployments/short-lived/settings`);
  await alive(page);
  await page.getByRole("button", { name: "Delete short-lived" }).click();
  await expect(page.getByText("Deleted short-lived")).toBeVisible();
  expect(await api().hasDeployment("short-lived")).toBe(false);
  await expect(page.getByRole("button", { name: "Undo" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/deployments\/short-lived$/);
  expect(await api().hasDeployment("short-lived")).toBe(true);
});

test("a deletion that nobody undoes stops being offered, and a reload does not tell of it again", async ({ page }) => {
  await api().deploy("gone-for-good", "analyser/1");
  await page.goto(`${run().url}/deployments/gone-for-good/settings`);
  await alive(page);
  await page.getByRole("button", { name: "Delete gone-for-good" }).click();
  const notice = page.getByText("Deleted gone-for-good");
  await expect(notice).toBeVisible();
  await expect(page).toHaveURL(/\/$/);
  await expect(notice).toBeHidden({ timeout: 20_000 });
  await page.reload();
  await alive(page);
  await expect(notice).toHaveCount(0);
});

test("Label Studio is named, its token is taken out of the page, and it is disconnected", async ({ page }) => {
  await page.goto(`${run().url}/connections`);
  await alive(page);
  const [address, token] = [page.getByLabel("Address"), page.getByLabel("Token")];
  await address.fill("https://studio.example.org");
  // Browsers offer the password of this site where they are only asked not to.
  await expect(token).toHaveAttribute("autocomplete", "new-password");
  await token.fill("a-secret");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status")).toHaveText("Saved");
  await expect(token).toHaveValue("");
  await expect(page.getByText("A token is stored and never shown.")).toBeVisible();
  expect(await api().get("/label-studio")).toEqual({ url: "https://studio.example.org/", has_token: true });

  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("No token is stored")).toBeVisible();
  await page.reload();
  await alive(page);
  await expect(address).toHaveValue("https://studio.example.org/");
  await page.getByRole("button", { name: "Disconnect" }).click();
  await expect(page.getByRole("button", { name: "Disconnect" })).toHaveCount(0);
  await expect(address).toHaveValue("");
  await expect(page.getByRole("status")).toHaveText("Disconnected");
  expect(await api().get("/label-studio")).toEqual({ url: null, has_token: false });

  await address.fill("https://studio.example.org");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status")).toHaveText("Saved");
  await page.getByRole("button", { name: "Disconnect" }).click();
  await expect(page.getByRole("status")).toHaveText("Disconnected");
});
