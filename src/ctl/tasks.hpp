// What `godwit ctl` can do. Each task asks and prints, or throws Failure.
#pragma once

#include "api.hpp"

namespace godwit::ctl {

void show_stats(const Request& request, Api& api, const Screen& screen);
void list_clients(const Request& request, Api& api, const Screen& screen);
void show_client(const Request& request, Api& api, const Screen& screen);
void kick(const Request& request, Api& api, const Screen& screen);
void list_subscriptions(const Request& request, Api& api, const Screen& screen);
void list_shared(const Request& request, Api& api, const Screen& screen);
void explain(const Request& request, Api& api, const Screen& screen);
void list_retained(const Request& request, Api& api, const Screen& screen);
void get_retained(const Request& request, Api& api, const Screen& screen);
void delete_retained(const Request& request, Api& api, const Screen& screen);
void publish(const Request& request, Api& api, const Screen& screen);
void reload(const Request& request, Api& api, const Screen& screen);
void show_health(const Request& request, Api& api, const Screen& screen);

// One document, indented.
void print_json(const Json& json, const Screen& screen);

// {"client_id": ..., "last_drops": [...]}: the drops as a table, nothing where there are none.
void print_drops(const Json& holder, const Screen& screen);

}  // namespace godwit::ctl
