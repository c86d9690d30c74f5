package main

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// column is one of those that `kubectl get` prints.
type column struct{ name, kind, path string }

var readyColumns = []column{
	{"Status", "string", `.status.conditions[?(@.type=="Ready")].reason`},
	{"Ready", "string", `.status.conditions[?(@.type=="Ready")].status`},
}

// lookUp follows the part of JSONPath that printer columns use: members, and one element by a member's text.
func lookUp(value any, path string) any {
	if strings.Contains(path, "[?(") {
		return lookUpFiltered(value, path)
	}
	for _, step := range strings.Split(strings.TrimPrefix(path, "."), ".") {
		current, is := value.(object)
		if !is {
			return nil
		}
		value = current[step]
	}
	return value
}

var filtered = regexp.MustCompile(`^(.*?)\.?(\w+)\[\?\(@\.(\w+)==["']([^"']*)["']\)\](.*)$`)

func lookUpFiltered(value any, path string) any {
	parts := filtered.FindStringSubmatch(path)
	if parts == nil {
		return nil
	}
	if before := strings.TrimPrefix(parts[1], "."); before != "" {
		value = lookUp(value, before)
	}
	container, _ := value.(object)
	for _, one := range list(container[parts[2]]) {
		if element, is := one.(object); is && text(element, parts[3]) == parts[4] {
			if parts[5] == "" {
				return element
			}
			return lookUp(element, parts[5])
		}
	}
	return nil
}

func age(created string) string {
	moment, err := time.Parse(time.RFC3339, created)
	if err != nil {
		return "<unknown>"
	}
	switch elapsed := time.Since(moment); {
	case elapsed < 2*time.Minute:
		return fmt.Sprintf("%ds", int(elapsed.Seconds()))
	case elapsed < 3*time.Hour:
		return fmt.Sprintf("%dm", int(elapsed.Minutes()))
	default:
		return fmt.Sprintf("%dh", int(elapsed.Hours()))
	}
}

// cells are what kubectl prints of one object, between its name and its age.
func cells(kind *resourceType, value object) []any {
	switch kind.title() {
	case "secrets":
		return []any{text(value, "type"), len(member(value, "data"))}
	case "configmaps":
		return []any{len(member(value, "data"))}
	case "serviceaccounts":
		return []any{len(list(value["secrets"]))}
	case "namespaces":
		return []any{text(value, "status", "phase")}
	case "leases.coordination.k8s.io":
		return []any{text(value, "spec", "holderIdentity")}
	case "events":
		involved := member(value, "involvedObject")
		return []any{
			text(value, "type"), text(value, "reason"),
			strings.ToLower(text(involved, "kind")) + "/" + text(involved, "name"), text(value, "message"),
		}
	}
	result := []any{}
	for _, column := range kind.columns {
		if column.kind == "date" {
			moment, _ := lookUp(value, column.path).(string)
			result = append(result, age(moment))
		} else {
			result = append(result, lookUp(value, column.path))
		}
	}
	return result
}

var columnNames = map[string][]string{
	"secrets": {"Type", "Data"}, "configmaps": {"Data"}, "serviceaccounts": {"Secrets"}, "namespaces": {"Status"},
	"leases.coordination.k8s.io": {"Holder"}, "events": {"Type", "Reason", "Object", "Message"},
}

// table is the answer to a client that prints (meta.k8s.io/v1 Table).
func table(kind *resourceType, values []object, listMetadata object) object {
	definitions := []any{object{"name": "Name", "type": "string", "format": "name", "description": "", "priority": 0}}
	define := func(name string) {
		definitions = append(definitions, object{
			"name": name, "type": "string", "format": "", "description": "", "priority": 0,
		})
	}
	for _, name := range columnNames[kind.title()] {
		define(name)
	}
	for _, column := range kind.columns {
		define(column.name)
	}
	// A definition's own columns stand in place of it.
	hasAge := len(kind.columns) == 0
	if hasAge {
		define("Age")
	}
	rows := []any{}
	for _, value := range values {
		row := append([]any{text(value, "metadata", "name")}, cells(kind, value)...)
		if hasAge {
			row = append(row, age(text(value, "metadata", "creationTimestamp")))
		}
		rows = append(rows, object{
			"cells": row,
			"object": object{
				"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": value["metadata"],
			},
		})
	}
	return object{
		"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": listMetadata, "columnDefinitions": definitions,
		"rows": rows,
	}
}
