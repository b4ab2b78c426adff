// Keyboards of other layouts, input methods, wheels and fingers, boxes hardly
// larger than the pointer, and many files at once.
import { expect, test, type Locator, type Page } from "@playwright/test";
import { DeploymentPage, alive } from "../pages/deployment.ts";
import { PredictionsPage } from "../pages/predictions.ts";
import { ReviewPage } from "../pages/review.ts";
import { REPORTED, REVIEWED, SERVED, run } from "../support/global-setup.ts";
import { draw } from "../support/pictures.ts";
import { setBlindShare, toReview } from "../support/reviews.ts";

test.beforeAll(() => setBlindShare(0));

interface Key {
  key: string;
  code: string;
  ctrlKey?: boolean;
  isComposing?: boolean;
}

/** A key as a keyboard of another layout reports it; Playwright has a US one. */
async function press(target: Locator, key: Key): Promise<void> {
  for (const type of ["keydown", "keyup"]) {
    await target.evaluate(
      (element, { type, key }) =>
        element.dispatchEvent(new KeyboardEvent(type, { ...key, bubbles: true, cancelable: true })),
      { type, key },
    );
  }
}

async function dropFiles(page: Page, selector: string, files: { name: string; bytes: Buffer }[]): Promise<void> {
  const transfer = await page.evaluateHandle((files) => {
    const transfer = new DataTransfer();
    for (const { name, base64 } of files) {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      transfer.items.add(new File([bytes], name, { type: "image/png" }));
    }
    return transfer;
  }, files.map(({ name, bytes }) => ({ name, base64: bytes.toString("base64") })));
  const place = page.locator(selector).first();
  await place.dispatchEvent("dragover", { dataTransfer: transfer });
  await place.dispatchEvent("drop", { dataTransfer: transfer });
}

test("shortcuts work on keyboards that write other letters and other digits", async ({ page }) => {
  const review = new ReviewPage(page, run().url, REVIEWED);
  const { ids, q } = await toReview(2);
  // The newest comes first in the list.
  await review.open(ids[1]!, q);
  const chosen = page.locator(".review-row.chosen");
  await press(review.canvas, { key: "ю", code: "Period" });
  await expect(chosen).toHaveCount(1);
  await press(review.canvas, { key: "é", code: "Digit2" });
  await expect(review.group("white cell").locator(".review-row.chosen")).toHaveCount(1);
  await press(review.canvas, { key: "я", code: "KeyZ", ctrlKey: true });
  await expect(review.group("white cell").locator(".review-row.chosen")).toHaveCount(0);
  await press(review.canvas, { key: "ξ", code: "KeyJ" });
  await review.drawn(ids[0]!);
});

test("the keys of the list work on a keyboard that writes Cyrillic", async ({ page }) => {
  const list = new PredictionsPage(page, run().url, REPORTED);
  await list.open();
  await list.cells().first().waitFor();
  await press(page.locator("body"), { key: "о", code: "KeyJ" });
  await press(page.locator("body"), { key: "в", code: "KeyD" });
  await expect(page).toHaveURL(/view=details/);
});

test("the Enter that ends a composed word sends no query and takes no offer", async ({ page }) => {
  const list = new PredictionsPage(page, run().url, REPORTED);
  await list.open();
  await list.field().fill("objects > 1");
  await press(list.field(), { key: "Enter", code: "Enter", isComposing: true });
  await press(list.field(), { key: "Escape", code: "Escape", isComposing: true });
  expect(list.state().get("q")).toBeNull();
  await press(list.field(), { key: "Enter", code: "Enter" });
  await expect.poll(() => list.state().get("q")).toBe("objects > 1");
});

