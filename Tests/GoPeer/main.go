// Gopeer fetches a secret with containerd's own ttrpc client over TLS: what a
// federation client written in Go does, and proof that the wire is theirs.
//
// It prints the value on stdout. A failed call ends it with exit code 1 and
// the code's canonical name first on stderr, for example
// "PERMISSION_DENIED: Not Found".
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	federationv1 "federation/v1"

	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type options struct {
	address, serverCA, tokenFile, callerCA string
	store, name                            string
	authenticate                           bool
	concurrency, calls                     int
	timeout                                time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.address, "addr", "", "`host:port` of the server")
	flag.StringVar(&o.serverCA, "ca", "", "PEM `file` that verifies the server's TLS certificate")
	flag.StringVar(&o.tokenFile, "token-file", "", "`file` with the bearer token; none is sent without it")
	flag.StringVar(&o.callerCA, "ca-crt", "", "PEM `file` sent as ca_crt")
	flag.StringVar(&o.store, "store", "", "ClusterSecretStore on the server")
	flag.StringVar(&o.name, "name", "", "key of the secret in the store")
	flag.BoolVar(&o.authenticate, "authenticate", false, "bind the token to the connection first, then call without it")
	flag.IntVar(&o.concurrency, "concurrency", 1, "callers that share the one connection")
	flag.IntVar(&o.calls, "calls", 1, "calls that each caller makes")
	flag.DurationVar(&o.timeout, "timeout", 30*time.Second, "deadline of all calls together")
	flag.Parse()

	value, err := run(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, describe(err))
		os.Exit(1)
	}
	os.Stdout.Write(value)
}

func run(o options) ([]byte, error) {
	conn, err := dial(o.address, o.serverCA)
	if err != nil {
		return nil, err
	}
	client := ttrpc.NewClient(conn)
	defer client.Close()
	service := federationv1.NewFederationServiceClient(client)

	callerCA, err := optionalFile(o.callerCA)
	if err != nil {
		return nil, err
	}
	token, err := optionalFile(o.tokenFile)
	if err != nil {
		return nil, err
	}

	ctx, cancel := context.WithTimeout(context.Background(), o.timeout)
	defer cancel()
	authorized := ctx
	if len(token) > 0 {
		authorized = ttrpc.WithMetadata(ctx, ttrpc.MD{
			"authorization": {"Bearer " + strings.TrimSpace(string(token))},
		})
	}
	if o.authenticate {
		if _, err := service.Authenticate(authorized, &federationv1.AuthenticateRequest{CaCrt: callerCA}); err != nil {
			return nil, err
		}
		authorized = ctx
	}
	return fetchAll(authorized, service, o, callerCA)
}

// fetchAll makes every call and returns the value that all of them gave.
func fetchAll(
	ctx context.Context, service federationv1.FederationServiceService, o options, callerCA []byte,
) ([]byte, error) {
	request := &federationv1.GetSecretRequest{Store: o.store, Name: o.name, CaCrt: callerCA}
	values := make([][]byte, o.concurrency)
	failures := make([]error, o.concurrency)
	var callers sync.WaitGroup
	for caller := range values {
		callers.Add(1)
		go func(caller int) {
			defer callers.Done()
			for call := 0; call < o.calls; call++ {
				response, err := service.GetSecret(ctx, request)
				if err != nil {
					failures[caller] = err
					return
				}
				if call > 0 && !bytes.Equal(values[caller], response.Value) {
					failures[caller] = errors.New("two calls for the same secret gave different values")
					return
				}
				values[caller] = response.Value
			}
		}(caller)
	}
	callers.Wait()
	for caller, value := range values {
		if failures[caller] != nil {
			return nil, failures[caller]
		}
		if !bytes.Equal(value, values[0]) {
			return nil, errors.New("two callers for the same secret got different values")
		}
	}
	return values[0], nil
}

func dial(address, serverCA string) (*tls.Conn, error) {
	pem, err := os.ReadFile(serverCA)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("no certificate in %s", serverCA)
	}
	conn, err := tls.Dial("tcp", address, &tls.Config{RootCAs: roots, NextProtos: []string{"ttrpc"}})
	if err != nil {
		return nil, err
	}
	if protocol := conn.ConnectionState().NegotiatedProtocol; protocol != "ttrpc" {
		conn.Close()
		return nil, fmt.Errorf("the server chose protocol %q, not ttrpc", protocol)
	}
	return conn, nil
}

func optionalFile(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	return os.ReadFile(path)
}

// describe gives the canonical name of a status first, as protocol documents write it.
func describe(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "DEADLINE_EXCEEDED: no answer in time"
	}
	answer, ok := status.FromError(err)
	if !ok {
		return "failed: " + err.Error()
	}
	return canonicalName(answer.Code()) + ": " + answer.Message()
}

func canonicalName(code codes.Code) string {
	if code == codes.OK || code == codes.Canceled {
		return map[codes.Code]string{codes.OK: "OK", codes.Canceled: "CANCELLED"}[code]
	}
	var name strings.Builder
	for index, letter := range code.String() {
		if index > 0 && letter >= 'A' && letter <= 'Z' {
			name.WriteByte('_')
		}
		name.WriteRune(letter)
	}
	return strings.ToUpper(name.String())
}
