#include "godwit/ctl/ctl.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>

#include "tasks.hpp"

namespace godwit::ctl {
namespace {

constexpr std::size_t kUsualWidth = 80;

void perform(const Request& request, Api& api, const Screen& screen) {
    switch (request.task) {
        case Task::stats: return show_stats(request, api, screen);
        case Task::clients: return list_clients(request, api, screen);
        case Task::client: return show_client(request, api, screen);
        case Task::kick: return kick(request, api, screen);
        case Task::subscriptions: return list_subscriptions(request, api, screen);
        case Task::retained: return list_retained(request, api, screen);
        case Task::retained_get: return get_retained(request, api, screen);
        case Task::retained_delete: return delete_retained(request, api, screen);
        case Task::shared: return list_shared(request, api, screen);
        case Task::publish: return publish(request, api, screen);
        case Task::explain: return explain(request, api, screen);
        case Task::reload: return reload(request, api, screen);
        case Task::health: return show_health(request, api, screen);
        case Task::cluster: throw Failure{"a cluster is not supported yet"};
    }
}

}  // namespace

Screen standard_output() {
    winsize size{};
    const bool is_terminal = isatty(STDOUT_FILENO) != 0;
    const bool has_width = is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
    return {.out = std::cout,
            .is_terminal = is_terminal,
            .width = has_width && size.ws_col > 0 ? size.ws_col : kUsualWidth};
}

int run(const Request& request, const Target& target, const Screen& screen, std::ostream& errors) {
    try {
        const std::unique_ptr<Exchange> exchange = connect(target);
        Api api(*exchange, target);
        perform(request, api, screen);
        screen.out << std::flush;
        if (screen.out) return 0;
        errors << "godwit: ctl: the standard output cannot be written\n";
    } catch (const Failure& failure) {
        screen.out << std::flush;
        errors << "godwit: ctl: " << failure.message << '\n';
    } catch (const Json::exception&) {
        errors << "godwit: ctl: " << target.url
               << " does not answer as this version of godwit does\n";
    }
    return 1;
}

}  // namespace godwit::ctl
