"""Where processes run, what they may open, and what this machine is."""

import os
import platform
import resource
import tempfile

DESCRIPTORS = 40_000  # 15,000 connections and room to spare.


def place(threads):
    """The processors of the broker and of the load, or None for each: not pinned.

    One loop gets a processor of its own and the load another. More loops get as many, where the
    load is left one; else the system places everything.
    """
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) <= threads:
        return None, None
    return usable[:threads], usable[threads:]


def prepare(processors):
    """For a child between fork and exec: pins it and raises its descriptor limit."""
    if processors is not None:
        os.sched_setaffinity(0, processors)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in (max(hard, DESCRIPTORS), hard):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
            return
        except (ValueError, OSError):
            continue


def describe():
    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": processor_name(),
        "processors": len(os.sched_getaffinity(0)),
    }


def file_system(folder):
    """The kind of file system on which new folders lie that are made in there, as 'ext4'."""
    path = os.path.realpath(folder or tempfile.gettempdir())
    with open("/proc/self/mounts", encoding="utf-8") as file:
        mounts = [line.split()[1:3] for line in file]
    inside = [(len(point), kind) for point, kind in mounts
              if os.path.commonpath([path, point]) == point]
    return max(inside)[1] if inside else "unknown"


def processor_name():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()
