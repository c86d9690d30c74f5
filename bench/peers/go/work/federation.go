// Package work is what a call asks of each of the Go peers, so that they differ in nothing but their wire.
package work

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

// Outcome says how a call ended; each wire has its own code for it.
type Outcome int

// The ends that a call can have.
const (
	OK Outcome = iota
	Unauthenticated
	PermissionDenied
	NotFound
)

type identity struct {
	subject   string
	expiresAt time.Time
}

type store struct {
	readers map[string]struct{}
	values  map[string][]byte
}

// Federation holds the verified tokens, who may read which store, and the values.
type Federation struct {
	identities map[string]identity
	stores     map[string]store
}

// NewFederation takes each token of the file for verified, and lets its subject read the store.
func NewFederation(o Options) (*Federation, error) {
	served := store{readers: map[string]struct{}{}, values: map[string][]byte{o.Key: value(o.Key, o.ValueSize)}}
	f := &Federation{identities: map[string]identity{}, stores: map[string]store{o.Store: served}}
	file, err := os.Open(o.Tokens)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		token := lines.Text()
		who, err := claimed(token)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.Tokens, err)
		}
		f.identities[token] = who
		served.readers[who.subject] = struct{}{}
	}
	return f, lines.Err()
}

// GetSecret answers with the value of the key in the store, if the bearer may read it.
func (f *Federation) GetSecret(authorization, storeName, key string) ([]byte, Outcome) {
	const scheme = "Bearer "
	if !strings.HasPrefix(authorization, scheme) {
		return nil, Unauthenticated
	}
	who, known := f.identities[authorization[len(scheme):]]
	if !known || !time.Now().Before(who.expiresAt) {
		return nil, Unauthenticated
	}
	from, known := f.stores[storeName]
	if !known {
		return nil, PermissionDenied
	}
	if _, may := from.readers[who.subject]; !may {
		return nil, PermissionDenied
	}
	secret, known := from.values[key]
	if !known {
		return nil, NotFound
	}
	return secret, OK
}

func claimed(token string) (identity, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return identity{}, fmt.Errorf("not a JWT on each line")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return identity{}, err
	}
	var claims struct {
		Subject   string `json:"sub"`
		ExpiresAt int64  `json:"exp"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return identity{}, err
	}
	return identity{claims.Subject, time.Unix(claims.ExpiresAt, 0)}, nil
}

func value(key string, size int) []byte {
	return []byte(strings.Repeat(key+".", size/(len(key)+1)+1)[:size])
}
