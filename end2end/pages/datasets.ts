// The page of all datasets, where files are dropped.
import { expect, type Locator, type Page } from "@playwright/test";
import { alive } from "./deployment.ts";

export class DatasetsPage {
  readonly place: Locator;

  constructor(
    readonly page: Page,
    readonly url: string,
  ) {
    this.place = page.locator(".dataset-drop .drop-place");
  }

  async open(): Promise<void> {
    await this.page.goto(`${this.url}/datasets`);
    await alive(this.page);
    await expect(this.place).toBeVisible();
  }

  /** Chooses files as by the button. */
  async choose(files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
    await this.page.locator(".dataset-drop input[name=files]").setInputFiles(files);
  }
}
