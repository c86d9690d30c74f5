// Gogrpcpeer fetches a secret with Go's own gRPC over TLS, as a federation client written in Go may do.
//
// It prints the value on stdout. A failed call ends it with exit code 1 and
// the code's name first on stderr, for example "PermissionDenied: Not Found".
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	federationv1 "federation/v1"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

type options struct {
	address, serverCA, tokenFile, callerCA string
	store, name                            string
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
	flag.DurationVar(&o.timeout, "timeout", 30*time.Second, "deadline of the call, and of its dialling")
	flag.Parse()

	value, err := run(o)
	if err != nil {
		answer := status.Convert(err)
		fmt.Fprintf(os.Stderr, "%v: %s\n", answer.Code(), answer.Message())
		os.Exit(1)
	}
	os.Stdout.Write(value)
}

func run(o options) ([]byte, error) {
	transport, err := credentials.NewClientTLSFromFile(o.serverCA, "localhost")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), o.timeout)
	defer cancel()
	conn, err := grpc.DialContext(ctx, o.address, grpc.WithTransportCredentials(transport), grpc.WithBlock())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	health, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		return nil, err
	}
	if health.Status != grpc_health_v1.HealthCheckResponse_SERVING {
		return nil, fmt.Errorf("the server is %v", health.Status)
	}

	callerCA, err := os.ReadFile(o.callerCA)
	if err != nil {
		return nil, err
	}
	if o.tokenFile != "" {
		token, err := os.ReadFile(o.tokenFile)
		if err != nil {
			return nil, err
		}
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+strings.TrimSpace(string(token)))
	}
	request := &federationv1.GetSecretRequest{Store: o.store, Name: o.name, CaCrt: callerCA}
	response, err := federationv1.NewFederationServiceClient(conn).GetSecret(ctx, request)
	return response.GetValue(), err
}
