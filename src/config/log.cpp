// The section `log`.
#include "schema.hpp"

namespace godwit::config {
namespace {

ChoiceCodec<LogLevel> level_codec() {
    return {
        {"trace", LogLevel::trace},     {"debug", LogLevel::debug}, {"info", LogLevel::info},
        {"warning", LogLevel::warning}, {"error", LogLevel::error},
    };
}

ChoiceCodec<LogFormat> format_codec() {
    return {{"text", LogFormat::text}, {"json", LogFormat::json}};
}

struct FilePathCodec {
    void read(std::string& target, const YAML::Node& node, const std::string& key) const {
        TextCodec{}.read(target, node, key);
        if (target.empty()) throw_expected("the path of a file", node, key);
    }
    void write(YAML::Emitter& out, const std::string& path) const { write_quoted(out, path); }
};

// `stderr`, `syslog`, or a map that describes a file.
class OutputCodec {
public:
    void read(LogOutput& target, const YAML::Node& node, const std::string& key) const {
        if (node.IsMap()) {
            target.kind = LogOutput::Kind::file;
            file_.read(target, node, key);
        } else if (node.IsScalar()) {
            words_.read(target.kind, node, key);
        } else {
            throw_expected("stderr, syslog or {file: PATH}", node, key);
        }
    }
    void write(YAML::Emitter& out, const LogOutput& output) const {
        if (output.kind == LogOutput::Kind::file) {
            file_.write(out, output);
        } else {
            words_.write(out, output.kind);
        }
    }

private:
    ChoiceCodec<LogOutput::Kind> words_{
        {"stderr", LogOutput::Kind::standard_error},
        {"syslog", LogOutput::Kind::syslog},
    };
    RecordCodec<LogOutput> file_{{
        required(key("file", FilePathCodec{}, &LogOutput::file)),
        key("max_size", SizeCodec{4096}, &LogOutput::max_size),
        key("max_files", IntegerCodec{1, 1000}, &LogOutput::max_files),
    }};
};

RecordCodec<LogSettings> log_codec() {
    return RecordCodec<LogSettings>({
        key("level", level_codec(), &LogSettings::level),
        key("format", format_codec(), &LogSettings::format),
        key("outputs", ListCodec(OutputCodec{}), &LogSettings::outputs),
    });
}

}  // namespace

Field<Draft> log_section() {
    return key("log", log_codec(), &Draft::config, &Config::log);
}

}  // namespace godwit::config
