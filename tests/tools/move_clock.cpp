// Makes a stopped broker's data directory what it would be if time had passed, for tests that
// cannot set the machine's clocks:
//
//   move_clock DIRECTORY pass MINUTES     the broker was down for so long
//   move_clock DIRECTORY reboot MINUTES   the machine was rebooted, and its wall clock set ahead by
//                                         so much, or back where it is negative
#include <charconv>
#include <chrono>
#include <iostream>
#include <string>
#include <string_view>

#include "clock.hpp"
#include "rocks.hpp"

namespace {

using namespace godwit::store;

// The clocks of today stand; it is those of the checkpoint that move.
void move(Checkpoint& checkpoint, std::string_view how, std::chrono::minutes by) {
    if (how == "pass") {
        checkpoint.broker += by;
    } else {
        checkpoint.machine.boot = "another";
        checkpoint.machine.wall -= by;
    }
}

bool move_in(const std::string& directory, std::string_view how, std::chrono::minutes by) {
    const Rocks rocks(directory);
    rocksdb::ColumnFamilyHandle* const meta = rocks.family(Family::meta);
    std::string value;
    if (!rocks.db().Get({}, meta, slice(kClockKey), &value).ok()) return false;
    std::optional<Checkpoint> checkpoint = decode_checkpoint(value);
    if (!checkpoint) return false;
    move(*checkpoint, how, by);
    value.clear();
    encode(*checkpoint, value);
    return rocks.db().Put({}, meta, slice(kClockKey), value).ok();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const std::string_view how = argv[2];
    const std::string_view number = argv[3];
    int minutes = 0;
    const auto parsed = std::from_chars(number.begin(), number.end(), minutes);
    if (parsed.ptr != number.end() || (how != "pass" && how != "reboot")) return 2;
    if (move_in(argv[1], how, std::chrono::minutes(minutes))) return 0;
    std::cerr << "move_clock: no clock in " << argv[1] << '\n';
    return 1;
}
