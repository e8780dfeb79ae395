// The colours of pictures of who spoke when, on a light ground (#ffffff) and on a dark one (#15191e).
#ifndef DIARFLOW_METRICS_PLOT_COLOURS_H_
#define DIARFLOW_METRICS_PLOT_COLOURS_H_

#include <array>
#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace diarflow {

struct PlotColour {
  absl::string_view light;
  absl::string_view dark;
};

// Of twelve speakers. They differ from each other also for eyes that lack one kind of cones, and from the ground at
// least 3 to 1 in luminance; plot_colours_test measures both. The first ones differ most.
inline constexpr std::array<PlotColour, 12> kSpeakerColours = {{
    {"#4c5ee9", "#8156e3"},
    {"#bb8a4d", "#fb7011"},
    {"#1d6a5e", "#80a674"},
    {"#ea5cc3", "#fe92be"},
    {"#2c2398", "#6293fd"},
    {"#700652", "#cb3776"},
    {"#4e2700", "#a46103"},
    {"#3097fb", "#297ea5"},
    {"#754909", "#efbf84"},
    {"#685099", "#8ec1fe"},
    {"#199491", "#7cf7ec"},
    {"#73770b", "#e0ee42"},
}};

// Of a hypothesis speaker who is mapped to nobody.
inline constexpr PlotColour kUnmappedColour = {"#8a95a1", "#76818c"};

inline constexpr PlotColour kMissedColour = {"#b35900", "#ffa94d"};
inline constexpr PlotColour kFalseAlarmColour = {"#1c7ed6", "#74c0fc"};
inline constexpr PlotColour kConfusionColour = {"#c2255c", "#faa2c1"};

// before + name + between + colour + after for each of the names speaker0, speaker1, ..., unmapped, missed,
// false-alarm and confusion.
inline std::string ColourRules(bool dark, absl::string_view before, absl::string_view between,
                               absl::string_view after) {
  std::string rules;
  const auto add = [&](absl::string_view name, const PlotColour& colour) {
    absl::StrAppend(&rules, before, name, between, dark ? colour.dark : colour.light, after);
  };
  for (size_t i = 0; i < kSpeakerColours.size(); ++i) add(absl::StrCat("speaker", i), kSpeakerColours[i]);
  add("unmapped", kUnmappedColour);
  add("missed", kMissedColour);
  add("false-alarm", kFalseAlarmColour);
  add("confusion", kConfusionColour);
  return rules;
}

// CSS rules that fill the classes of those names.
inline std::string FillRules(bool dark) { return ColourRules(dark, "  .", " { fill: ", "; }\n"); }

}  // namespace diarflow

#endif  // DIARFLOW_METRICS_PLOT_COLOURS_H_
