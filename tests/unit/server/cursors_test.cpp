#include "cursors.hpp"

#include <gtest/gtest.h>

namespace godwit::server {
namespace {

template <typename Place>
bool is_refused(std::string_view text) {
    Place place{};
    return !decode_place(text, place);
}

TEST(CursorsTest, ComeBackAsTheyWere) {
    const core::SubscriptionPlace subscription{7, "$share/g.1/a.b/#"};
    core::SubscriptionPlace subscription_again;
    ASSERT_TRUE(decode_place(encode_place(subscription), subscription_again));
    EXPECT_EQ(subscription_again, subscription);

    const core::RetainedPlace retained{1ULL << 63, {0, 5, 12}, "1.2/a//x"};
    core::RetainedPlace retained_again;
    ASSERT_TRUE(decode_place(encode_place(retained), retained_again));
    EXPECT_EQ(retained_again, retained);

    core::SessionPlace session = 0;
    ASSERT_TRUE(decode_place(encode_place(core::SessionPlace{4'000'000'000}), session));
    EXPECT_EQ(session, 4'000'000'000);
}

TEST(CursorsTest, RefuseWhatIsNone) {
    for (const char* text : {"", "1", "x.", "1.x", "-1.", " 1.", "99999999999999999999."})
        EXPECT_TRUE(is_refused<core::SessionPlace>(text)) << text;
    for (const char* text : {"", "a/b", "x.a/b"})
        EXPECT_TRUE(is_refused<core::SubscriptionPlace>(text)) << text;
    for (const char* text : {"", "1.", "1.2.3.", "1.999999999.1.", "1.x.a"})
        EXPECT_TRUE(is_refused<core::RetainedPlace>(text)) << text;
}

}  // namespace
}  // namespace godwit::server
