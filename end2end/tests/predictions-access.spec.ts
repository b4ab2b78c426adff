// The states of the Predictions page, looked at by axe in light and in dark,
// and read without scripts by its sister project.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { PredictionsPage } from "../pages/predictions.ts";
import { REPORTED, run } from "../support/global-setup.ts";

const STATES: [string, Record<string, string>][] = [
  ["the grid with a query", { q: "objects > 5 and has(label = 'red cell')", sort: "-confidence" }],
  ["the table", { view: "table" }],
  ["the details", { view: "details" }],
  ["an error", { q: "statsu = to_review and (" }],
  ["nothing that matches", { q: "objects > 5000" }],
];

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    for (const [name, state] of STATES) {
      test(`${name} has no serious fault`, async ({ page }) => {
        const list = new PredictionsPage(page, run().url, REPORTED);
        await list.open(state);
        if (!state.q?.includes("statsu")) await expect(page.locator(".counted b, .empty h2").first()).toBeVisible();
        await expectNoSeriousFault(page);
      });
    }

    test("menus, a selection and offers have no serious fault", async ({ page }) => {
      const list = new PredictionsPage(page, run().url, REPORTED);
      await list.open();
      await list.cells().first().hover();
      await list.pick(0).click();
      await list.menu("Arrived").click();
      await expectNoSeriousFault(page);
      await list.field().pressSequentially("obj");
      await list.field().press("ArrowDown");
      await expect(list.offers().first()).toHaveAttribute("aria-selected", "true");
      await expectNoSeriousFault(page);
    });
  });
}

async function expectNoSeriousFault(page: import("@playwright/test").Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const told = serious.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => node.html).join("\n  ")}`);
  expect(told).toEqual([]);
}
