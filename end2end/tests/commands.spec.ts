// Every command that a page offers for copying, run as it stands in a folder
// that has the files it names; what it did shows on the page.
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { expect, test, type Page } from "@playwright/test";
import { alive } from "../pages/deployment.ts";
import { smears } from "../support/archives.ts";
import { end } from "../support/fovea.ts";
import { tinyOnnx } from "../support/onnx.ts";
import { onAnEmptyServer } from "../support/own-server.ts";
import { draw } from "../support/pictures.ts";

test.use({ actionTimeout: 20_000, storageState: undefined });

const LABEL = "cell";

/** A shell in a folder with what commands name, and `fovea` on its path. */
class Shell {
  private readonly programs: string;

  constructor(private readonly folder: string) {
    this.programs = join(folder, "programs");
    mkdirSync(this.programs);
    const binary = process.env.FOVEA_BIN ?? "fovea";
    if (existsSync(binary)) symlinkSync(resolve(binary), join(this.programs, "fovea"));
    writeFileSync(join(folder, "model.onnx"), tinyOnnx([LABEL]));
    writeFileSync(join(folder, "images.zip"), smears(8400, 4));
    // The type is in the bytes, not in the name.
    writeFileSync(join(folder, "image.jpg"), draw(8500).png);
  }

  private environment(): NodeJS.ProcessEnv {
    const path = `${this.programs}${delimiter}${process.env.PATH ?? ""}`;
    return { ...process.env, PATH: path, RUST_LOG: "warn", HOME: this.folder, XDG_DATA_HOME: join(this.folder, "share") };
  }

  /** Runs what goes on until it is ended, until it says so much. */
  async begin(line: string, says: RegExp): Promise<void> {
    const child = spawn("sh", ["-c", `exec ${line}`], { cwd: this.folder, env: this.environment(), stdio: ["ignore", "pipe", "pipe"] });
    let complaints = "";
    child.stderr.on("data", (chunk) => (complaints += String(chunk)));
    try {
      await new Promise<void>((said, failed) => {
        // "close" comes after the last of what it printed, "exit" may come before.
        child.once("close", (code) => failed(new Error(`${line} ended with ${code}: ${complaints}`)));
        createInterface({ input: child.stdout }).on("line", (printed) => says.test(printed) && said());
      });
    } finally {
      await end(child);
    }
  }

  async run(line: string): Promise<string> {
    const options = { cwd: this.folder, env: this.environment(), timeout: 60_000 };
    const { stdout } = await promisify(execFile)("sh", ["-c", line], options);
    return stdout;
  }
}

/** All commands of the page, folded ones too. */
async function offered(page: Page): Promise<string[]> {
  await page.evaluate(() => document.querySelectorAll("details").forEach((fold) => (fold.open = true)));
  return page.locator(".command code").allInnerTexts();
}

async function only(page: Page, beginning: string): Promise<string> {
  const line = (await offered(page)).find((line) => line.startsWith(beginning));
  if (line === undefined) throw new Error(`no command of the page begins with ${beginning}: ${await offered(page)}`);
  return line;
}

test("commands work as they stand, and what they did is on the page", async ({ page }) => {
  test.setTimeout(150_000);
  await onAnEmptyServer(page, async ({ url, folder }) => {
    const shell = new Shell(folder);
    const tried = new Set<string>();
    const run = async (line: string): Promise<string> => {
      tried.add(line);
      return shell.run(line);
    };
    const seen = new Set<string>();
    const open = async (path: string): Promise<void> => {
      await page.goto(url + path);
      await alive(page);
      for (const line of await offered(page)) seen.add(line);
    };

    await open("/");
    const demo = await only(page, "fovea demo");
    tried.add(demo);
    await shell.begin(demo, /listens on http/);

    await open("/datasets");
    await run(await only(page, "fovea import"));
    await open("/datasets");
    await expect(page.getByRole("link", { name: "my-dataset/v1" })).toBeVisible();

    await open("/models");
    await run(await only(page, "fovea model import"));
    await open("/models");
    await expect(page.getByRole("link", { name: "my-model/1" })).toBeVisible();

    await open("/models/my-model/1");
    await run(await only(page, "fovea deploy"));
    await open("/deployments/my-model/predictions");
    await run(await only(page, "fovea predict"));

    await open("/deployments/my-model/settings");
    await page.getByRole("button", { name: "Make a token and show the command" }).click();
    await expect(page.locator(".command code", { hasText: "curl" })).toBeVisible();
    expect(await run(await only(page, "curl"))).toContain('"boxes"');
    await open("/deployments/my-model");
    await expect(page.locator("#predictions-total")).toHaveText("2");

    await open("/models");
    // Folds were opened when their commands were looked for.
    await page.getByLabel("Model", { exact: true }).last().fill("elsewhere");
    await page.getByLabel("Labels").last().fill("it's a car\ntruck");
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByLabel("Name", { exact: true }).fill("reported");
    await page.getByRole("button", { name: "Deploy" }).click();
    await expect(page).toHaveURL(/\/deployments\/reported$/);
    await page.getByRole("button", { name: "Make a token and show the command" }).click();
    await expect(page.locator(".command code", { hasText: "curl" })).toBeVisible();
    expect(await run(await only(page, "curl"))).toContain('"id"');
    await open("/deployments/reported");
    await expect(page.locator("#predictions-total")).toHaveText("1");

    const programs = [...seen].filter((line) => /^(fovea|curl) /.test(line));
    const left = programs.filter((line) => !tried.has(line));
    expect(left, "commands that no step of this test ran").toEqual([]);
  });
});

