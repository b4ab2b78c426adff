// The book and the page of the API: read by phone and in the dark, found by a
// search, and operations that really answer.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { REPORTED, run } from "../support/global-setup.ts";

test("the book is reached from every page, turned, and searched", async ({ page }) => {
  await page.goto(run().url);
  await page.getByRole("link", { name: "Docs", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Fovea" })).toBeVisible();
  await page.getByRole("navigation", { name: "Contents" }).getByRole("link", { name: "A first model" }).click();
  await expect(page.getByRole("heading", { level: 2, name: "Put it to work" })).toBeVisible();
  await page.getByRole("link", { name: /^Next/ }).click();
  await expect(page).toHaveURL(/\/docs\/importing$/);
  await page.getByRole("searchbox", { name: "Search the docs" }).fill("restore backup");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Backups" }).click();
  await expect(page).toHaveURL(/\/docs\/data#backups$/);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [390, 1280]) {
    test(`both fit a window of ${width} in ${colorScheme}, and hold nothing against anybody`, async ({ browser }) => {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
      const page = await context.newPage();
      for (const [name, path] of Object.entries({ docs: "/docs/queries", proxies: "/docs/proxies", api: "/api/docs" })) {
        await page.goto(run().url + path);
        await page.screenshot({ path: `test-results/screens/${name}-book-${colorScheme}-${width}.png` });
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow, `${path}: pixels that stick out to the right`).toBeLessThanOrEqual(0);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${path}: ${id}: ${nodes[0]?.html}`)).toEqual([]);
      }
      await context.close();
    });
  }
}

test.describe("an operation", () => {
  test("is found, sent with one's own session, and shown with the command for it", async ({ page }) => {
    await page.goto(`${run().url}/api/docs`);
    await expect(page.locator("#api-who")).toHaveText("You are signed in.");
    await page.getByLabel("Find").fill("counts what matches a query");
    const operation = page.locator(".api-operation:visible").filter({ hasText: "predictions/count" });
    await operation.locator("summary").first().click();
    await operation.getByRole("textbox", { name: /^deployment/ }).fill(REPORTED);
    await operation.getByRole("textbox", { name: /^q / }).fill('label = "nothing such"');
    await expect(operation.locator(".api-curl")).toContainText(`/deployments/${REPORTED}/predictions/count?q=`);
    await operation.getByRole("button", { name: "Send" }).click();
    await expect(operation.locator(".api-answer")).toContainText(/^(200|400)/);
    await operation.getByRole("textbox", { name: /^q / }).fill("");
    await operation.getByRole("button", { name: "Send" }).click();
    await expect(operation.locator(".api-answer")).toContainText("200");
    await expect(operation.locator(".api-text")).toContainText('"count": 64');
  });

  test("with a body changes something, and what is refused says why", async ({ page }) => {
    await page.goto(`${run().url}/api/docs#set_review_settings`);
    const operation = page.locator("#set_review_settings");
    await operation.getByRole("textbox", { name: /^deployment/ }).fill(REPORTED);
    await operation.locator(".api-json").fill('{"blind_share": 2}');
    await operation.getByRole("button", { name: "Send" }).click();
    await expect(operation.locator(".api-answer")).toContainText(/4\d\d/);
    await expect(operation.locator(".api-text")).toContainText("blind_share");
    await operation.locator(".api-json").fill('{"blind_share": 0.05}');
    await operation.getByRole("button", { name: "Send" }).click();
    await expect(operation.locator(".api-answer")).toContainText(/20\d/);
  });

  test("without a session asks for one or for a token", async ({ browser }) => {
    const page = await browser.newPage({ storageState: { cookies: [], origins: [] } });
    await page.goto(`${run().url}/api/docs#list_deployments`);
    await expect(page.locator("#api-who")).toContainText("not signed in");
    const operation = page.locator("#list_deployments");
    await operation.getByRole("button", { name: "Send" }).click();
    await expect(operation.getByRole("link", { name: "Sign in" })).toBeVisible();
    await page.getByLabel(/^Token/).fill(run().token);
    await operation.getByRole("button", { name: "Send" }).click();
    await expect(operation.locator(".api-answer")).toContainText("200");
    await page.close();
  });
});
