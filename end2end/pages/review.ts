// The review of one image: its canvas, its list of boxes, its buttons.
import { expect, type Locator, type Page } from "@playwright/test";
import { HEIGHT, WIDTH } from "../support/pictures.ts";
import { alive } from "./deployment.ts";

export interface Point {
  x: number;
  y: number;
}

/** Room that a fitted image leaves around itself, in CSS pixels. */
const MARGIN = 12;

export class ReviewPage {
  constructor(
    readonly page: Page,
    private readonly url: string,
    readonly deployment: string,
  ) {}

  async open(id: string, q = ""): Promise<void> {
    const query = q && `?q=${encodeURIComponent(q)}`;
    await this.page.goto(`${this.url}/deployments/${this.deployment}/review/${id}${query}`);
    await this.ready(id);
  }

  /** Opens the next image of a query that nobody else holds. */
  async openNext(q: string): Promise<void> {
    await this.page.goto(`${this.url}/deployments/${this.deployment}/review?q=${encodeURIComponent(q)}`);
    await alive(this.page);
  }

  /** Waits until the page answers and the image is painted. */
  async ready(id: string): Promise<void> {
    await alive(this.page);
    await this.drawn(id);
  }

  async drawn(id: string): Promise<void> {
    await expect(this.page.locator("canvas[data-surface=image]")).toHaveAttribute("data-drawn", id);
  }

  get canvas(): Locator {
    return this.page.locator("canvas[data-surface=overlay]");
  }

  rows(): Locator {
    return this.page.locator(".review-boxes .review-row");
  }

  /** The places of all boxes as the list tells them: `33, 127 · 100×107`. */
  async places(): Promise<string[]> {
    return this.page.locator(".review-boxes .review-row-main > span:first-child").allInnerTexts();
  }

  /** Boxes of one label. */
  group(label: string): Locator {
    return this.page.locator(".review-group").filter({ has: this.page.locator(".review-label", { hasText: label }) });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name });
  }

  notices(): Locator {
    return this.page.locator(".review-notices");
  }

  async accept(): Promise<void> {
    await this.button(/^Accept and next/).click();
  }

  /** Where an image point is on the screen while the image is fitted. */
  async fitted(at: Point): Promise<Point> {
    const area = await this.canvas.boundingBox();
    if (!area) throw new Error("the canvas is not there");
    const zoom = Math.min((area.width - 2 * MARGIN) / WIDTH, (area.height - 2 * MARGIN) / HEIGHT);
    return {
      x: area.x + area.width / 2 + (at.x - WIDTH / 2) * zoom,
      y: area.y + area.height / 2 + (at.y - HEIGHT / 2) * zoom,
    };
  }

  /** Drags on the screen, as a hand does: with stops on the way. */
  async drag(from: Point, to: Point): Promise<void> {
    const { mouse } = this.page;
    await mouse.move(from.x, from.y);
    await mouse.down();
    await mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2);
    await mouse.move(to.x, to.y);
    await mouse.up();
  }

  /** Drags from one point of the fitted image to another. */
  async dragInImage(from: Point, to: Point): Promise<void> {
    await this.drag(await this.fitted(from), await this.fitted(to));
  }

  async draw(from: Point, to: Point): Promise<void> {
    await this.page.keyboard.press("d");
    await this.dragInImage(from, to);
    await this.page.keyboard.press("v");
  }

  /** Zoom in percent, and the image pixel under the pointer. */
  async readout(): Promise<{ zoom: number; x: number; y: number }> {
    const text = await this.page.locator(".review-readout").innerText();
    const [zoom, x, y] = (text.match(/\d+/g) ?? []).map(Number);
    return { zoom: zoom ?? NaN, x: x ?? NaN, y: y ?? NaN };
  }

  /** Turns the wheel until the zoom is at least (or at most) so many percent. */
  async zoomTo(percent: number): Promise<void> {
    const closer = (await this.readout()).zoom < percent;
    await expect
      .poll(async () => {
        await this.page.mouse.wheel(0, closer ? -200 : 200);
        const { zoom } = await this.readout();
        return closer ? zoom >= percent : zoom <= percent;
      })
      .toBe(true);
  }
}

/** `33, 127 · 100×107` as numbers. */
export function place(text: string): { x: number; y: number; w: number; h: number } {
  const [x, y, w, h] = (text.match(/-?\d+/g) ?? []).map(Number);
  return { x: x ?? NaN, y: y ?? NaN, w: w ?? NaN, h: h ?? NaN };
}
