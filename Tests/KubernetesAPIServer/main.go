// A stand-in for the Kubernetes API server, for tests: the API's own behaviour for the kinds that the tests use, in
// memory, over TLS, with a second, plain port by which a test makes it fail.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// server is one API server, which may be stopped and started again on its port without losing its objects.
type server struct {
	store    *store
	types    *types
	accounts *accounts
	faults   faults
	bookmark time.Duration
	tls      *tls.Config

	mutex   sync.Mutex
	address string
	running *http.Server
	cut     chan struct{}
}

func main() {
	log.SetFlags(0)
	listen := flag.String("listen", "127.0.0.1:0", "where to serve the API over TLS")
	control := flag.String("control", "127.0.0.1:0", "where a test steers, without TLS")
	certificate := flag.String("tls-cert", "", "PEM certificate")
	key := flag.String("tls-key", "", "its PEM key")
	clientCA := flag.String("client-ca", "", "PEM certificates that clients' own may descend from")
	token := flag.String("token", "", "the administrator's bearer token")
	bookmark := flag.Duration("bookmark", time.Minute, "how often watches get bookmarks")
	flag.Parse()

	pair, err := tls.LoadX509KeyPair(*certificate, *key)
	if err != nil {
		log.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if *clientCA != "" {
		pem, err := os.ReadFile(*clientCA)
		if err != nil {
			log.Fatal(err)
		}
		config.ClientCAs = x509.NewCertPool()
		config.ClientCAs.AppendCertsFromPEM(pem)
		config.ClientAuth = tls.VerifyClientCertIfGiven
	}
	api := &server{
		store: newStore(), types: newTypes(), bookmark: *bookmark, tls: config, address: *listen,
		cut: make(chan struct{}),
	}
	if err := api.start(); err != nil {
		log.Fatal(err)
	}
	api.accounts = newAccounts(*token, "https://"+api.address)
	for _, namespace := range []string{"default", "kube-system"} {
		api.createNamespace(namespace)
	}
	steering, err := net.Listen("tcp", *control)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("ready listen=%s control=%s\n", api.address, steering.Addr())
	log.Fatal(http.Serve(steering, api.controls()))
}

// start serves on the address, which from the first time on has a port.
func (s *server) start() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.running != nil {
		return nil
	}
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		return err
	}
	s.address = listener.Addr().String()
	s.running = &http.Server{Handler: s, TLSConfig: s.tls.Clone(), ErrorLog: log.New(discard{}, "", 0)}
	go s.running.ServeTLS(listener, "", "")
	return nil
}

// stop closes the port and every connection.
func (s *server) stop() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.running != nil {
		s.running.Close()
		s.running = nil
	}
}

// cutWatches breaks every watch off in the middle of its answer.
func (s *server) cutWatches() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	close(s.cut)
	s.cut = make(chan struct{})
}

func (s *server) cutSignal() chan struct{} {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.cut
}

type discard struct{}

func (discard) Write(bytes []byte) (int, error) { return len(bytes), nil }
