// The program under test: its command line, its server and its API.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Cell } from "./pictures.ts";

const BINARY = process.env.FOVEA_BIN ?? "fovea";

/** Runs one command on a folder and gives what it printed. */
export function fovea(folder: string, ...args: string[]): string {
  const run = spawnSync(BINARY, [...args, "--data-dir", folder], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, RUST_LOG: "warn" },
  });
  if (run.status !== 0) throw new Error(`fovea ${args.join(" ")}: ${run.error ?? run.stderr}`);
  return run.stdout;
}

/** A server on a free port, until it is stopped. */
export class Server {
  private constructor(
    readonly url: string,
    /** The one-time link that a first start prints. */
    readonly setupLink: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(folder: string, ...options: string[]): Promise<Server> {
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(BINARY, ["serve", "--addr", address, "--data-dir", folder, ...options], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, RUST_LOG: process.env.RUST_LOG ?? "warn" },
    });
    const link = new Promise<string>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`the server ended with ${code} before it printed its link`)));
      createInterface({ input: child.stdout }).on("line", (line) => {
        const found = line.match(/https?:\/\/\S*\/setup\?secret=\S+/);
        if (found) resolve(found[0]);
      });
    });
    return new Server(`http://${address}`, await link, child);
  }

  async stop(): Promise<void> {
    await end(this.child);
  }
}

/** Ends a program in its own way, or at last without asking. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const patience = setTimeout(() => child.kill("SIGKILL"), 15_000);
  await ended;
  clearTimeout(patience);
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** What the API is asked by tests. */
export class Api {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  private async send(method: string, path: string, body?: BodyInit, type?: string): Promise<Response> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.token}` };
    if (type) headers["Content-Type"] = type;
    const answer = await fetch(`${this.url}/api/v1${path}`, { method, headers, body });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }

  async count(deployment: string): Promise<number> {
    const answer = await this.send("GET", `/deployments/${deployment}/predictions/count`);
    return ((await answer.json()) as { count: number }).count;
  }

  /** Lets the champion predict. */
  async predict(deployment: string, png: Buffer): Promise<void> {
    await this.send("POST", `/deployments/${deployment}/predict`, new Uint8Array(png), "image/png");
  }

  async hasDeployment(name: string): Promise<boolean> {
    const answer = await this.send("GET", "/deployments");
    return JSON.stringify(await answer.json()).includes(JSON.stringify(name));
  }

  /** Puts a model to work. */
  async deploy(name: string, model: string): Promise<void> {
    await this.send("POST", "/deployments", JSON.stringify({ name, model }), "application/json");
  }

  /** Reports many at once, a line of JSON each, without images. */
  async reportMany(deployment: string, lines: string[]): Promise<void> {
    await this.send("POST", `/deployments/${deployment}/predictions`, lines.join("\n"), "application/x-ndjson");
  }

  /** Reports what another machine saw, with the image. */
  async report(deployment: string, report: Report, png: Buffer): Promise<void> {
    await this.reportAndName(deployment, report, png);
  }

  /** The same, and gives the prediction's id. */
  async reportAndName(deployment: string, report: Report, png: Buffer): Promise<string> {
    const form = new FormData();
    form.set("report", JSON.stringify(report));
    form.set("media", new Blob([new Uint8Array(png)], { type: "image/png" }), report.filename);
    const answer = await this.send("POST", `/deployments/${deployment}/predictions`, form);
    return ((await answer.json()) as { id: string }).id;
  }

  async get<T>(path: string): Promise<T> {
    return (await this.send("GET", path)).json() as Promise<T>;
  }

  async post(path: string, body: object): Promise<void> {
    await this.send("POST", path, JSON.stringify(body), "application/json");
  }

  async put(path: string, body: object): Promise<void> {
    await this.send("PUT", path, JSON.stringify(body), "application/json");
  }
}

export type Seen = Omit<Cell, "label"> & { label: string; score: number };

export interface Report {
  filename: string;
  latency_ms: number;
  boxes: Seen[];
  shadow?: { latency_ms: number; boxes: Seen[] };
  timestamp?: string;
  source?: string;
  tags?: string[];
}
