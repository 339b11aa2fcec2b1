// Package controller stands for the one whose name Argo's type has in messages.
package controller

// TaskResults says how a task ended, as an expression of dependencies sees it (workflow/controller/dag.go).
type TaskResults struct {
	Succeeded, Failed, Errored, Skipped, Omitted, Daemoned, AnySucceeded, AllFailed bool
}
