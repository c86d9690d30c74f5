// Reactors that gRPC's own threads call.
#include "server.hpp"

namespace bench {
namespace {

class Service final : public federation::v1::FederationService::CallbackService {
public:
    explicit Service(const Federation& federation) : federation_(federation) {}

    grpc::ServerUnaryReactor* GetSecret(grpc::CallbackServerContext* context,
                                        const federation::v1::GetSecretRequest* request,
                                        federation::v1::GetSecretResponse* response) override {
        grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
        reactor->Finish(federation_.get_secret(*context, *request, *response));
        return reactor;
    }

private:
    const Federation& federation_;
};

}  // namespace

void serve_callback(const Federation& federation, grpc::ServerBuilder& builder, const int& port) {
    Service service(federation);
    builder.RegisterService(&service);
    auto server = builder.BuildAndStart();
    if (server == nullptr) throw std::runtime_error("cannot listen");
    announce(port);
    server->Wait();
}

}  // namespace bench
