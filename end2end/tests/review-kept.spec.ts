// Nothing is lost: two people on one image, a closed tab, no connection, an
// expired session.
import { expect, test } from "@playwright/test";
import { ReviewPage } from "../pages/review.ts";
import { ADMIN, SESSION } from "../pages/sign-in.ts";
import { REVIEWED, run } from "../support/global-setup.ts";
import { setBlindShare, subject, toReview } from "../support/reviews.ts";

test.beforeAll(() => setBlindShare(0));

test("the second of two reviewers sees the first's work, and no box of either is lost", async ({ browser }) => {
  const { ids, q } = await toReview(1);
  const id = ids[0]!;
  const contexts = [await browser.newContext({ storageState: SESSION }), await browser.newContext({ storageState: SESSION })];
  const [first, second] = await Promise.all(
    contexts.map(async (context) => new ReviewPage(await context.newPage(), run().url, REVIEWED)),
  );
  if (!first || !second) throw new Error("two pages were opened");
  await first.open(id, q);
  await second.open(id, q);
  await expect(second.notices()).toContainText("is reviewing this image");

  await first.draw({ x: 40, y: 260 }, { x: 120, y: 340 });
  await second.draw({ x: 560, y: 260 }, { x: 630, y: 330 });
  // Both change the same red cell, each in another way.
  await first.dragInImage({ x: 145, y: 120 }, { x: 165, y: 120 });
  await second.dragInImage({ x: 145, y: 120 }, { x: 145, y: 150 });

  await first.accept();
  await expect.poll(async () => (await subject(id)).review?.revision).toBe(1);
  await expect(second.page.locator(".review-merge")).toContainText("saved revision 1");
  await expect(second.page.locator(".review-merge")).toContainText("Both of you changed one box");
  // 4 of the model, one drawn by each, and the disputed one twice.
  await expect(second.rows()).toHaveCount(7);
  await second.page.getByRole("group", { name: "Which red cell is kept" }).getByRole("button", { name: "Mine" }).click();
  await expect(second.rows()).toHaveCount(6);
  await second.accept();
  await expect.poll(async () => (await subject(id)).review?.revision).toBe(2);
  expect((await subject(id)).review?.boxes).toHaveLength(6);
  for (const context of contexts) await context.close();
});

test("a save that comes too late comes back to be merged, and is never an overwrite", async ({ browser }) => {
  const { ids, q } = await toReview(1);
  const id = ids[0]!;
  const context = await browser.newContext({ storageState: SESSION });
  const late = new ReviewPage(await context.newPage(), run().url, REVIEWED);
  await late.open(id, q);
  await late.draw({ x: 560, y: 260 }, { x: 630, y: 330 });
  // Nothing reaches this page any more but its own save.
  await context.route("**/events*", (route) => route.abort());
  await context.route("**/get_review*", (route) => route.abort());
  await late.page.context().setOffline(true);
  await late.accept();
  const other = await browser.newContext({ storageState: SESSION });
  const early = new ReviewPage(await other.newPage(), run().url, REVIEWED);
  await early.open(id, q);
  await early.draw({ x: 40, y: 260 }, { x: 120, y: 340 });
  await early.accept();
  await expect.poll(async () => (await subject(id)).review?.revision).toBe(1);
  await context.unrouteAll();
  await late.page.context().setOffline(false);
  await expect(late.page.locator(".review-notices, .review-merge").filter({ hasText: "saved revision 1" }).first()).toBeVisible();
  expect((await subject(id)).review?.revision).toBe(1);
  await late.open(id, q);
  await expect(late.page.locator(".review-merge")).toContainText("go together");
  await expect(late.rows()).toHaveCount(6);
  await context.close();
  await other.close();
});

test("a tab that is closed in mid-edit gives its draft back", async ({ context }) => {
  const { ids, q } = await toReview(1);
  const review = new ReviewPage(await context.newPage(), run().url, REVIEWED);
  await review.open(ids[0]!, q);
  await review.draw({ x: 40, y: 260 }, { x: 120, y: 340 });
  await expect(review.rows()).toHaveCount(5);
  await review.page.close({ runBeforeUnload: false });

  const again = new ReviewPage(await context.newPage(), run().url, REVIEWED);
  await again.open(ids[0]!, q);
  await expect(again.notices()).toContainText(/Your draft of .* is back/);
  await expect(again.rows()).toHaveCount(5);
  await again.accept();
  await expect.poll(async () => (await subject(ids[0]!)).review?.boxes.length).toBe(5);
});

test("without a connection the work waits, and goes out once when there is one", async ({ page, context }) => {
  const { ids, q } = await toReview(2);
  const review = new ReviewPage(page, run().url, REVIEWED);
  await review.open(ids[0]!, q);
  await review.draw({ x: 40, y: 260 }, { x: 120, y: 340 });
  await context.setOffline(true);
  await review.accept();
  await expect(page.getByText(/offline · 1 waiting/)).toBeVisible();
  await context.setOffline(false);
  await expect.poll(async () => (await subject(ids[0]!)).review?.revision).toBe(1);
  await expect(page.getByText(/waiting/)).toHaveCount(0);
  expect((await subject(ids[0]!)).review?.boxes).toHaveLength(5);
});

test("what waited when the page was left goes out once it is opened again", async ({ page }) => {
  const { ids, q } = await toReview(3);
  const review = new ReviewPage(page, run().url, REVIEWED);
  await review.open(ids[2]!, q);
  await page.route(/save_review/, (route) => route.abort());
  await review.accept();
  await review.drawn(ids[1]!);
  await review.accept();
  await review.drawn(ids[0]!);
  await expect(page.getByText(/offline · 2 waiting/)).toBeVisible();
  await page.reload();
  await review.ready(ids[0]!);
  await expect(page.getByText(/offline · 2 waiting/)).toBeVisible();
  await page.unroute(/save_review/);
  for (const id of [ids[2]!, ids[1]!]) await expect.poll(async () => (await subject(id)).review?.revision).toBe(1);
  await expect(page.getByText(/waiting/)).toHaveCount(0);
});

test("a session that ends in mid-edit keeps the work, and it goes out once after signing in", async ({ browser }) => {
  const { ids, q } = await toReview(1);
  const context = await browser.newContext({ storageState: SESSION });
  const review = new ReviewPage(await context.newPage(), run().url, REVIEWED);
  await review.open(ids[0]!, q);
  await review.draw({ x: 40, y: 260 }, { x: 120, y: 340 });
  await context.clearCookies();
  await review.accept();
  await expect(review.notices()).toContainText("The session has ended");
  expect((await subject(ids[0]!)).review).toBeNull();

  await review.page.getByRole("link", { name: "Sign in" }).click();
  await review.page.getByLabel("E-mail").fill(ADMIN.email);
  await review.page.getByLabel("Password").fill(ADMIN.password);
  await review.page.getByRole("button", { name: "Sign in" }).click();
  await expect(review.page).toHaveURL(/\/review/);
  await expect.poll(async () => (await subject(ids[0]!)).review?.revision).toBe(1);
  expect((await subject(ids[0]!)).review?.boxes).toHaveLength(5);
  await context.close();
});
