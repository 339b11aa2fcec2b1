// `node world.test.mjs http://127.0.0.1:8888`: places what is to be there already, reads it as clients do, and looks at what became of it.
import assert from "node:assert/strict";

const url = process.argv[2];
const fetched = async (method, path, body) => {
  const reply = await fetch(`${url}/${path}`, { method, body: body && JSON.stringify(body) });
  const said = reply.headers.get("content-type").startsWith("application/json") ? await reply.json() : await reply.text();
  if (!reply.ok) throw new Error(said.error ?? said.message);
  return said;
};

await fetched("POST", "_fake_kfp/reset", { now: "2024-06-01T00:00:00Z" });
const old = await fetched("POST", "_fake_kfp/runs", {
  name: "old", state: "FAILED", created: "2024-05-01", experiment: "reviews", nodes: { main: { exit_code: 137, message: "OOMKilled" } },
});
await fetched("POST", "_fake_kfp/populate", { runs: 200, seed: 1 });

assert.equal((await fetched("GET", `apis/v2beta1/runs/${old.id}`)).state, "FAILED");
const failed = await fetched("GET", "_fake_kfp/runs?state=FAILED&experiment=reviews&limit=1000");
assert.ok(failed.runs.some((run) => run.name === "old" && run.tasks[0].message === "OOMKilled"));
assert.match(await fetched("GET", "_fake_kfp/runs/old/tree"), /✖ old +Failed +1s +OOMKilled/);
assert.match(await fetched("GET", "_fake_kfp/runs/old/svg"), /^<svg /);
await fetched("POST", `apis/v2beta1/runs/${old.id}:retry`);
assert.equal((await fetched("GET", "_fake_kfp/runs/old")).state, "SUCCEEDED");
await assert.rejects(fetched("GET", "_fake_kfp/runs/odl"), /no run named 'odl'; there are: old/);
await assert.rejects(fetched("POST", "_fake_kfp/runs", { name: "x", stat: "FAILED" }), /unknown key 'stat'; there are: name, /);
