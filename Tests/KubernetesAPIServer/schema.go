package main

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"sort"
)

// check applies a structural schema (apiextensions.k8s.io/v1) to an object in place: defaults are filled in, unknown
// fields are taken out and returned, and what breaks a rule is returned as causes. CEL rules are not evaluated.
func check(schema object, value object) (unknown []string, causes []cause) {
	c := checker{}
	root := object{}
	for key, member := range schema {
		root[key] = member
	}
	c.object(root, value, "", true)
	return c.unknown, c.causes
}

type checker struct {
	unknown []string
	causes  []cause
}

func (c *checker) fault(reason, field, format string, values ...any) {
	c.causes = append(c.causes, cause{reason, fmt.Sprintf(format, values...), field})
}

func (c *checker) object(schema, value object, path string, isRoot bool) {
	properties := member(schema, "properties")
	keeps := schema["x-kubernetes-preserve-unknown-fields"] == true
	additional, hasAdditional := schema["additionalProperties"]
	for name, one := range properties {
		property, _ := one.(object)
		if standard, has := property["default"]; has {
			if _, isSet := value[name]; !isSet {
				value[name] = clone(standard)
			}
		}
	}
	names := []string{}
	for name := range value {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		field := name
		if path != "" {
			field = path + "." + name
		}
		if isRoot && (name == "metadata" || name == "apiVersion" || name == "kind") {
			continue
		}
		if property, is := properties[name].(object); is {
			value[name] = c.value(property, value[name], field)
		} else if schema, is := additional.(object); is && hasAdditional {
			value[name] = c.value(schema, value[name], field)
		} else if additional != true && !keeps {
			c.unknown = append(c.unknown, field)
			delete(value, name)
		}
	}
	for _, one := range list(schema["required"]) {
		name := one.(string)
		if _, isThere := value[name]; !isThere {
			field := name
			if path != "" {
				field = path + "." + name
			}
			c.fault("FieldValueRequired", field, "Required value")
		}
	}
}

func (c *checker) value(schema object, value any, path string) any {
	if value == nil {
		if schema["nullable"] != true && text(schema, "type") != "" {
			c.fault("FieldValueTypeInvalid", path, "Invalid value: \"null\": must be of type %s", text(schema, "type"))
		}
		return value
	}
	if enum := list(schema["enum"]); len(enum) > 0 {
		known := false
		for _, one := range enum {
			known = known || equal(one, value)
		}
		if !known {
			c.fault("FieldValueNotSupported", path, "Unsupported value: %v", value)
		}
	}
	expected := text(schema, "type")
	wrong := func() {
		c.fault("FieldValueTypeInvalid", path, "Invalid value: must be of type %s", expected)
	}
	switch value := value.(type) {
	case object:
		if expected != "" && expected != "object" {
			wrong()
			return value
		}
		if expected == "" && schema["x-kubernetes-preserve-unknown-fields"] == true {
			return value
		}
		c.object(schema, value, path, false)
	case []any:
		if expected != "" && expected != "array" {
			wrong()
			return value
		}
		c.range_(schema, "minItems", "maxItems", float64(len(value)), path)
		items, _ := schema["items"].(object)
		for index := range value {
			value[index] = c.value(items, value[index], fmt.Sprintf("%s[%d]", path, index))
		}
	case string:
		isEither := schema["x-kubernetes-int-or-string"] == true
		if expected != "" && expected != "string" && !isEither {
			wrong()
		}
		c.range_(schema, "minLength", "maxLength", float64(len(value)), path)
		if pattern := text(schema, "pattern"); pattern != "" {
			if matched, err := regexp.MatchString(pattern, value); err != nil || !matched {
				c.fault("FieldValueInvalid", path, "Invalid value: %q: should match '%s'", value, pattern)
			}
		}
	case json.Number:
		number, _ := value.Float64()
		isWhole := number == math.Trunc(number)
		isEither := schema["x-kubernetes-int-or-string"] == true
		if expected != "" && expected != "number" && !(expected == "integer" && isWhole) && !isEither {
			wrong()
		}
		c.range_(schema, "minimum", "maximum", number, path)
	case bool:
		if expected != "" && expected != "boolean" {
			wrong()
		}
	}
	return value
}

func (c *checker) range_(schema object, least, most string, size float64, path string) {
	bound := func(name string) (float64, bool) {
		number, is := schema[name].(json.Number)
		if !is {
			return 0, false
		}
		result, err := number.Float64()
		return result, err == nil
	}
	if limit, has := bound(least); has && size < limit {
		c.fault("FieldValueInvalid", path, "Invalid value: should be at least %v by %s", limit, least)
	}
	if limit, has := bound(most); has && size > limit {
		c.fault("FieldValueInvalid", path, "Invalid value: should be at most %v by %s", limit, most)
	}
}
