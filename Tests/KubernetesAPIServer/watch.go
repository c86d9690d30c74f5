package main

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// watch streams changes until the client goes, the time is over or a test cuts it.
func (s *server) watch(w http.ResponseWriter, r *http.Request, c *call) {
	if c.parameter("sendInitialEvents") != "" {
		invalid(c.kind, "", []cause{{
			"FieldValueForbidden", "Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled",
			"sendInitialEvents",
		}}).send(w)
		return
	}
	matches, failed := c.selection()
	if failed != nil {
		failed.send(w)
		return
	}
	if c.name != "" {
		name := c.name
		within := matches
		matches = func(value object) bool { return text(value, "metadata", "name") == name && within(value) }
	}
	seconds, err := strconv.Atoi(c.parameter("timeoutSeconds"))
	if err != nil || seconds <= 0 {
		seconds = 1800
	}
	end := time.NewTimer(time.Duration(seconds) * time.Second)
	defer end.Stop()
	wantsBookmarks := c.parameter("allowWatchBookmarks") == "true" || c.parameter("allowWatchBookmarks") == "1"
	bookmarks := time.NewTicker(s.bookmark)
	defer bookmarks.Stop()
	cut := s.cutSignal()

	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(200)
	output := json.NewEncoder(w)
	tell := func(kind string, value object) {
		if c.wantsTable && kind != "ERROR" {
			value = table(c.kind, []object{value}, object{"resourceVersion": text(value, "metadata", "resourceVersion")})
		} else if kind != "ERROR" {
			value = c.shown(value)
		}
		output.Encode(object{"type": kind, "object": value})
	}
	mark := func(revision int) {
		tell("BOOKMARK", object{
			"apiVersion": c.kind.apiVersion(), "kind": c.kind.kind,
			"metadata": object{"resourceVersion": strconv.Itoa(revision), "creationTimestamp": nil},
		})
	}

	s.store.mutex.Lock()
	revision, _ := strconv.Atoi(c.parameter("resourceVersion"))
	initial := []object{}
	if revision == 0 {
		revision = s.store.revision
		initial = s.store.all(c.kind.title(), c.namespace, matches)
	}
	asked := s.store.bookmarks
	s.store.mutex.Unlock()
	for _, value := range initial {
		tell("ADDED", value)
	}
	for {
		s.store.mutex.Lock()
		events, isKept := s.store.after(revision)
		current, changed := s.store.revision, s.store.changed
		isAsked := s.store.bookmarks != asked
		asked = s.store.bookmarks
		s.store.mutex.Unlock()
		if !isKept {
			tell("ERROR", expired("too old resource version: "+strconv.Itoa(revision)).status())
			return
		}
		for _, one := range events {
			c.tell(one, matches, tell)
		}
		revision = current
		if isAsked && wantsBookmarks {
			mark(revision)
		}
		w.(http.Flusher).Flush()
		select {
		case <-changed:
		case <-bookmarks.C:
			if wantsBookmarks {
				mark(revision)
			}
		case <-end.C:
			if wantsBookmarks {
				mark(revision)
			}
			return
		case <-cut:
			panic(http.ErrAbortHandler)
		case <-r.Context().Done():
			return
		}
	}
}

// tell is what a change means to a watch: an object that comes under its selectors is new to it.
func (c *call) tell(one event, matches func(object) bool, tell func(string, object)) {
	if one.key.kind != c.kind.title() || c.namespace != "" && one.key.namespace != c.namespace {
		return
	}
	before := one.before != nil && matches(one.before)
	after := one.after != nil && matches(one.after)
	switch {
	case after && before:
		tell("MODIFIED", one.after)
	case after:
		tell("ADDED", one.after)
	case before && one.last != nil:
		tell("DELETED", one.last)
	case before:
		last := cloned(one.before)
		metadata(last)["resourceVersion"] = strconv.Itoa(one.revision)
		tell("DELETED", last)
	}
}
