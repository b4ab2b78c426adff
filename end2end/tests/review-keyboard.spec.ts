// A whole review without a mouse, and what a screen reader hears of it.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { ReviewPage, place } from "../pages/review.ts";
import { REVIEWED, run } from "../support/global-setup.ts";
import { setBlindShare, subject, toReview } from "../support/reviews.ts";

test.beforeAll(() => setBlindShare(0));

test("the keyboard alone chooses, moves, resizes, relabels, adds, deletes and accepts", async ({ page }) => {
  const review = new ReviewPage(page, run().url, REVIEWED);
  const { ids, q } = await toReview(2);
  await review.open(ids[0]!, q);
  const { keyboard } = page;
  const chosen = page.locator(".review-row.chosen");

  // By Tab to the list, by an arrow to its second box, by Enter to the canvas.
  const first = review.rows().first().getByRole("button").first();
  for (let step = 0; step < 60 && !(await first.evaluate((row) => row === document.activeElement)); step++) {
    await keyboard.press("Tab");
  }
  await expect(first).toBeFocused();
  await keyboard.press("Space");
  await expect(chosen).toContainText("100, 80 · 90×80");
  await keyboard.press("ArrowDown");
  await expect(chosen).toContainText("300, 200 · 80×84");
  await keyboard.press("Enter");
  await expect(review.canvas).toBeFocused();

  await keyboard.press("ArrowRight");
  await keyboard.press("Shift+ArrowDown");
  await expect(chosen).toContainText("301, 210 · 80×84");
  await keyboard.press("Control+ArrowLeft");
  await keyboard.press("Control+Shift+ArrowDown");
  await expect(chosen).toContainText("301, 210 · 79×94");
  await keyboard.press("2");
  await expect(review.group("white cell").locator(".review-row.chosen")).toHaveCount(1);

  await keyboard.press("3");
  await keyboard.press("1");
  await keyboard.press("n");
  const added = place(await chosen.innerText());
  expect(added.w).toBeGreaterThan(0);
  await expect(review.rows()).toHaveCount(5);

  for (let step = 0; step < 6 && !(await chosen.innerText()).includes("420, 90"); step++) await keyboard.press(".");
  await expect(chosen).toContainText("420, 90 · 120×110");
  await keyboard.press("Delete");
  await expect(review.rows()).toHaveCount(4);

  await keyboard.press("a");
  await review.drawn(ids[1]!);
  await expect.poll(async () => (await subject(ids[0]!)).review?.boxes.length).toBe(4);
  expect((await subject(ids[0]!)).review?.statistics).toMatchObject({ added: 1, deleted: 1, moved: 1 });
});

test("a key can be changed, its conflict is shown, and both are remembered", async ({ page }) => {
  const review = new ReviewPage(page, run().url, REVIEWED);
  const { ids } = await toReview(1);
  await review.open(ids[0]!);
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("button", { name: /^Fit the image/ }).click();
  await page.keyboard.press("d");
  await expect(sheet.getByRole("alert")).toContainText("D would do several things");
  await sheet.getByRole("button", { name: /^Fit the image/ }).click();
  await page.keyboard.press("f");
  await expect(sheet.getByRole("alert")).toHaveCount(0);
  await page.reload();
  await review.ready(ids[0]!);
  await page.keyboard.press("+");
  const before = (await review.readout()).zoom;
  await page.keyboard.press("f");
  await expect.poll(async () => (await review.readout()).zoom).toBeLessThan(before);
});

test("every box is a button that says what and where it is", async ({ page }) => {
  const review = new ReviewPage(page, run().url, REVIEWED);
  const { ids } = await toReview(1);
  await review.open(ids[0]!);
  const name = "white cell, 120 by 110 pixels, 420 from the left, 90 from the top, confidence 0.88";
  await expect(page.getByRole("button", { name })).toBeVisible();
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    test("axe finds nothing serious in a review", async ({ page }) => {
      const review = new ReviewPage(page, run().url, REVIEWED);
      const { ids } = await toReview(1, true);
      await review.open(ids[0]!);
      await page.keyboard.press(".");
      const look = async (): Promise<string[]> => {
        const { violations } = await new AxeBuilder({ page }).analyze();
        const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
        return serious.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => node.html).join("\n  ")}`);
      };
      expect(await look()).toEqual([]);
      await review.button("Compare").click();
      expect(await look()).toEqual([]);
      await page.keyboard.press("?");
      expect(await look()).toEqual([]);
    });
  });
}
