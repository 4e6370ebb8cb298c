#include "godwit/config/load.hpp"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "document.hpp"
#include "draft.hpp"
#include "overrides.hpp"
#include "schema.hpp"

namespace godwit::config {
namespace {

struct FileText {
    std::string text;
    int error_number = 0;
};

// A little more than a document may have is read, so that one that is too large is noticed.
FileText read_file(const std::string& path) {
    using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
    const File file(std::fopen(path.c_str(), "re"), &std::fclose);
    if (!file) return {.text = "", .error_number = errno};
    FileText result;
    result.text.resize(kDocumentBytesMax + 1);
    errno = 0;
    const std::size_t size = std::fread(result.text.data(), 1, result.text.size(), file.get());
    if (std::ferror(file.get()) != 0) result.error_number = errno;
    result.text.resize(size);
    return result;
}

std::string in_file(std::string_view name, const Fault& fault) {
    std::string message(name);
    if (!fault.mark.is_null()) {
        message +=
            ":" + std::to_string(fault.mark.line + 1) + ":" + std::to_string(fault.mark.column + 1);
    }
    message += ": ";
    if (!fault.key.empty()) message += fault.key + ": ";
    return message + fault.what;
}

std::optional<Error> apply_file(Draft& draft, std::string_view yaml, std::string_view name) {
    try {
        schema().read(draft, parse_document(yaml), "");
    } catch (const Fault& fault) {
        return Error{in_file(name, fault)};
    }
    return std::nullopt;
}

Loaded finish(Draft draft, const Environment& environment, const Flags& flags) {
    if (auto error = apply_environment(draft, environment)) return *std::move(error);
    if (auto error = apply_flags(draft, flags)) return *std::move(error);
    return settle(std::move(draft), environment);
}

Loaded load_yaml(const Sources& sources) {
    if (!sources.file) return finish(Draft{}, sources.environment, sources.flags);
    const FileText file = read_file(*sources.file);
    if (file.error_number != 0) {
        const std::string reason = std::generic_category().message(file.error_number);
        return Error{*sources.file + ": cannot be read: " + reason};
    }
    return load_text(file.text, *sources.file, sources.environment, sources.flags);
}

}  // namespace

Loaded load(const Sources& sources) {
    Loaded loaded = load_yaml(sources);
    auto* const config = std::get_if<Config>(&loaded);
    if (config == nullptr || config->acl.file.empty()) return loaded;
    auto rules = auth::read_acl_file(config->acl.file);
    if (const auto* error = std::get_if<auth::AclFileError>(&rules)) {
        return Error{"acl.file: " + error->message};
    }
    config->acl.file_rules = std::get<std::vector<auth::AclRule>>(std::move(rules));
    return loaded;
}

Loaded load_text(std::string_view yaml, std::string_view name, const Environment& environment,
                 const Flags& flags) {
    Draft draft;
    if (auto error = apply_file(draft, yaml, name)) return *std::move(error);
    return finish(std::move(draft), environment, flags);
}

std::string to_yaml(const Config& config) {
    YAML::Emitter out;
    schema().write(out, to_draft(config));
    return std::string(out.c_str(), out.size()) + "\n";
}

}  // namespace godwit::config
