package main

import (
	"fmt"
	"regexp"
	"slices"
	"unicode"
	"unicode/utf8"
)

func init() { tables["regexps"] = matched }

// What Go's regexp makes of a pattern and a text; places count characters, -1 where a group matched nothing.
func matched(asked row) row {
	pattern, text, replacement := asked["pattern"].(string), asked["text"].(string), asked["replacement"].(string)
	count := native(asked["count"]).(int)
	compiled, err := regexp.Compile(pattern)
	if err != nil {
		return failure(err)
	}
	all := [][]int{}
	for _, each := range compiled.FindAllStringIndex(text, count) {
		all = append(all, inCharacters(text, each))
	}
	return row{"result": row{
		"groups":    inCharacters(text, compiled.FindStringSubmatchIndex(text)),
		"all":       all,
		"replaced":  compiled.ReplaceAllString(text, replacement),
		"literally": compiled.ReplaceAllLiteralString(text, replacement),
		"split":     append([]string{}, compiled.Split(text, count)...),
	}}
}

func inCharacters(text string, places []int) []int {
	counted := []int{}
	for _, place := range places {
		if place >= 0 {
			place = utf8.RuneCountInString(text[:place])
		}
		counted = append(counted, place)
	}
	return counted
}

// The scripts of Unicode as fake_kfp/golang/regexp/scripts.txt holds them: a line each, the name and its ranges.
func printScripts() {
	names := []string{}
	for name := range unicode.Scripts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Print(name)
		for start := rune(0); start <= unicode.MaxRune; start++ {
			if !unicode.Is(unicode.Scripts[name], start) {
				continue
			}
			end := start
			for unicode.Is(unicode.Scripts[name], end+1) {
				end++
			}
			if start == end {
				fmt.Printf(" %X", start)
			} else {
				fmt.Printf(" %X-%X", start, end)
			}
			start = end
		}
		fmt.Println()
	}
}
