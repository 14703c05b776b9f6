/** The line to the replica: requests and the live stream, with the token where one is needed. */

const TOKEN = "quartermaster-token";
const QUIET_MILLIS = 15_000;
const LONGEST_WAIT_MILLIS = 10_000;

let askForToken = async () => {};

export function onTokenNeeded(ask) {
  askForToken = ask;
}

export function keepToken(token) {
  sessionStorage.setItem(TOKEN, token);
}

export const hasToken = () => Boolean(sessionStorage.getItem(TOKEN));

function headers() {
  const token = sessionStorage.getItem(TOKEN);
  return token ? { Authorization: "Bearer " + token } : {};
}

async function fetched(path, signal) {
  for (;;) {
    const response = await fetch(path, { headers: headers(), signal, cache: "no-store" });
    if (response.status !== 401 && response.status !== 403) {
      return response;
    }
    await askForToken(response.status);
  }
}

async function required(path) {
  const response = await fetched(path);
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new Error(problem.detail ?? "The replica answered " + response.status);
  }
  return response;
}

export const json = async (path) => (await required(path)).json();

export const bytes = async (path) => new Uint8Array(await (await required(path)).arrayBuffer());

/**
 * Reads a stream of server-sent events for as long as the page is open, and opens it again whenever it ends. It is read with fetch,
 * since EventSource can send no token.
 */
export class Stream {
  #path;
  #on;
  #abort = new AbortController();
  #failures = 0;
  #closed = false;

  constructor(path, on) {
    this.#path = path;
    this.#on = on;
    this.#run();
  }

  close() {
    this.#closed = true;
    this.#abort.abort();
  }

  async #run() {
    while (!this.#closed) {
      let why = "the replica ended the stream";
      try {
        await this.#read();
      } catch (failure) {
        why = failure.message;
      }
      if (this.#closed) {
        return;
      }
      this.#failures++;
      const wait = Math.min(LONGEST_WAIT_MILLIS, 500 * 2 ** Math.min(this.#failures, 6)) * (0.75 + Math.random() / 2);
      this.#on.lost(why);
      await new Promise((resolve) => setTimeout(resolve, wait));
      this.#abort = new AbortController();
    }
  }

  async #read() {
    const abort = this.#abort;
    let quiet = setTimeout(() => abort.abort(), QUIET_MILLIS);
    try {
      const response = await fetched(this.#path, abort.signal);
      if (!response.ok) {
        const problem = await response.json().catch(() => ({}));
        throw new Error(problem.detail ?? "the replica answered " + response.status);
      }
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) {
          return;
        }
        clearTimeout(quiet);
        quiet = setTimeout(() => abort.abort(), QUIET_MILLIS);
        this.#failures = 0;
        const messages = (rest + value).split("\n\n");
        rest = messages.pop();
        messages.forEach((message) => this.#tell(message));
      }
    } finally {
      clearTimeout(quiet);
    }
  }

  #tell(message) {
    let kind = "message";
    let data = "";
    for (const line of message.split("\n")) {
      if (line.startsWith("event:")) {
        kind = line.slice(6).trim();
      } else if (line.startsWith("data:")) {
        data += line.slice(5);
      }
    }
    if (data) {
      this.#on.message(kind, JSON.parse(data));
    }
  }
}
