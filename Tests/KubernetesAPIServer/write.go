package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

const suffixAlphabet = "bcdfghjklmnpqrstvwxz2456789"

func (s *server) create(c *call, body []byte) (object, *failure) {
	value, err := parseBody(body)
	if err != nil {
		return nil, badRequest("the object provided is unrecognized (must be of type %s): %v", c.kind.kind, err)
	}
	if c.subresource == "token" && c.kind.title() == "serviceaccounts" {
		account, failed := s.get(c)
		if failed != nil {
			return nil, failed
		}
		return s.requestToken(account, value), nil
	}
	if c.name != "" {
		return nil, &failure{code: 405, reason: "MethodNotAllowed", message: "the server does not allow this method"}
	}
	return s.insert(c, value)
}

// insert creates an object; the caller holds the store.
func (s *server) insert(c *call, value object) (object, *failure) {
	if failed := c.fits(value); failed != nil {
		return nil, failed
	}
	name := text(value, "metadata", "name")
	if prefix := text(value, "metadata", "generateName"); name == "" && prefix != "" {
		name = prefix + randomText(5, suffixAlphabet)
		metadata(value)["name"] = name
	}
	if !isSubdomain(name) {
		return nil, invalid(c.kind, name, []cause{{
			"FieldValueInvalid", fmt.Sprintf("Invalid value: %q: must be a lowercase RFC 1123 subdomain", name),
			"metadata.name",
		}})
	}
	if c.kind.namespaced {
		namespaces := s.types.find("", "v1", "namespaces")
		if _, is := s.store.objects[key{namespaces.title(), "", c.namespace}]; !is {
			return nil, notFound(namespaces, c.namespace)
		}
	}
	if _, is := s.store.objects[c.key(name)]; is {
		return nil, alreadyExists(c.kind, name)
	}
	fields := metadata(value)
	for _, given := range []string{"resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"} {
		delete(fields, given)
	}
	fields["uid"], fields["creationTimestamp"] = newUID(), now()
	if c.kind.custom {
		fields["generation"] = json.Number("1")
	}
	if c.kind.status {
		delete(value, "status")
	}
	if failed := s.admit(c, nil, value); failed != nil {
		return nil, failed
	}
	own(value, object{}, c.manager(), "Update")
	if c.parameter("dryRun") != "" {
		return value, nil
	}
	return s.store.put(c.key(name), value), nil
}

func (s *server) update(c *call, body []byte) (object, *failure) {
	value, err := parseBody(body)
	if err != nil {
		return nil, badRequest("the object provided is unrecognized (must be of type %s): %v", c.kind.kind, err)
	}
	if failed := c.fits(value); failed != nil {
		return nil, failed
	}
	if name := text(value, "metadata", "name"); name != c.name {
		return nil, badRequest("the name of the object (%s) does not match the name on the URL (%s)", name, c.name)
	}
	before, failed := s.get(c)
	if failed != nil {
		return nil, failed
	}
	if c.kind.custom && text(value, "metadata", "resourceVersion") == "" {
		return nil, invalid(c.kind, c.name, []cause{{
			"FieldValueInvalid", "Invalid value: 0x0: must be specified for an update", "metadata.resourceVersion",
		}})
	}
	return s.change(c, before, value, "Update")
}

// change brings an object into a new state, of which only the part counts that the request may touch.
func (s *server) change(c *call, before, value object, operation string) (object, *failure) {
	if version := text(value, "metadata", "resourceVersion"); version != "" && version != text(before, "metadata", "resourceVersion") {
		return nil, conflict(c.kind, c.name, modified)
	}
	if uid := text(value, "metadata", "uid"); uid != "" && uid != text(before, "metadata", "uid") {
		return nil, conflict(c.kind, c.name, "Precondition failed: UID in precondition: "+uid+", UID in object meta: "+
			text(before, "metadata", "uid"))
	}
	if c.kind.status {
		if c.subresource == "status" {
			status := value["status"]
			managed := metadata(value)["managedFields"]
			value = cloned(before)
			value["status"] = status
			if status == nil {
				delete(value, "status")
			}
			if managed != nil {
				metadata(value)["managedFields"] = managed
			}
		} else if status, is := before["status"]; is {
			value["status"] = clone(status)
		} else {
			delete(value, "status")
		}
	}
	fields, old := metadata(value), metadata(before)
	for _, fixed := range []string{
		"name", "namespace", "uid", "creationTimestamp", "generateName", "deletionTimestamp",
		"deletionGracePeriodSeconds", "generation", "resourceVersion",
	} {
		delete(fields, fixed)
		if value, is := old[fixed]; is {
			fields[fixed] = value
		}
	}
	value["apiVersion"], value["kind"] = before["apiVersion"], before["kind"]
	if failed := s.admit(c, before, value); failed != nil {
		return nil, failed
	}
	if operation == "Update" {
		own(value, before, c.manager(), operation)
	}
	if c.kind.custom && !equal(content(before, c.kind.status), content(value, c.kind.status)) {
		number, _ := old["generation"].(json.Number)
		generation, _ := strconv.Atoi(string(number))
		fields["generation"] = json.Number(strconv.Itoa(generation + 1))
	}
	if equal(withoutManagers(before), withoutManagers(value)) && equal(old["managedFields"], fields["managedFields"]) {
		return before, nil
	}
	if c.parameter("dryRun") != "" {
		return value, nil
	}
	if text(value, "metadata", "deletionTimestamp") != "" && len(list(fields["finalizers"])) == 0 {
		s.store.put(c.key(c.name), value)
		last := s.store.remove(c.key(c.name))
		s.removed(c.key(c.name), last)
		return last, nil
	}
	return s.store.put(c.key(c.name), value), nil
}

