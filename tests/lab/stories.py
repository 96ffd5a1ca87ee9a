"""The stories: what happens to a tunnel, and how soon it has to carry packets again.

Each is a function of a Stage (stage.py) that returns (seconds until the tunnel was back or None, its Bound).
"""

import time

from bounds import Bound, limit, suspected, unanswered

STORIES = {}
NEW_A, NEW_B = "203.0.113.57", "198.51.100.113"
NAME_DELAY = 5.0  # until a name is right, where the story is about something else


class Story:
    def __init__(self, name, play, slow):
        self.name, self.play, self.slow = name, play, slow
        self.title = play.__doc__.splitlines()[0].rstrip(".")


def story(name, slow=False):
    """`slow`: left out of the quick run."""
    def add(function):
        STORIES[name] = Story(name, function, slow)
        return function
    return add


def handshake(stage):
    """What this build on this machine took for the first time, and one lost message."""
    return stage.setup + limit("retransmit_first")


def back(stage, fault, bound, what, since=None):
    """Waits for the first answer after the fault; counted from `since`, the moment from which it was possible at all
    (`what` says which one that was), or from the fault."""
    seconds = stage.recovery(fault, since or fault, bound)
    if seconds is None:
        stage.step(f"not back in time after {what}", False)
    elif since and seconds == 0:
        stage.step(f"back before {what}")
    else:
        stage.step(f"back {seconds:.2f} s after {what}")
    return seconds, bound


# ---- addresses

@story("peer-address-change")
def peer_address_change(stage):
    """The peer gets a new address, and its name says so at once."""
    stage.build()
    stage.open()
    stage.move("gwB", NEW_B)
    stage.publish(B=NEW_B)
    bound = Bound(detection=unanswered(), look_up=limit("lookup_eager"), DNS=0.0, handshake=handshake(stage))
    return back(stage, time.time(), bound, "the peer moved")


@story("own-address-change")
def own_address_change(stage):
    """Our own address changes; the peer takes any."""
    stage.build(knows_us_by="any")
    stage.open()
    stage.move("gwA", NEW_A)
    return back(stage, time.time(), Bound(detection=0.0, handshake=handshake(stage)), "our address changed")


@story("own-address-change-late-name")
def own_address_change_late_name(stage):
    """Our own address changes; the peer knows us by name only, and the name is right later."""
    stage.build()
    stage.open()
    stage.move("gwA", NEW_A)
    fault = time.time()
    stage.pause(NAME_DELAY)
    stage.publish(A=NEW_A)
    bound = Bound(next_attempt=limit("lookup_eager"), handshake=handshake(stage))
    return back(stage, fault, bound, "our own name was right", time.time())


# ---- ends that go away

@story("wan-outage")
def wan_outage(stage):
    """Nothing passes our WAN for 20 seconds, name server included."""
    stage.build()
    stage.open()
    stage.sites.drop(["toA"])
    fault = time.time()
    stage.pause(20)
    stage.sites.heal()
    bound = Bound(next_attempt=limit("retransmit_max"), handshake=handshake(stage))
    return back(stage, fault, bound, "the WAN was there again", time.time())


@story("peer-killed")
def peer_killed(stage):
    """The peer's daemon is killed, and starts again at once."""
    stage.build()
    stage.open()
    since = time.time()
    stage.reboot(stage.b)
    bound = Bound(detection=suspected(), look_up=0.0, DNS=0.0, handshake=handshake(stage))
    return back(stage, since, bound, "the peer was killed")


@story("self-killed")
def self_killed(stage):
    """Our daemon is killed, and starts again at once."""
    stage.build()
    stage.open()
    since = time.time()
    stage.reboot(stage.a)
    return back(stage, since, Bound(detection=0.0, handshake=handshake(stage)), "our daemon was killed")

