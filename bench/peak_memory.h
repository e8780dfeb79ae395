// The most memory that this process had at once, since a moment of one's choice.
#ifndef DIARFLOW_BENCH_PEAK_MEMORY_H_
#define DIARFLOW_BENCH_PEAK_MEMORY_H_

namespace diarflow {

// Gives back what is free, and begins anew with what is resident now. Where the system does not allow that
// (/proc/self/clear_refs), the peak stays that of the whole process.
void ResetPeakMemory();

// Megabytes (2^20 bytes).
double PeakMemoryMb();

}  // namespace diarflow

#endif  // DIARFLOW_BENCH_PEAK_MEMORY_H_
