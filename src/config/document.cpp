#include "document.hpp"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>

#include <exception>
#include <optional>
#include <sstream>
#include <string>

#include "fault.hpp"

namespace godwit::config {
namespace {

// Notices where a document begins and nothing else.
class DocumentStart final : public YAML::EventHandler {
public:
    std::optional<YAML::Mark> mark;

    void OnDocumentStart(const YAML::Mark& at) override { mark = at; }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}
};

// YAML::Load() ignores what follows the first document, and YAML::LoadAll() never ends on `[],`.
void refuse_second_document(const std::string& text) {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    DocumentStart first;
    DocumentStart second;
    if (parser.HandleNextDocument(first) && parser.HandleNextDocument(second)) {
        throw Fault{*second.mark, "", "more than one YAML document"};
    }
}

YAML::Node load(const std::string& text) {
    YAML::Node document = YAML::Load(text);
    refuse_second_document(text);
    return document;
}

}  // namespace

YAML::Node parse_document(std::string_view text) {
    if (text.size() > kDocumentBytesMax) {
        throw Fault{YAML::Mark::null_mark(), "", "larger than 1MiB"};
    }
    try {
        return load(std::string(text));
    } catch (const YAML::DeepRecursion& error) {
        throw Fault{error.mark, "", "nested too deeply"};
    } catch (const YAML::Exception& error) {
        throw Fault{error.mark, "", "not valid YAML: " + printable(error.msg)};
    } catch (const std::exception& error) {
        throw Fault{YAML::Mark::null_mark(), "", "not valid YAML: " + printable(error.what())};
    }
}

}  // namespace godwit::config
