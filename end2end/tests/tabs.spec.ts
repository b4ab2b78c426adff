// Many tabs of one browser: they share one stream of events, since a browser
// opens six connections to a host and no more.
import { expect, test } from "@playwright/test";
import { DeploymentPage } from "../pages/deployment.ts";
import { Api } from "../support/fovea.ts";
import { SERVED, run } from "../support/global-setup.ts";
import { draw } from "../support/pictures.ts";

test("ten tabs are live, also when the tab that listened for all is closed", async ({ context }) => {
  test.setTimeout(180_000);
  const api = new Api(run().url, run().token);
  const tabs = [];
  for (let n = 0; n < 10; n++) {
    const page = await context.newPage();
    const deployment = new DeploymentPage(page, run().url, SERVED);
    await deployment.open();
    await expect(page.locator(".live")).toHaveText("live");
    tabs.push({ page, deployment });
  }
  const [first, ...others] = tabs;
  if (!first) throw new Error("no tab was opened");
  const before = await first.deployment.total();
  await api.predict(SERVED, draw(701).png);
  for (const { deployment } of tabs) await deployment.expectTotal(before + 1);

  await first.page.close({ runBeforeUnload: true });
  await api.predict(SERVED, draw(702).png);
  for (const { deployment } of others) await deployment.expectTotal(before + 2);
});
