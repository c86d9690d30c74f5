// gRPC's two ways to serve without a thread a call. main.cpp says which is the default, ../README.md why.
#pragma once

#include <grpcpp/grpcpp.h>

#include "federation.hpp"

namespace bench {

// Says where it listens when it does, then serves until the process is told to end.
void serve_async(const Federation& federation, grpc::ServerBuilder& builder, const int& port, int threads);
void serve_callback(const Federation& federation, grpc::ServerBuilder& builder, const int& port);

void announce(int port);

}  // namespace bench
