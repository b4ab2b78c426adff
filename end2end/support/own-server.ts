// A server of a test's own on an empty folder, and an administrator in it.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { Door } from "../pages/sign-in.ts";
import { Server } from "./fovea.ts";

export interface OwnServer {
  url: string;
  /** Where its data is, and where it goes with the test. */
  folder: string;
  data: string;
}

/** Calls `visit` with a page that is signed in to a server without anything. */
export async function onAnEmptyServer(page: Page, visit: (server: OwnServer) => Promise<void>): Promise<void> {
  await onAServer(page, () => {}, visit);
}

/** The same with what `prepare` puts into its folder, and options of its own. */
export async function onAServer(
  page: Page,
  prepare: (data: string) => void,
  visit: (server: OwnServer) => Promise<void>,
  ...options: string[]
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "fovea-own-"));
  const data = join(folder, "data");
  mkdirSync(data);
  prepare(data);
  const server = await Server.start(data, ...options);
  try {
    await new Door(page).setUp(server.setupLink);
    await page.waitForURL(`${server.url}/`);
    await visit({ url: server.url, folder, data });
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
