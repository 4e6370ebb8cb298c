#include "usable_cores.hpp"

#include <gtest/gtest.h>
#include <sched.h>

namespace godwit::server {
namespace {

TEST(UsableCoresTest, CountsNoMoreThanTheAffinityOfTheProcess) {
    cpu_set_t before;
    ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
    EXPECT_GE(usable_cores(), 1);
    EXPECT_LE(usable_cores(), static_cast<std::size_t>(CPU_COUNT(&before)));

    cpu_set_t one;
    CPU_ZERO(&one);
    for (int core = 0; CPU_COUNT(&one) == 0; ++core) {
        if (CPU_ISSET(core, &before)) CPU_SET(core, &one);
    }
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(usable_cores(), 1);
    ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
}

}  // namespace
}  // namespace godwit::server
