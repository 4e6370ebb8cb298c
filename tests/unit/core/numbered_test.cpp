#include "numbered.hpp"

#include <gtest/gtest.h>

#include <string>

namespace godwit::core {
namespace {

TEST(NumberedTest, FindsAnObjectFromPutToClose) {
    Numbered<std::string> all;
    const std::uint64_t number = all.open();
    EXPECT_NE(number, 0U);
    EXPECT_EQ(all.find(number), nullptr);
    all.put(number, "one");
    ASSERT_NE(all.find(number), nullptr);
    EXPECT_EQ(*all.find(number), "one");
    EXPECT_EQ(all.close(number), "one");
    EXPECT_EQ(all.find(number), nullptr);
    EXPECT_TRUE(all.empty());
}

TEST(NumberedTest, TellsAnObjectFromTheNextInItsPlace) {
    Numbered<std::string> all;
    const std::uint64_t first = all.open();
    all.put(first, "first");
    (void)all.close(first);
    const std::uint64_t second = all.open();
    all.put(second, "second");
    EXPECT_NE(first, second);
    EXPECT_EQ(all.find(first), nullptr) << "an answer that came too late";
    EXPECT_EQ(*all.find(second), "second");
    EXPECT_EQ(all.find(second + 1000), nullptr);
}

TEST(NumberedTest, ObjectsStayWhereTheyAre) {
    Numbered<std::string> all;
    const std::uint64_t number = all.open();
    const std::string& object = all.put(number, "stays");
    for (int i = 0; i < 1000; ++i)
        all.put(all.open(), "more");
    EXPECT_EQ(&object, all.find(number));
}

TEST(NumberedTest, VisitsObjectsAlone) {
    Numbered<int> all;
    all.put(all.open(), 1);
    (void)all.open();  // without an object
    const std::uint64_t closed = all.open();
    all.put(closed, 2);
    (void)all.close(closed);
    int sum = 0;
    all.for_each([&](std::uint64_t, int object) { sum += object; });
    EXPECT_EQ(sum, 1);
}

}  // namespace
}  // namespace godwit::core
