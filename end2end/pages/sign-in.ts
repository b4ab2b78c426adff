// The doors: the one-time link and the sign-in form.
import type { Page } from "@playwright/test";

export const ADMIN = { email: "ada@example.org", password: "a long enough password" };

/** Where the first visit leaves the session that the others start from. */
export const SESSION = "test-results/session.json";

export class Door {
  constructor(private readonly page: Page) {}

  async setUp(link: string): Promise<void> {
    await this.page.goto(link);
    await this.fill();
    await this.page.getByRole("button", { name: "Continue" }).click();
  }

  async signIn(url: string, password = ADMIN.password): Promise<void> {
    await this.page.goto(`${url}/sign-in`);
    await this.fill(password);
    await this.page.getByRole("button", { name: "Sign in" }).click();
  }

  async signOut(): Promise<void> {
    await this.page.getByRole("button", { name: "Sign out" }).click();
  }

  private async fill(password = ADMIN.password): Promise<void> {
    await this.page.getByLabel("E-mail").fill(ADMIN.email);
    await this.page.getByLabel("Password").fill(password);
  }
}
