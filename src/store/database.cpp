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
          commits(rocks, reserve, numbers, settings, shards) {
        if (!reserve.fill() && !reserve.is_given()) {
            notes.push_back("no room for a reserve of " + std::to_string(reserve.bytes() >> 20) +
                            " MiB in " + directory.string() +
                            ": on a full disk even deleting messages will have to wait");
        }
        for (std::size_t shard = 0; shard < shards; ++shard)
            stores.push_back(std::make_unique<RocksStore>(numbers, commits,
                                                          static_cast<core::ShardIndex>(shard)));
    }

    Rocks rocks;  // of the commit thread alone, once that has begun
    Reserve reserve;
    std::vector<std::string> notes;
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
    return impl_->notes;
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
