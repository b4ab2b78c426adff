// The first visit: from the printed link to a session, and back out.
import { expect, test } from "@playwright/test";
import { Door, SESSION } from "../pages/sign-in.ts";
import { run } from "../support/global-setup.ts";

test("whoever is not signed in is asked to, and nothing is shown", async ({ page }) => {
  await page.goto(`${run().url}/datasets`);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("the one-time link makes an admin who can sign out and in again", async ({ page }) => {
  const door = new Door(page);
  await door.setUp(run().setupLink);
  await expect(page.getByRole("heading", { level: 1, name: "Deployments" })).toBeVisible();

  await door.signOut();
  await expect(page).toHaveURL(/\/sign-in/);

  await door.signIn(run().url, "not the password at all");
  await expect(page.getByRole("alert")).toContainText("do not match");

  await door.signIn(run().url);
  await expect(page.getByRole("heading", { level: 1, name: "Deployments" })).toBeVisible();
  await page.context().storageState({ path: SESSION });
});

test("the link works once", async ({ page }) => {
  await new Door(page).setUp(run().setupLink);
  await expect(page.getByRole("alert")).toContainText("not valid any more");
});
