// For tests: a folder that cannot be read.
#ifndef DIARFLOW_DATASETS_UNREADABLE_FOLDER_H_
#define DIARFLOW_DATASETS_UNREADABLE_FOLDER_H_

#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <utility>

namespace diarflow {

// While it lives nobody may read the folder, and permissions count for this thread even when it is root's.
class UnreadableFolder {
 public:
  explicit UnreadableFolder(std::string folder) : folder_(std::move(folder)) {
    chmod(folder_.c_str(), 0);
    syscall(SYS_capget, &header_, before_);
    __user_cap_data_struct without[] = {before_[0], before_[1]};
    without[0].effective &= ~(1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH);
    syscall(SYS_capset, &header_, without);
  }
  ~UnreadableFolder() {
    syscall(SYS_capset, &header_, before_);
    chmod(folder_.c_str(), 0700);
  }

 private:
  const std::string folder_;
  __user_cap_header_struct header_ = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct before_[2] = {};
};

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_UNREADABLE_FOLDER_H_
