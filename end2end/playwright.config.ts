// What a person does in a real browser, against a server of our own.
import { defineConfig, devices } from "@playwright/test";
import { SESSION } from "./pages/sign-in.ts";

const chromium = {
  ...devices["Desktop Chrome"],
  viewport: { width: 1280, height: 900 },
  launchOptions: {
    executablePath: process.env.FOVEA_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--force-color-profile=srgb",
      "--font-render-hinting=none",
    ],
  },
};

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results/artifacts",
  globalSetup: "./support/global-setup.ts",
  // One server and two cores: tests that wait for each other are no faster.
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: { trace: "retain-on-failure", screenshot: "only-on-failure", locale: "en-GB", timezoneId: "UTC" },
  projects: [
    { name: "first visit", testMatch: /first-visit\.spec\.ts/, use: chromium },
    {
      name: "signed in",
      testIgnore: [/first-visit\.spec\.ts/, /without-scripts\.spec\.ts/],
      use: { ...chromium, storageState: SESSION },
      dependencies: ["first visit"],
    },
    {
      name: "without scripts",
      testMatch: /without-scripts\.spec\.ts/,
      use: { ...chromium, storageState: SESSION, javaScriptEnabled: false },
      dependencies: ["first visit"],
    },
  ],
});
