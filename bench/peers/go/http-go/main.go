// Http-go answers the documented HTTP API with Go's own net/http and nothing else.
package main

import (
	"encoding/json"
	"io"
	"math/rand"
	"net"
	"net/http"
	"strconv"
	"strings"

	"benchpeers/work"
)

func main() {
	work.Serve("http/1.1", func(federation *work.Federation, listener net.Listener) error {
		server := &http.Server{Handler: secretStore{federation}}
		return server.Serve(listener)
	})
}

// The route is POST /secretstore/{store}/secrets/{name}, matched by hand: net/http of this Go has no patterns.
type secretStore struct {
	federation *work.Federation
}

func (s secretStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, ok := cutPrefix(r.URL.Path, "/secretstore/")
	store, name, found := strings.Cut(rest, "/secrets/")
	if !ok || !found || r.Method != http.MethodPost {
		answer(w, http.StatusNotFound, "Not Found")
		return
	}
	body, err := io.ReadAll(r.Body)
	var request struct {
		CA string `json:"ca.crt"`
	}
	if err != nil || json.Unmarshal(body, &request) != nil {
		answer(w, http.StatusBadRequest, "Bad Request")
		return
	}
	value, outcome := s.federation.GetSecret(r.Header.Get("Authorization"), store, name)
	switch outcome {
	case work.OK:
		answer(w, http.StatusOK, string(value))
	case work.Unauthenticated:
		answer(w, http.StatusUnauthorized, "Unauthorized")
	case work.PermissionDenied:
		answer(w, http.StatusNotFound, "Not Found")
	default:
		answer(w, http.StatusBadRequest, "no such secret")
	}
}

func cutPrefix(text, prefix string) (string, bool) {
	return strings.TrimPrefix(text, prefix), strings.HasPrefix(text, prefix)
}

func answer(w http.ResponseWriter, status int, text string) {
	body, err := json.Marshal(text)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`""`)
	}
	body = append(body, '\n')
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("X-Request-Id", requestID())
	w.WriteHeader(status)
	w.Write(body)
}

func requestID() string {
	const digits = "0123456789abcdef"
	var id [16]byte
	for i, bits := 0, rand.Uint64(); i < len(id); i, bits = i+1, bits>>4 {
		id[i] = digits[bits&15]
	}
	return string(id[:])
}
