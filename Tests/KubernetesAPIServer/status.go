package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// failure is what the API answers in place of an object: a Status.
type failure struct {
	code       int
	reason     string
	message    string
	kind       *resourceType
	name       string
	causes     []cause
	retryAfter int
}

type cause struct{ reason, message, field string }

func (f *failure) status() object {
	details := object{}
	if f.kind != nil {
		details["group"], details["kind"] = f.kind.group, f.kind.plural
	}
	if f.name != "" {
		details["name"] = f.name
	}
	if f.retryAfter > 0 {
		details["retryAfterSeconds"] = f.retryAfter
	}
	causes := []any{}
	for _, one := range f.causes {
		causes = append(causes, object{"reason": one.reason, "message": one.message, "field": one.field})
	}
	if len(causes) > 0 {
		details["causes"] = causes
	}
	return object{
		"kind": "Status", "apiVersion": "v1", "metadata": object{}, "status": "Failure", "message": f.message,
		"reason": f.reason, "details": details, "code": f.code,
	}
}

func (f *failure) send(w http.ResponseWriter) {
	if f.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.retryAfter))
	}
	send(w, f.code, f.status())
}

func send(w http.ResponseWriter, code int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(value)
}

func notFound(kind *resourceType, name string) *failure {
	return &failure{404, "NotFound", fmt.Sprintf("%s %q not found", kind.title(), name), kind, name, nil, 0}
}

func alreadyExists(kind *resourceType, name string) *failure {
	return &failure{409, "AlreadyExists", fmt.Sprintf("%s %q already exists", kind.title(), name), kind, name, nil, 0}
}

func conflict(kind *resourceType, name, message string) *failure {
	return &failure{
		409, "Conflict", fmt.Sprintf("Operation cannot be fulfilled on %s %q: %s", kind.title(), name, message), kind,
		name, nil, 0,
	}
}

const modified = "the object has been modified; please apply your changes to the latest version and try again"

func invalid(kind *resourceType, name string, causes []cause) *failure {
	message := fmt.Sprintf("%s %q is invalid: ", kind.kind, name)
	for index, one := range causes {
		if index > 0 {
			message += ", "
		}
		message += one.field + ": " + one.message
	}
	return &failure{422, "Invalid", message, kind, name, causes, 0}
}

func badRequest(format string, values ...any) *failure {
	return &failure{code: 400, reason: "BadRequest", message: fmt.Sprintf(format, values...)}
}

func expired(message string) *failure {
	return &failure{code: 410, reason: "Expired", message: message}
}
