// A reviewer at work: drawing, moving, resizing, accepting, skipping.
import { expect, test } from "@playwright/test";
import { ReviewPage, place } from "../pages/review.ts";
import { REVIEWED, run } from "../support/global-setup.ts";
import { setBlindShare, subject, toReview } from "../support/reviews.ts";

test.beforeAll(() => setBlindShare(0));

const reviewIn = (page: import("@playwright/test").Page): ReviewPage => new ReviewPage(page, run().url, REVIEWED);

test("a review begins with the model's boxes at the threshold, and the lower ones are offered", async ({ page }) => {
  const review = reviewIn(page);
  const { ids } = await toReview(1);
  await review.open(ids[0]!);
  await expect(review.rows()).toHaveCount(4);
  await expect(review.group("red cell").locator(".review-row")).toHaveCount(2);
  const offered = page.getByRole("button", { name: /^Take platelet, confidence 0\.12/ });
  await expect(offered).toHaveCount(0);
  await page.getByRole("slider", { name: "Least confidence shown" }).fill("0.05");
  await offered.click();
  await expect(review.rows()).toHaveCount(5);
  await expect(page.locator(".review-counts")).toContainText("kept 4 · added 1");
});

test("on a narrow screen a review opens at its image", async ({ page }) => {
  await page.setViewportSize({ width: 768, height: 640 });
  const review = reviewIn(page);
  const { ids } = await toReview(1);
  await review.open(ids[0]!);
  await expect(page.locator(".review-film[aria-current]")).toBeAttached();
  // The strip below finds its place in the next frame.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  const { below, scrolled } = await page.evaluate(() => ({
    below: document.documentElement.scrollHeight - innerHeight,
    scrolled: scrollY,
  }));
  expect(below, "there is something to scroll to").toBeGreaterThan(100);
  expect(scrolled).toBe(0);
});

test("a drawn box has the label that is chosen, and can be undone and redone", async ({ page }) => {
  const review = reviewIn(page);
  const { ids } = await toReview(1);
  await review.open(ids[0]!);
  await page.keyboard.press("2");
  await review.draw({ x: 40, y: 220 }, { x: 140, y: 300 });
  const drawn = review.group("white cell").locator(".review-row").filter({ hasText: "by hand" });
  await expect(drawn).toHaveCount(1);
  const { x, y, w, h } = place(await drawn.innerText());
  for (const [value, wanted] of [[x, 40], [y, 220], [w, 100], [h, 80]] as const) {
    expect(Math.abs(value - wanted)).toBeLessThanOrEqual(2);
  }
  await expect(page.locator(".review-counts")).toContainText("added 1");
  await page.keyboard.press("Control+z");
  await expect(drawn).toHaveCount(0);
  await page.keyboard.press("Control+Shift+z");
  await expect(drawn).toHaveCount(1);
});

test("a tool tells its key as it is set, and a box is drawn from its centre", async ({ page }) => {
  const review = reviewIn(page);
  const { ids } = await toReview(1);
  await review.open(ids[0]!);
  const tool = page.getByRole("button", { name: "Box from its centre (B)" });
  await page.keyboard.press("b");
  await expect(tool).toHaveAttribute("aria-pressed", "true");
  await review.dragInImage({ x: 90, y: 260 }, { x: 140, y: 300 });
  const drawn = page.locator(".review-row").filter({ hasText: "by hand" });
  await expect(drawn).toHaveCount(1);
  const { x, y, w, h } = place(await drawn.innerText());
  for (const [value, wanted] of [[x, 40], [y, 220], [w, 100], [h, 80]] as const) {
    expect(Math.abs(value - wanted)).toBeLessThanOrEqual(2);
  }
});

