// What the measurements in a browser share: a folder, a server on a free port,
// a browser without a graphics card, and an account.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "@playwright/test";

const BINARY = process.env.FOVEA_BIN ?? "fovea";
const QUIET = { ...process.env, RUST_LOG: "warn" };

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

export class Bed {
  static WHO = { email: "bench@example.org", password: "a long enough password" };

  /** In a folder that is there, which stays; without, in one of its own. */
  constructor(folder) {
    this.own = folder === undefined;
    this.folder = folder ?? mkdtempSync(join(tmpdir(), "fovea-browser-bench-"));
  }

  /** Runs a command of the program on the folder. */
  fovea(...args) {
    const run = spawnSync(BINARY, [...args, "--data-dir", this.folder], { encoding: "utf8", env: QUIET });
    if (run.status !== 0) throw new Error(`fovea ${args.join(" ")}: ${run.error ?? run.stderr}`);
    return run.stdout.trim();
  }

  /** Starts the server, which nobody has an account on yet. */
  async serve() {
    const address = `127.0.0.1:${await freePort()}`;
    this.server = spawn(BINARY, ["serve", "--addr", address, "--data-dir", this.folder], { stdio: ["ignore", "pipe", "inherit"], env: QUIET });
    this.link = await new Promise((resolve, reject) => {
      this.server.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
      createInterface({ input: this.server.stdout }).on("line", (line) => {
        const found = line.match(/https?:\/\/\S*\/setup\?secret=\S+/);
        if (found) resolve(found[0]);
      });
    });
    this.url = `http://${address}`;
  }

  /** A browser's context with a window of this size. */
  async browse(viewport, args = []) {
    this.browser = await chromium.launch({
      executablePath: process.env.FOVEA_CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", ...args],
    });
    return this.browser.newContext({ viewport, deviceScaleFactor: 1 });
  }

  /** Makes the first account, and is then signed in. */
  async signUp(page) {
    await page.goto(this.link);
    await page.getByLabel("E-mail").fill(Bed.WHO.email);
    await page.getByLabel("Password").fill(Bed.WHO.password);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("heading", { level: 1, name: "Deployments" }).waitFor();
  }

  async end() {
    await this.browser?.close();
    if (this.server?.exitCode === null) {
      const ended = new Promise((resolve) => this.server.once("exit", resolve));
      this.server.kill("SIGTERM");
      await ended;
    }
    if (this.own) rmSync(this.folder, { recursive: true, force: true });
  }
}

const quantile = (times, share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];

/** Prints one line: what, median and 95th percentile, parted by tabs. */
export function print(what, times) {
  times.sort((a, b) => a - b);
  console.log(`${what}\t${quantile(times, 0.5).toFixed(1)}\t${quantile(times, 0.95).toFixed(1)}`);
}
