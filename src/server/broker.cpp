#include "broker.hpp"

#include "usable_cores.hpp"

namespace godwit::server {

namespace {

std::size_t loops_of(const net::Settings& settings) {
    return settings.threads != 0 ? settings.threads : usable_cores();
}

}  // namespace

Broker::Broker(const config::Config& config, Log& log)
    : events_(log),
      reclaimer_(loops_of(config.net)),
      router_(reclaimer_, chance_.next()),
      retained_(reclaimer_, chance_.next()),
      commons_{.shards = loops_of(config.net),
               .hash_key = chance_.next(),
               .settings = config.core,
               .router = router_,
               .retained = retained_,
               .reclaimer = reclaimer_,
               .events = events_,
               .access = access_},
      mailroom_(commons_.shards, bells()),
      network_(config.net, commons_, [&log](const std::string& message) { log.warning(message); }) {
    for (std::size_t i = 0; i < commons_.shards; ++i) {
        const auto index = static_cast<core::ShardIndex>(i);
        units_.push_back(std::make_unique<Unit>());
        Unit& unit = *units_.back();
        unit.shard = std::make_unique<core::Shard>(index, commons_, store_, mailroom_.mailer(index),
                                                   unit.chance);
        network_.add(unit.loop, *unit.shard);
    }
    network_.listen();
}

Broker::~Broker() {
    for (const auto& unit : units_)
        unit->loop.stop();
    for (const auto& unit : units_) {
        if (unit->thread.joinable()) unit->thread.join();
    }
}

Mailroom::Bells Broker::bells() {
    return {.mail =
                [this](core::ShardIndex to) {
                    units_[to]->loop.post([this, to] { collect_mail(to); });
                },
            .credit =
                [this](core::ShardIndex to) {
                    Unit& unit = *units_[to];
                    unit.loop.post([&unit] { unit.shard->on_credit(unit.loop.now()); });
                }};
}

void Broker::collect_mail(core::ShardIndex index) {
    Unit& unit = *units_[index];
    mailroom_.collect(index, [&](core::ShardIndex from, core::Mail mail) {
        unit.shard->on_mail(from, std::move(mail), unit.loop.now());
    });
}

void Broker::start() {
    for (std::size_t i = 0; i < units_.size(); ++i) {
        units_[i]->thread =
            std::jthread([this, i] { network_.run(static_cast<core::ShardIndex>(i)); });
    }
}

std::string Broker::description() const {
    std::string text;
    for (const std::string& address : network_.addresses()) {
        text += (text.empty() ? "" : ", ") + address;
    }
    const std::size_t loops = units_.size();
    return text + "; " + std::to_string(loops) + (loops == 1 ? " loop" : " loops");
}

bool Broker::settled() const {
    return no_mail_while([this] { return network_.settled(); });
}

bool Broker::at_rest() const {
    return no_mail_while([this] { return network_.at_rest(); });
}

template <typename Asked>
bool Broker::no_mail_while(Asked asked) const {
    // A loop withdraws its word when it handles mail, before that mail counts as handled. So with
    // no mail on its way, before and after all loops were asked, none has work left.
    const std::size_t sent = mailroom_.sent();
    return mailroom_.handled() == sent && asked() && mailroom_.sent() == sent;
}

}  // namespace godwit::server
