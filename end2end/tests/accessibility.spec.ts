// Nothing that axe can find, in light and in dark.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { alive } from "../pages/deployment.ts";
import { run } from "../support/global-setup.ts";
import { PLACES } from "../support/places.ts";

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    for (const place of PLACES) {
      test(`${place.name} has no fault`, async ({ page }) => {
        await page.goto(run().url + place.path);
        await alive(page);
        const { violations } = await new AxeBuilder({ page }).analyze();
        const told = violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => node.html).join("\n  ")}`);
        expect(told).toEqual([]);
      });
    }
  });
}
