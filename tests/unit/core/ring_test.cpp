#include "ring.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>

namespace godwit::core {
namespace {

TEST(RingTest, BehavesAsADequeDoes) {
    Ring<int> ring;
    std::deque<int> model;
    std::mt19937 random(1);
    for (int i = 0; i < 20'000; ++i) {
        const unsigned choice = random() % 8;
        if (choice < 4 || model.empty()) {
            ring.push_back(i);
            model.push_back(i);
        } else if (choice < 7) {
            ASSERT_EQ(ring.pop_front(), model.front());
            model.pop_front();
        } else {
            const std::size_t at = random() % model.size();
            ASSERT_EQ(ring.erase(at), model[at]);
            model.erase(model.begin() + static_cast<std::ptrdiff_t>(at));
        }
        ASSERT_EQ(ring.size(), model.size());
        for (std::size_t k = 0; k < model.size(); ++k)
            ASSERT_EQ(ring[k], model[k]);
        if (model.size() > 100) {
            ring.clear();
            model.clear();
        }
    }
}

TEST(RingTest, LetsGoOfWhatLeaves) {
    Ring<std::shared_ptr<int>> ring;
    auto item = std::make_shared<int>(7);
    ring.push_back(item);
    ring.push_back(item);
    ring.pop_front();
    EXPECT_EQ(item.use_count(), 2);
    ring.clear();
    EXPECT_EQ(item.use_count(), 1);
}

}  // namespace
}  // namespace godwit::core
