// A configuration of mosquitto as one of Godwit. What can be said in Godwit's words becomes a key;
// everything else stays as a comment that says what and why not. The outcome never lets in whom
// mosquitto kept out: a listener whose restrictions cannot be translated is left out, as a comment.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace godwit::mosquitto {

struct Import {
    std::string yaml;                   // a whole configuration file of Godwit
    std::vector<std::string> warnings;  // PLACE: what the user loses or has to do, a line each
};

// Why there is nothing to translate: the file cannot be read, or is no mosquitto.conf.
struct Refusal {
    std::string message;
};

// Reads the files of include_dir too; relative paths are taken as the process sees them, as
// mosquitto does.
[[nodiscard]] std::variant<Import, Refusal> import_file(const std::string& path);

// The same for the text of a file; `path` stands for it in warnings.
[[nodiscard]] std::variant<Import, Refusal> import_text(std::string_view text,
                                                        const std::string& path);

}  // namespace godwit::mosquitto
