// A deployment: its dashboard, its predictions, its drop zone.
import { expect, type Locator, type Page } from "@playwright/test";

/** Waits until the page answers to clicks and drops. */
export async function alive(page: Page): Promise<void> {
  await expect(page.locator("html[data-alive]")).toBeAttached({ timeout: 30_000 });
}

export class DeploymentPage {
  constructor(
    private readonly page: Page,
    private readonly url: string,
    readonly name: string,
  ) {}

  async open(tab: "" | "predictions" | "settings" = ""): Promise<void> {
    await this.page.goto(`${this.url}/deployments/${this.name}${tab && `/${tab}`}`);
    await alive(this.page);
  }

  /** The number of predictions in the range that the dashboard shows. */
  async total(): Promise<number> {
    const text = await this.page.locator("#predictions-total").innerText();
    return Number(text.replaceAll(/\D/g, ""));
  }

  async expectTotal(total: number): Promise<void> {
    await expect.poll(() => this.total(), { message: "predictions on the dashboard" }).toBe(total);
  }

  /** Drops a file onto the drop zone, as a hand with a mouse does. */
  async drop(name: string, bytes: Buffer, type = "image/png"): Promise<void> {
    const fold = this.dropZone();
    if ((await fold.getAttribute("open")) === null) await fold.locator("> summary").click();
    const place = this.page.locator(".drop-place");
    const transfer = await this.page.evaluateHandle(
      ({ name, base64, type }) => {
        const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], name, { type }));
        return transfer;
      },
      { name, base64: bytes.toString("base64"), type },
    );
    await place.dispatchEvent("dragover", { dataTransfer: transfer });
    await place.dispatchEvent("drop", { dataTransfer: transfer });
  }

  /** The fold that the drop zone lies in. */
  dropZone(): Locator {
    return this.page.locator(".drop-fold");
  }

  /** What became of a dropped file. */
  dropped(name: string): Locator {
    return this.page.locator(".drop-item").filter({ hasText: name });
  }

  tiles(): Locator {
    return this.page.locator(".grid .tile");
  }
}
