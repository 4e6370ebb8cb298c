// The calls of the HTTP interface, docs/http-api.md. The browser's cookie vouches for them.

const kBase = "/api/v1";
const kPatience = 15_000; // ms, for an answer
const kRetry = 2_000; // ms
const kSilence = 40_000; // ms; a stream of events has at least a comment every 15 s

// What went wrong, in words for people. Status 0: the broker did not answer.
export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

// Fires `ended` when the broker no longer takes the cookie.
export const session = new EventTarget();

export function get(path, query, signal) {
  return call("GET", path, { query, signal });
}

// The answer's JSON, null where it has none. Throws ApiError; when the signal ends it, an
// AbortError.
export async function call(method, path, { query, body, signal } = {}) {
  const limits = [AbortSignal.timeout(kPatience), ...(signal ? [signal] : [])];
  const response = await request(method, path, { query, body, signal: AbortSignal.any(limits) });
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch (error) {
    throw failure(error);
  }
}

export async function signIn(token) {
  await call("POST", "/session", { body: { token } });
}

export async function signOut() {
  await call("DELETE", "/session");
}

async function request(method, path, { query, body, signal }) {
  const options = { method, signal, cache: "no-store", headers: {} };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(kBase + path + encodeQuery(query), options);
  } catch (error) {
    throw failure(error);
  }
  if (!response.ok) throw await refusal(response, path);
  return response;
}

function encodeQuery(query = {}) {
  const given = Object.entries(query).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

function failure(error) {
  if (error.name === "AbortError") return error;
  return new ApiError(0, "unreachable", "The broker does not answer.");
}

async function refusal(response, path) {
  const answer = await response.json().catch(() => null);
  const code = answer?.error?.code ?? "error";
  const message =
    answer?.error?.message ?? `The broker answered ${response.status} ${response.statusText}.`;
  if (response.status === 401 && path !== "/session") session.dispatchEvent(new Event("ended"));
  return new ApiError(response.status, code, message);
}

// Gathers at most `wanted` items of a list from the cursor on. Pages may hold fewer items than
// asked for, even none, before the list ends; `searched` is called after each of them.
export async function list(path, { query, cursor, wanted, signal, searched }) {
  const items = [];
  let next = cursor;
  do {
    const limit = wanted - items.length;
    const page = await get(path, { ...query, limit, cursor: next }, signal);
    items.push(...page.items);
    next = page.next_cursor;
    searched?.(items.length);
  } while (next !== null && items.length < wanted);
  return { items, next };
}

// Reads server-sent events until the signal ends it, the broker ends it, or nothing comes for too
// long: then it throws as call() does. `handlers` are by event name, `opened` is called before the
// first.
export async function stream(path, { query, handlers, opened, silence = kSilence, signal }) {
  const watchdog = new AbortController();
  const end = () => watchdog.abort();
  signal?.addEventListener("abort", end);
  let timer = setTimeout(end, silence);
  try {
    const response = await request("GET", path, { query, signal: watchdog.signal });
    opened?.();
    const decoder = new TextDecoder();
    let rest = "";
    for (const reader = response.body.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) throw new ApiError(0, "unreachable", "The broker ended the connection.");
      clearTimeout(timer);
      timer = setTimeout(end, silence);
      const blocks = (rest + decoder.decode(value, { stream: true })).split("\n\n");
      rest = blocks.pop();
      blocks.forEach((block) => dispatch(block, handlers));
    }
  } catch (error) {
    if (error instanceof ApiError || signal?.aborted) throw error;
    throw new ApiError(0, "unreachable", "The broker does not answer.");
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
    end();
  }
}

// As stream(), and again when the broker was away, of which lost() hears. Throws what a retry would
// not help.
export async function follow(path, { lost, ...options }) {
  for (;;) {
    try {
      await stream(path, options);
    } catch (error) {
      if (options.signal.aborted || error.status !== 0) throw error;
      lost();
      await new Promise((resolve) => setTimeout(resolve, kRetry));
    }
  }
}

function dispatch(block, handlers) {
  let name = "message";
  const data = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
  }
  if (data.length) handlers[name]?.(JSON.parse(data.join("\n")));
}
