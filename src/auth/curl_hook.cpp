#include "curl_hook.hpp"

#include <curl/curl.h>

#include <deque>
#include <list>
#include <stdexcept>
#include <thread>
#include <utility>

#include "godwit/core/mutex.hpp"

namespace godwit::auth {
namespace {

constexpr std::size_t kTransfersMax = 64;
constexpr std::size_t kWaitingMax = 1024;
// How long the thread sleeps at most; what happens wakes it before.
constexpr int kPollMilliseconds = 60'000;
constexpr long kStatusOk = 200;

struct FreeEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeMulti {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct Question {
    std::string url;
    core::Duration timeout;
    std::string body;
    Hook::Reply reply;
};

// What libcurl calls with each piece of an answer; another number than `size` ends the transfer.
std::size_t append(const char* piece, std::size_t, std::size_t size, void* target) {
    auto& answer = *static_cast<std::string*>(target);
    if (answer.size() + size > kHookAnswerBytesMax) return 0;
    answer.append(piece, size);
    return size;
}

// A question under way. Stays where it is: libcurl refers to it.
class Transfer {
public:
    explicit Transfer(Question question) : question_(std::move(question)), easy_(curl_easy_init()) {
        if (!easy_) return;
        headers_.reset(curl_slist_append(nullptr, "Content-Type: application/json"));
        CURL* easy = easy_.get();
        curl_easy_setopt(easy, CURLOPT_URL, question_.url.c_str());
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_USERAGENT, "godwit");
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(question_.timeout.count()));
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_.get());
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(question_.body.size()));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, question_.body.data());
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, append);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer_);
        curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
    }

    [[nodiscard]] CURL* easy() { return easy_.get(); }

    void finish(CURLcode code) { question_.reply(outcome(code)); }

private:
    [[nodiscard]] std::variant<HookAnswer, Hook::Failure> outcome(CURLcode code) {
        if (code == CURLE_WRITE_ERROR) return Hook::Failure{"its answer is too long"};
        if (code != CURLE_OK) return Hook::Failure{curl_easy_strerror(code)};
        long status = 0;
        curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
        if (status != kStatusOk) return Hook::Failure{"it answers with " + std::to_string(status)};
        const auto answer = parse_hook_answer(answer_);
        if (!answer) return Hook::Failure{"its answer is not {\"result\": \"allow\"} or the like"};
        return *answer;
    }

    Question question_;
    std::string answer_;
    std::unique_ptr<curl_slist, FreeList> headers_;
    std::unique_ptr<CURL, FreeEasy> easy_;
};

}  // namespace

class CurlHook::Impl {
public:
    Impl() {
        // Not thread-safe everywhere, so where the process has one thread.
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0) throw std::runtime_error("no libcurl");
        multi_.reset(curl_multi_init());
        if (!multi_) throw std::runtime_error("no libcurl");
    }

    ~Impl() {
        {
            const core::MutexLock lock(mutex_);
            stopping_ = true;
        }
        curl_multi_wakeup(multi_.get());
        if (thread_.joinable()) thread_.join();
    }

    bool ask(Question question) {
        const core::MutexLock lock(mutex_);
        if (waiting_.size() >= kWaitingMax) return false;
        waiting_.push_back(std::move(question));
        if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
        curl_multi_wakeup(multi_.get());
        return true;
    }

private:
    void work() {
        while (begin_waiting()) {
            int running = 0;
            curl_multi_perform(multi_.get(), &running);
            if (finish_done()) continue;  // there is room for others now
            curl_multi_poll(multi_.get(), nullptr, 0, kPollMilliseconds, nullptr);
        }
        for (Transfer& transfer : under_way_)
            curl_multi_remove_handle(multi_.get(), transfer.easy());
        under_way_.clear();
    }

    // False: it is time to stop.
    bool begin_waiting() {
        const core::MutexLock lock(mutex_);
        while (!stopping_ && !waiting_.empty() && under_way_.size() < kTransfersMax) {
            Transfer& transfer = under_way_.emplace_back(std::move(waiting_.front()));
            waiting_.pop_front();
            curl_multi_add_handle(multi_.get(), transfer.easy());
        }
        return !stopping_;
    }

    // Whether there were any.
    bool finish_done() {
        bool found = false;
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            const CURLcode code = message->data.result;
            CURL* easy = message->easy_handle;
            curl_multi_remove_handle(multi_.get(), easy);
            end(easy, code);
            found = true;
        }
        return found;
    }

    void end(CURL* easy, CURLcode code) {
        void* of_easy = nullptr;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &of_easy);
        static_cast<Transfer*>(of_easy)->finish(code);
        under_way_.remove_if([&](Transfer& transfer) { return transfer.easy() == easy; });
    }

    std::unique_ptr<CURLM, FreeMulti> multi_;
    std::list<Transfer> under_way_;  // of the thread alone
    core::Mutex mutex_;
    std::deque<Question> waiting_ GODWIT_GUARDED_BY(mutex_);
    bool stopping_ GODWIT_GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

CurlHook::CurlHook() : impl_(std::make_unique<Impl>()) {}

CurlHook::~CurlHook() = default;

bool CurlHook::ask(const HttpSettings& settings, std::string question, Reply reply) {
    return impl_->ask({settings.url, settings.timeout, std::move(question), std::move(reply)});
}

}  // namespace godwit::auth
