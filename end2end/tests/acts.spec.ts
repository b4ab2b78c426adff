// What an administrator does on the pages: trains, deploys, manages people.
import { expect, test } from "@playwright/test";
import { alive } from "../pages/deployment.ts";
import { SERVED, run } from "../support/global-setup.ts";

test("a training launched from its dataset's page leads to its curves", async ({ page }) => {
  await page.goto(`${run().url}/datasets/smears/v1`);
  await alive(page);
  await page.getByRole("link", { name: "Train on it" }).click();
  await expect(page.getByLabel("Train on", { exact: true })).toHaveValue("smears/v1");
  await page.getByLabel("Model", { exact: true }).fill("quick");
  await page.getByLabel("Time limit").fill("0");
  await page.getByText("Parameters", { exact: true }).click();
  for (const [name, value] of Object.entries({ max_steps: "2", input_width: "64", input_height: "64", evaluations: "0" })) {
    await page.locator(`#param-${name}`).fill(value);
  }
  await page.getByRole("button", { name: "Launch" }).click();
  await expect(page).toHaveURL(/\/experiments\/quick-\d+$/);
  await expect(page.getByText("max_steps")).toBeVisible();
  await expect(page.getByRole("link", { name: "quick/1" })).toBeVisible({ timeout: 45_000 });
});

test("a wrong parameter is told beside the button, and nothing is launched", async ({ page }) => {
  await page.goto(`${run().url}/train?dataset=smears/v1`);
  await alive(page);
  await page.getByLabel("Model", { exact: true }).fill("wrong");
  await page.getByText("Parameters", { exact: true }).click();
  await page.locator("#param-input_width").fill("100");
  await page.getByRole("button", { name: "Launch" }).click();
  await expect(page.getByRole("alert")).toContainText("input_width");
  await expect(page).toHaveURL(/\/train/);
});

test("a model is put to work from its page", async ({ page }) => {
  await page.goto(`${run().url}/models/cells/1`);
  await alive(page);
  await page.getByRole("link", { name: "Deploy", exact: true }).click();
  await page.getByLabel("Name", { exact: true }).fill("from-the-browser");
  await page.getByRole("button", { name: "Deploy" }).click();
  await expect(page).toHaveURL(/\/deployments\/from-the-browser$/);
  await expect(page.getByText("No prediction yet")).toBeVisible();

  await page.goto(`${run().url}/deploy`);
  await alive(page);
  await page.getByLabel("Name", { exact: true }).fill(SERVED);
  await page.getByRole("button", { name: "Deploy" }).click();
  await expect(page.getByRole("alert")).toContainText(SERVED);
});

test("what is kept of what nobody reviewed is set, and stays set", async ({ page }) => {
  const settings = `${run().url}/deployments/${SERVED}/settings`;
  await page.goto(settings);
  await alive(page);
  const panel = page.locator("#retention");
  await expect(panel).toContainText("images");
  await panel.getByLabel(/days$/).fill("3000");
  await panel.getByLabel(/percent/).fill("101");
  await panel.getByRole("button", { name: "Save" }).click();
  await expect(panel.getByLabel(/percent/)).toHaveJSProperty("validity.rangeOverflow", true);
  await panel.getByLabel(/percent/).fill("100");
  await panel.getByRole("button", { name: "Save" }).click();
  await expect(panel).toContainText("Saved");
  await page.goto(settings);
  await expect(panel.getByLabel(/days$/)).toHaveValue("3000");
  await expect(panel.getByLabel(/GB/)).toHaveValue("");
});

test("an address of a kind is told of events, and a wrong one is refused beside the button", async ({ page }) => {
  await page.goto(`${run().url}/deployments/${SERVED}/settings`);
  await alive(page);
  const panel = page.locator("#webhooks");
  await panel.getByText("Add an address").click();
  await panel.getByLabel("Kind").selectOption({ label: "E-mail" });
  await panel.getByLabel("Address", { exact: true }).fill("https://example.org/hook");
  await panel.getByRole("button", { name: "Add", exact: true }).click();
  await expect(panel.getByRole("alert")).toContainText("NAME@HOST");
  await panel.getByLabel("Address", { exact: true }).fill("ada@example.org,ops@example.org");
  await panel.getByRole("button", { name: "Add", exact: true }).click();
  const row = panel.getByRole("row", { name: /ada@example.org, ops@example.org/ });
  await expect(row).toContainText("E-mail");
  await row.getByRole("button", { name: /^Delete/ }).click();
  await expect(row).toHaveCount(0);
});

test("an invited person sets a password, changes it, and is signed out elsewhere", async ({ page, browser }) => {
  await page.goto(`${run().url}/users`);
  await alive(page);
  await page.getByLabel("E-mail").fill("bob@example.org");
  await page.getByRole("button", { name: "Invite" }).click();
  const link = await page.locator(".told code").innerText();

  const here = await (await browser.newContext({ storageState: undefined })).newPage();
  await here.goto(link);
  await here.getByLabel("E-mail").fill("bob@example.org");
  await here.getByLabel("Password").fill("the first password");
  await here.getByRole("button", { name: "Continue" }).click();
  await expect(here.getByRole("heading", { name: "Deployments" })).toBeVisible();
  const elsewhere = await (await browser.newContext({ storageState: await here.context().storageState() })).newPage();

  await here.goto(`${run().url}/account`);
  await here.getByLabel("Former password").fill("the first password");
  await here.getByLabel("New password", { exact: true }).fill("the second password");
  await here.getByLabel("New password again").fill("the second password");
  await here.getByRole("button", { name: "Change" }).click();
  await expect(here.getByRole("status")).toContainText("changed");
  await elsewhere.goto(`${run().url}/models`);
  await expect(elsewhere).toHaveURL(/\/sign-in/);

  const row = page.getByRole("row").filter({ hasText: "bob@example.org" });
  await row.getByLabel("Role").selectOption("reviewer");
  await row.getByRole("button", { name: "Change" }).click();
  await expect(row.getByLabel("Role")).toHaveValue("reviewer");
  await here.goto(`${run().url}/models`);
  await expect(here, "a changed role ends the session").toHaveURL(/\/sign-in/);
});
