// Ttrpc-go answers GetSecret with containerd's own ttrpc server over TLS.
package main

import (
	"context"
	"net"

	"benchpeers/work"
	federationv1 "federation/v1"

	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func main() {
	work.Serve("ttrpc", func(federation *work.Federation, listener net.Listener) error {
		server, err := ttrpc.NewServer()
		if err != nil {
			return err
		}
		federationv1.RegisterFederationServiceService(server, service{federation: federation})
		return server.Serve(context.Background(), listener)
	})
}

// The other methods of the schema are not asked for; the embedded nil has them.
type service struct {
	federationv1.FederationServiceService
	federation *work.Federation
}

func (s service) GetSecret(
	ctx context.Context, request *federationv1.GetSecretRequest,
) (*federationv1.GetSecretResponse, error) {
	authorization, _ := ttrpc.GetMetadataValue(ctx, "authorization")
	value, outcome := s.federation.GetSecret(authorization, request.Store, request.Name)
	switch outcome {
	case work.OK:
		return &federationv1.GetSecretResponse{Value: value}, nil
	case work.Unauthenticated:
		return nil, status.Error(codes.Unauthenticated, "Unauthorized")
	case work.PermissionDenied:
		return nil, status.Error(codes.PermissionDenied, "Not Found")
	default:
		return nil, status.Error(codes.NotFound, "no such secret")
	}
}
