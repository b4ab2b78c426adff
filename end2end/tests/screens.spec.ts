// Pictures of every page, for people to look at: in test-results/screens.
import { expect, test, type Page } from "@playwright/test";
import { alive } from "../pages/deployment.ts";
import { run } from "../support/global-setup.ts";
import { PLACES } from "../support/places.ts";

/** Waits until every picture in the window is there. */
async function painted(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    [...document.images].every((image) => {
      const { top, bottom } = image.getBoundingClientRect();
      const isInWindow = bottom > 0 && top < innerHeight;
      return !isInWindow || image.complete;
    }),
  );
  await page.evaluate(() => document.fonts.ready);
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 1920]) {
    test.describe(`${colorScheme} at ${width}`, () => {
      test.use({ colorScheme, viewport: { width, height: Math.round(width * 0.65) } });
      for (const place of PLACES) {
        test(`${place.name} fits the window`, async ({ page }) => {
          await page.goto(run().url + place.path);
          await alive(page);
          await painted(page);
          await page.screenshot({ path: `test-results/screens/${place.name}-${colorScheme}-${width}.png` });
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(overflow, "pixels that stick out to the right").toBeLessThanOrEqual(0);
        });
      }
    });
  }
}
