// An acl_file, and topics and filters to ask it about. The first line is asked about: a topic or
// filter, the client id, the user name and the address, with blanks between; the file follows.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "godwit/auth/acl.hpp"
#include "godwit/mqtt/topic.hpp"

namespace {

using namespace godwit;
using Scope = core::AccessPolicy::Scope;

void require(bool promise_kept) {
    if (!promise_kept) std::abort();
}

std::string_view take(std::string_view& text, char end) {
    const std::size_t size = std::min(text.find(end), text.size());
    const std::string_view taken = text.substr(0, size);
    text.remove_prefix(std::min(size + 1, text.size()));
    return taken;
}

// What is granted agrees with the rights to topics that the filter matches.
void check_filter(const auth::Acl& acl, const core::AccessPolicy::Client& client,
                  std::string_view filter) {
    const Scope scope = acl.may_subscribe(client, filter);
    std::string topic(filter);
    for (const std::string_view level : {"x", "alice", "dev"}) {
        topic = filter;
        for (std::size_t at = 0; (at = topic.find_first_of("+#", at)) != std::string::npos;)
            topic.replace(at, 1, level);
        if (!mqtt::is_topic_name(topic) || !mqtt::matches(filter, topic)) continue;
        const bool allowed = acl.may_receive(client, topic);
        if (scope == Scope::all) require(allowed);
        if (scope == Scope::none) require(!allowed);
        require((acl.may_subscribe(client, topic) == Scope::all) <= allowed);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    std::string_view asked = take(text, '\n');
    const std::string_view filter = take(asked, ' ');
    core::AccessPolicy::Client client;
    client.client_id = take(asked, ' ');
    client.user_name = take(asked, ' ');
    client.address = take(asked, ' ');

    auto rules = auth::parse_acl_file(text, "acl");
    if (const auto* error = std::get_if<auth::AclFileError>(&rules)) {
        require(error->message.find('\n') == std::string::npos);
        return 0;
    }
    auth::AclSettings settings{.file = "acl"};
    settings.file_rules = std::get<std::vector<auth::AclRule>>(std::move(rules));
    const auth::Acl acl(settings);
    (void)auth::names_users(settings);
    if (mqtt::is_topic_name(filter)) (void)acl.may_publish(client, filter);
    if (mqtt::is_topic_filter(filter) && mqtt::is_utf8_string(filter)) {
        check_filter(acl, client, filter);
    }
    return 0;
}
