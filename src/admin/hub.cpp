#include "hub.hpp"

#include <chrono>
#include <utility>
#include <vector>

#include "godwit/core/mutex.hpp"
#include "json.hpp"

namespace godwit::admin {

// Any thread.
class Hub::Readers {
public:
    void add(const std::shared_ptr<EventQueue>& queue) {
        const core::MutexLock lock(mutex_);
        queues_.push_back(queue);
    }

    void offer(std::string_view name, std::size_t bytes, const EventQueue::Data& data) {
        const core::MutexLock lock(mutex_);
        for (const auto& one : queues_) {
            if (const auto queue = one.lock()) queue->offer(name, bytes, data);
        }
    }

    // Whether there are any, once those that are gone are forgotten.
    [[nodiscard]] bool any() {
        const core::MutexLock lock(mutex_);
        std::erase_if(queues_, [](const auto& queue) { return queue.expired(); });
        return !queues_.empty();
    }

private:
    core::Mutex mutex_;
    std::vector<std::weak_ptr<EventQueue>> queues_ GODWIT_GUARDED_BY(mutex_);
};

Hub::Hub(Node& node)
    : node_(node), events_(std::make_shared<Readers>()), log_(std::make_shared<Readers>()) {}

Hub::~Hub() {
    if (watching_) node_.watch({});
}

void Hub::follow_events(const std::shared_ptr<EventQueue>& queue) {
    events_->add(queue);
    watch();
}

void Hub::follow_log(const std::shared_ptr<EventQueue>& queue) {
    log_->add(queue);
    watch();
}

void Hub::watch() {
    if (std::exchange(watching_, true)) return;
    Witness witness;
    witness.client_connected = [events = events_](std::string_view client_id, const auto& user_name,
                                                  std::string_view address) {
        events->offer("client.connected", client_id.size() + 256,
                      [id = std::string(client_id), user = user_name, from = std::string(address)] {
                          return to_text({{"client_id", id},
                                          {"user_name", user ? Json(*user) : Json()},
                                          {"address", from}});
                      });
    };
    witness.client_disconnected = [events = events_](std::string_view client_id,
                                                     std::string_view address,
                                                     std::string_view reason) {
        events->offer(
            "client.disconnected", client_id.size() + 256,
            [id = std::string(client_id), from = std::string(address), why = std::string(reason)] {
                return to_text({{"client_id", id}, {"address", from}, {"reason", why}});
            });
    };
    witness.logged = [log = log_](std::string_view line) {
        log->offer("line", line.size() + 64, [text = std::string(line)] {
            return to_text({{"text", text}});
        });
    };
    node_.watch(std::move(witness));
}

void Hub::tick() {
    const bool anybody_counts = events_->any();
    if (anybody_counts) {
        const std::string stats = to_text(
            json_of(node_.totals(), std::chrono::system_clock::now(), node_.about().uptime));
        events_->offer("stats", stats.size(), [stats] { return stats; });
    }
    const bool anybody = log_->any() || anybody_counts;
    if (watching_ && !anybody) {
        watching_ = false;
        node_.watch({});
    }
}

}  // namespace godwit::admin
