#include "listeners.hpp"

#include <algorithm>
#include <future>
#include <utility>

#include "godwit/net/network.hpp"
#include "worker.hpp"

namespace godwit::net {

namespace {

// Both cannot be bound at once: *:1883 and 127.0.0.1:1883.
bool may_collide(const Bind& a, const Bind& b) {
    const auto* one = std::get_if<TcpBind>(&a);
    const auto* other = std::get_if<TcpBind>(&b);
    return one != nullptr && other != nullptr && one->port != 0 && one->port == other->port;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines)
        text += (text.empty() ? "" : "; ") + line;
    return text;
}

}  // namespace

// By position in `settings`. Throws ListenError where some cannot be used.
Listeners::AllCertificates Listeners::read_certificates(
    const std::vector<ListenerSettings>& settings) {
    AllCertificates all(settings.size());
    for (std::size_t i = 0; i < settings.size(); ++i) {
        if (!settings[i].tls) continue;
        all[i] = std::make_shared<Certificates>(*settings[i].tls, i);
        const Certificates::Reloaded reloaded = all[i]->reload();
        if (!reloaded.succeeded) throw ListenError(joined(reloaded.problems));
        std::ranges::for_each(reloaded.problems, warn_);
    }
    return all;
}

// From now on, and after others no more.
void Listeners::look_after(const std::vector<ListenerSettings>& settings,
                           const AllCertificates& certificates) {
    std::vector<CertificateWatch::Watched> watched;
    for (std::size_t i = 0; i < settings.size(); ++i) {
        if (certificates[i] != nullptr) watched.push_back({settings[i].name, certificates[i]});
    }
    watch_.look_after(std::move(watched));
}

Listeners::Placed Listeners::make(const ListenerSettings& settings,
                                  std::shared_ptr<const Certificates> certificates, int backlog) {
    Placed placed{
        std::make_unique<Listener>(settings, std::move(certificates), backlog, admission_),
        next_worker_};
    next_worker_ = (next_worker_ + 1) % workers_.size();
    return placed;
}

void Listeners::open(const std::vector<ListenerSettings>& settings, int backlog) {
    const AllCertificates certificates = read_certificates(settings);
    for (std::size_t i = 0; i < settings.size(); ++i)
        open_.push_back(make(settings[i], certificates[i], backlog));
    look_after(settings, certificates);
}

void Listeners::start() {
    for (Placed& placed : open_)
        start(placed);
}

void Listeners::start(Placed& placed) {
    workers_[placed.worker]->loop().post([this, &listener = *placed.listener, own = placed.worker] {
        listener.start(own, workers_, warn_);
    });
}

void Listeners::close() {
    for (Placed& placed : open_) {
        workers_[placed.worker]->loop().post([&listener = *placed.listener] { listener.close(); });
    }
}

std::vector<std::string> Listeners::addresses() const {
    std::vector<std::string> texts;
    for (const Placed& placed : open_)
        std::ranges::copy(placed.listener->addresses(), std::back_inserter(texts));
    return texts;
}

std::vector<std::string> Listeners::refusing_anonymous() const {
    std::vector<std::string> names;
    for (const Placed& placed : open_) {
        if (!placed.listener->lets_anonymous_in()) names.push_back(placed.listener->name());
    }
    return names;
}

std::vector<OpenListener> Listeners::described() const {
    std::vector<OpenListener> all;
    for (const Placed& placed : open_)
        std::ranges::copy(placed.listener->described(), std::back_inserter(all));
    return all;
}

// --- Another configuration ---------------------------------------------------------------------

void Listeners::change(const std::vector<ListenerSettings>& settings, int backlog) {
    std::erase_if(retired_, [](const Placed& placed) { return placed.listener->is_unused(); });
    // By position in `settings`, null where a listener is new.
    std::vector<Placed*> kept;
    for (const ListenerSettings& one : settings) {
        const auto found = std::ranges::find_if(open_, [&](Placed& placed) {
            return placed.listener->bind() == one.bind &&
                   std::ranges::find(kept, &placed) == kept.end();
        });
        kept.push_back(found == open_.end() ? nullptr : &*found);
    }
    const AllCertificates certificates = read_certificates(settings);
    std::vector<Placed> fresh = open_new(settings, certificates, kept, backlog);

    // From here on nothing fails.
    std::vector<Placed> next;
    for (std::size_t i = 0; i < settings.size(); ++i) {
        if (kept[i] == nullptr) {
            next.push_back(std::move(fresh.front()));
            fresh.erase(fresh.begin());
            start(next.back());
            continue;
        }
        next.push_back(std::move(*kept[i]));
        next.back().listener->change(settings[i], certificates[i]);
        workers_[next.back().worker]->loop().post(
            [&listener = *next.back().listener, backlog] { listener.set_backlog(backlog); });
    }
    for (Placed& placed : std::exchange(open_, std::move(next))) {
        if (placed.listener != nullptr) retire(std::move(placed));
    }
    look_after(settings, certificates);
}

std::vector<Listeners::Placed> Listeners::open_new(const std::vector<ListenerSettings>& settings,
                                                   const AllCertificates& certificates,
                                                   const std::vector<Placed*>& kept, int backlog) {
    std::vector<Placed> fresh;
    std::vector<Placed*> closed;
    try {
        for (std::size_t i = 0; i < settings.size(); ++i) {
            if (kept[i] != nullptr) continue;
            for (Placed& leaving : open_) {
                if (std::ranges::find(kept, &leaving) != kept.end()) continue;
                if (!may_collide(leaving.listener->bind(), settings[i].bind)) continue;
                close_now(leaving);
                closed.push_back(&leaving);
            }
            fresh.push_back(make(settings[i], certificates[i], backlog));
        }
    } catch (const ListenError&) {
        fresh.clear();
        for (Placed* placed : closed) {
            placed->listener->reopen(backlog);
            start(*placed);
        }
        throw;
    }
    return fresh;
}

void Listeners::close_now(Placed& placed) {
    std::promise<void> closed;
    workers_[placed.worker]->loop().post([&] {
        placed.listener->close();
        closed.set_value();
    });
    closed.get_future().wait();
}

void Listeners::retire(Placed placed) {
    placed.listener->remove();
    workers_[placed.worker]->loop().post([&listener = *placed.listener] { listener.close(); });
    retired_.push_back(std::move(placed));
}

}  // namespace godwit::net
