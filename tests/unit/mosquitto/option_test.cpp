#include "option.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace godwit::mosquitto {
namespace {

TEST(OptionTest, IsInTheTableOnce) {
    std::set<std::string_view> names;
    for (const Option& option : options())
        EXPECT_TRUE(names.insert(option.name).second) << option.name;
    EXPECT_GT(names.size(), 100U);
}

TEST(OptionTest, FindsTheOptionsOfPluginsByTheirBeginning) {
    EXPECT_NE(find_option("auth_opt_db_host"), nullptr);
    EXPECT_NE(find_option("plugin_opt_config_file"), nullptr);
    EXPECT_EQ(find_option("auth_op"), nullptr);
    EXPECT_EQ(find_option("portt"), nullptr);
}

TEST(OptionTest, KnowsTheLineOfAValue) {
    Broker broker;
    const Statement statement{.line = 3, .option = "persistence", .value = "true"};
    EXPECT_EQ(find_option("persistence")->apply(broker, statement), "");
    EXPECT_TRUE(broker.persistence.value);
    EXPECT_EQ(broker.persistence.origin, "line 3: persistence true");
}

}  // namespace
}  // namespace godwit::mosquitto
