#include "godwit/server/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "log_line.hpp"
#include "scratch_directory.hpp"

namespace godwit::server {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

// A folder of its own for each test, gone afterwards.
class LogTest : public ::testing::Test {
protected:
    [[nodiscard]] std::string path() const { return (folder_.path() / "godwit.log").string(); }

    [[nodiscard]] config::LogSettings to_file(config::LogFormat format) const {
        config::LogOutput output;
        output.kind = config::LogOutput::Kind::file;
        output.file = path();
        config::LogSettings settings;
        settings.format = format;
        settings.outputs = {output};
        return settings;
    }

    [[nodiscard]] std::string written() const {
        std::ostringstream text;
        text << std::ifstream(path()).rdbuf();
        return text.str();
    }

    // What `use` writes to a log of this format.
    template <typename Use>
    std::string lines_of(config::LogFormat format, Use use) {
        {
            Log log(to_file(format));
            use(log);
        }
        return written();
    }

    test::ScratchDirectory folder_;
};

TEST_F(LogTest, TellsWhoeverWatches) {
    std::vector<std::string> lines;
    {
        Log log(to_file(config::LogFormat::text));
        log.watch([&](std::string_view line) { lines.emplace_back(line); });
        log.info("hello", {{"to", Quoted{"you"}}});
    }
    ASSERT_EQ(lines.size(), 1);
    EXPECT_EQ(lines.front() + "\n", written());
}

core::Arrival arrival() {
    core::Arrival arrival;
    arrival.client_id = "x";
    arrival.keep_alive = 60;
    arrival.origin.address = "127.0.0.1:5555";
    return arrival;
}

TEST_F(LogTest, WritesConnectionEventsInGreppableForm) {
    const std::string text = lines_of(config::LogFormat::text, [](Log& log) {
        LogEvents events(log);
        events.client_connected(arrival(), false);
        events.client_disconnected("x", "127.0.0.1:5555", core::CloseReason::keep_alive, "");
        events.connection_refused("", "127.0.0.1:6", core::CloseReason::malformed_packet, "no, no");
        events.session_expired("x");
        events.messages_dropped("x", core::DropReason::queue_full, 7);
    });
    EXPECT_THAT(text, HasSubstr(" info client connected client_id=\"x\" address=127.0.0.1:5555 "
                                "keep_alive=60 clean_session=true session_present=false"));
    EXPECT_THAT(text, HasSubstr(" info client disconnected client_id=\"x\" "
                                "address=127.0.0.1:5555 reason=keep_alive\n"));
    EXPECT_THAT(text, HasSubstr(" info connection refused client_id=\"\" address=127.0.0.1:6 "
                                "reason=malformed_packet detail=\"no, no\"\n"));
    EXPECT_THAT(text, HasSubstr(" info session expired client_id=\"x\"\n"));
    EXPECT_THAT(text, HasSubstr(" warning messages dropped client_id=\"x\" reason=queue_full "
                                "count=7\n"));
}

TEST_F(LogTest, NamesTheUserWhereThereIsOne) {
    const std::string text = lines_of(config::LogFormat::text, [](Log& log) {
        core::Arrival named = arrival();
        named.identity.user_name = "ada";
        LogEvents(log).client_connected(named, true);
    });
    EXPECT_THAT(text, EndsWith("session_present=true protocol=3.1.1 user_name=\"ada\"\n"));
}

TEST_F(LogTest, WritesJsonWithOneObjectALine) {
    const std::string text = lines_of(config::LogFormat::json, [](Log& log) {
        log.info("hello \"you\"", {{"client_id", Quoted{"a\nb"}},
                                   {"address", std::string_view("unix")},
                                   {"count", std::uint64_t{3}},
                                   {"clean", true},
                                   {"absent", {}}});
    });
    EXPECT_THAT(text, MatchesRegex("\\{\"time\":\"[-0-9]+T[0-9:]+\\.[0-9][0-9][0-9]Z\","
                                   "\"level\":\"info\",.*\\}\n"));
    EXPECT_THAT(text, HasSubstr(R"("message":"hello \"you\"","client_id":"a\u000ab",)"
                                R"("address":"unix","count":3,"clean":true})"));
}

