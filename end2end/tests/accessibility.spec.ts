// Nothing serious that axe can find, in light and in dark.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { alive } from "../pages/deployment.ts";
import { run } from "../support/global-setup.ts";
import { PLACES } from "../support/places.ts";

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    for (const place of PLACES) {
      test(`${place.name} has no serious fault`, async ({ page }) => {
        await page.goto(run().url + place.path);
        await alive(page);
        const { violations } = await new AxeBuilder({ page }).analyze();
        const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
        const told = serious.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => node.html).join("\n  ")}`);
        expect(told).toEqual([]);
      });
    }
  });
}
