// Finding, selecting and acting on predictions.
import { expect, test } from "@playwright/test";
import { alive } from "../pages/deployment.ts";
import { PredictionsPage } from "../pages/predictions.ts";
import { Api } from "../support/fovea.ts";
import { REPORTED, run } from "../support/global-setup.ts";
import { draw } from "../support/pictures.ts";

/** Reports of the run: every third comes from the second scanner, every fifth is of the night. */
const REPORTS = 64;
const OF_THE_SECOND_SCANNER = 22;
const OF_THE_NIGHT = 13;

function predictions(page: import("@playwright/test").Page): PredictionsPage {
  return new PredictionsPage(page, run().url, REPORTED);
}

test("a query is written by taking what is offered, and narrows the list", async ({ page }) => {
  const list = predictions(page);
  await list.open();
  await list.expectTotal(REPORTS);
  await list.field().pressSequentially("sou");
  await expect(list.offers().first()).toContainText("source");
  await list.field().press("Tab");
  await expect(list.offers().first()).toContainText("=");
  await list.field().press("ArrowDown");
  await list.field().press("Enter");
  await expect(list.offers().filter({ hasText: "scanner-2" })).toBeVisible();
  await list.offers().filter({ hasText: "scanner-2" }).click();
  await expect(list.field()).toHaveValue('source = "scanner-2" ');
  await list.field().press("Escape");
  await list.field().press("Enter");
  await list.expectTotal(OF_THE_SECOND_SCANNER);
  await expect.poll(() => list.state().get("q")).toBe('source = "scanner-2"');
  await expect(list.cells()).toHaveCount(OF_THE_SECOND_SCANNER);
});

test("an error is told at its place and mended by a click", async ({ page }) => {
  const list = predictions(page);
  await list.open();
  await list.ask("statsu = to_review");
  await expect(list.faults()).toContainText("there is no field `statsu`");
  await expect(page.locator(".query-ink .q-wrong")).toHaveText("statsu");
  await expect(list.field()).toHaveAttribute("aria-invalid", "true");
  await list.faults().getByRole("link", { name: "Write status" }).click();
  await expect(list.field()).toHaveValue("status = to_review");
  await expect(list.faults()).toHaveCount(0);
  await list.field().press("Escape");
  await list.field().press("Enter");
  await list.expectTotal(REPORTS);
});

test("the browser reads numbers and letters of a query as the server does", async ({ page }) => {
  const list = predictions(page);
  await list.open();
  // What stands at the caret is not complained of yet.
  const write = (number: string) => list.field().fill(`min_confidence >= ${number} and objects >= 0`);
  for (const number of ["0", "1", "+0.5", ".5", "1.", "1e-1", "5E-1"]) {
    await write(`${number}x`);
    await expect(list.faults(), `${number}x`).not.toHaveCount(0);
    await write(number);
    await expect(list.faults(), number).toHaveCount(0);
  }
  for (const word of ["1e", "e1", ".", "1-0", "0x1", "1_0", "inf", "NaN", "Infinity", '""', "١"]) {
    await write("1");
    await expect(list.faults()).toHaveCount(0);
    await write(word);
    await expect(list.faults(), word).not.toHaveCount(0);
  }
  await list.field().fill("SOU");
  await expect(list.offers().first()).toContainText("source");
});

test("an address with a query that cannot be read says so and shows nothing else", async ({ page }) => {
  const list = predictions(page);
  await list.open({ q: "objects >" });
  await expect(list.faults()).toBeVisible();
  await expect(page.getByRole("heading", { name: "The query cannot be read" })).toBeVisible();
  await expect(list.cells()).toHaveCount(0);
});

