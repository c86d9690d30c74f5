// The gRPC peer: Debian's gRPC C++ answering GetSecret over TLS, set up for one core.
#include <getopt.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "server.hpp"

namespace {

struct Options {
    std::string listen = "127.0.0.1:0", certificate, key_file, tokens, store = "bench", key = "key-0", api = "async";
    std::size_t value_size = 64;
    int threads = 1;
};

Options parsed(int argc, char** argv) {
    static const option known[] = {
        {"listen", required_argument, nullptr, 'l'},     {"tls-cert", required_argument, nullptr, 'c'},
        {"tls-key", required_argument, nullptr, 'p'},    {"tokens", required_argument, nullptr, 't'},
        {"store", required_argument, nullptr, 's'},      {"key", required_argument, nullptr, 'k'},
        {"value-size", required_argument, nullptr, 'n'}, {"api", required_argument, nullptr, 'a'},
        {"threads", required_argument, nullptr, 'T'},    {nullptr, 0, nullptr, 0},
    };
    Options options;
    for (int letter; (letter = getopt_long(argc, argv, "", known, nullptr)) != -1;) {
        switch (letter) {
            case 'l': options.listen = optarg; break;
            case 'c': options.certificate = optarg; break;
            case 'p': options.key_file = optarg; break;
            case 't': options.tokens = optarg; break;
            case 's': options.store = optarg; break;
            case 'k': options.key = optarg; break;
            case 'n': options.value_size = std::stoul(optarg); break;
            case 'a': options.api = optarg; break;
            case 'T': options.threads = std::stoi(optarg); break;
            default: throw std::runtime_error("unknown flag");
        }
    }
    return options;
}

std::string contents(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error(path + ": cannot be read");
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

void bench::announce(int port) {
    std::cout << "ready listen=127.0.0.1:" << port << std::endl;
}

int main(int argc, char** argv) try {
    Options options = parsed(argc, argv);
    bench::Federation federation(options.tokens, options.store, options.key, options.value_size);

    grpc::SslServerCredentialsOptions tls(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
    tls.pem_key_cert_pairs.push_back({contents(options.key_file), contents(options.certificate)});
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort(options.listen, grpc::SslServerCredentials(tls), &port);
    // All three only take work away: probes of a network that is the loopback, filters that nothing here uses, and
    // a limit on streams below what the load may open.
    builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    builder.AddChannelArgument(GRPC_ARG_MINIMAL_STACK, 1);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 1 << 20);
    if (options.api == "callback") {
        bench::serve_callback(federation, builder, port);
    } else if (options.api == "async") {
        bench::serve_async(federation, builder, port, options.threads);
    } else {
        throw std::runtime_error("--api is async or callback");
    }
} catch (const std::exception& error) {
    std::fprintf(stderr, "grpc-server: %s\n", error.what());
    return 1;
}
