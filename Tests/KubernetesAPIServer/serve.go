package main

import (
	"io"
	"mime"
	"net/http"
	"strings"
)

// call is a request for objects, taken apart.
type call struct {
	kind                         *resourceType
	namespace, name, subresource string
	verb                         string // of RBAC
	query                        map[string][]string
	wantsTable                   bool
}

func (c *call) parameter(name string) string {
	if values := c.query[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

func (c *call) key(name string) key { return key{c.kind.title(), c.namespace, name} }

type statusWriter struct {
	http.ResponseWriter
	code int
}

func (w *statusWriter) WriteHeader(code int) {
	w.code = code
	w.ResponseWriter.WriteHeader(code)
}

func (w *statusWriter) Flush() { w.ResponseWriter.(http.Flusher).Flush() }

// ServeHTTP answers the API's port.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.accounts.knows(r) {
		(&failure{code: 401, reason: "Unauthorized", message: "Unauthorized"}).send(w)
		return
	}
	c := s.parse(r)
	if c == nil {
		if !s.discover(w, r) {
			http.NotFound(w, r)
		}
		return
	}
	recorder := &statusWriter{w, 200}
	resource := c.kind.plural
	if c.subresource != "" {
		resource += "/" + c.subresource
	}
	if fault := s.faults.take(c.verb, resource); fault != nil {
		s.faults.record(request{c.verb, resource, r.URL.RequestURI(), fault.Status, user(r)})
		s.fail(recorder, fault, c, resource)
		return
	}
	if c.verb == "watch" {
		// A watch ends late: it is noted when it begins.
		s.faults.record(request{c.verb, resource, r.URL.RequestURI(), 200, user(r)})
		s.watch(recorder, r, c)
		return
	}
	s.answer(recorder, r, c)
	s.faults.record(request{c.verb, resource, r.URL.RequestURI(), recorder.code, user(r)})
}

func (s *server) fail(w http.ResponseWriter, fault *fault, c *call, resource string) {
	reasons := map[int]string{403: "Forbidden", 404: "NotFound", 409: "Conflict", 429: "TooManyRequests"}
	reason := reasons[fault.Status]
	if reason == "" {
		reason = "InternalError"
	}
	message := "a test wants this request to fail"
	if fault.Status == 403 {
		message = resource + " is forbidden: User \"test\" cannot " + c.verb + " resource \"" + resource + "\""
	}
	(&failure{fault.Status, reason, message, c.kind, c.name, nil, fault.RetryAfter}).send(w)
}

// parse takes a path of objects apart; nil for every other path.
func (s *server) parse(r *http.Request) *call {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	group, version := "", ""
	switch {
	case len(parts) >= 3 && parts[0] == "api":
		version, parts = parts[1], parts[2:]
	case len(parts) >= 4 && parts[0] == "apis":
		group, version, parts = parts[1], parts[2], parts[3:]
	default:
		return nil
	}
	c := &call{query: r.URL.Query(), wantsTable: strings.Contains(r.Header.Get("Accept"), "as=Table")}
	if parts[0] == "namespaces" && len(parts) >= 3 && parts[2] != "status" && parts[2] != "finalize" {
		c.namespace, parts = parts[1], parts[2:]
	}
	c.kind = s.types.find(group, version, parts[0])
	if c.kind == nil || (c.namespace != "" && !c.kind.namespaced) {
		return nil
	}
	if len(parts) > 1 {
		c.name = parts[1]
	}
	if len(parts) > 2 {
		c.subresource = parts[2]
	}
	if len(parts) > 3 {
		return nil
	}
	isWatch := c.parameter("watch") == "1" || c.parameter("watch") == "true"
	switch r.Method {
	case http.MethodGet:
		c.verb = "get"
		if isWatch {
			c.verb = "watch"
		} else if c.name == "" {
			c.verb = "list"
		}
	case http.MethodPost:
		c.verb = "create"
	case http.MethodPut:
		c.verb = "update"
	case http.MethodPatch:
		c.verb = "patch"
	case http.MethodDelete:
		c.verb = "delete"
		if c.name == "" {
			c.verb = "deletecollection"
		}
	}
	return c
}

func (s *server) answer(w http.ResponseWriter, r *http.Request, c *call) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 3<<20))
	if err != nil {
		(&failure{code: 413, reason: "RequestEntityTooLarge", message: "the request is too large"}).send(w)
		return
	}
	s.store.mutex.Lock()
	defer s.store.mutex.Unlock()
	var value object
	var failed *failure
	code := 200
	switch c.verb {
	case "get":
		value, failed = s.get(c)
	case "list":
		s.list(w, c)
		return
	case "create":
		code = 201
		value, failed = s.create(c, body)
	case "update":
		value, failed = s.update(c, body)
	case "patch":
		kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		value, code, failed = s.patch(c, kind, body)
	case "delete":
		value, failed = s.delete(c, body)
	case "deletecollection":
		value, failed = s.deleteCollection(c)
	}
	if failed != nil {
		failed.send(w)
		return
	}
	for _, warning := range c.query["\x00warning"] {
		w.Header().Add("Warning", "299 - \""+warning+"\"")
	}
	if c.wantsTable && value["kind"] != "Status" {
		send(w, code, table(c.kind, []object{value}, object{}))
		return
	}
	send(w, code, c.shown(value))
}

// shown is an object in the version that was asked for.
func (c *call) shown(value object) object {
	if value["apiVersion"] == c.kind.apiVersion() || value["kind"] != c.kind.kind {
		return value
	}
	shown := object{}
	for name, member := range value {
		shown[name] = member
	}
	shown["apiVersion"] = c.kind.apiVersion()
	return shown
}

func (s *server) get(c *call) (object, *failure) {
	value, is := s.store.objects[c.key(c.name)]
	if !is {
		return nil, notFound(c.kind, c.name)
	}
	return value, nil
}
