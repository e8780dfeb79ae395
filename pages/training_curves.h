// The curves of a training as a picture, bytes of an SVG file (metrics/svg_drawing.h).
#ifndef DIARFLOW_PAGES_TRAINING_CURVES_H_
#define DIARFLOW_PAGES_TRAINING_CURVES_H_

#include <string>
#include <utility>
#include <vector>

namespace diarflow {

struct TrainingCurve {
  std::string name;
  std::vector<std::pair<double, double>> points;  // updates and values, by updates
};

// One panel for each curve, one below the other, over the same updates; the lowest point of each is marked. Numbers
// that are not finite are left out.
std::string TrainingCurvesSvg(const std::vector<TrainingCurve>& curves);

}  // namespace diarflow

#endif  // DIARFLOW_PAGES_TRAINING_CURVES_H_
