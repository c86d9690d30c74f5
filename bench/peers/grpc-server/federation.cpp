#include "federation.hpp"

#include <array>
#include <ctime>
#include <fstream>
#include <stdexcept>

namespace bench {
namespace {

std::string base64url_decoded(std::string_view text) {
    static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (char letter : text) {
        auto digit = alphabet.find(letter);
        if (digit == std::string_view::npos) throw std::runtime_error("a token's payload is not base64url");
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes.push_back(static_cast<char>(bits >> count & 0xFF));
    }
    return bytes;
}

// Good for the claims of tokens that the suite makes itself, and only at start: no JSON parser is needed for them.
std::string_view claim(std::string_view payload, std::string_view name) {
    std::string quoted = "\"" + std::string(name) + "\"";
    auto at = payload.find(quoted);
    if (at == std::string_view::npos) throw std::runtime_error("a token has no claim " + quoted);
    at = payload.find_first_not_of(" :\"", at + quoted.size());
    return payload.substr(at, payload.find_first_of("\",}", at) - at);
}

std::string value_of(const std::string& key, std::size_t size) {
    std::string value;
    while (value.size() < size) value += key + ".";
    value.resize(size);
    return value;
}

}  // namespace

Federation::Federation(const std::string& tokens_file, const std::string& store, const std::string& key,
                       std::size_t value_size) {
    Store& served = stores_[store];
    served.values.emplace(key, value_of(key, value_size));
    std::ifstream lines(tokens_file);
    if (!lines) throw std::runtime_error(tokens_file + ": cannot be read");
    for (std::string token; std::getline(lines, token);) {
        auto first = token.find('.');
        auto second = token.find('.', first + 1);
        if (second == std::string::npos) throw std::runtime_error(tokens_file + ": not a JWT on each line");
        std::string payload = base64url_decoded(std::string_view(token).substr(first + 1, second - first - 1));
        std::string subject(claim(payload, "sub"));
        served.readers.insert(subject);
        identities_.emplace(token, Identity{subject, std::stoll(std::string(claim(payload, "exp")))});
    }
}

grpc::Status Federation::get_secret(const grpc::ServerContextBase& context,
                                    const federation::v1::GetSecretRequest& request,
                                    federation::v1::GetSecretResponse& response) const {
    static constexpr std::string_view scheme = "Bearer ";
    const auto& metadata = context.client_metadata();
    auto authorization = metadata.find("authorization");
    if (authorization == metadata.end()) return {grpc::StatusCode::UNAUTHENTICATED, "Unauthorized"};
    std::string_view token(authorization->second.data(), authorization->second.size());
    if (token.substr(0, scheme.size()) != scheme) return {grpc::StatusCode::UNAUTHENTICATED, "Unauthorized"};
    auto identity = identities_.find(token.substr(scheme.size()));
    if (identity == identities_.end() || identity->second.expires_at <= std::time(nullptr)) {
        return {grpc::StatusCode::UNAUTHENTICATED, "Unauthorized"};
    }
    auto store = stores_.find(request.store());
    if (store == stores_.end() || !store->second.readers.contains(identity->second.subject)) {
        return {grpc::StatusCode::PERMISSION_DENIED, "Not Found"};
    }
    auto value = store->second.values.find(request.name());
    if (value == store->second.values.end()) return {grpc::StatusCode::NOT_FOUND, "no such secret"};
    response.set_value(value->second);
    return grpc::Status::OK;
}

}  // namespace bench
