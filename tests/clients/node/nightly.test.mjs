// `node nightly.test.mjs http://127.0.0.1:8888`, the address of a `fake-kfp serve`.
import assert from "node:assert/strict";
import { outcome, start } from "./nightly.mjs"; // what is tested: creates a run; polls it, and retries it where it failed

const url = process.argv[2];
const control = async (method, path, body) => {
  const reply = await fetch(`${url}/_fake_kfp/${path}`, { method, body: body && JSON.stringify(body) });
  const said = await reply.json();
  if (!reply.ok) throw new Error(said.error);
  return said;
};

await control("POST", "reset", { simulation: "instant" });
await control("POST", "tasks", { task: "train", killed_for_memory: true, times: 1 });
await control("POST", "faults", { call: "GetRun", answers: 503, times: 2 });
const id = await start(url, "nightly");
assert.equal(await outcome(url, id), "SUCCEEDED");
await control("POST", "journal/assert", { call: "CreateRun", with: { display_name: "nightly" } });
await control("POST", "journal/assert", { call: "RetryRun", times: 1 });
assert.deepEqual(await control("GET", "unused"), { unused: [] });
