#include "metrics/plot_colours.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace diarflow {
namespace {

using ::testing::HasSubstr;

using Triple = std::array<double, 3>;
using Matrix = std::array<Triple, 3>;

Triple Times(const Matrix& matrix, const Triple& v) {
  Triple result;
  for (size_t i = 0; i < 3; ++i) result[i] = matrix[i][0] * v[0] + matrix[i][1] * v[1] + matrix[i][2] * v[2];
  return result;
}

// Linear red, green and blue (IEC 61966-2-1).
Triple Linear(absl::string_view colour) {
  Triple linear = {};
  EXPECT_EQ(colour.size(), 7);
  for (size_t i = 0; i < 3; ++i) {
    int byte = 0;
    EXPECT_TRUE(absl::SimpleHexAtoi(colour.substr(1 + 2 * i, 2), &byte)) << colour;
    const double value = byte / 255.0;
    linear[i] = value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  }
  return linear;
}

// Contrast of the Web Content Accessibility Guidelines 2.
double Contrast(const Triple& a, const Triple& b) {
  const auto luminance = [](const Triple& v) { return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2] + 0.05; };
  return std::max(luminance(a), luminance(b)) / std::min(luminance(a), luminance(b));
}

// Ottosson's OKLab: equal distances look about equally far.
Triple Lab(const Triple& linear) {
  constexpr Matrix kCones = {{{0.4122214708, 0.5363325363, 0.0514459929},
                              {0.2119034982, 0.6806995451, 0.1073969566},
                              {0.0883024619, 0.2817188376, 0.6299787005}}};
  constexpr Matrix kLab = {{{0.2104542553, 0.7936177850, -0.0040720468},
                            {1.9779984951, -2.4285922050, 0.4505937099},
                            {0.0259040371, 0.7827717662, -0.8086757660}}};
  Triple cones = Times(kCones, linear);
  for (double& cone : cones) cone = std::cbrt(cone);
  return Times(kLab, cones);
}

// How eyes without one kind of cones see (Machado, Oliveira and Fernandes, 2009, severity 1).
struct Eyes {
  std::string name;
  Matrix matrix;
  double least_distance;
};

std::vector<Eyes> AllEyes() {
  return {{"all cones", {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, 0.12},
          {"no long cones",
           {{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}},
           0.09},
          {"no middle cones",
           {{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}},
           0.09},
          {"no short cones",
           {{{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}},
           0.07}};
}

Triple Seen(const Eyes& eyes, absl::string_view colour) {
  Triple seen = Times(eyes.matrix, Linear(colour));
  for (double& value : seen) value = std::clamp(value, 0.0, 1.0);
  return Lab(seen);
}

TEST(PlotColoursTest, SpeakersDifferForAllEyes) {
  for (const Eyes& eyes : AllEyes()) {
    for (const auto ground : {&PlotColour::light, &PlotColour::dark}) {
      for (size_t i = 0; i < kSpeakerColours.size(); ++i) {
        for (size_t j = 0; j < i; ++j) {
          const absl::string_view a = kSpeakerColours[i].*ground;
          const absl::string_view b = kSpeakerColours[j].*ground;
          const Triple x = Seen(eyes, a);
          const Triple y = Seen(eyes, b);
          EXPECT_GT(std::hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]), eyes.least_distance)
              << eyes.name << ": " << a << " and " << b;
        }
      }
    }
  }
}

TEST(PlotColoursTest, AllStandOutFromTheGround) {
  std::vector<PlotColour> colours(kSpeakerColours.begin(), kSpeakerColours.end());
  colours.insert(colours.end(), {kUnmappedColour, kMissedColour, kFalseAlarmColour, kConfusionColour});
  for (const PlotColour& colour : colours) {
    EXPECT_GE(Contrast(Linear(colour.light), Linear("#ffffff")), 3) << colour.light;
    EXPECT_GE(Contrast(Linear(colour.dark), Linear("#15191e")), 3) << colour.dark;
  }
}

TEST(PlotColoursTest, Rules) {
  EXPECT_THAT(FillRules(false), HasSubstr("  .unmapped { fill: #8a95a1; }\n  .missed { fill: #b35900; }\n"));
  EXPECT_THAT(ColourRules(true, "--", ":", ";"),
              HasSubstr("--unmapped:#76818c;--missed:#ffa94d;--false-alarm:#74c0fc;"));
}

}  // namespace
}  // namespace diarflow
