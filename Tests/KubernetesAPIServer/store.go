package main

import (
	"sort"
	"strconv"
	"strings"
	"sync"
)

// key names an object; objects of one type sort by namespace, then name.
type key struct{ kind, namespace, name string }

// event is one change, as watches tell it.
type event struct {
	revision int
	key      key
	before   object // nil when it was created
	after    object // nil when it was deleted
	last     object // of a deletion: the last state, at the deletion's revision
}

// store keeps the objects, and the changes since the last compaction.
type store struct {
	mutex     sync.Mutex
	revision  int
	compacted int
	objects   map[key]object
	events    []event
	pages     map[string]page
	changed   chan struct{} // closed at each change
	bookmarks int           // how often bookmarks were asked for
}

// page is what is left of a list whose first pages were given out.
type page struct {
	revision int
	rest     []object
}

func newStore() *store {
	return &store{revision: 1, objects: map[key]object{}, pages: map[string]page{}, changed: make(chan struct{})}
}

func (s *store) signal() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// put keeps a new state under a new revision. The lock is held by the caller, as in all that follow.
func (s *store) put(key key, value object) object {
	before := s.objects[key]
	s.revision++
	metadata(value)["resourceVersion"] = strconv.Itoa(s.revision)
	s.objects[key] = value
	s.events = append(s.events, event{revision: s.revision, key: key, before: before, after: value})
	s.signal()
	return value
}

func (s *store) remove(key key) object {
	before := s.objects[key]
	s.revision++
	last := cloned(before)
	metadata(last)["resourceVersion"] = strconv.Itoa(s.revision)
	delete(s.objects, key)
	s.events = append(s.events, event{revision: s.revision, key: key, before: before, last: last})
	s.signal()
	return last
}

func (s *store) all(kind, namespace string, matches func(object) bool) []object {
	keys := []key{}
	for key, value := range s.objects {
		if key.kind == kind && (namespace == "" || key.namespace == namespace) && matches(value) {
			keys = append(keys, key)
		}
	}
	sort.Slice(keys, func(left, right int) bool {
		if keys[left].namespace != keys[right].namespace {
			return keys[left].namespace < keys[right].namespace
		}
		return keys[left].name < keys[right].name
	})
	values := make([]object, len(keys))
	for index, key := range keys {
		values[index] = s.objects[key]
	}
	return values
}

// compact forgets every change up to now, as etcd's compaction does: versions before the current one are expired.
func (s *store) compact() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.compacted = s.revision
	s.events = nil
	s.pages = map[string]page{}
	s.signal()
}

func (s *store) bookmarkNow() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.bookmarks++
	s.signal()
}

// after returns the changes past a revision; false when they are no longer kept.
func (s *store) after(revision int) ([]event, bool) {
	if revision < s.compacted {
		return nil, false
	}
	first := sort.Search(len(s.events), func(index int) bool { return s.events[index].revision > revision })
	return append([]event(nil), s.events[first:]...), true
}

// collectGarbage deletes what only the object of that UID owned.
func (s *server) collectGarbage(uid string) {
	s.store.mutex.Lock()
	defer s.store.mutex.Unlock()
	living := map[string]bool{}
	for _, value := range s.store.objects {
		living[text(value, "metadata", "uid")] = true
	}
	for key, value := range s.store.objects {
		owners := list(member(value, "metadata")["ownerReferences"])
		owned, kept := false, false
		for _, one := range owners {
			owner, _ := one.(object)
			owned = owned || text(owner, "uid") == uid
			kept = kept || living[text(owner, "uid")]
		}
		if owned && !kept {
			s.deleteLocked(key)
		}
	}
}

// deleteLocked deletes an object, or marks it while finalizers hold it. It returns the object as it is then, and
// whether it is gone.
func (s *server) deleteLocked(key key) (object, bool) {
	value := s.store.objects[key]
	if len(list(member(value, "metadata")["finalizers"])) > 0 {
		if text(value, "metadata", "deletionTimestamp") != "" {
			return value, false
		}
		marked := cloned(value)
		metadata(marked)["deletionTimestamp"] = now()
		metadata(marked)["deletionGracePeriodSeconds"] = 0
		return s.store.put(key, marked), false
	}
	last := s.store.remove(key)
	s.removed(key, last)
	return last, true
}

// removed does what follows from an object's end.
func (s *server) removed(key key, last object) {
	go s.collectGarbage(text(last, "metadata", "uid"))
	switch key.kind {
	case "namespaces":
		for other := range s.store.objects {
			if other.namespace == key.name {
				s.deleteLocked(other)
			}
		}
	case "customresourcedefinitions.apiextensions.k8s.io":
		s.types.removeDefinition(key.name)
		for other := range s.store.objects {
			if other.kind == key.name {
				s.deleteLocked(other)
			}
		}
	}
}

func (s *server) createNamespace(name string) {
	s.store.mutex.Lock()
	defer s.store.mutex.Unlock()
	kind := s.types.find("", "v1", "namespaces")
	value := object{
		"apiVersion": "v1", "kind": "Namespace", "spec": object{"finalizers": []any{"kubernetes"}},
		"status": object{"phase": "Active"},
		"metadata": object{"name": name, "uid": newUID(), "creationTimestamp": now(), "labels": object{
			"kubernetes.io/metadata.name": name,
		}},
	}
	s.store.put(key{kind.title(), "", name}, value)
}

func isSubdomain(name string) bool {
	if name == "" || len(name) > 253 || strings.Contains(name, "..") {
		return false
	}
	for index, letter := range name {
		edge := index == 0 || index == len(name)-1
		isAlphanumeric := letter >= 'a' && letter <= 'z' || letter >= '0' && letter <= '9'
		if !isAlphanumeric && (edge || letter != '-' && letter != '.') {
			return false
		}
	}
	return true
}
