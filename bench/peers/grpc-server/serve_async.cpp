// One completion queue a thread, and calls whose memory is used again: the shape that gRPC's own benchmarks use.
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "server.hpp"

namespace bench {
namespace {

using Service = federation::v1::FederationService::AsyncService;

// Calls that wait for a request. More of them cost time, since gRPC uses the one that has waited longest: its memory is
// then the coldest. Requests beyond them wait their turn inside gRPC.
constexpr int calls_waiting = 128;

class Call {
public:
    Call(const Federation& federation, Service& service, grpc::ServerCompletionQueue& queue)
        : federation_(federation), service_(service), queue_(queue) {
        wait_for_request();
    }

    void proceed(bool succeeded) {
        if (answering_ || !succeeded) {
            wait_for_request();
            return;
        }
        answering_ = true;
        response_.Clear();
        grpc::Status status = federation_.get_secret(*context_, request_, response_);
        if (status.ok()) {
            responder_->Finish(response_, status, this);
        } else {
            responder_->FinishWithError(status, this);
        }
    }

private:
    void wait_for_request() {
        answering_ = false;
        request_.Clear();
        responder_.reset();
        context_.emplace();
        responder_.emplace(&*context_);
        service_.RequestGetSecret(&*context_, &request_, &*responder_, &queue_, &queue_, this);
    }

    const Federation& federation_;
    Service& service_;
    grpc::ServerCompletionQueue& queue_;
    std::optional<grpc::ServerContext> context_;
    std::optional<grpc::ServerAsyncResponseWriter<federation::v1::GetSecretResponse>> responder_;
    federation::v1::GetSecretRequest request_;
    federation::v1::GetSecretResponse response_;
    bool answering_ = false;
};

void run(grpc::ServerCompletionQueue& queue) {
    void* tag;
    for (bool succeeded; queue.Next(&tag, &succeeded);) static_cast<Call*>(tag)->proceed(succeeded);
}

}  // namespace

void serve_async(const Federation& federation, grpc::ServerBuilder& builder, const int& port, int threads) {
    Service service;
    builder.RegisterService(&service);
    std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
    for (int i = 0; i < threads; i++) queues.push_back(builder.AddCompletionQueue());
    auto server = builder.BuildAndStart();
    if (server == nullptr) throw std::runtime_error("cannot listen");
    std::vector<std::unique_ptr<Call>> calls;
    for (auto& queue : queues) {
        for (int i = 0; i < calls_waiting; i++) calls.push_back(std::make_unique<Call>(federation, service, *queue));
    }
    announce(port);
    std::vector<std::jthread> workers;
    for (auto& queue : queues) workers.emplace_back([&queue] { run(*queue); });
}

}  // namespace bench
