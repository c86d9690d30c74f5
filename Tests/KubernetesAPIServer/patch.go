package main

import (
	"encoding/json"
	"strconv"
	"strings"
)

func (s *server) patch(c *call, contentType string, body []byte) (object, int, *failure) {
	if contentType == "application/apply-patch+yaml" {
		return s.apply(c, body)
	}
	before, failed := s.get(c)
	if failed != nil {
		return nil, 0, failed
	}
	value := cloned(before)
	switch contentType {
	case "application/json-patch+json":
		steps := []map[string]any{}
		decoder := json.NewDecoder(strings.NewReader(string(body)))
		decoder.UseNumber()
		if err := decoder.Decode(&steps); err != nil {
			return nil, 0, badRequest("error decoding patch: %v", err)
		}
		for _, step := range steps {
			var isDone bool
			if value, isDone = jsonPatch(value, step); !isDone {
				return nil, 0, &failure{
					code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request",
				}
			}
		}
	case "application/merge-patch+json", "application/strategic-merge-patch+json":
		isStrategic := strings.Contains(contentType, "strategic")
		if isStrategic && c.kind.custom {
			return nil, 0, &failure{
				code: 415, reason: "UnsupportedMediaType", message: "the body of the request was in an unknown format -" +
					" accepted media types include: application/json-patch+json, application/merge-patch+json," +
					" application/apply-patch+yaml",
			}
		}
		patch, err := parse(body)
		if err != nil {
			return nil, 0, badRequest("error decoding patch: %v", err)
		}
		if isStrategic {
			value = strategicMerge(value, patch)
		} else {
			value = merge(value, patch).(object)
		}
	default:
		return nil, 0, &failure{code: 415, reason: "UnsupportedMediaType", message: "unknown patch type " + contentType}
	}
	// A version in the patch is a condition; without one the state just read counts.
	result, failed := s.change(c, before, value, "Update")
	return result, 200, failed
}

// merge is RFC 7396.
func merge(target, patch any) any {
	changes, is := patch.(object)
	if !is {
		return patch
	}
	result, is := target.(object)
	if !is {
		result = object{}
	}
	for name, change := range changes {
		if change == nil {
			delete(result, name)
		} else {
			result[name] = merge(result[name], change)
		}
	}
	return result
}

// listKeys are the lists of the built-in kinds here that are merged by element, and by what. "" is for texts.
var listKeys = map[string]string{
	"ownerReferences": "uid", "finalizers": "", "secrets": "name", "imagePullSecrets": "name",
}

// strategicMerge is merge, but for directives and for lists that have a merge key.
func strategicMerge(target, patch object) object {
	if patch["$patch"] == "replace" {
		delete(patch, "$patch")
		return patch
	}
	for name, change := range patch {
		switch {
		case strings.HasPrefix(name, "$setElementOrder/"), name == "$retainKeys", name == "$patch":
		case strings.HasPrefix(name, "$deleteFromPrimitiveList/"):
			field := strings.TrimPrefix(name, "$deleteFromPrimitiveList/")
			kept := []any{}
			for _, one := range list(target[field]) {
				if !holds(list(change), one) {
					kept = append(kept, one)
				}
			}
			target[field] = kept
		case change == nil:
			delete(target, name)
		default:
			target[name] = strategicValue(name, target[name], change)
		}
	}
	return target
}

func strategicValue(name string, before, change any) any {
	if changes, is := change.(object); is {
		current, is := before.(object)
		if !is {
			current = object{}
		}
		return strategicMerge(current, changes)
	}
	mergeKey, isMerged := listKeys[name]
	changes, isList := change.([]any)
	if !isMerged || !isList {
		return change
	}
	result := append([]any(nil), list(before)...)
	for _, one := range changes {
		if mergeKey == "" {
			if !holds(result, one) {
				result = append(result, one)
			}
			continue
		}
		element, _ := one.(object)
		index := -1
		for position, other := range result {
			if existing, is := other.(object); is && equal(existing[mergeKey], element[mergeKey]) {
				index = position
			}
		}
		switch {
		case element["$patch"] == "delete" && index >= 0:
			result = append(result[:index], result[index+1:]...)
		case element["$patch"] == "delete":
		case index >= 0:
			result[index] = strategicMerge(result[index].(object), element)
		default:
			result = append(result, element)
		}
	}
	return result
}

func holds(values []any, wanted any) bool {
	for _, one := range values {
		if equal(one, wanted) {
			return true
		}
	}
	return false
}

// jsonPatch takes one step of RFC 6902.
func jsonPatch(document object, step map[string]any) (object, bool) {
	operation, _ := step["op"].(string)
	path, _ := step["path"].(string)
	switch operation {
	case "test":
		found, is := pointed(document, path)
		return document, is && equal(found, step["value"])
	case "move", "copy":
		from, _ := step["from"].(string)
		found, is := pointed(document, from)
		if !is {
			return document, false
		}
		if operation == "move" {
			if _, is := edit(document, segments(from), "remove", nil); !is {
				return document, false
			}
		}
		return edited(document, path, "add", clone(found))
	case "add", "replace", "remove":
		return edited(document, path, operation, step["value"])
	}
	return document, false
}

func edited(document object, path, operation string, value any) (object, bool) {
	result, is := edit(document, segments(path), operation, value)
	changed, isObject := result.(object)
	return changed, is && isObject
}

func segments(path string) []string {
	parts := strings.Split(path, "/")[1:]
	for index, part := range parts {
		parts[index] = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
	}
	return parts
}

func pointed(value any, path string) (any, bool) {
	if path == "" {
		return value, true
	}
	for _, part := range segments(path) {
		switch container := value.(type) {
		case object:
			member, is := container[part]
			if !is {
				return nil, false
			}
			value = member
		case []any:
			index, err := strconv.Atoi(part)
			if err != nil || index < 0 || index >= len(container) {
				return nil, false
			}
			value = container[index]
		default:
			return nil, false
		}
	}
	return value, true
}

func edit(container any, path []string, operation string, value any) (any, bool) {
	if len(path) == 0 {
		return value, operation != "remove"
	}
	name := path[0]
	switch container := container.(type) {
	case object:
		current, isThere := container[name]
		if len(path) > 1 {
			changed, is := edit(current, path[1:], operation, value)
			container[name] = changed
			return container, isThere && is
		}
		if operation != "add" && !isThere {
			return container, false
		}
		if operation == "remove" {
			delete(container, name)
		} else {
			container[name] = value
		}
		return container, true
	case []any:
		index, err := strconv.Atoi(name)
		if name == "-" {
			index, err = len(container), nil
		}
		isInsertion := len(path) == 1 && operation == "add"
		if err != nil || index < 0 || index > len(container) || index == len(container) && !isInsertion {
			return container, false
		}
		switch {
		case len(path) > 1:
			changed, is := edit(container[index], path[1:], operation, value)
			container[index] = changed
			return container, is
		case operation == "add":
			return append(container[:index:index], append([]any{value}, container[index:]...)...), true
		case operation == "remove":
			return append(container[:index:index], container[index+1:]...), true
		}
		container[index] = value
		return container, true
	}
	return container, false
}