test("a notch of the wheel is a step, with control as without", async ({ page }) => {
  const review = new ReviewPage(page, run().url, REVIEWED);
  const { ids } = await toReview(1);
  await review.open(ids[0]!);
  for (const turn of [
    { deltaY: -120, deltaMode: 0, ctrlKey: true },
    { deltaY: -120, deltaMode: 0, ctrlKey: false },
    { deltaY: -3, deltaMode: 1, ctrlKey: true },
    { deltaY: -1, deltaMode: 2, ctrlKey: false },
  ]) {
    const at = await review.fitted({ x: 320, y: 240 });
    await page.mouse.move(at.x, at.y);
    const before = (await review.readout()).zoom;
    await review.canvas.evaluate(
      (canvas, { turn, at }) =>
        canvas.dispatchEvent(
          new WheelEvent("wheel", { ...turn, clientX: at.x, clientY: at.y, bubbles: true, cancelable: true }),
        ),
      { turn, at },
    );
    await expect.poll(async () => (await review.readout()).zoom, { message: JSON.stringify(turn) }).toBeGreaterThan(before * 1.05);
    expect((await review.readout()).zoom, JSON.stringify(turn)).toBeLessThan(before * 1.5);
    await page.keyboard.press("r");
  }
});

test("boxes on one another are reached by clicking again, and by a key", async ({ page }) => {
  const review = new ReviewPage(page, run().url, REVIEWED);
  const { ids } = await toReview(1);
  await review.open(ids[0]!);
  // A second box exactly on the first: drawn, then labelled otherwise.
  await review.draw({ x: 100, y: 80 }, { x: 190, y: 160 });
  await expect(review.rows()).toHaveCount(5);
  const middle = await review.fitted({ x: 145, y: 120 });
  const chosen = page.locator(".review-row.chosen");
  await page.keyboard.press("Escape");
  const seen = new Set<string>();
  for (let click = 0; click < 3; click++) {
    await page.mouse.click(middle.x, middle.y);
    await expect(chosen).toHaveCount(1);
    seen.add(await chosen.innerText());
  }
  expect(seen.size).toBe(2);
  const before = await chosen.innerText();
  await page.keyboard.press("u");
  await expect(chosen).not.toHaveText(before);
});

test("a trembling click moves nothing, and what is too small is refused with a word", async ({ page }) => {
  const review = new ReviewPage(page, run().url, REVIEWED);
  const { ids } = await toReview(1);
  await review.open(ids[0]!);
  const places = await review.places();
  const at = await review.fitted({ x: 480, y: 145 });
  await review.drag(at, { x: at.x + 2, y: at.y + 2 });
  await expect(page.locator(".review-row.chosen")).toHaveCount(1);
  expect(await review.places()).toEqual(places);
  await page.keyboard.press("d");
  const free = await review.fitted({ x: 30, y: 30 });
  await review.drag(free, { x: free.x + 5, y: free.y + 1 });
  await expect(page.locator(".review-refusal")).toContainText("too small to be a box");
  expect(await review.places()).toEqual(places);
});

test("every one of many dropped files has its result, and refusals can be looked at alone", async ({ page }) => {
  test.slow();
  const deployment = new DeploymentPage(page, run().url, SERVED);
  await deployment.open("predictions");
  const files = Array.from({ length: 18 }, (_, index) => ({
    name: `many-${index + 1}.png`,
    bytes: index % 6 === 5 ? Buffer.from(`no picture ${index}`) : draw(900 + index).png,
  }));
  // Anywhere on the page: the place of its own is folded away.
  await dropFiles(page, "main", files);
  await expect(page.locator(".drop-item")).toHaveCount(18);
  await expect(page.locator(".drop-head")).toContainText("15 of 18 predicted, 3 refused", { timeout: 60_000 });
  await expect(page.locator(".drop-item").first()).toContainText("many-1.png");
  await page.getByRole("button", { name: "Refused", exact: true }).click();
  await expect(page.locator(".drop-item")).toHaveCount(3);
  await page.getByRole("button", { name: "All", exact: true }).click();
  await expect(page.locator(".drop-item")).toHaveCount(18);
});

test("a file dropped where nothing takes it does not replace the page", async ({ page }) => {
  const deployment = new DeploymentPage(page, run().url, SERVED);
  await deployment.open("settings");
  await alive(page);
  const prevented = await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["x"], "x.png"));
    const event = new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
    document.body.dispatchEvent(event);
    return event.defaultPrevented;
  });
  expect(prevented).toBe(true);
});