test("dragging a box moves it, and a key gives it another label", async ({ page }) => {
  const review = reviewIn(page);
  const { ids } = await toReview(1);
  await review.open(ids[0]!);
  await review.dragInImage({ x: 480, y: 150 }, { x: 440, y: 250 });
  const row = review.group("white cell").locator(".review-row").first();
  const moved = place(await row.innerText());
  expect(Math.abs(moved.x - 380)).toBeLessThanOrEqual(2);
  expect(Math.abs(moved.y - 190)).toBeLessThanOrEqual(2);
  expect(moved.w).toBe(120);
  await page.keyboard.press("1");
  await expect(review.group("red cell").locator(".review-row")).toHaveCount(3);
  await expect(page.locator(".review-counts")).toContainText("moved 1");
});

for (const percent of [5, 60, 400, 4000]) {
  test(`at ${percent} % a corner stays under the pointer and the other edges stay put`, async ({ page }) => {
    const review = reviewIn(page);
    const { ids } = await toReview(1);
    await review.open(ids[0]!);
    // The lower right corner of the white cell. Zooming keeps what is under the
    // pointer, and the pointer is on whole pixels.
    const start = await review.fitted({ x: 0, y: 0 });
    const fitted = await review.fitted({ x: 540, y: 200 });
    const aim = { x: Math.floor(fitted.x), y: Math.floor(fitted.y) };
    const fit = (fitted.x - start.x) / 540;
    await page.mouse.click(...Object.values(await review.fitted({ x: 480, y: 150 })) as [number, number]);
    await page.mouse.move(aim.x, aim.y);
    await review.zoomTo(percent);
    const { zoom } = await review.readout();
    const away = (one: number): number => ((one % 1) / fit) * (zoom / 100);
    const corner = { x: aim.x + away(fitted.x), y: aim.y + away(fitted.y) };
    const to = { x: corner.x + (percent === 5 ? 3 : 30), y: corner.y + (percent === 5 ? 3 : 20) };
    // Alt: at a small zoom the image's edge is near, and would be snapped to.
    await page.keyboard.down("Alt");
    await review.drag(corner, to);
    await page.keyboard.up("Alt");
    const under = await review.readout();
    const row = review.group("white cell").locator(".review-row").first();
    const { x, y, w, h } = place(await row.innerText());
    expect([x, y]).toEqual([420, 90]);
    // The list rounds, the readout cuts off; at 5 % one screen pixel is twenty.
    const slack = Math.max(1, 100 / percent) + 1;
    expect(Math.abs(x + w - under.x)).toBeLessThanOrEqual(slack);
    expect(Math.abs(y + h - under.y)).toBeLessThanOrEqual(slack);
  });
}

test("accept and next saves the boxes and draws the next image", async ({ page }) => {
  const review = reviewIn(page);
  const { ids, q } = await toReview(3);
  await review.open(ids[0]!, q);
  await page.keyboard.press(".");
  await page.keyboard.press("Delete");
  await page.keyboard.press("a");
  await expect(page.locator("canvas[data-surface=image]")).not.toHaveAttribute("data-drawn", ids[0]!);
  await expect.poll(async () => (await subject(ids[0]!)).prediction.status).toBe("reviewed");
  const saved = await subject(ids[0]!);
  expect(saved.review?.boxes).toHaveLength(3);
  expect(saved.review?.started_from).toBe("champion");
  expect(saved.review?.statistics).toMatchObject({ kept: 3, deleted: 1, added: 0 });
  const image = page.locator("canvas[data-surface=image]");
  const seen = new Set([ids[0]]);
  for (const _ of [2, 3]) {
    await expect.poll(async () => ids.includes((await image.getAttribute("data-drawn")) ?? "")).toBe(true);
    await expect.poll(async () => seen.has((await image.getAttribute("data-drawn")) ?? "")).toBe(false);
    seen.add((await image.getAttribute("data-drawn")) ?? "");
    await page.keyboard.press("a");
  }
  await expect(page.getByText("Nothing more to review")).toBeVisible();
  for (const id of ids) await expect.poll(async () => (await subject(id)).review?.revision).toBe(1);
});

