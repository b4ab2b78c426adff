// A server below a path of a host, behind nginx: all that a browser asks for
// lies below that path.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { DeploymentPage, alive } from "../pages/deployment.ts";
import { PredictionsPage } from "../pages/predictions.ts";
import { ReviewPage } from "../pages/review.ts";
import { ADMIN, Door } from "../pages/sign-in.ts";
import { Api, Server, fovea, freePort } from "../support/fovea.ts";
import { Nginx } from "../support/nginx.ts";
import { draw } from "../support/pictures.ts";
import { BOXES } from "../support/reviews.ts";

const BASE = "/tools/fovea";
const NAME = "slides";

let folder = "";
let url = "";
let server: Server;
let nginx: Nginx;
let api: Api;

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fovea-below-"));
  const data = join(folder, "data");
  fovea(data, "model", "register", "analyser", "--labels", "red cell,white cell,platelet");
  fovea(data, "deploy", "--name", NAME, "--model", "analyser/1");
  const token = fovea(data, "token", "create", "--name", "below", "--role", "admin").trim();
  const port = await freePort();
  url = `http://127.0.0.1:${port}${BASE}`;
  server = await Server.start(data, "--public-url", url);
  nginx = await Nginx.start(join(folder, "nginx"), port, BASE, server.url);
  api = new Api(url, token);
  await api.put(`/deployments/${NAME}/review-settings`, { blind_share: 0 });
});

test.afterAll(async () => {
  await nginx?.stop();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const report = (number: number) =>
  api.reportAndName(NAME, { filename: `slide-${number}.png`, latency_ms: 20, boxes: BOXES }, draw(6000 + number).png);

// The session of the server at the root is there, too: both are on one host.
test("a first visit, figures, pictures, a review and live events stay below the path", async ({ page }) => {
  const outside: string[] = [];
  const failed: string[] = [];
  page.on("request", (request) => {
    const { protocol, pathname } = new URL(request.url());
    if (protocol === "http:" && !pathname.startsWith(`${BASE}/`)) outside.push(`${request.method()} ${pathname}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) failed.push(`${response.status()} ${response.url()}`);
  });
  const ids = [await report(1), await report(2)];

  const door = new Door(page);
  expect(server.setupLink).toContain(`${url}/setup?secret=`);
  await door.setUp(server.setupLink);
  await expect(page).toHaveURL(`${url}/`);
  await alive(page);
  await door.signOut();
  await expect(page).toHaveURL(`${url}/sign-in`);
  await page.goto(`${url}/datasets`);
  await expect(page).toHaveURL(/\/tools\/fovea\/sign-in\?next=\/tools\/fovea\/datasets$/);
  await page.getByLabel("E-mail").fill(ADMIN.email);
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(`${url}/datasets`);
  await alive(page);

  // Pages are changed without loading, with parts that are loaded on the way.
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Deployments" }).click();
  await expect(page).toHaveURL(`${url}/`);
  await page.getByRole("link", { name: NAME, exact: true }).first().click();
  await expect(page).toHaveURL(`${url}/deployments/${NAME}`);
  const deployment = new DeploymentPage(page, url, NAME);
  await deployment.expectTotal(2);
  await expect(page.locator(".live")).toHaveText("live");
  ids.push(await report(3));
  await deployment.expectTotal(3);

  await page.getByRole("link", { name: "Predictions", exact: true }).click();
  const predictions = new PredictionsPage(page, url, NAME);
  await predictions.expectTotal(3);
  const picture = predictions.cells().first().locator("img");
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  await predictions.ask("objects > 2");
  await expect(page).toHaveURL(new RegExp(`${BASE}/deployments/${NAME}/predictions\\?q=`));
  await predictions.expectTotal(3);
  await page.goBack();
  await expect(page).toHaveURL(`${url}/deployments/${NAME}/predictions`);

  const review = new ReviewPage(page, url, NAME);
  await review.open(ids[0]!);
  await expect(review.rows()).toHaveCount(4);
  await review.accept();
  await expect(page).not.toHaveURL(new RegExp(ids[0]!));
  await expect.poll(async () => (await api.get<{ status: string }>(`/predictions/${ids[0]}`)).status).toBe("reviewed");

  expect(outside).toEqual([]);
  expect(failed).toEqual([]);
});
