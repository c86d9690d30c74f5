package main

import (
	"net/http"
	"sort"
	"strconv"
	"strings"
)

// selection is what the selectors of a request mean; a failure when they cannot be read.
func (c *call) selection() (func(object) bool, *failure) {
	tests := []func(object) bool{}
	for _, requirement := range split(c.parameter("fieldSelector")) {
		path, wanted, negated := comparison(requirement)
		known := path == "metadata.name" || path == "metadata.namespace" ||
			c.kind.title() == "secrets" && path == "type" ||
			c.kind.title() == "events" && (strings.HasPrefix(path, "involvedObject.") || path == "reason" || path == "type")
		if !known {
			return nil, badRequest("field label not supported: %s", path)
		}
		tests = append(tests, func(value object) bool {
			return (text(value, strings.Split(path, ".")...) == wanted) != negated
		})
	}
	for _, requirement := range split(c.parameter("labelSelector")) {
		requirement := requirement
		labels := func(value object) (string, bool) {
			label, _, _ := comparison(strings.TrimPrefix(requirement, "!"))
			found, is := member(value, "metadata", "labels")[label].(string)
			return found, is
		}
		switch {
		case strings.ContainsAny(requirement, "("):
			return nil, badRequest("this stand-in does not read set-based selectors: %s", requirement)
		case strings.HasPrefix(requirement, "!"):
			tests = append(tests, func(value object) bool { _, is := labels(value); return !is })
		case !strings.Contains(requirement, "="):
			tests = append(tests, func(value object) bool { _, is := labels(value); return is })
		default:
			_, wanted, negated := comparison(requirement)
			tests = append(tests, func(value object) bool {
				found, is := labels(value)
				return (is && found == wanted) != negated
			})
		}
	}
	return func(value object) bool {
		for _, test := range tests {
			if !test(value) {
				return false
			}
		}
		return true
	}, nil
}

func split(selector string) []string {
	if selector == "" {
		return nil
	}
	return strings.Split(selector, ",")
}

func comparison(requirement string) (name, value string, negated bool) {
	if left, right, is := strings.Cut(requirement, "!="); is {
		return left, right, true
	}
	left, right, _ := strings.Cut(requirement, "=")
	return left, strings.TrimPrefix(right, "="), false
}

// list answers a page of objects as they were when the list began.
func (s *server) list(w http.ResponseWriter, c *call) {
	matches, failed := c.selection()
	if failed != nil {
		failed.send(w)
		return
	}
	var current page
	if token := c.parameter("continue"); token != "" {
		found, is := s.store.pages[token]
		if !is {
			expired("The provided continue parameter is too old to display a consistent list result.").send(w)
			return
		}
		current = found
	} else {
		current = page{s.store.revision, s.store.all(c.kind.title(), c.namespace, matches)}
	}
	values := current.rest
	listMetadata := object{"resourceVersion": strconv.Itoa(current.revision)}
	if limit, err := strconv.Atoi(c.parameter("limit")); err == nil && limit > 0 && limit < len(values) {
		token := newUID()
		s.store.pages[token] = page{current.revision, values[limit:]}
		listMetadata["continue"], listMetadata["remainingItemCount"] = token, len(values)-limit
		values = values[:limit]
	}
	if c.wantsTable {
		send(w, 200, table(c.kind, values, listMetadata))
		return
	}
	items := []any{}
	for _, value := range values {
		items = append(items, c.shown(value))
	}
	send(w, 200, object{
		"kind": c.kind.kind + "List", "apiVersion": c.kind.apiVersion(), "metadata": listMetadata, "items": items,
	})
}

func (s *server) deleteCollection(c *call) (object, *failure) {
	matches, failed := c.selection()
	if failed != nil {
		return nil, failed
	}
	keys := []key{}
	for key, value := range s.store.objects {
		if key.kind == c.kind.title() && (c.namespace == "" || key.namespace == c.namespace) && matches(value) {
			keys = append(keys, key)
		}
	}
	sort.Slice(keys, func(left, right int) bool { return keys[left].name < keys[right].name })
	for _, key := range keys {
		s.deleteLocked(key)
	}
	return object{"kind": "Status", "apiVersion": "v1", "metadata": object{}, "status": "Success"}, nil
}
