// The broker's HTTP interface, as the tasks ask it. Threads: one.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "godwit/ctl/ctl.hpp"

namespace godwit::ctl {

using Json = nlohmann::json;

// Why a task ends without success, for the user. Thrown inside ctl/ and caught in run().
struct Failure {
    std::string message;
};

struct Answer {
    int status = 0;
    std::string body;
};

// The port: one exchange of HTTP. Throws Failure where there is no answer.
class Exchange {
public:
    virtual ~Exchange() = default;
    [[nodiscard]] virtual Answer ask(const std::string& method, const std::string& path,
                                     const std::string& body) = 0;
};

// Over TCP or TLS.
[[nodiscard]] std::unique_ptr<Exchange> connect(const Target& target);

// What the interface says, understood. Each call throws Failure where the broker does not do it.
class Api {
public:
    Api(Exchange& exchange, const Target& target) : exchange_(exchange), target_(target) {}

    [[nodiscard]] Json get(const std::string& path);
    // All pages of a list: {"items": [...]}. `path` has a query already.
    [[nodiscard]] Json all(const std::string& path);
    [[nodiscard]] Json post(const std::string& path, const Json& body);
    void remove(const std::string& path);
    // Whatever its status is; the body is null where it is no JSON.
    [[nodiscard]] std::pair<int, Json> look(const std::string& path);

private:
    [[nodiscard]] Answer demand(const std::string& method, const std::string& path,
                                const std::string& body);
    [[nodiscard]] Json parse(const std::string& body) const;

    Exchange& exchange_;
    const Target& target_;
};

// As one part of a path, or as the value of a parameter: all but letters, digits, -._~ by number.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace godwit::ctl
