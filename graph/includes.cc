#include "graph/includes.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/files.h"
#include "base/status_macros.h"

namespace diarflow {
namespace {

constexpr size_t kMaxFiles = 100;

class IncludeLoader {
 public:
  explicit IncludeLoader(const Registry& registry) : registry_(registry) {}

  absl::Status Add(std::shared_ptr<const ParsedFile> file, const std::string& path) {
    files_.push_back(file);
    read_.insert(Identity(path));
    open_.push_back({Identity(path), file->name});
    for (int i = 0; i < file->config.include_size(); ++i) {
      const std::string where = SourcePlace(file, "include", i).Where();
      const absl::Status status = Include(file->config.include(i), path);
      if (!status.ok()) return WithPlace(status, where, file->config.include(i));
    }
    open_.pop_back();
    return absl::OkStatus();
  }

  std::vector<std::shared_ptr<const ParsedFile>> files() && { return std::move(files_); }

 private:
  struct OpenFile {
    std::string identity;
    std::string name;
  };

  // One file under several spellings is one file.
  static std::string Identity(const std::string& path) {
    std::error_code error;
    const std::filesystem::path canonical = std::filesystem::weakly_canonical(path, error);
    return error ? path : canonical.string();
  }

  // What is wrong inside the included file has its own place already.
  absl::Status WithPlace(const absl::Status& status, const std::string& where, const std::string& include) {
    if (placed_) return status;
    placed_ = true;
    return absl::Status(status.code(), absl::StrCat(where, ": include \"", include, "\": ", status.message()));
  }

  absl::Status Include(const std::string& include, const std::string& from) {
    if (include.find('\0') != std::string::npos) return absl::InvalidArgumentError("is no path");
    const bool is_runfile = absl::StartsWith(include, "runfiles:");
    const std::string folder = std::filesystem::path(from).parent_path().string();
    std::string path = JoinPath(folder, include);
    if (is_runfile) {
      ASSIGN_OR_RETURN(path, ResolvePath(include));
    }
    const std::string identity = Identity(path);
    const auto open =
        std::find_if(open_.begin(), open_.end(), [&](const OpenFile& file) { return file.identity == identity; });
    if (open != open_.end()) {
      std::vector<std::string> circle;
      for (auto step = open; step != open_.end(); ++step) circle.push_back(step->name);
      circle.push_back(open->name);
      return absl::InvalidArgumentError(
          absl::StrCat("the files include each other in a circle: ", absl::StrJoin(circle, " -> ")));
    }
    if (read_.count(identity) != 0) return absl::OkStatus();
    if (files_.size() == kMaxFiles) {
      return absl::InvalidArgumentError(absl::StrCat("a pipeline has at most ", kMaxFiles, " files"));
    }
    ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
    auto parsed = ParseFile(text, is_runfile ? include : path, registry_);
    absl::Status status = parsed.ok() ? CheckContent(*parsed) : parsed.status();
    if (!status.ok()) {
      placed_ = true;
      return status;
    }
    return Add(*parsed, path);
  }

  absl::Status CheckContent(const std::shared_ptr<const ParsedFile>& file) {
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    file->config.GetReflection()->ListFields(file->config, &fields);
    for (const google::protobuf::FieldDescriptor* field : fields) {
      if (field->name() == "include" || field->name() == "subgraph") continue;
      const SourcePlace place(file, field->name(), field->is_repeated() ? 0 : -1);
      return absl::InvalidArgumentError(absl::StrCat(place.Where(),
                                                     ": an included file holds only `subgraph` and `include`: move `",
                                                     field->name(), "` to the pipeline"));
    }
    return absl::OkStatus();
  }

  const Registry& registry_;
  std::vector<std::shared_ptr<const ParsedFile>> files_;
  std::set<std::string> read_;
  // From the pipeline down to the file that is read now.
  std::vector<OpenFile> open_;
  bool placed_ = false;
};

}  // namespace

absl::StatusOr<std::vector<std::shared_ptr<const ParsedFile>>> LoadIncludes(std::shared_ptr<const ParsedFile> main,
                                                                            const Registry& registry) {
  const std::string path = main->name;
  IncludeLoader loader(registry);
  RETURN_IF_ERROR(loader.Add(std::move(main), path));
  return std::move(loader).files();
}

}  // namespace diarflow
