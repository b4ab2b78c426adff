// The Predictions page: its bar, its list, its facets.
import { expect, type Locator, type Page } from "@playwright/test";
import { alive } from "./deployment.ts";

export class PredictionsPage {
  constructor(
    readonly page: Page,
    private readonly url: string,
    readonly deployment: string,
  ) {}

  /** Opens the page in a state that an address names. */
  async open(state: Record<string, string> = {}): Promise<void> {
    const query = new URLSearchParams(state).toString().replaceAll("+", "%20");
    await this.page.goto(`${this.url}/deployments/${this.deployment}/predictions${query && `?${query}`}`);
    await alive(this.page);
  }

  /** The state that the address holds. */
  state(): URLSearchParams {
    return new URL(this.page.url()).searchParams;
  }

  field(): Locator {
    return this.page.getByRole("textbox", { name: "Query" });
  }

  offers(): Locator {
    return this.page.locator("#query-offers.open [role=option]");
  }

  faults(): Locator {
    return this.page.locator("#query-faults li");
  }

  /** Asks a query, as typed. */
  async ask(query: string): Promise<void> {
    await this.field().fill(query);
    await this.field().press("Escape");
    await this.field().press("Enter");
  }

  /** Pictures of the grid. */
  cells(): Locator {
    return this.page.locator(".grid > .cell[data-id]");
  }

  /** Waits until what is shown is what the address asks for. */
  async expectSettled(): Promise<void> {
    await expect(this.page.locator(".pane")).not.toHaveAttribute("aria-busy");
  }

  rows(): Locator {
    return this.page.locator(".rows tbody [data-id]");
  }

  /** Names of what is drawn, in order. */
  async names(): Promise<string[]> {
    return this.page.locator(".grid .tile").evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute("title") ?? ""));
  }

  async expectTotal(total: number): Promise<void> {
    await expect(this.page.locator(".counted")).toHaveText(new RegExp(`(^|of )${total.toLocaleString("en")} predictions?$`));
  }

  pick(index: number): Locator {
    return this.cells().nth(index).getByRole("checkbox");
  }

  facet(section: string, value: string): Locator {
    const sections = this.page.locator(".facet").filter({ has: this.page.getByRole("heading", { name: section }) });
    return sections.getByRole("link", { name: value });
  }

  menu(name: string): Locator {
    return this.page.locator("summary", { hasText: name });
  }

  toast(): Locator {
    return this.page.locator(".toast");
  }

  /** How far the pane is scrolled, and how many elements are in it. */
  async pane(): Promise<{ scrolled: number; elements: number }> {
    return this.page.locator(".pane").evaluate((pane) => ({
      scrolled: pane.scrollTop,
      elements: pane.querySelectorAll("*").length,
    }));
  }
}
