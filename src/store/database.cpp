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
          commits(rocks, numbers, settings, shards) {
        for (std::size_t shard = 0; shard < shards; ++shard)
            stores.push_back(std::make_unique<RocksStore>(numbers, commits,
                                                          static_cast<core::ShardIndex>(shard)));
    }

    Rocks rocks;  // of the commit thread alone, once that has begun
    const Meta meta;
    const RocksState state;
    Numbers numbers;
    CommitThread commits;  // ends before what it writes to
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
    return impl_->rocks.notes();
}

const core::StoredState& Database::state() const {
    return impl_->state;
}

core::Store& Database::store(core::ShardIndex shard) {
    assert(shard < impl_->stores.size());
    return *impl_->stores[shard];
}

void Database::start(Committed committed, State state) {
    impl_->commits.start(std::move(committed), std::move(state));
}

}  // namespace godwit::store
