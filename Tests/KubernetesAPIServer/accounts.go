package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"time"
)

// accounts knows the administrator's token, and issues and checks those of service accounts.
type accounts struct {
	administrator string
	issuer        string

	mutex sync.Mutex
	key   *rsa.PrivateKey
	// longest is how many seconds a token lives at most; 0 for as many as are asked for.
	longest int64
}

const keyName = "stand-in"

func newAccounts(administrator, issuer string) *accounts {
	return &accounts{administrator: administrator, issuer: issuer, key: newKey()}
}

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

// forget has every token that was issued be worth nothing.
func (a *accounts) forget() {
	key := newKey()
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.key = key
}

// shorten has tokens from now on live for so many seconds at most.
func (a *accounts) shorten(seconds int64) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.longest = seconds
}

func (a *accounts) current() (*rsa.PrivateKey, int64) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.key, a.longest
}

// knows tells whether a request proves who sends it.
func (a *accounts) knows(r *http.Request) bool {
	if r.TLS != nil && len(r.TLS.VerifiedChains) > 0 {
		return true
	}
	if _, password, is := r.BasicAuth(); is {
		return same(password, a.administrator)
	}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	return a.administrator == "" || same(token, a.administrator) || a.issued(token, r.URL.Path)
}

func same(left, right string) bool {
	return subtle.ConstantTimeCompare([]byte(left), []byte(right)) == 1
}

// issued tells whether a token is one of this cluster's that path may be asked for with: the API's own, but for the keys,
// which clusters may show to anyone.
func (a *accounts) issued(token, path string) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	key, _ := a.current()
	if err != nil || rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature) != nil {
		return false
	}
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	claims := struct {
		Exp int64
		Aud []string
	}{}
	if json.Unmarshal(payload, &claims) != nil || claims.Exp <= time.Now().Unix() {
		return false
	}
	if path == "/.well-known/openid-configuration" || path == "/openid/v1/jwks" {
		return true
	}
	for _, audience := range claims.Aud {
		if audience == a.issuer {
			return true
		}
	}
	return false
}

// user is the service account that sends a request which proves it, and empty for the administrator.
func user(r *http.Request) string {
	parts := strings.Split(r.Header.Get("Authorization"), ".")
	if len(parts) != 3 {
		return ""
	}
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
	claims := struct{ Sub string }{}
	if json.Unmarshal(payload, &claims) != nil {
		return ""
	}
	return claims.Sub
}

// sign makes the token that a TokenRequest asks for.
func (a *accounts) sign(account object, audiences []any, seconds int64) string {
	if len(audiences) == 0 {
		audiences = []any{a.issuer}
	}
	issued := time.Now().Unix()
	namespace, name := text(account, "metadata", "namespace"), text(account, "metadata", "name")
	claims := object{
		"aud": audiences, "exp": issued + seconds, "iat": issued, "nbf": issued, "iss": a.issuer, "jti": newUID(),
		"sub": "system:serviceaccount:" + namespace + ":" + name,
		"kubernetes.io": object{
			"namespace": namespace, "serviceaccount": object{"name": name, "uid": text(account, "metadata", "uid")},
		},
	}
	encode := func(value any) string {
		bytes, _ := json.Marshal(value)
		return base64.RawURLEncoding.EncodeToString(bytes)
	}
	signed := encode(object{"alg": "RS256", "kid": keyName}) + "." + encode(claims)
	digest := sha256.Sum256([]byte(signed))
	key, _ := a.current()
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		panic(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// wellKnown answers the issuer's discovery and keys.
func (s *server) wellKnown(w http.ResponseWriter, r *http.Request) bool {
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		send(w, 200, object{
			"issuer": s.accounts.issuer, "jwks_uri": s.accounts.issuer + "/openid/v1/jwks",
			"response_types_supported": []any{"id_token"}, "subject_types_supported": []any{"public"},
			"id_token_signing_alg_values_supported": []any{"RS256"},
		})
	case "/openid/v1/jwks":
		private, _ := s.accounts.current()
		key := private.PublicKey
		exponent := big.NewInt(int64(key.E)).Bytes()
		send(w, 200, object{"keys": []any{object{
			"use": "sig", "kty": "RSA", "kid": keyName, "alg": "RS256",
			"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
			"e": base64.RawURLEncoding.EncodeToString(exponent),
		}}})
	default:
		return false
	}
	return true
}

// requestToken is `POST serviceaccounts/NAME/token`.
func (s *server) requestToken(account object, body object) object {
	seconds := int64(3600)
	switch number := member(body, "spec")["expirationSeconds"].(type) {
	case json.Number:
		seconds, _ = number.Int64()
	case uint64:
		seconds = int64(number)
	}
	if _, longest := s.accounts.current(); longest > 0 && seconds > longest {
		seconds = longest
	}
	audiences := list(member(body, "spec")["audiences"])
	return object{
		"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
		"metadata": object{
			"name": text(account, "metadata", "name"), "namespace": text(account, "metadata", "namespace"),
			"creationTimestamp": now(),
		},
		"spec": object{"audiences": audiences, "expirationSeconds": seconds},
		"status": object{
			"token":               s.accounts.sign(account, audiences, seconds),
			"expirationTimestamp": time.Now().UTC().Add(time.Duration(seconds) * time.Second).Format(time.RFC3339),
		},
	}
}
