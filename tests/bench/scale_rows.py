# SPDX-License-Identifier: GPL-2.0-or-later
"""Many calls that come at once, and many that do nothing."""

import time

import scale_world
import table

# Who all dial within a second.
STORM = 1000
QUICK = 60

IDLE = 4000
IDLE_WITHIN = 40  # seconds of dialling: what a storm does is another row
IDLE_LOOK = 20    # seconds

WAYS = (("direct", None), ("through LRP, plain", "plain"), ("through LRP, TLS", "tls"))


def storm(bench):
    """All within a second: all up, in order?"""
    count = bench.options.clients or (QUICK if bench.options.quick else STORM)
    lines = [["storm", "up", "lost", "all after s", "ms to up", "p99", "slowest",
              "order of replies", "order of up", "early"]]
    for name, security in WAYS:
        # Calls that have not logged in take at most half of what is free, for one source.
        with bench.world(2 * count, security) as world:
            load = world.load(count)
            said = bench.settle(world, load)
            time.sleep(1)
            lost = load.state()["lost"]
            bench.lost += lost
            lines.append([name, f"{said['up']}/{count}", str(lost), *_times(said)])
    table.print_aligned(lines)
    print(f"\n{count} clients of as many addresses dial within one second. Order: rank correlation "
          "with that of the\ndialling, 1 is first come first served. early: PPP frames that "
          "overtook the Outgoing-Call-Reply and were lost.\n")


def _times(said):
    if "ms" not in said:
        return ["-"] * 7
    times = said["ms"]
    return [f"{said['all_s']:.2f}", *(f"{times[one]:.0f}" for one in ("median", "p99", "max")),
            f"{said['order_replied']:.3f}", f"{said['order_up']:.3f}", str(said["early"])]


def idle(bench):
    """What calls that do nothing cost."""
    count = bench.options.clients or (QUICK if bench.options.quick else IDLE)
    seldom = f"echo-interval {scale_world.SELDOM}"
    with bench.world(2 * count if bench.options.quick else count + 500, "plain",
                     lrp_lines=(seldom,)) as world:
        roles = world.processes()
        before = {role: scale_world.memory(pids) for role, pids in roles.items()}
        load = world.load(count, within=min(IDLE_WITHIN, count / 100), wait=300)
        said = bench.settle(world, load)
        time.sleep(2)
        during = {role: scale_world.memory(pids) for role, pids in roles.items()}
        woken = _wakeups(roles, 2 if bench.options.quick else IDLE_LOOK)
        state = load.state()
        bench.lost += state["lost"]
        pppds = world.pppds()
        one_pppd = scale_world.memory(pppds[:50]) / max(1, len(pppds[:50]))
        load.stop()
        time.sleep(5)
        after = {role: scale_world.memory(pids) for role, pids in roles.items()}
    lines = [["idle", "before kB", "with calls", "after", "KiB per call", "wake-ups/s"]]
    for role in roles:
        grown = (during[role] - before[role]) / max(1, said["up"])
        lines.append([role, str(before[role]), str(during[role]), str(after[role]),
                      f"{grown:.2f}", f"{woken[role]:.2f}"])
    whole = (sum(during.values()) - sum(before.values())) / max(1, said["up"])
    lines.append(["all", str(sum(before.values())), str(sum(during.values())),
                  str(sum(after.values())), f"{whole:.2f}", f"{sum(woken.values()):.2f}"])
    table.print_aligned(lines)
    print(f"\n{count} calls through one LRP, plain: {said['up']} up after "
          f"{said.get('all_s', 0):.1f} s, {state['lost']} lost. Memory: "
          f"proportional\nset size. LRP's {seldom}, so that what wakes "
          f"besides is seen. A pppd-stub has {one_pppd:.0f} kB.\n")


def _wakeups(roles, seconds):
    before = {role: scale_world.wakeups(pids) for role, pids in roles.items()}
    time.sleep(seconds)
    return {role: (scale_world.wakeups(pids) - before[role]) / seconds
            for role, pids in roles.items()}