// content is what a generation counts: all but metadata, and but status where that is a subresource.
func content(value object, hasStatus bool) object {
	result := object{}
	for name, member := range value {
		if name != "metadata" && !(hasStatus && name == "status") {
			result[name] = member
		}
	}
	return result
}

// fits checks that an object is of the path's kind and namespace, and puts it there.
func (c *call) fits(value object) *failure {
	if version, kind := text(value, "apiVersion"), text(value, "kind"); version != c.kind.apiVersion() || kind != c.kind.kind {
		if version != "" || kind != "" || c.kind.custom {
			return badRequest("the object provided (%s, %s) does not match the path's (%s, %s)", version, kind,
				c.kind.apiVersion(), c.kind.kind)
		}
		value["apiVersion"], value["kind"] = c.kind.apiVersion(), c.kind.kind
	}
	fields := metadata(value)
	if !c.kind.namespaced {
		delete(fields, "namespace")
		return nil
	}
	if namespace := text(value, "metadata", "namespace"); namespace != "" && namespace != c.namespace {
		return badRequest("the namespace of the provided object does not match the namespace sent on the request")
	}
	fields["namespace"] = c.namespace
	return nil
}

// admit applies the rules of an object's kind.
func (s *server) admit(c *call, before, value object) *failure {
	name := text(value, "metadata", "name")
	switch {
	case c.kind.title() == "secrets":
		return admitSecret(c.kind, name, before, value)
	case c.kind.plural == "customresourcedefinitions":
		if c.parameter("dryRun") != "" || c.subresource == "status" {
			return nil
		}
		if causes := s.types.define(value); len(causes) > 0 {
			return invalid(c.kind, name, causes)
		}
		condition := func(kind string) object { return object{"type": kind, "status": "True", "reason": "Accepted"} }
		value["status"] = object{
			"acceptedNames": clone(member(value, "spec", "names")),
			"conditions":    []any{condition("NamesAccepted"), condition("Established")},
		}
	case c.kind.custom && len(c.kind.schema) > 0:
		unknown, causes := check(c.kind.schema, value)
		if len(unknown) > 0 && c.parameter("fieldValidation") == "Strict" {
			return badRequest("strict decoding error: unknown field %q", strings.Join(unknown, "\", unknown field \""))
		}
		for _, field := range unknown {
			c.query["\x00warning"] = append(c.query["\x00warning"], "unknown field \\\""+field+"\\\"")
		}
		if len(causes) > 0 {
			return invalid(c.kind, name, causes)
		}
	}
	return nil
}

func admitSecret(kind *resourceType, name string, before, value object) *failure {
	data, _ := value["data"].(object)
	if texts, is := value["stringData"].(object); is {
		if data == nil {
			data = object{}
		}
		for key, one := range texts {
			data[key] = base64.StdEncoding.EncodeToString([]byte(fmt.Sprint(one)))
		}
		value["data"] = data
		delete(value, "stringData")
	}
	size := 0
	for key, one := range data {
		encoded, is := one.(string)
		decoded, err := base64.StdEncoding.DecodeString(encoded)
		if !is || err != nil {
			return badRequest("Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data at input byte 0")
		}
		size += len(decoded)
		if strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") != "" || key == "" {
			return invalid(kind, name, []cause{{
				"FieldValueInvalid", fmt.Sprintf("Invalid value: %q: a valid config key must consist of alphanumeric"+
					" characters, '-', '_' or '.'", key), "data[" + key + "]",
			}})
		}
	}
	if size > 1<<20 {
		return invalid(kind, name, []cause{{"FieldValueTooLong", "Too long: must have at most 1048576 bytes", "data"}})
	}
	if text(value, "type") == "" {
		value["type"] = "Opaque"
	}
	if before == nil {
		return nil
	}
	causes := []cause{}
	forbid := func(field string) {
		causes = append(causes, cause{"FieldValueForbidden", "Forbidden: field is immutable when `immutable` is set", field})
	}
	if before["immutable"] == true {
		if value["immutable"] != true {
			forbid("immutable")
		}
		if !equal(before["data"], value["data"]) {
			forbid("data")
		}
	}
	if text(before, "type") != text(value, "type") {
		causes = append(causes, cause{"FieldValueInvalid", "Invalid value: field is immutable", "type"})
	}
	if len(causes) > 0 {
		return invalid(kind, name, causes)
	}
	return nil
}

func (s *server) delete(c *call, body []byte) (object, *failure) {
	value, failed := s.get(c)
	if failed != nil {
		return nil, failed
	}
	options := object{}
	if len(body) > 0 {
		var err error
		if options, err = parseBody(body); err != nil {
			return nil, badRequest("cannot read DeleteOptions: %v", err)
		}
	}
	for _, field := range []string{"uid", "resourceVersion"} {
		if wanted := text(options, "preconditions", field); wanted != "" && wanted != text(value, "metadata", field) {
			return nil, conflict(c.kind, c.name, "Precondition failed: "+field+" in precondition: "+wanted+
				", in object meta: "+text(value, "metadata", field))
		}
	}
	after, isGone := s.deleteLocked(c.key(c.name))
	if !isGone {
		return after, nil
	}
	return object{
		"kind": "Status", "apiVersion": "v1", "metadata": object{}, "status": "Success", "details": object{
			"name": c.name, "group": c.kind.group, "kind": c.kind.plural, "uid": text(value, "metadata", "uid"),
		},
	}, nil
}