test("the slider hides and never deletes, and accepting asks before it saves what is hidden", async ({ page }) => {
  const review = reviewIn(page);
  const { ids, q } = await toReview(1);
  await review.open(ids[0]!, q);
  await page.getByRole("slider", { name: "Least confidence shown" }).fill("0.8");
  await expect(page.getByText("2 hidden")).toBeVisible();
  await review.accept();
  const asked = page.getByRole("dialog");
  await expect(asked).toContainText("2 boxes are hidden and would be saved");
  await asked.getByRole("button", { name: "Save them too, and next" }).click();
  await expect.poll(async () => (await subject(ids[0]!)).review?.boxes.length).toBe(4);
});

test("skipping asks why, and reopening takes the image back", async ({ page }) => {
  const review = reviewIn(page);
  const { ids, q } = await toReview(2);
  await review.open(ids[0]!, q);
  await page.keyboard.press("s");
  await page.getByRole("dialog").getByRole("textbox").fill("out of focus");
  await page.getByRole("button", { name: "Skip and next" }).click();
  await review.drawn(ids[1]!);
  expect((await subject(ids[0]!)).prediction.status).toBe("skipped");
  await review.open(ids[0]!, q);
  await expect(page.getByText("Skipped by")).toContainText("out of focus");
  await review.button("Reopen").click();
  await expect(page.locator(".review-bar")).toContainText("to review");
  expect((await subject(ids[0]!)).prediction.status).toBe("to_review");
});

test("comparing sorts what the two models say, and a click takes a box in", async ({ page }) => {
  const review = reviewIn(page);
  const { ids } = await toReview(1, true);
  await review.open(ids[0]!);
  await review.button("Compare").click();
  const offers = page.locator(".review-offers summary");
  await expect(offers).toHaveText([/Differing label\s*1/, /Only the champion\s*2/, /Only the shadow\s*1/, /Agreed\s*1/]);
  await page.getByRole("button", { name: /^Take red cell, confidence 0\.70/ }).click();
  await review.button("Champion").click();
  await expect(review.group("red cell").locator(".review-row")).toHaveCount(3);
});

test("a blind review shows the model's boxes only after it was accepted", async ({ page }) => {
  await setBlindShare(1);
  try {
    const review = reviewIn(page);
    const { ids, q } = await toReview(1);
    await review.open(ids[0]!, q);
    await expect(review.notices()).toContainText("Blind review");
    await expect(review.rows()).toHaveCount(0);
    await expect(page.locator(".review-offers")).toHaveCount(0);
    await review.draw({ x: 100, y: 80 }, { x: 190, y: 160 });
    await review.accept();
    await expect.poll(async () => (await subject(ids[0]!)).review?.started_from).toBe("empty");
    await expect(page.locator(".review-offers")).toContainText("Also seen by the champion");
    expect((await subject(ids[0]!)).review?.boxes).toHaveLength(1);
  } finally {
    await setBlindShare(0);
  }
});

test("a revision can be looked at and taken back", async ({ page }) => {
  const review = reviewIn(page);
  const { ids, q } = await toReview(1);
  await review.open(ids[0]!, q);
  await review.accept();
  await expect.poll(async () => (await subject(ids[0]!)).review?.revision).toBe(1);
  await review.open(ids[0]!, q);
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await review.accept();
  await expect.poll(async () => (await subject(ids[0]!)).review?.boxes.length).toBe(0);

  await review.open(ids[0]!, q);
  await review.button("History").click();
  const first = page.getByRole("listitem").filter({ hasText: "Revision 1" });
  await first.getByRole("button", { name: "Look" }).click();
  await expect(review.notices()).toContainText("Revision 1, to be looked at");
  await first.getByRole("button", { name: "Take back" }).click();
  await expect.poll(async () => (await subject(ids[0]!)).review?.revision).toBe(3);
  expect((await subject(ids[0]!)).review?.boxes).toHaveLength(4);
});
