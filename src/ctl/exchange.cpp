#include <curl/curl.h>

#include <memory>

#include "api.hpp"

namespace godwit::ctl {
namespace {

constexpr long kConnectSeconds = 5;
constexpr long kAnswerSeconds = 60;

struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, FreeList>;

std::size_t append(const char* piece, std::size_t, std::size_t size, void* target) {
    static_cast<std::string*>(target)->append(piece, size);
    return size;
}

// One connection, kept between the pages of a list.
class CurlExchange final : public Exchange {
public:
    explicit CurlExchange(const Target& target) : target_(target), easy_(curl_easy_init()) {
        if (!easy_) throw Failure{"libcurl cannot be used"};
    }

    Answer ask(const std::string& method, const std::string& path,
               const std::string& body) override {
        CURL* easy = easy_.get();
        curl_easy_reset(easy);
        const Headers headers = make_headers(!body.empty());
        Answer answer;
        const std::string url = target_.url + path;
        curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
        curl_easy_setopt(easy, CURLOPT_USERAGENT, "godwit ctl");
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
        curl_easy_setopt(easy, CURLOPT_TIMEOUT, kAnswerSeconds);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, append);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer.body);
        if (method == "POST") {
            curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
            curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data());
        } else {
            curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method.c_str());
        }
        trust();
        const CURLcode code = curl_easy_perform(easy);
        if (code != CURLE_OK) throw Failure{complaint(code)};
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        answer.status = static_cast<int>(status);
        return answer;
    }

private:
    [[nodiscard]] Headers make_headers(bool with_body) const {
        Headers headers(curl_slist_append(nullptr, "Accept: application/json"));
        const auto add = [&headers](const std::string& line) {
            headers.reset(curl_slist_append(headers.release(), line.c_str()));
        };
        if (!target_.token.empty()) add("Authorization: Bearer " + target_.token);
        if (with_body) add("Content-Type: application/json");
        return headers;
    }

    // Who has the broker's own certificate at hand need not know under which name it was issued.
    void trust() {
        if (target_.certificate.empty()) return;
        curl_easy_setopt(easy_.get(), CURLOPT_CAINFO, target_.certificate.c_str());
        curl_easy_setopt(easy_.get(), CURLOPT_SSL_VERIFYHOST, 0L);
    }

    [[nodiscard]] std::string complaint(CURLcode code) const {
        if (code == CURLE_COULDNT_CONNECT) {
            return "no broker answers at " + target_.url +
                   ": is it running, and is that its admin.bind? --url names another place";
        }
        return target_.url + ": " + curl_easy_strerror(code);
    }

    const Target& target_;
    std::unique_ptr<CURL, FreeEasy> easy_;
};

}  // namespace

std::unique_ptr<Exchange> connect(const Target& target) {
    return std::make_unique<CurlExchange>(target);
}

}  // namespace godwit::ctl
