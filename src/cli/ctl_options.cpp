#include "ctl_options.hpp"

namespace godwit::cli {
namespace {

using godwit::ctl::Task;

constexpr auto kFooter =
    "The broker is asked through its HTTP interface: at --url, else where the configuration has\n"
    "admin.bind. The token comes from --token, --token-file, GODWIT_TOKEN, or the file that the\n"
    "configuration names (admin.token in the data directory). On a terminal tables are cut to its\n"
    "width; --json prints all of what the broker says.\n"
    "\n"
    "Exit codes: 0 done, 1 not reachable, not found or unhealthy, 2 a usage or configuration "
    "error.";

void add_common_options(CLI::App& app, CommandLine& line) {
    CtlRequest& ctl = line.ctl;
    app.add_option("--url", ctl.url, "Where the HTTP interface is")->type_name("URL");
    CLI::Option* token = app.add_option("--token", ctl.token, "The token itself");
    token->type_name("TOKEN");
    app.add_option("--token-file", ctl.token_file, "The file with the token")
        ->type_name("FILE")
        ->excludes(token);
    app.add_flag("--json", ctl.request.json, "Print JSON");
    add_data_options(app, line);
}

CLI::App* add_task(CLI::App& parent, CommandLine& line, const char* name, Task task,
                   const char* description) {
    CLI::App* command = parent.add_subcommand(name, description);
    command->footer("");
    add_common_options(*command, line);
    command->callback([&line, task, command] {
        line.command = Command::ctl;
        // What encloses a subcommand is called after it.
        if (command->get_subcommands().empty()) line.ctl.request.task = task;
    });
    return command;
}

CLI::App* describe_clients(CLI::App& ctl, CommandLine& line) {
    auto& request = line.ctl.request;
    CLI::App* clients =
        add_task(ctl, line, "clients", Task::clients, "List clients, connected or with a session");
    clients->add_option("QUERY", request.query, "Part of a client id, user name or address");
    CLI::Option* connected = clients->add_flag_callback(
        "--connected", [&request] { request.connected = true; }, "Only those that are connected");
    clients
        ->add_flag_callback(
            "--absent", [&request] { request.connected = false; }, "Only those that are not")
        ->excludes(connected);
    return clients;
}

void describe_client_tasks(CLI::App& ctl, CommandLine& line) {
    auto& request = line.ctl.request;
    describe_clients(ctl, line);
    CLI::App* client = add_task(ctl, line, "client", Task::client,
                                "Show one client: its session, filters and last drops");
    client->add_option("ID", request.client_id, "Client id")->required();
    CLI::App* kick = add_task(ctl, line, "kick", Task::kick, "Close a client's connection");
    kick->add_option("ID", request.client_id, "Client id")->required();
    kick->add_flag("--session", request.with_session, "End its session too, with what waits in it");
}

void describe_routing_tasks(CLI::App& ctl, CommandLine& line) {
    auto& request = line.ctl.request;
    CLI::App* subscriptions =
        add_task(ctl, line, "subscriptions", Task::subscriptions, "List subscriptions");
    subscriptions->add_option("--client", request.client_id, "Only those of this client")
        ->type_name("ID");
    subscriptions
        ->add_option("--match", request.topic, "Only those that a message to this topic reaches")
        ->type_name("TOPIC");
    add_task(ctl, line, "shared", Task::shared,
             "List the members of shared subscriptions, and how many messages each got");
    CLI::App* explain = add_task(ctl, line, "explain", Task::explain,
                                 "Would a message to the topic reach the client, and why (not)?");
    explain->add_option("CLIENT", request.client_id, "Client id")->required();
    explain->add_option("TOPIC", request.topic, "Topic name")->required();
}

void describe_message_tasks(CLI::App& ctl, CommandLine& line) {
    auto& request = line.ctl.request;
    CLI::App* retained =
        add_task(ctl, line, "retained", Task::retained, "List, print or delete retained messages");
    retained->require_subcommand(0, 1);
    retained->add_option("FILTER", request.filter, "Topic filter")->capture_default_str();
    CLI::App* get = add_task(*retained, line, "get", Task::retained_get, "Print one's payload");
    get->add_option("TOPIC", request.topic, "Topic name")->required();
    CLI::App* remove = add_task(*retained, line, "delete", Task::retained_delete, "Delete one");
    remove->add_option("TOPIC", request.topic, "Topic name")->required();

    CLI::App* publish = add_task(ctl, line, "publish", Task::publish, "Publish a message");
    publish->add_option("TOPIC", request.topic, "Topic name")->required();
    publish->add_option("PAYLOAD", request.payload, "Its payload; - reads the standard input");
    publish->add_option("-q,--qos", request.qos, "0, 1 or 2")
        ->type_name("QOS")
        ->check(CLI::Range(0, 2));
    publish->add_flag("-r,--retain", request.retain, "Retain it");
}

}  // namespace

void describe_ctl(CLI::App& app, CommandLine& line) {
    CLI::App* ctl = app.add_subcommand("ctl", "Ask or instruct a running broker");
    ctl->footer(kFooter);
    ctl->require_subcommand(0, 1);
    add_common_options(*ctl, line);
    add_task(*ctl, line, "stats", Task::stats, "Show what the broker counts")
        ->add_flag("--watch", line.ctl.request.watch, "Print a line of rates each second");
    describe_client_tasks(*ctl, line);
    describe_routing_tasks(*ctl, line);
    describe_message_tasks(*ctl, line);
    add_task(*ctl, line, "reload", Task::reload, "Read the configuration anew, as SIGHUP does");
    add_task(*ctl, line, "health", Task::health, "Does the broker serve? Needs no token");
    add_task(*ctl, line, "cluster", Task::cluster,
             "Show the nodes of a cluster (not supported yet)")
        ->allow_extras();
    ctl->callback([ctl] {
        if (ctl->get_subcommands().empty())
            throw CLI::RequiredError("ctl: a subcommand, such as stats or clients,");
    });
}

}  // namespace godwit::cli
