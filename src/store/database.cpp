#include "godwit/store/database.hpp"

#include <cassert>
#include <string>
#include <utility>
#include <vector>

#include "commit_thread.hpp"
#include "meta.hpp"
#include "numbers.hpp"
#include "reserve.hpp"
#include "rocks.hpp"
#include "rocks_state.hpp"
#include "rocks_store.hpp"

namespace godwit::store {

class Database::Impl {
public:
    Impl(const std::filesystem::path& directory, const Settings& settings, std::size_t shards)
        : rocks(directory),
          reserve(directory, Reserve::fitting(directory)),
          notes(rocks.notes()),
          meta(open_meta(rocks)),
          state(rocks),
          numbers(meta.first_number),
          commits(rocks, reserve, numbers, settings, shards),
          reader(rocks) {
        if (!meta.clock_note.empty()) notes.push_back(meta.clock_note);
        if (!reserve.fill() && !reserve.is_given()) {
            notes.push_back("no room for a reserve of " + std::to_string(reserve.bytes() >> 20) +
                            " MiB in " + directory.string() +
                            ": on a full disk even deleting messages will have to wait");
        }
        for (std::size_t shard = 0; shard < shards; ++shard)
            stores.push_back(std::make_unique<RocksStore>(numbers, commits, reader,
                                                          static_cast<core::ShardIndex>(shard)));
    }

    Rocks rocks;  // of the commit thread, once that has begun; for others see Rocks::use()
    Reserve reserve;
    std::vector<std::string> notes;
    const Meta meta;
    const RocksState state;
    Numbers numbers;
    CommitThread commits;  // ends before what it writes to
    QueueReader reader;
    std::vector<std::unique_ptr<RocksStore>> stores;
};

Database::Database(const std::filesystem::path& directory, const Settings& settings,
                   std::size_t shards)
    : impl_(std::make_unique<Impl>(directory, settings, shards)) {}

Database::~Database() = default;

std::uint64_t Database::secret() const {
    return impl_->meta.secret;
}

const std::vector<std::string>& Database::notes() const {
    return impl_->notes;
}

const core::Now& Database::clock() const {
    return impl_->meta.clock;
}

void Database::save_clock() {
    Batch batch;
    put_clock(batch, impl_->meta.clock);
    impl_->commits.hand_over({.batch = std::move(batch)});
}

const core::StoredState& Database::state() const {
    return impl_->state;
}

core::Store& Database::store(core::ShardIndex shard) {
    assert(shard < impl_->stores.size());
    return *impl_->stores[shard];
}

const core::Histogram& Database::commit_times() const {
    return impl_->commits.commit_times();
}

void Database::start(Listeners listeners) {
    impl_->commits.start(std::move(listeners.committed), std::move(listeners.state));
    impl_->reader.start(std::move(listeners.read), std::move(listeners.warning));
}

}  // namespace godwit::store
