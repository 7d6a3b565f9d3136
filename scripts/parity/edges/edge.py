"""The list of edge cases: functions by the names that the TypeScript side knows them by."""

EDGES = {}


def edge(name):
    def add(run):
        assert name not in EDGES, name
        EDGES[name] = run
        return run

    return add
