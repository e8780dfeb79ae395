#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace diarflow {
namespace {

constexpr double kSecondsBetweenLines = 30;

// Nothing is left.
bool IsDone(const Progress& progress) {
  return progress.items_total >= 0 && progress.items_done >= progress.items_total;
}

}  // namespace

std::string Duration(double seconds) {
  if (seconds < 9.95) return absl::StrFormat("%.1f s", std::max(0.0, seconds));
  const auto whole = static_cast<int64_t>(std::llround(std::max(0.0, seconds)));
  if (whole < 60) return absl::StrCat(whole, " s");
  if (whole < 3600) return absl::StrFormat("%d min %02d s", whole / 60, whole % 60);
  return absl::StrFormat("%d h %02d min", whole / 3600, whole / 60 % 60);
}

std::string ProgressLine(const Progress& progress) {
  const double rate = progress.seconds > 0 ? progress.work_done / progress.seconds : 0;
  const bool parts_count = progress.work_done > static_cast<double>(progress.items_done);
  std::string line = progress.items_total >= 0
                         ? absl::StrCat(progress.items_done, " of ", progress.items_total, " items")
                         : absl::StrCat(progress.items_done, " items");
  if (parts_count && progress.items_total > 0) {
    // Of all that is to be done: items are long.
    absl::StrAppendFormat(&line, ", %.0f %%",
                          100 * std::min(1.0, progress.work_done / static_cast<double>(progress.items_total)));
  } else {
    absl::StrAppendFormat(&line, ", %.1f items/s", rate);
  }
  if (IsDone(progress)) {
    absl::StrAppend(&line, ", ", Duration(progress.seconds));
  } else if (progress.items_total >= 0 && rate > 0) {
    absl::StrAppend(&line, ", ", Duration((static_cast<double>(progress.items_total) - progress.work_done) / rate),
                    " left");
  }
  return line;
}

std::function<void(const Progress&)> MakeProgressPrinter() {
  if (isatty(STDERR_FILENO) != 0) {
    return [](const Progress& progress) {
      // \033[K clears what a longer line left behind.
      std::fprintf(stderr, "\r%s\033[K%s", ProgressLine(progress).c_str(), progress.last ? "\n" : "");
      std::fflush(stderr);
    };
  }
  auto next = std::make_shared<double>(kSecondsBetweenLines);
  return [next](const Progress& progress) {
    if (progress.seconds < *next) return;
    *next = progress.seconds + kSecondsBetweenLines;
    std::fprintf(stderr, "%s\n", ProgressLine(progress).c_str());
  };
}

}  // namespace diarflow