test("a query is explained by its index", async ({ page }) => {
  const list = predictions(page);
  await list.open({ q: "status = to_review" });
  await page.getByRole("link", { name: "Explain" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("How a query is answered");
  await expect(page.locator(".facts")).toContainText("predictions_status");
  await page.getByRole("link", { name: "status = to_review" }).click();
  await expect(list.field()).toHaveValue("status = to_review");
});

test("a facet narrows the list, and a second click widens it again", async ({ page }) => {
  const list = predictions(page);
  await list.open();
  await list.facet("Tag", "night").click();
  await list.expectTotal(OF_THE_NIGHT);
  await expect.poll(() => list.state().get("q")).toBe('tag = "night"');
  await list.facet("Source", "scanner-1").click();
  await expect(list.field()).toHaveValue('tag = "night" and source = "scanner-1"');
  await list.facet("Source", "scanner-1").click();
  await list.expectTotal(OF_THE_NIGHT);
  await page.goBack();
  await page.goBack();
  await expect(list.field()).toHaveValue('tag = "night"');
});

test("a view that was kept comes back with its order and its look", async ({ page }) => {
  const list = predictions(page);
  await list.open({ q: 'tag = "night"', sort: "-objects", view: "table" });
  await list.menu("Saved views").click();
  await page.getByPlaceholder("Keep this view as …").fill("at night");
  await page.getByRole("button", { name: "Keep" }).click();
  await expect(page.getByRole("link", { name: "at night" })).toBeVisible();
  await list.open();
  await list.menu("Saved views").click();
  await page.getByRole("link", { name: "at night" }).click();
  await expect(list.rows()).toHaveCount(OF_THE_NIGHT);
  await expect
    .poll(() => Object.fromEntries(list.state()))
    .toEqual({ q: 'tag = "night"', sort: "-objects", view: "table" });
  await list.menu("Saved views").click();
  await page.getByRole("button", { name: "Delete the view at night" }).click();
  await expect(page.getByText("No view is kept yet.")).toBeVisible();
});

test("a range is selected with shift, tagged, found by its tag, and the tag taken off", async ({ page }) => {
  const list = predictions(page);
  await list.open();
  await list.cells().nth(1).hover();
  await list.pick(1).click();
  await list.pick(4).click({ modifiers: ["Shift"] });
  await expect(page.locator(".acts")).toContainText("4 selected");
  await page.keyboard.press("t");
  await page.getByRole("textbox", { name: "tag" }).fill("odd ones");
  await page.getByRole("button", { name: "Add" }).click();
  await expect(list.toast()).toContainText("Tagged 4 predictions");
  await list.ask('tag = "odd ones"');
  await list.expectTotal(4);
  await page.getByRole("heading", { level: 1 }).click();
  await page.keyboard.press("Control+a");
  await page.getByRole("button", { name: "All 4 that match" }).click();
  await page.keyboard.press("t");
  await page.getByRole("textbox", { name: "tag" }).fill("odd ones");
  await page.getByRole("button", { name: "Take off" }).click();
  await expect(list.toast()).toContainText("off 4 predictions");
  await list.open({ q: 'tag = "odd ones"' });
  await expect(page.getByRole("heading", { name: "No prediction matches" })).toBeVisible();
});

test("a deletion is taken back", async ({ page }) => {
  const list = predictions(page);
  await list.open();
  const before = await list.names();
  await list.cells().first().hover();
  await list.pick(0).click();
  await list.pick(1).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(list.toast()).toContainText("Deleted 2 predictions");
  await list.expectTotal(REPORTS - 2);
  await expect(list.cells().first()).not.toContainText(before[0] ?? "nothing");
  await list.toast().getByRole("button", { name: "Undo" }).click();
  await expect(list.toast()).toContainText("2 predictions restored");
  await list.expectTotal(REPORTS);
  expect((await list.names()).slice(0, 2)).toEqual(before.slice(0, 2));
});

test("columns are chosen, sort the table, and stand in the address", async ({ page }) => {
  const list = predictions(page);
  await list.open({ view: "table" });
  await expect(page.getByRole("columnheader", { name: "Source" })).toHaveCount(0);
  await list.menu("Columns").click();
  await page.getByRole("link", { name: "Source" }).click();
  await expect(page.getByRole("columnheader", { name: "Source" })).toBeVisible();
  await page.getByRole("columnheader", { name: "Objects" }).getByRole("link").click();
  await expect(page.getByRole("columnheader", { name: "Objects" })).toHaveAttribute("aria-sort", "descending");
  await list.expectSettled();
  const objects = await list.rows().evaluateAll((rows) => rows.slice(0, 20).map((row) => Number(row.children[2]?.textContent)));
  expect(objects).toEqual([...objects].sort((a, b) => b - a));
  await page.reload();
  await expect(page.getByRole("columnheader", { name: "Source" })).toBeVisible();
});

test("details move by J and K, and back leads to the grid", async ({ page }) => {
  const list = predictions(page);
  await list.open();
  const names = await list.names();
  const second = await list.cells().nth(1).getAttribute("data-id");
  await list.cells().nth(2).locator(".tile").click();
  const head = page.locator(".details-head h2");
  await expect(head).toHaveText(names[2] ?? "");
  await page.keyboard.press("j");
  await expect(head).toHaveText(names[3] ?? "");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("k");
  await expect(head).toHaveText(names[1] ?? "");
  await expect(page.locator(".counted")).toContainText(`2 of ${REPORTS}`);
  await expect.poll(() => list.state().get("id")).toBe(second);
  const shared = page.url();
  await page.goBack();
  await expect(list.cells().first()).toBeVisible();
  await page.goto(shared);
  await alive(page);
  await expect(head).toHaveText(names[1] ?? "");
  await page.keyboard.press("Escape");
  await expect(list.cells().first()).toBeVisible();
});

test("the whole way by the keyboard alone", async ({ page }) => {
  const list = predictions(page);
  await list.open();
  await page.keyboard.press("/");
  await expect(list.field()).toBeFocused();
  await page.keyboard.type("source = scanner-1");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await list.expectTotal(REPORTS - OF_THE_SECOND_SCANNER);
  await list.field().evaluate((field) => (field as HTMLElement).blur());
  await page.keyboard.press("ArrowRight");
  await expect(list.cells().nth(0).locator(".tile")).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(list.cells().nth(1).locator(".tile")).toBeFocused();
  await page.keyboard.press("Space");
  await expect(list.pick(1)).toHaveAttribute("aria-checked", "true");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await expect(page.locator(".acts")).toContainText("3 selected");
  await expect(page.locator("[aria-live]").filter({ hasText: "3 selected" })).toBeAttached();
  await page.keyboard.press("End");
  await expect(list.cells().last().locator(".tile")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.locator(".acts")).not.toContainText("selected");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toContainText("to the query");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/review\/[0-9a-f-]{36}\?q=source/);
});

test("what arrives is announced and moves nothing", async ({ page }) => {
  const list = predictions(page);
  await list.open({ q: "source = ward-9" });
  await expect(page.getByRole("heading", { name: "No prediction matches" })).toBeVisible();
  const api = new Api(run().url, run().token);
  const report = (filename: string, source: string): Promise<void> =>
    api.report(REPORTED, { filename, latency_ms: 20, boxes: [], source }, draw(1).png);
  await report("first.png", "ward-9");
  await expect(list.cells()).toHaveCount(1);
  await report("second.png", "ward-9");
  await report("elsewhere.png", "ward-10");
  const fresh = page.getByRole("button", { name: "1 new" });
  await expect(fresh).toBeVisible();
  expect(await list.names()).toEqual(["first.png"]);
  await fresh.click();
  await expect(list.cells()).toHaveCount(2);
  await list.ask("source in (ward-9, ward-10)");
  await list.expectTotal(3);
  await page.getByRole("heading", { level: 1 }).click();
  await page.keyboard.press("Control+a");
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(list.toast()).toContainText("Deleted 3 predictions");
});
