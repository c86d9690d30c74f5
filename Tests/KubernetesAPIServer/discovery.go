package main

import (
	"net/http"
	"strings"
)

var verbs = []any{"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}

// discover answers what tells clients which kinds there are; false when the path asks for something else.
func (s *server) discover(w http.ResponseWriter, r *http.Request) bool {
	path := strings.Trim(r.URL.Path, "/")
	parts := strings.Split(path, "/")
	switch {
	case path == "version":
		send(w, 200, object{
			"major": "1", "minor": "29", "gitVersion": "v1.29.0", "gitCommit": "", "gitTreeState": "clean",
			"buildDate": "2024-01-01T00:00:00Z", "goVersion": "go1.21", "compiler": "gc", "platform": "linux/amd64",
		})
	case path == "healthz" || path == "livez" || path == "readyz":
		w.Write([]byte("ok"))
	case path == "api":
		send(w, 200, object{
			"kind": "APIVersions", "versions": []any{"v1"},
			"serverAddressByClientCIDRs": []any{object{"clientCIDR": "0.0.0.0/0", "serverAddress": r.Host}},
		})
	case path == "apis":
		groups := []any{}
		for _, name := range s.groups() {
			groups = append(groups, s.group(name))
		}
		send(w, 200, object{"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
	case path == "api/v1":
		send(w, 200, s.resources("", "v1"))
	case len(parts) == 2 && parts[0] == "apis":
		group := s.group(parts[1])
		if len(group["versions"].([]any)) == 0 {
			return false
		}
		group["kind"], group["apiVersion"] = "APIGroup", "v1"
		send(w, 200, group)
	case len(parts) == 3 && parts[0] == "apis":
		resources := s.resources(parts[1], parts[2])
		if len(resources["resources"].([]any)) == 0 {
			return false
		}
		send(w, 200, resources)
	case path == "openapi/v2":
		// No bytes are a protobuf document without definitions, which has kubectl leave validation to the server.
		w.Header().Set("Content-Type", "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")
	default:
		return s.wellKnown(w, r)
	}
	return true
}

func (s *server) groups() []string {
	names := []string{}
	seen := map[string]bool{"": true}
	for _, one := range s.types.all() {
		if !seen[one.group] {
			seen[one.group] = true
			names = append(names, one.group)
		}
	}
	return names
}

func (s *server) group(name string) object {
	versions := []any{}
	seen := map[string]bool{}
	for _, one := range s.types.all() {
		if one.group == name && !seen[one.version] {
			seen[one.version] = true
			versions = append(versions, object{"groupVersion": one.apiVersion(), "version": one.version})
		}
	}
	group := object{"name": name, "versions": versions}
	if len(versions) > 0 {
		group["preferredVersion"] = versions[0]
	}
	return group
}

func (s *server) resources(group, version string) object {
	resources := []any{}
	apiVersion := version
	if group != "" {
		apiVersion = group + "/" + version
	}
	for _, one := range s.types.all() {
		if one.group != group || one.version != version {
			continue
		}
		resource := object{
			"name": one.plural, "singularName": one.singular, "namespaced": one.namespaced, "kind": one.kind,
			"verbs": verbs,
		}
		if len(one.short) > 0 {
			resource["shortNames"] = one.short
		}
		resources = append(resources, resource)
		if one.status {
			resources = append(resources, object{
				"name": one.plural + "/status", "singularName": "", "namespaced": one.namespaced, "kind": one.kind,
				"verbs": []any{"get", "patch", "update"},
			})
		}
		if one.plural == "serviceaccounts" && group == "" {
			resources = append(resources, object{
				"name": "serviceaccounts/token", "singularName": "", "namespaced": true, "kind": "TokenRequest",
				"group": "authentication.k8s.io", "version": "v1", "verbs": []any{"create"},
			})
		}
	}
	return object{
		"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": apiVersion, "resources": resources,
	}
}
