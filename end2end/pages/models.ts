// The page of models: its drop zone, and what becomes of a file.
import { type Locator, type Page } from "@playwright/test";
import { alive } from "./deployment.ts";

export interface Given {
  name: string;
  bytes: Buffer;
  type?: string;
}

export class ModelsPage {
  readonly place: Locator;
  readonly file: Locator;
  readonly trial: Locator;

  constructor(
    private readonly page: Page,
    private readonly url: string,
  ) {
    this.place = page.locator(".drop-large");
    this.file = page.locator(".import-file");
    this.trial = page.locator(".import-trial");
  }

  async open(): Promise<void> {
    await this.page.goto(`${this.url}/models`);
    await alive(this.page);
  }

  /** Drops files together, as a hand with a mouse does. */
  async drop(place: Locator, ...files: Given[]): Promise<void> {
    const transfer = await this.page.evaluateHandle(
      (files) => {
        const transfer = new DataTransfer();
        for (const { name, base64, type } of files) {
          const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
          transfer.items.add(new File([bytes], name, { type }));
        }
        return transfer;
      },
      files.map(({ name, bytes, type }) => ({ name, base64: bytes.toString("base64"), type: type ?? "" })),
    );
    await place.dispatchEvent("dragover", { dataTransfer: transfer });
    await place.dispatchEvent("drop", { dataTransfer: transfer });
  }

  async tryOn(picture: Given): Promise<void> {
    await this.drop(this.trial.locator(".drop-place"), picture);
  }
}
