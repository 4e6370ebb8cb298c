#include "command_line.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <iostream>
#include <string_view>
#include <vector>

#include "ctl_options.hpp"
#include "godwit/config/nearest.hpp"
#include "godwit/version.hpp"

namespace godwit::cli {
namespace {

constexpr auto kRootFooter =
    "Without -c the file /etc/godwit/godwit.yaml is read where it exists, else built-in defaults\n"
    "serve MQTT on 127.0.0.1:1883. The environment sets keys too: GODWIT_MQTT__MAX_QOS=1.\n"
    "A flag overrides the environment, and the environment the file.\n"
    "\n"
    "Exit codes: 0 a clean stop, 1 a failure at run time, 2 a usage or configuration error.";

using Words = std::vector<std::string>;

// An option that may be given several times, before and behind the subcommand.
CLI::Option* add_repeated(CLI::App& app, const std::string& name, Words& words,
                          const std::string& description) {
    return app.add_option_function<Words>(
        name,
        [&words](const Words& given) { words.insert(words.end(), given.begin(), given.end()); },
        description);
}

}  // namespace

CLI::Option* add_data_options(CLI::App& app, CommandLine& line) {
    CLI::Option* file = app.add_option("-c,--config", line.file, "Configuration file (YAML)");
    file->type_name("FILE");
    app.add_option("--data-dir", line.flags.data_dir, "Where the broker keeps its data")
        ->type_name("DIR");
    add_repeated(app, "--set", line.flags.set, "Set one key, such as mqtt.max_qos=1")
        ->type_name("KEY=VALUE");
    return file;
}

namespace {

// What `serve` and `check` have in common. Returns the option -c.
CLI::Option* add_configuration_options(CLI::App& app, CommandLine& line) {
    CLI::Option* file = add_data_options(app, line);
    add_repeated(app, "--listen", line.flags.listen,
                 "Listen here over plain TCP, instead of at the configured listeners")
        ->type_name("HOST:PORT");
    app.add_option("--log-level", line.flags.log_level, "trace, debug, info, warning or error")
        ->type_name("LEVEL");
    return file;
}

void describe_store(CLI::App& app, CommandLine& line) {
    struct Job {
        const char* name;
        Command command;
        const char* description;
    };
    static constexpr std::array kJobs = {
        Job{"verify", Command::store_verify, "Read and check all of it; change nothing"},
        Job{"repair", Command::store_repair,
            "Copy a damaged directory, then keep what can still be read"},
        Job{"export", Command::store_export, "Print it as JSON, one object a line"},
    };
    CLI::App* store =
        app.add_subcommand("store", "Verify, repair or export a stopped broker's data");
    store->require_subcommand(0, 1);
    store->footer("");
    add_data_options(*store, line);
    for (const Job& job : kJobs) {
        CLI::App* command = store->add_subcommand(job.name, job.description);
        add_data_options(*command, line);
        command->callback([&line, &job] { line.command = job.command; });
    }
    store->callback([store] {
        if (store->get_subcommands().empty())
            throw CLI::RequiredError("store: verify, repair or export");
    });
}

void describe_passwd(CLI::App& app, CommandLine& line) {
    CLI::App* passwd =
        app.add_subcommand("passwd", "Add, change or remove a user of a password file");
    passwd->footer(
        "Asks for the password twice. The file is made with mode 0600 where there is none, and "
        "else\n"
        "keeps its mode, its owner and all its other lines. A running broker reads it when it is "
        "told\n"
        "to reload.");
    passwd->add_option("FILE", line.passwd.file, "Password file, as auth.password_file names it")
        ->required();
    passwd->add_option("USER", line.passwd.user_name, "User name")->required();
    CLI::Option* from_stdin =
        passwd->add_flag("--password-stdin", line.passwd.password_from_stdin,
                         "Take the first line of the standard input for the password");
    passwd->add_flag("--delete", line.passwd.remove, "Remove the user")->excludes(from_stdin);
    passwd->callback([&line] { line.command = Command::passwd; });
}

void describe_import(CLI::App& app, CommandLine& line) {
    CLI::App* import = app.add_subcommand("import-mosquitto", "Translate a mosquitto.conf");
    import->footer(
        "Prints a configuration of Godwit's. What has no equivalent stays in it as a comment that "
        "says "
        "so,\n"
        "and what needs your attention is printed as a warning. A listener whose restrictions "
        "cannot "
        "be\n"
        "translated is left out. Files that the configuration names stay where they are.");
    import->add_option("FILE", line.mosquitto_file, "mosquitto.conf; files of include_dir come too")
        ->required();
    import->callback([&line] { line.command = Command::import_mosquitto;
});
}  // namespace

void describe(CLI::App& app, CommandLine& line) {
    app.set_help_flag("-h,--help", "Print this help");
    app.set_version_flag("--version", "godwit " + std::string(kVersion), "Print the version");
    app.footer(kRootFooter);
    app.require_subcommand(0, 1);
    add_configuration_options(app, line);

    CLI::App* serve = app.add_subcommand("serve", "Run the broker; what godwit does by itself");
    add_configuration_options(*serve, line);

    CLI::App* check = app.add_subcommand(
        "check", "Check a configuration file and print all that is in force, as YAML");
    add_configuration_options(*check, line);
    check->callback([&line] {
        line.command = Command::check;
        if (!line.file) throw CLI::RequiredError("check: -c FILE");
    });

    describe_passwd(app, line);
    describe_import(app, line);
    describe_store(app, line);
    describe_ctl(app, line);
}

bool is_flag(std::string_view word) {
    return word.size() > 1 && word.starts_with('-');
}

// All that it has, not only what the user typed.
std::vector<const CLI::App*> subcommands_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App*) { return true; });
}

