// `node worlds.test.mjs http://127.0.0.1:8888`: tests that run side by side share a server, each in a world of its own.
import assert from "node:assert/strict";
import { outcome, start } from "./nightly.mjs";

const server = process.argv[2];
const ask = async (method, url, body, headers = {}) => {
  const reply = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  return [reply.status, await reply.json()];
};

async function inItsOwnWorld(name, test) {
  const [status, world] = await ask("POST", `${server}/_fake_kfp/worlds`, { name, now: "2024-01-01T00:00:00Z", seed: 1 });
  assert.equal(status, 200, world.error);
  try {
    await test(world.url);
  } finally {
    assert.equal((await ask("DELETE", `${server}/_fake_kfp/worlds/${name}`))[0], 200);
  }
}

const fails = inItsOwnWorld("fails", async (url) => {
  const seed = { scripts: [{ task: "train", fails: { exit_code: 3 } }], runs: [{ name: "old", state: "FAILED" }] };
  assert.equal((await ask("PUT", `${url}/_fake_kfp/seed`, seed))[0], 200);
  assert.equal(await outcome(url, await start(url, "nightly"), 0), "FAILED");
  const [, runs] = await ask("GET", `${url}/apis/v2beta1/runs?sort_by=name`);
  assert.deepEqual(runs.runs.map((run) => run.display_name), ["nightly", "old"]);
});

const goesOn = inItsOwnWorld("goes-on", async (url) => {
  const id = await start(url, "nightly");
  const [, kept] = await ask("GET", `${url}/_fake_kfp/snapshot`);
  assert.equal(await outcome(url, id), "SUCCEEDED");
  assert.equal((await ask("POST", `${url}/_fake_kfp/reset`))[0], 200);
  assert.equal((await ask("GET", `${url}/apis/v2beta1/runs/${id}`))[0], 404);
  assert.equal((await ask("PUT", `${url}/_fake_kfp/snapshot`, kept))[0], 200);
  assert.equal(await outcome(url, id), "SUCCEEDED");
  const [, byHeader] = await ask("GET", `${server}/apis/v2beta1/runs/${id}`, undefined, { "X-Fake-Kfp-World": "goes-on" });
  assert.equal(byHeader.run_id, id);
  assert.match((await ask("PUT", `${url}/_fake_kfp/snapshot`, { fake_kfp: { snapshot: 99 } }))[1].error, /^fake_kfp: /);
});

await Promise.all([fails, goesOn]);
assert.deepEqual(await ask("GET", `${server}/_fake_kfp/worlds`), [200, { worlds: [] }]);
