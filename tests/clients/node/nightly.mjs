// A client that starts a run, polls it through failures of the network, and retries it where a task of it failed.

const RUNS = "/apis/v2beta1/runs";
const PIPELINE = {
  pipelineInfo: { name: "nightly" },
  root: { dag: { tasks: { train: { taskInfo: { name: "train" }, componentRef: { name: "comp-train" } } } } },
  components: { "comp-train": { executorLabel: "exec-train" } },
  deploymentSpec: { executors: { "exec-train": { container: { image: "busybox", command: ["true"] } } } },
  schemaVersion: "2.1.0",
  sdkVersion: "kfp-2.8.0",
};

async function ask(method, url, body) {
  const reply = await fetch(url, { method, body: body && JSON.stringify(body) });
  if (reply.status === 503) return null; // somebody in between is busy: it passes
  const said = await reply.json();
  if (!reply.ok) throw new Error(said.message);
  return said;
}

export async function start(url, name) {
  const { run_id } = await ask("POST", url + RUNS, { display_name: name, pipeline_spec: PIPELINE });
  return run_id;
}

export async function outcome(url, id, retries = 1) {
  for (;;) {
    const run = await ask("GET", `${url}${RUNS}/${id}`);
    if (run?.state === "FAILED" && retries-- > 0) await ask("POST", `${url}${RUNS}/${id}:retry`);
    else if (["SUCCEEDED", "FAILED", "CANCELED"].includes(run?.state)) return run.state;
  }
}
