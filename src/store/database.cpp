#include "godwit/store/database.hpp"

#include <cassert>
#include <utility>

#include "commit_thread.hpp"
#include "meta.hpp"
#include "numbers.hpp"
#include "rocks.hpp"
#include "rocks_state.hpp"
#include "rocks_store.hpp"

namespace godwit::store {

class Database::Impl {
public:
    Impl(const std::filesystem::path& directory, const Settings& settings, std::size_t shards)
        : rocks(directory),
          meta(open_meta(rocks)),
          state(rocks),
          numbers(meta.first_number),
          commits(rocks, numbers, settings, shards),
          reader(rocks),
          notes(rocks.notes()) {
        if (!meta.clock_note.empty()) notes.push_back(meta.clock_note);
        for (std::size_t shard = 0; shard < shards; ++shard)
            stores.push_back(std::make_unique<RocksStore>(rocks, numbers, commits, reader,
                                                          static_cast<core::ShardIndex>(shard)));
    }

    const Rocks rocks;
    const Meta meta;
    const RocksState state;
    Numbers numbers;
    CommitThread commits;  // ends before what it writes to
    QueueReader reader;
    std::vector<std::unique_ptr<RocksStore>> stores;
    std::vector<std::string> notes;
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
    store::save_clock(impl_->rocks, impl_->meta.clock);
}

const core::StoredState& Database::state() const {
    return impl_->state;
}

core::Store& Database::store(core::ShardIndex shard) {
    assert(shard < impl_->stores.size());
    return *impl_->stores[shard];
}

void Database::start(Listeners listeners) {
    impl_->commits.start(std::move(listeners.committed), std::move(listeners.state));
    impl_->reader.start(std::move(listeners.read), std::move(listeners.warning));
}

}  // namespace godwit::store
