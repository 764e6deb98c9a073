"""What every Python peer needs: its options, the protocol of serve.ts, and the values of hashed-values.ts."""

import json
import resource
import sys
import time
import zlib

import numpy
import torch

options = json.loads(sys.argv[1])
torch.set_num_threads(options["threads"])


def say(message):
    print(json.dumps(message), flush=True)


def timed(action):
    begin = time.perf_counter()
    result = action()
    return (time.perf_counter() - begin) * 1000, result


def peak_memory_mb():
    """VmHWM where there is one: Linux hands ru_maxrss down from the process that started this one."""
    if sys.platform == "linux":
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 1024


def serve(ready, step):
    """`step` gives its milliseconds and a value to compare."""
    say(ready)
    for _ in sys.stdin:
        ms, value = step()
        say({"ms": ms, "value": value})
    say({"peakMemoryMB": peak_memory_mb()})


def hashed_values(name, shape, bound=1.0):
    seed = numpy.uint32(zlib.crc32(name.encode()))
    with numpy.errstate(over="ignore"):
        value = numpy.arange(numpy.prod(shape), dtype=numpy.uint32) * numpy.uint32(0x9E3779B1) + seed
        value = (value ^ (value >> 16)) * numpy.uint32(0x85EBCA6B)
        value = (value ^ (value >> 13)) * numpy.uint32(0xC2B2AE35)
        value ^= value >> 16
    scaled = ((value >> 8).astype(numpy.float64) / 2**23 - 1) * bound
    return torch.from_numpy(scaled.astype(numpy.float32).reshape(shape))
