#include "queue_reader.hpp"

#include <pthread.h>

#include <limits>
#include <memory>
#include <utility>

namespace godwit::store {

namespace {

constexpr std::chrono::seconds kRetryAfter{1};

}  // namespace

QueueReader::QueueReader(const Rocks& rocks) : rocks_(rocks) {}

QueueReader::~QueueReader() {
    if (!thread_.joinable()) return;
    {
        const core::MutexLock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void QueueReader::start(Database::Read told, Database::Warning warning) {
    told_ = std::move(told);
    warning_ = std::move(warning);
    thread_ = std::thread([this] { run(); });
}

void QueueReader::read(const Request& request) {
    {
        const core::MutexLock lock(mutex_);
        requests_.push_back(request);
    }
    wake_.notify_one();
}

void QueueReader::run() {
    pthread_setname_np(pthread_self(), "queue reader");
    Request request;
    while (next(request)) {
        if (auto read = records_of(request)) {
            told_(*std::move(read));
        } else {
            if (failed_.empty()) retry_at_ = std::chrono::steady_clock::now() + kRetryAfter;
            failed_.push_back(request);
        }
    }
}

// Waits for one. False: the thread is to end.
bool QueueReader::next(Request& request) {
    const core::MutexLock lock(mutex_);
    for (;;) {
        if (stopping_) return false;
        // However much else is asked for meanwhile.
        if (!failed_.empty() && std::chrono::steady_clock::now() >= retry_at_) {
            requests_.insert(requests_.end(), failed_.begin(), failed_.end());
            failed_.clear();
        }
        if (!requests_.empty()) break;
        if (failed_.empty()) {
            wake_.wait(mutex_);
        } else {
            wake_.wait_until(mutex_, retry_at_);
        }
    }
    request = requests_.front();
    requests_.pop_front();
    return true;
}

// Nothing where the disk cannot be read.
std::optional<core::QueueRead> QueueReader::records_of(const Request& request) {
    const auto use = rocks_.use();
    if (!rocks_.is_open()) return std::nullopt;
    core::QueueRead read{.session = request.session, .incarnation = request.incarnation};
    const std::string end = number_key(request.incarnation + 1);
    const rocksdb::Slice upper_bound = slice(end);
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    options.iterate_upper_bound = &upper_bound;
    const std::unique_ptr<rocksdb::Iterator> at(
        rocks_.db().NewIterator(options, rocks_.family(Family::queues)));
    std::size_t bytes = 0;
    for (at->Seek(numbered_key(request.incarnation, request.from));
         at->Valid() && bytes < request.bytes; at->Next()) {
        const core::Sequence sequence = second_number(view(at->key()));
        auto record = decode_queued(sequence, view(at->value()));
        if (!record) {
            warning_("data directory " + rocks_.directory().string() +
                     ": a queued message is damaged and dropped, key " +
                     printable(view(at->key())));
            record = core::QueueRecord{.sequence = sequence};
        }
        bytes += at->value().size();
        read.through = sequence;
        read.records.push_back(*std::move(record));
    }
    if (!at->status().ok()) {
        failed(at->status().ToString());
        return std::nullopt;
    }
    failing_ = false;
    if (!at->Valid()) read.through = std::numeric_limits<core::Sequence>::max();
    return read;
}

void QueueReader::failed(const std::string& problem) {
    if (std::exchange(failing_, true)) return;
    warning_("data directory " + rocks_.directory().string() +
             ": cannot read queued messages, which wait until it can: " + problem);
}

}  // namespace godwit::store
