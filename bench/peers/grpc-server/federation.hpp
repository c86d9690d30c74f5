// The work that a call asks for, which every peer does: see ../README.md, "The same work".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include <grpcpp/grpcpp.h>

#include "federation/v1/federation.grpc.pb.h"

namespace bench {

// Lets a map of strings be asked for a view: no copy of a 900-byte token for each call.
struct ViewHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};

template <typename Value>
using ByName = std::unordered_map<std::string, Value, ViewHash, std::equal_to<>>;
using Names = std::unordered_set<std::string, ViewHash, std::equal_to<>>;

class Federation {
public:
    // Takes each token of the file for verified, and lets its subject read the store.
    Federation(const std::string& tokens_file, const std::string& store, const std::string& key, std::size_t value_size);

    grpc::Status get_secret(const grpc::ServerContextBase& context, const federation::v1::GetSecretRequest& request,
                            federation::v1::GetSecretResponse& response) const;

private:
    struct Identity {
        std::string subject;
        std::int64_t expires_at;
    };
    struct Store {
        Names readers;
        ByName<std::string> values;
    };

    ByName<Identity> identities_;
    ByName<Store> stores_;
};

}  // namespace bench
