// Sends what the forms of /api/docs hold, with the reader's own session or a
// token that stays in this page, and shows what comes back.
"use strict";

(() => {
  const MOST_SHOWN = 200_000;
  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const base = document.documentElement.dataset.base ?? "";
  const token = $("#api-token");

  /** A piece of the page with text in it, never HTML. */
  function made(tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  /** What a form says of itself; a field called `dataset` hides the usual way to it. */
  const said = (form, name) => form.getAttribute(`data-${name}`);

  /** The address of a form, with its parameters in it. */
  function address(form) {
    let path = said(form, "path");
    const query = new URLSearchParams();
    for (const field of all("[data-in]", form)) {
      if (field.dataset.in === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(field.value));
      else if (field.dataset.in === "query" && field.value !== "") query.append(field.name, field.value);
    }
    const asked = query.toString();
    return asked ? `${path}?${asked}` : path;
  }

  function headersOf(form) {
    const headers = {};
    for (const field of all("[data-in=header]", form)) if (field.value !== "") headers[field.name] = field.value;
    if (token.value.trim() !== "") headers.Authorization = `Bearer ${token.value.trim()}`;
    return headers;
  }

  /** What is sent: its kind, its bytes, and how a command names it. */
  function bodyOf(form) {
    const kind = $(".api-kind", form)?.value;
    if (!kind) return {};
    const place = all(".api-body", form).find((one) => one.dataset.kind === kind);
    const text = $(".api-json", place);
    if (text) return { kind, body: text.value, curl: ["--data-binary", text.value] };
    if (kind === "multipart/form-data") {
      const body = new FormData();
      const curl = [];
      for (const part of all("[data-part]", place)) {
        const file = part.files?.[0];
        if (file) body.append(part.dataset.part, file);
        else if (part.type !== "file" && part.value !== "") body.append(part.dataset.part, part.value);
        else continue;
        curl.push("-F", `${part.dataset.part}=${file ? `@${file.name}` : part.value}`);
      }
      // The browser names the kind itself, with the border between the parts.
      return { body, curl };
    }
    const file = $(".api-file", place).files[0];
    return { kind, body: file, curl: ["--data-binary", `@${file?.name ?? "FILE"}`] };
  }

  const quoted = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

  /** The same request as a command, with the token out of sight. */
  function command(form) {
    const { kind, curl = [] } = bodyOf(form);
    const words = ["curl"];
    if (said(form, "method") !== "GET") words.push("-X", said(form, "method"));
    const headers = headersOf(form);
    delete headers.Authorization;
    if (kind) headers["Content-Type"] = kind;
    const named = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
    const rest = [...named, ...curl, new URL(address(form), location.origin).href].map(quoted);
    return `${words.join(" ")} -H "Authorization: Bearer $FOVEA_TOKEN" ${rest.join(" ")}`;
  }

  function showCommand(form) {
    $(".api-curl", form).textContent = command(form);
  }

  /** Shows a body as what it is; text that has no end until it is stopped. */
  async function showBody(answer, place) {
    const kind = answer.headers.get("content-type") ?? "";
    if (kind.startsWith("image/") || kind.startsWith("application/octet-stream") || kind.includes("tar")) {
      const url = URL.createObjectURL(await answer.blob());
      const shown = kind.startsWith("image/") ? made("img") : made("a", "", "Keep the file");
      if (shown instanceof HTMLImageElement) Object.assign(shown, { src: url, alt: "The image that was answered" });
      else Object.assign(shown, { href: url, download: "answer" });
      place.append(shown);
      return;
    }
    const text = made("pre", "api-text");
    text.tabIndex = 0;
    place.append(text);
    let read = "";
    if (answer.body) {
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        read += part.value;
        if (read.length > MOST_SHOWN) {
          await reader.cancel();
          read = `${read.slice(0, MOST_SHOWN)}\n… cut here: the rest is not shown`;
          break;
        }
        if (kind.startsWith("text/event-stream")) text.textContent = read;
      }
    }
    text.textContent = indented(read, kind);
  }

  function indented(text, kind) {
    if (!kind.includes("json") || kind.includes("ndjson")) return text;
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  }

  async function send(form) {
    const place = $(".api-answer", form);
    const stop = $(".api-stop", form);
    const method = said(form, "method");
    const to = address(form);
    if (method === "DELETE" && !confirm(`This deletes on this server: ${to}`)) return;
    const abort = new AbortController();
    stop.onclick = () => abort.abort();
    stop.hidden = false;
    place.replaceChildren(made("p", "dim", "Waiting …"));
    const began = performance.now();
    try {
      const { kind, body } = bodyOf(form);
      const headers = headersOf(form);
      if (kind) headers["Content-Type"] = kind;
      const credentials = headers.Authorization ? "omit" : "same-origin";
      const answer = await fetch(to, { method, headers, body, credentials, signal: abort.signal });
      const took = Math.round(performance.now() - began);
      const words = `${answer.status} ${answer.statusText} · ${took} ms · ${answer.headers.get("content-type") ?? "no body"}`;
      place.replaceChildren(made("p", answer.ok ? "good" : "bad", words));
      if (answer.status === 401) {
        const link = made("a", "", "Sign in");
        link.href = `${base}/sign-in?next=${encodeURIComponent(location.pathname + location.hash)}`;
        place.append(link);
      }
      await showBody(answer, place);
    } catch (error) {
      const words = abort.signal.aborted ? "Stopped." : `No answer came: ${error.message}`;
      place.append(made("p", "dim", words));
    } finally {
      stop.hidden = true;
    }
  }

  for (const form of all(".api-try")) {
    $(".api-send", form).hidden = false;
    $(".api-curl", form).hidden = false;
    const kind = $(".api-kind", form);
    kind?.addEventListener("change", () => {
      for (const body of all(".api-body", form)) body.hidden = body.dataset.kind !== kind.value;
    });
    form.addEventListener("input", () => showCommand(form));
    form.addEventListener("change", () => showCommand(form));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void send(form);
    });
    showCommand(form);
  }

  $("#api-find").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const subject of all(".api-subject")) {
      const operations = all(".api-operation", subject);
      for (const operation of operations) {
        const text = $("summary", operation).textContent.toLowerCase();
        operation.hidden = !words.every((word) => text.includes(word));
      }
      subject.hidden = operations.every((operation) => operation.hidden);
    }
  });

  /** Opens what the address names. */
  function openNamed() {
    const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (named instanceof HTMLDetailsElement) {
      named.open = true;
      named.scrollIntoView();
    }
  }
  addEventListener("hashchange", openNamed);
  openNamed();

  fetch(`${base}/api/v1/deployments`, { credentials: "same-origin" }).then(
    (answer) => {
      $("#api-who").textContent = answer.ok ? "You are signed in." : "You are not signed in: give a token, or sign in.";
    },
    () => {},
  );
})();
