#include "godwit/core/subscription.hpp"

#include <gtest/gtest.h>

#include <string>

namespace godwit::core {
namespace {

FilterKey plain(std::string_view filter) {
    return {.filter = filter};
}
FilterKey shared(std::string_view group, std::string_view filter) {
    return {.filter = filter, .group = group, .shared = true};
}
FilterKey local(FilterKey key) {
    key.local = true;
    return key;
}

TEST(ParseFilter, TakesAnOrdinaryFilterAsItIs) {
    for (const char* filter : {"a", "/", "a/+/b", "#", "+/#", "$SYS/#", "$shared/a", "$queues",
                               "$locale/x", "a/$share/g/f", "share/g/f"}) {
        EXPECT_EQ(parse_filter(filter), plain(filter)) << filter;
    }
}

TEST(ParseFilter, TakesApartEachPrefix) {
    EXPECT_EQ(parse_filter("$share/workers/jobs/+"), shared("workers", "jobs/+"));
    EXPECT_EQ(parse_filter("$queue/jobs/#"), shared("", "jobs/#"));
    EXPECT_EQ(parse_filter("$local/a/b"), local(plain("a/b")));
    EXPECT_EQ(parse_filter("$share/g//a"), shared("g", "/a"));
    EXPECT_EQ(parse_filter("$share/$g/a"), shared("$g", "a"));
    EXPECT_EQ(parse_filter("$local/$SYS/#"), local(plain("$SYS/#")));
}

TEST(ParseFilter, TakesThePrefixesInEitherOrder) {
    EXPECT_EQ(parse_filter("$local/$share/g/a/#"), local(shared("g", "a/#")));
    EXPECT_EQ(parse_filter("$share/g/$local/a/#"), local(shared("g", "a/#")));
    EXPECT_EQ(parse_filter("$local/$queue/a"), local(shared("", "a")));
    EXPECT_EQ(parse_filter("$queue/$local/a"), local(shared("", "a")));
}

TEST(ParseFilter, RefusesMalformedForms) {
    for (const char* text : {"",
                             "$share",
                             "$share/",
                             "$share/g",
                             "$share/g/",
                             "$share//a",
                             "$share/g+/a",
                             "$share/+/a",
                             "$share/#/a",
                             "$share/g#/a",
                             "$queue",
                             "$queue/",
                             "$local",
                             "$local/",
                             "$local/$local/a",
                             "$share/g/$share/h/a",
                             "$share/g/$queue/a",
                             "$queue/$queue/a",
                             "$queue/$share/g/a",
                             "$local/$share/g/$local/a",
                             "$local/$share/g",
                             "$share/g/$local",
                             "$local/$queue",
                             "$queue/$local/",
                             "a/#/b",
                             "$share/g/a#",
                             "$local/+a"}) {
        EXPECT_EQ(parse_filter(text), std::nullopt) << text;
    }
}

struct PublishCase {
    std::string_view topic;
    PublishTarget::Kind kind;
    std::string_view plain;
};

TEST(ParsePublishTopic, TellsWhereATopicLeads) {
    using Kind = PublishTarget::Kind;
    for (const auto& [topic, kind, plain] : {
             PublishCase{"a/b", Kind::ordinary, "a/b"},
             PublishCase{"$other/x", Kind::ordinary, "$other/x"},
             PublishCase{"$SYSTEM", Kind::ordinary, "$SYSTEM"},
             PublishCase{"a/$SYS", Kind::ordinary, "a/$SYS"},
             PublishCase{"$locale", Kind::ordinary, "$locale"},
             PublishCase{"$local/a/b", Kind::local, "a/b"},
             PublishCase{"$local//", Kind::local, "/"},
             PublishCase{"$SYS", Kind::reserved, "$SYS"},
             PublishCase{"$SYS/broker/uptime", Kind::reserved, "$SYS/broker/uptime"},
             PublishCase{"$local/$SYS/x", Kind::reserved, "$SYS/x"},
             PublishCase{"$share/g/a", Kind::nowhere, "$share/g/a"},
             PublishCase{"$share", Kind::nowhere, "$share"},
             PublishCase{"$queue/a", Kind::nowhere, "$queue/a"},
             PublishCase{"$local/$share/g/a", Kind::nowhere, "$share/g/a"},
             PublishCase{"$local/$queue/a", Kind::nowhere, "$queue/a"},
             PublishCase{"$local/$local/a", Kind::nowhere, "$local/a"},
             PublishCase{"$local/", Kind::nowhere, ""},
             PublishCase{"$local", Kind::nowhere, "$local"},
         }) {
        const PublishTarget target = parse_publish_topic(topic);
        EXPECT_EQ(target.kind, kind) << topic;
        EXPECT_EQ(target.topic, plain) << topic;
    }
}

}  // namespace
}  // namespace godwit::core
