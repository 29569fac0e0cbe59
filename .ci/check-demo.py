"""Checks what `podslice demo --json` prints (standard input) as a program that reads it would."""

import json
import sys


def cpus(text):
    """The members of a list in the kernel's format."""
    members = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        members.update(range(int(first), int(last or first) + 1))
    return members


demo = json.load(sys.stdin)
pods = {pod["name"]: pod for pod in demo["pods"]}
database_pod = pods["tightly-coupled-database"]
containers = {container["name"]: container for container in database_pod["containers"]}
database = cpus(containers.pop("database")["cpus"])
sidecars = [cpus(container["cpus"]) for container in containers.values()]
others = [cpus(c["cpus"]) for name, pod in pods.items() if pod is not database_pod for c in pod["containers"]]
nodes = [cpus(node["cpus"]) for node in demo["machine"]["numaNodes"].values()]

assert len(database) == 6, f"the database has CPUs {sorted(database)}, not 6"
assert any(database <= node for node in nodes), f"the database's CPUs {sorted(database)} are not on one NUMA node"
assert len(sidecars) == 2 and sidecars[0] == sidecars[1] and len(sidecars[0]) == 2, f"the sidecars have {sidecars}"
for other in sidecars + others:
    assert not database & other, f"another container has the database's CPUs {sorted(database & other)}"
assert all(pod["cgroup"]["after"]["cpu.max"] != "max 100000" for pod in pods.values()), "a pod without budget"
assert demo["resize"]["steps"], "no resize was written"
assert demo["holds"], [check for check in demo["checks"] if not check["holds"]]
print(f"demo: the database has CPUs {sorted(database)} to itself, its sidecars {sorted(sidecars[0])}")
