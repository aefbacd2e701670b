"""Reads every graph of a package by one library, and prints its nodes and edges as it took them."""

import glob
import json
import os
import sys

library, folder = sys.argv[1:]


def by_networkx(path):
    import networkx

    graph = networkx.read_graphml(path)
    nodes = [[name, each["label"], each["held"]] for name, each in graph.nodes(data=True)]
    return nodes, list(graph.edges())


def by_igraph(path):
    import igraph

    graph = igraph.Graph.Read_GraphML(path)
    nodes = [[each["id"], each["label"], each["held"]] for each in graph.vs]
    return nodes, [[graph.vs[end]["id"] for end in edge.tuple] for edge in graph.es]


def by_rustworkx(path):
    import rustworkx

    (graph,) = rustworkx.read_graphml(path)
    nodes = [[each["id"], each["label"], each["held"]] for each in graph.nodes()]
    return nodes, [[graph[end]["id"] for end in edge] for edge in graph.edge_list()]


def by_networkit(path):
    """Networkit takes the shape alone: nodes have the numbers in which they came."""
    import networkit

    graph = networkit.graphio.GraphMLReader().read(path)
    return list(graph.iterNodes()), [list(edge) for edge in graph.iterEdges()]


read = globals()[f"by_{library}"]
graphs = {}
for path in glob.glob(os.path.join(folder, "graph", "*.graphml")):
    nodes, edges = read(path)
    graphs[os.path.basename(path).removesuffix(".graphml")] = {"nodes": nodes, "edges": edges}
print(json.dumps(graphs))
