#include "clock.hpp"

#include <time.h>

#include <fstream>

#include "record_codec.hpp"

namespace godwit::store {

namespace {

using std::chrono::nanoseconds;

std::chrono::nanoseconds since_boot() {
    timespec time{};
    if (::clock_gettime(CLOCK_BOOTTIME, &time) != 0) return nanoseconds(0);
    return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

std::string name_of_boot() {
    std::string name;
    std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), name);
    return name;
}

}  // namespace

MachineClocks read_machine_clocks() {
    return {std::chrono::system_clock::now(), name_of_boot(), since_boot()};
}

void encode(const Checkpoint& checkpoint, std::string& out) {
    Writer writer(out);
    writer.time(checkpoint.broker);
    writer.time(checkpoint.machine.wall);
    writer.text(checkpoint.machine.boot);
    writer.u64(static_cast<std::uint64_t>(checkpoint.machine.booted.count()));
}

std::optional<Checkpoint> decode_checkpoint(std::string_view value) {
    Reader reader(value);
    Checkpoint checkpoint;
    checkpoint.broker = reader.time();
    checkpoint.machine.wall = reader.time();
    checkpoint.machine.boot = reader.text();
    checkpoint.machine.booted = nanoseconds(static_cast<std::int64_t>(reader.u64()));
    if (!reader.done() || checkpoint.machine.booted < nanoseconds(0)) return std::nullopt;
    return checkpoint;
}

Resumed resume(const Checkpoint& before, const MachineClocks& now) {
    const MachineClocks& then = before.machine;
    // One run of the machine: its own clock knows, whatever the wall clock was set to. Another
    // namespace of that clock may show less.
    if (!then.boot.empty() && then.boot == now.boot && then.booted <= now.booted)
        return {before.broker + (now.booted - then.booted), {}};
    if (now.wall < then.wall) {
        return {before.broker,
                "the system's clock has gone back since the broker ran; the time between does not "
                "count for sessions and retained messages"};
    }
    if (now.wall - kDoubtfulDowntimeMax > then.wall) {
        return {before.broker + kDoubtfulDowntimeMax,
                "by the system's clock the broker was down for more than an hour over a reboot; "
                "one hour of it counts for sessions and retained messages"};
    }
    return {before.broker + (now.wall - then.wall), {}};
}

}  // namespace godwit::store