// Options and subcommands as the user would type them.
Words names_in(const CLI::App& app) {
    Words names;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_snames())
            names.push_back("-" + name);
        for (const std::string& name : option->get_lnames())
            names.push_back("--" + name);
    }
    for (const CLI::App* subcommand : subcommands_of(app))
        names.push_back(subcommand->get_name());
    return names;
}

// What is wrong with the first word that `app` did not understand.
std::string unknown_word(const CLI::App& app, const std::string& word) {
    const bool takes_subcommand = !subcommands_of(app).empty();
    const char* kind = is_flag(word)      ? "unknown flag '"
                       : takes_subcommand ? "unknown subcommand '"
                                          : "unexpected argument '";
    const Words names = names_in(app);
    const std::vector<std::string_view> candidates(names.begin(), names.end());
    return kind + word + "'" + config::did_you_mean(word, candidates);
}

// The complaint about the innermost subcommand that has one; empty: none has.
std::string unknown_word_in(const CLI::App& app) {
    for (const CLI::App* subcommand : app.get_subcommands()) {
        if (std::string complaint = unknown_word_in(*subcommand); !complaint.empty())
            return complaint;
    }
    const Words words = app.remaining();
    return words.empty() ? "" : unknown_word(app, words.front());
}

std::string explain(const CLI::App& app, const CLI::ParseError& error) {
    if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::ExtrasError)) return error.what();
    const std::string complaint = unknown_word_in(app);
    return complaint.empty() ? error.what() : complaint;
}

std::string one_line(std::string text) {
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
    return text;
}

}  // namespace godwit::cli

std::variant<CommandLine, Answered> parse_command_line(int argc, const char* const* argv) {
    CommandLine line;
    CLI::App app{"Godwit, an MQTT 3.1.1 broker", "godwit"};
    describe(app, line);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& answered) {  // --help, --version
        app.exit(answered);
        return Answered{kExitSuccess};
    } catch (const CLI::ParseError& error) {
        std::cerr << "godwit: " << one_line(explain(app, error)) << '\n';
        return Answered{kExitUsage};
    }
    return line;
}

}  // namespace godwit::cli
