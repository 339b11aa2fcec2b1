// A client that starts a run, polls it through failures of the network, and retries it where a task of it failed; and its test.
// net/http alone: `go run nightly.go http://127.0.0.1:8888`, the address of a `fake-kfp serve --simulation instant`.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

const runs = "/apis/v2beta1/runs"

const pipeline = `{
  "pipelineInfo": {"name": "nightly"},
  "root": {"dag": {"tasks": {"train": {"taskInfo": {"name": "train"}, "componentRef": {"name": "comp-train"}}}}},
  "components": {"comp-train": {"executorLabel": "exec-train"}},
  "deploymentSpec": {"executors": {"exec-train": {"container": {"image": "busybox", "command": ["true"]}}}},
  "schemaVersion": "2.1.0",
  "sdkVersion": "kfp-2.8.0"
}`

type object = map[string]any

type fake struct{ url string }

func (f fake) ask(method, path, body string) (int, object) {
	request, err := http.NewRequest(method, f.url+path, bytes.NewBufferString(body))
	must(err)
	reply, err := http.DefaultClient.Do(request)
	must(err)
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	must(err)
	said := object{}
	if strings.Contains(reply.Header.Get("Content-Type"), "json") {
		must(json.Unmarshal(text, &said))
	}
	return reply.StatusCode, said
}

// ---------------------------------------------------------------- the client

func (f fake) start(name, pipeline string) string {
	status, said := f.ask("POST", runs, fmt.Sprintf(`{"display_name": %q, "pipeline_spec": %s}`, name, pipeline))
	wanted(status, 200)
	return said["run_id"].(string)
}

func (f fake) outcome(id string) string {
	for {
		status, said := f.ask("GET", runs+"/"+id, "")
		if status == 503 {
			continue
		}
		wanted(status, 200)
		switch state := said["state"]; state {
		case "SUCCEEDED", "FAILED", "CANCELED", "SKIPPED":
			return state.(string)
		}
	}
}

func (f fake) retry(id string) {
	status, _ := f.ask("POST", runs+"/"+id+":retry", "")
	wanted(status, 200)
}

// ---------------------------------------------------------------- its test

func (f fake) control(method, path, body string) object {
	status, said := f.ask(method, "/_fake_kfp/"+path, body)
	if status != 200 {
		log.Fatalf("%s %s: %v", method, path, said["error"])
	}
	return said
}

func (f fake) refused(path, body string, status int, text string) {
	found, said := f.ask("POST", "/_fake_kfp/"+path, body)
	wanted(found, status)
	if !strings.Contains(fmt.Sprint(said["error"]), text) {
		log.Fatalf("wanted %q in %v", text, said["error"])
	}
}

func main() {
	f := fake{os.Args[1]}
	f.control("POST", "reset", `{"simulation": "instant"}`)
	f.control("POST", "tasks", `{"task": "train", "killed_for_memory": true, "times": 1}`)
	f.control("POST", "faults", `{"call": "GetRun", "transport": "REST", "answers": 503, "body": "<html>busy</html>", "times": 2}`)

	id := f.start("nightly", pipeline)
	wanted(f.outcome(id), "FAILED")
	f.retry(id)
	wanted(f.outcome(id), "SUCCEEDED")

	f.control("POST", "journal/assert", `{"call": "CreateRun", "with": {"display_name": "nightly"}, "times": 1}`)
	f.control("POST", "journal/assert", `{"call": "TerminateRun", "at_most": 0}`)
	f.control("POST", "journal/assert_order", `{"calls": ["CreateRun", "GetRun", "RetryRun", "GetRun"]}`)
	calls := f.control("GET", "journal/GetRun", "")["calls"].([]any)
	wanted(calls[0].(object)["http_status"], 503.0)
	wanted(calls[1].(object)["http_status"], 503.0)
	wanted(len(f.control("GET", "unused", "")["unused"].([]any)), 0)

	f.refused("journal/assert", `{"call": "CreateRun", "with": {"display_name": "daily"}}`, 422, "display_name is 'nightly'")
	f.refused("clock/advance", `{"minuets": 5}`, 400, "unknown key 'minuets'; there are: ")
	f.refused("tasks", `{"task": "train", "fials": true}`, 400, "unknown key 'fials'")

}

func wanted[T comparable](found, expected T) {
	if found != expected {
		log.Fatalf("wanted %v, not %v", expected, found)
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
