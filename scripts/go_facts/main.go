// Asks the Go libraries behind Argo what tests/facts holds of them; scripts/facts.py calls it.
//
// The first argument is the table. Each line on standard input is a question in JSON, each on standard output its answer.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/Knetic/govaluate"
	"github.com/argoproj/argo-workflows/v3/errors"
	exprenv "github.com/argoproj/argo-workflows/v3/util/expr/env"
	"github.com/argoproj/argo-workflows/v3/util/template"
	"github.com/expr-lang/expr"

	"fake_kfp/facts/controller"
)

type row map[string]interface{}

// What names stand for in expressions: the environments of tests/expressions.
var (
	expressionEnv = map[string]interface{}{
		"s": "abc", "n": 5, "f": 1.5, "b": true, "u": nil, "nothing": nil,
		"m":   map[string]interface{}{"a": 1, "b": "x", "d": map[string]interface{}{"e": "deep"}},
		"l":   []interface{}{1, 2, 3},
		"ms":  []interface{}{map[string]interface{}{"a": 1}, map[string]interface{}{"a": 2}},
		"x":   map[string]interface{}{"q": 1},
		"t":   controller.TaskResults{Succeeded: true},
		"t_1": controller.TaskResults{Failed: true},
	}
	functionEnv = exprenv.GetFuncMap(map[string]interface{}{
		"inputs.parameters.message": "hello world",
		"inputs.parameters.n":       "5",
		"workflow.name":             "wf",
		"steps.a-b.outputs.result":  "r",
		"steps.a.x":                 "1",
	})
	templateValues = map[string]string{
		"foo": "hello", "bar": "w\"orld", "num": "7", "quote": "a\"b\\c", "nl": "a\nb\tc", "bell": "a\ab",
		"uni": "é\u2028\u200b", "astral": "😀\U000e0001", "json": `{"a":[1,{"b":"c"}]}`, "html": "<a>&",
		"item": "it", "steps.a.x": "X", "steps.a-b.x": "AB", "inputs.parameters.p": "P",
		"inputs.parameters": "[]", "a.hello.b": "N",
	}
)

var tables = map[string]func(row) row{
	"when":        when,
	"expressions": func(asked row) row { return evaluated(asked, expressionEnv) },
	"functions":   func(asked row) row { return evaluated(asked, functionEnv) },
	"templates":   substituted,
	"json_errors": parsed,
	"formats":     formatted,
}

func failure(err error) row { return row{"error": err.Error()} }

// A condition of a step, as Argo evaluates it (workflow/controller/steps.go: shouldExecute): variables are texts.
func when(asked row) row {
	text := asked["when"].(string)
	if text == "" {
		return row{"value": true}
	}
	expression, err := govaluate.NewEvaluableExpression(text)
	if err != nil {
		hint := ""
		if strings.Contains(err.Error(), "Invalid token") {
			hint = ` (hint: try wrapping the affected expression in quotes ("))`
		}
		return failure(errors.Errorf(errors.CodeBadRequest, "Invalid 'when' expression '%s': %v%s", text, err, hint))
	}
	tokens := expression.Tokens()
	for i := range tokens {
		if tokens[i].Kind == govaluate.VARIABLE {
			tokens[i].Kind = govaluate.STRING
		}
	}
	if expression, err = govaluate.NewEvaluableExpressionFromTokens(tokens); err != nil {
		return failure(errors.InternalWrapErrorf(err, "Failed to parse 'when' expression '%s': %v", text, err))
	}
	result, err := expression.Evaluate(nil)
	if err != nil {
		return failure(errors.InternalWrapErrorf(err, "Failed to evaluate 'when' expresion '%s': %v", text, err))
	}
	if value, ok := result.(bool); ok {
		return row{"value": value}
	}
	return failure(errors.Errorf(errors.CodeBadRequest, "Expected boolean evaluation for '%s'. Got %v", text, result))
}

func evaluated(asked row, env map[string]interface{}) row {
	program, err := expr.Compile(asked["expression"].(string), expr.Env(env))
	if err != nil {
		return failure(err)
	}
	result, err := expr.Run(program, env)
	if err != nil {
		return failure(err)
	}
	return row{"type": fmt.Sprintf("%T", result), "value": fmt.Sprintf("%v", result)}
}

func substituted(asked row) row {
	result, err := template.Replace(asked["text"].(string), templateValues, asked["allow_unresolved"].(bool))
	if err != nil {
		return failure(err)
	}
	return row{"result": result}
}

func parsed(asked row) row {
	var value interface{}
	if err := json.Unmarshal([]byte(asked["text"].(string)), &value); err != nil {
		return failure(err)
	}
	return row{}
}

func formatted(asked row) row {
	values := []interface{}{}
	for _, value := range asked["values"].([]interface{}) {
		values = append(values, native(value))
	}
	return row{"result": fmt.Sprintf(asked["layout"].(string), values...)}
}

// What panics is an error in the controller, too, which recovers in one place.
func rescued(answer func(row) row, asked row) (answered row) {
	defer func() {
		if panicked := recover(); panicked != nil {
			answered = row{"error": fmt.Sprint(panicked)}
		}
	}()
	return answer(asked)
}

// A value of JSON as the engine holds it: whole numbers are ints.
func native(value interface{}) interface{} {
	switch value := value.(type) {
	case json.Number:
		if number, err := value.Int64(); err == nil {
			return int(number)
		}
		number, _ := value.Float64()
		return number
	case []interface{}:
		for i := range value {
			value[i] = native(value[i])
		}
		return value
	case map[string]interface{}:
		for key := range value {
			value[key] = native(value[key])
		}
		return value
	}
	return value
}

func main() {
	if os.Args[1] == "scripts" {
		printScripts()
		return
	}
	answer := tables[os.Args[1]]
	lines := bufio.NewReader(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		asked := row{}
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.UseNumber()
		if err := decoder.Decode(&asked); err != nil {
			log.Fatal(err)
		}
		if err := output.Encode(rescued(answer, asked)); err != nil {
			log.Fatal(err)
		}
	}
}