TEST_F(LogTest, LetsNoControlCharacterThrough) {
    const std::string line = text_line("m\r\nx", {{"client_id", Quoted{"a\nb\x7f\xc2\x85\"\\"}}});
    EXPECT_EQ(line, R"(m\u000d\u000ax client_id="a\u000ab\u007f\u0085\"\\")");
}

TEST_F(LogTest, KeepsUtf8AndEscapesWhatIsNone) {
    EXPECT_EQ(text_line("m", {{"client_id", Quoted{"Grüße"}}}), "m client_id=\"Grüße\"");
    EXPECT_EQ(text_line("m", {{"client_id", Quoted{"\xff"}}}), R"(m client_id="\u00ff")");
}

TEST_F(LogTest, QuotesWordsThatAreNotPlain) {
    const std::string_view path = "/run/my socket";
    EXPECT_EQ(text_line("m", {{"address", path}}), "m address=\"/run/my socket\"");
    EXPECT_EQ(text_line("m", {{"address", std::string_view()}}), "m address=\"\"");
}

TEST_F(LogTest, CutsLongTextsBetweenCharacters) {
    std::string long_id(255, 'a');
    long_id += "ü and more";
    EXPECT_EQ(text_line("m", {{"client_id", Quoted{long_id}}}),
              "m client_id=\"" + std::string(255, 'a') + "...\"");
}

TEST_F(LogTest, LeavesOutWhatIsBelowItsLevel) {
    auto settings = to_file(config::LogFormat::text);
    settings.level = config::LogLevel::warning;
    {
        Log log(settings);
        log.info("first");
        log.warning("second");
        log.set_level(config::LogLevel::debug);
        log.debug("third");
    }
    EXPECT_THAT(written(), Not(HasSubstr("first")));
    EXPECT_THAT(written(), HasSubstr("warning second\n"));
    EXPECT_THAT(written(), HasSubstr("debug third\n"));
}

TEST_F(LogTest, RotatesFilesAndKeepsOnlySoMany) {
    auto settings = to_file(config::LogFormat::text);
    settings.outputs[0].max_size = 4096;
    settings.outputs[0].max_files = 2;
    {
        Log log(settings);
        for (int i = 0; i < 500; ++i)
            log.info("a line of some length, again and again");
    }
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
        EXPECT_LE(entry.file_size(), 4096U);
        ++files;
    }
    EXPECT_EQ(files, 3U);
}

TEST_F(LogTest, SaysWhichFileCannotBeOpened) {
    auto settings = to_file(config::LogFormat::text);
    settings.outputs[0].file = folder_.path().string();
    try {
        Log log(settings);
        FAIL() << "a folder was opened as a file";
    } catch (const LogError& error) {
        EXPECT_THAT(error.what(), HasSubstr(folder_.path().string()));
    }
}

TEST_F(LogTest, AccountsForEveryLineOfACrush) {
    constexpr std::size_t kLines = 50'000;
    const std::string text = lines_of(config::LogFormat::text, [](Log& log) {
        for (std::size_t i = 0; i < kLines; ++i)
            log.info("line");
    });
    std::size_t lines = 0;
    std::size_t lost = 0;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        const std::size_t at = line.find("log lines lost count=");
        if (at == std::string::npos) {
            ++lines;
        } else {
            lost += std::stoul(line.substr(line.rfind('=') + 1));
        }
    }
    // The last report may itself push out one line of a full queue.
    EXPECT_GE(lines + lost, kLines - 1);
    EXPECT_LE(lines + lost, kLines);
}

}  // namespace
}  // namespace godwit::server
