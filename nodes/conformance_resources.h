// Resources for conformance_test.cc.
#ifndef DIARFLOW_NODES_CONFORMANCE_RESOURCES_H_
#define DIARFLOW_NODES_CONFORMANCE_RESOURCES_H_

#include "graph/node_runner.h"
#include "graph/registry.h"

namespace diarflow {

// Give a node its resource, in a NodeRunner or in a registry that stands in for the global one. False when there is no
// maker for its type. Lists of trials name the items of a NodeRunner.
bool SetConformanceResource(const ResourceUse& use, NodeRunner* runner);
bool AddConformanceResource(const ResourceUse& use, Registry* registry);

}  // namespace diarflow

#endif  // DIARFLOW_NODES_CONFORMANCE_RESOURCES_H_
