package main

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// fault makes requests fail that a test has chosen.
type fault struct {
	Verb       string // of RBAC, empty for every one
	Resource   string // the plural, empty for every one
	Status     int
	Count      int // how many more requests fail, below 0 for all
	RetryAfter int
}

// request is what the log of requests keeps.
type request struct {
	Verb     string `json:"verb"`
	Resource string `json:"resource"`
	Path     string `json:"path"`
	Status   int    `json:"status"`
	User     string `json:"user"`
}

type faults struct {
	mutex sync.Mutex
	list  []*fault
	log   []request
}

// take returns the fault that meets a request, and counts it.
func (f *faults) take(verb, resource string) *fault {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for _, one := range f.list {
		if one.Count != 0 && (one.Verb == "" || one.Verb == verb) && (one.Resource == "" || one.Resource == resource) {
			if one.Count > 0 {
				one.Count--
			}
			return one
		}
	}
	return nil
}

func (f *faults) record(entry request) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.log = append(f.log, entry)
}

// controls is the handler of the second port. Every path is a POST and answers 200 when it is done:
// stop, start, cut (all watches), compact (old versions), bookmark (all watches now), fail, heal, forget (all tokens),
// shorten (tokens from now on), requests.
func (s *server) controls() http.Handler {
	mux := http.NewServeMux()
	do := func(path string, act func(*http.Request) error) {
		mux.HandleFunc("/"+path, func(w http.ResponseWriter, r *http.Request) {
			if err := act(r); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		})
	}
	do("stop", func(*http.Request) error { s.stop(); return nil })
	do("start", func(*http.Request) error {
		// The port's last connections may still be closing.
		var err error
		for try := 0; try < 50; try++ {
			if err = s.start(); err == nil {
				return nil
			}
			time.Sleep(20 * time.Millisecond)
		}
		return err
	})
	do("cut", func(*http.Request) error { s.cutWatches(); return nil })
	do("compact", func(*http.Request) error { s.store.compact(); return nil })
	do("bookmark", func(*http.Request) error { s.store.bookmarkNow(); return nil })
	do("fail", func(r *http.Request) error {
		number := func(name string) int { value, _ := strconv.Atoi(r.FormValue(name)); return value }
		s.faults.mutex.Lock()
		defer s.faults.mutex.Unlock()
		s.faults.list = append(s.faults.list, &fault{
			Verb: r.FormValue("verb"), Resource: r.FormValue("resource"), Status: number("status"),
			Count: number("count"), RetryAfter: number("retryAfter"),
		})
		return nil
	})
	do("heal", func(*http.Request) error {
		s.faults.mutex.Lock()
		defer s.faults.mutex.Unlock()
		s.faults.list = nil
		return nil
	})
	do("forget", func(*http.Request) error { s.accounts.forget(); return nil })
	do("shorten", func(r *http.Request) error {
		seconds, err := strconv.ParseInt(r.FormValue("seconds"), 10, 64)
		s.accounts.shorten(seconds)
		return err
	})
	mux.HandleFunc("/requests", func(w http.ResponseWriter, r *http.Request) {
		s.faults.mutex.Lock()
		defer s.faults.mutex.Unlock()
		entries := []request{}
		for _, entry := range s.faults.log {
			if resource := r.FormValue("resource"); resource == "" || strings.HasPrefix(entry.Resource, resource) {
				entries = append(entries, entry)
			}
		}
		json.NewEncoder(w).Encode(entries)
	})
	return mux
}
