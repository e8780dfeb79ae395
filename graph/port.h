// Typed ports: constants of a node class, named once and used in its contract and its body.
//
//   class Resample : public MapNode {
//     static constexpr In<Audio> kAudio{"AUDIO"};
//     static constexpr Out<Audio> kResampled{"AUDIO"};
#ifndef DIARFLOW_GRAPH_PORT_H_
#define DIARFLOW_GRAPH_PORT_H_

namespace diarflow {

template <typename T>
struct In {
  const char* name;
};

// May be left unconnected.
template <typename T>
struct OptionalIn {
  const char* name;
};

template <typename T>
struct Out {
  const char* name;
};

// A resource (graph/registry.h) that the node needs. R states its type: static constexpr char kResourceName[].
template <typename R>
struct Uses {
  const char* name;
};

template <typename R>
struct OptionallyUses {
  const char* name;
};

}  // namespace diarflow

#endif  // DIARFLOW_GRAPH_PORT_H_
