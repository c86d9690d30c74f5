package main

import (
	"sort"
	"strings"
)

// Server-side apply (kubernetes.io/docs/reference/using-api/server-side-apply): each manager owns the fields that it
// has set. Lists are owned whole.

// fields are the paths of leaves; a path's names are joined by a byte that no name has.
type fields map[string]bool

const joint = "\x00"

func leaves(value object) fields {
	found := fields{}
	var walk func(value any, path string)
	walk = func(value any, path string) {
		members, is := value.(object)
		if !is || len(members) == 0 {
			found[path] = true
			return
		}
		for name, member := range members {
			walk(member, path+joint+name)
		}
	}
	for name, one := range value {
		switch name {
		case "apiVersion", "kind", "status":
		case "metadata":
			for _, field := range []string{"labels", "annotations", "finalizers", "ownerReferences"} {
				if owned, is := one.(object)[field]; is {
					walk(owned, "metadata"+joint+field)
				}
			}
		default:
			walk(one, name)
		}
	}
	return found
}

func at(value object, path string) (any, bool) {
	var current any = value
	for _, name := range strings.Split(path, joint) {
		members, is := current.(object)
		if !is {
			return nil, false
		}
		if current, is = members[name]; !is {
			return nil, false
		}
	}
	return current, true
}

func put(value object, path string, leaf any) {
	names := strings.Split(path, joint)
	for _, name := range names[:len(names)-1] {
		next, is := value[name].(object)
		if !is {
			next = object{}
			value[name] = next
		}
		value = next
	}
	value[names[len(names)-1]] = leaf
}

func take(value object, path string) {
	names := strings.Split(path, joint)
	if inner := member(value, names[:len(names)-1]...); inner != nil {
		delete(inner, names[len(names)-1])
	}
	// An object that apply alone has made goes with its last field.
	if len(names) > 1 {
		parent := strings.Join(names[:len(names)-1], joint)
		if found, is := at(value, parent); is && len(names) > 2 {
			if inner, is := found.(object); is && len(inner) == 0 {
				take(value, parent)
			}
		}
	}
}

// encode writes paths as `fieldsV1`.
func (f fields) encode() object {
	result := object{}
	for path := range f {
		current := result
		for _, name := range strings.Split(path, joint) {
			next, is := current["f:"+name].(object)
			if !is {
				next = object{}
				current["f:"+name] = next
			}
			current = next
		}
	}
	return result
}

func decode(encoded object) fields {
	found := fields{}
	var walk func(encoded object, path string)
	walk = func(encoded object, path string) {
		if len(encoded) == 0 {
			found[path] = true
		}
		for name, inner := range encoded {
			next := strings.TrimPrefix(name, "f:")
			if path != "" {
				next = path + joint + next
			}
			walk(inner.(object), next)
		}
	}
	for name, inner := range encoded {
		walk(inner.(object), strings.TrimPrefix(name, "f:"))
	}
	return found
}

type manager struct{ name, operation string }

func managers(value object) map[manager]fields {
	result := map[manager]fields{}
	for _, one := range list(member(value, "metadata")["managedFields"]) {
		entry, _ := one.(object)
		result[manager{text(entry, "manager"), text(entry, "operation")}] = decode(member(entry, "fieldsV1"))
	}
	return result
}

func setManagers(value object, owners map[manager]fields) {
	entries := []any{}
	for owner, owned := range owners {
		if len(owned) > 0 {
			entries = append(entries, object{
				"manager": owner.name, "operation": owner.operation, "apiVersion": value["apiVersion"],
				"fieldsType": "FieldsV1", "fieldsV1": owned.encode(),
			})
		}
	}
	sort.Slice(entries, func(left, right int) bool {
		return text(entries[left].(object), "manager") < text(entries[right].(object), "manager")
	})
	metadata(value)["managedFields"] = entries
}

// own gives the fields that differ between two states to a manager, and takes them from all others.
func own(value, before object, name, operation string) {
	owners := managers(before)
	self := manager{name, operation}
	present := leaves(value)
	for path := range present {
		now, _ := at(value, path)
		if then, is := at(before, path); is && equal(now, then) {
			continue
		}
		for _, owned := range owners {
			delete(owned, path)
		}
		if owners[self] == nil {
			owners[self] = fields{}
		}
		owners[self][path] = true
	}
	for _, owned := range owners {
		for path := range owned {
			if !present[path] {
				delete(owned, path)
			}
		}
	}
	setManagers(value, owners)
}

func withoutManagers(value object) object {
	result := cloned(value)
	delete(metadata(result), "managedFields")
	return result
}

func (c *call) manager() string {
	if name := c.parameter("fieldManager"); name != "" {
		return name
	}
	return "unknown"
}

func (s *server) apply(c *call, body []byte) (object, int, *failure) {
	patch, err := parse(body)
	if err != nil {
		return nil, 0, badRequest("error decoding YAML: %v", err)
	}
	if failed := c.fits(patch); failed != nil {
		return nil, 0, failed
	}
	self := manager{c.manager(), "Apply"}
	wanted := leaves(patch)
	before, is := s.store.objects[c.key(c.name)]
	if !is {
		created, failed := s.insert(c, patch)
		if failed == nil {
			setManagers(created, map[manager]fields{self: wanted})
		}
		return created, 201, failed
	}
	owners := managers(before)
	conflicts := []cause{}
	for path := range wanted {
		leaf, _ := at(patch, path)
		if current, is := at(before, path); is && equal(current, leaf) {
			continue
		}
		for owner, owned := range owners {
			if owner == self || !owned[path] {
				continue
			}
			if c.parameter("force") == "true" {
				delete(owned, path)
				continue
			}
			conflicts = append(conflicts, cause{
				"FieldManagerConflict", "conflict with \"" + owner.name + "\"", "." + strings.ReplaceAll(path, joint, "."),
			})
		}
	}
	if len(conflicts) > 0 {
		failed := conflict(c.kind, c.name, "Apply failed with conflicts")
		failed.causes = conflicts
		return nil, 0, failed
	}
	value := cloned(before)
	for path := range wanted {
		leaf, _ := at(patch, path)
		put(value, path, clone(leaf))
	}
	for path := range owners[self] {
		if wanted[path] {
			continue
		}
		shared := false
		for owner, owned := range owners {
			shared = shared || owner != self && owned[path]
		}
		if !shared {
			take(value, path)
		}
	}
	owners[self] = wanted
	setManagers(value, owners)
	result, failed := s.change(c, before, value, "Apply")
	return result, 200, failed
}
