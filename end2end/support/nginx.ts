// nginx before a server, as docs/proxies.md has it for a path of a host; every
// other path of that host is somebody else's.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { end } from "./fovea.ts";

const PROGRAM = ["/usr/sbin/nginx", "/usr/local/sbin/nginx"].find(existsSync) ?? "nginx";

export class Nginx {
  private constructor(private readonly child: ChildProcess) {}

  /** Listens on `port` and hands what is below `base` to the server at `url`, its path unchanged. */
  static async start(folder: string, port: number, base: string, url: string): Promise<Nginx> {
    mkdirSync(folder, { recursive: true });
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${kind};`);
    const config = `daemon off; master_process off; pid nginx.pid; error_log stderr notice;
events {}
http {
  access_log off; ${temporary.join(" ")}
  server {
    listen 127.0.0.1:${port};
    client_max_body_size 512m;
    location ${base}/ {
      proxy_pass ${url};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
    }
    location / { return 404; }
  }
}`;
    writeFileSync(join(folder, "nginx.conf"), config);
    const child = spawn(PROGRAM, ["-e", "stderr", "-c", join(folder, "nginx.conf"), "-p", folder], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const lines: string[] = [];
    const ready = new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`nginx ended with ${code}: ${lines.join("\n")}`)));
      createInterface({ input: child.stderr }).on("line", (line) => {
        lines.push(line);
        // It says so once it listens.
        if (line.includes("OS: ")) resolve();
      });
    });
    await ready;
    return new Nginx(child);
  }

  async stop(): Promise<void> {
    await end(this.child);
  }
}
