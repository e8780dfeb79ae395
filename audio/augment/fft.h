// A Fourier transform for convolutions: in double precision, in the calling thread, the same numbers whatever other
// threads do. (Those of LibTorch share one short transform between threads, which costs ten times as much on busy cores
// as it saves.)
#ifndef DIARFLOW_AUDIO_AUGMENT_FFT_H_
#define DIARFLOW_AUDIO_AUGMENT_FFT_H_

#include <cstdint>
#include <vector>

namespace diarflow {

// Complex, of a power of 2. The numbers of a spectrum are not in order of frequency but stand where the reversed bits
// of their index say, which products of spectra do not care about.
class Fft {
 public:
  // Of 2^log2_size numbers. REQUIRES: 0 <= log2_size <= 40.
  explicit Fft(int log2_size);

  int64_t size() const { return size_; }

  // In place: real and imaginary parts, size() of each. Frequency k: sum over n of x[n] exp(-2 pi i k n / size()).
  void Forward(double* re, double* im) const;
  // Undoes Forward() and multiplies by size().
  void InverseTimesSize(double* re, double* im) const;

 private:
  // Four parts of a transform of 4 * quarter numbers become transforms of their own, each turned by powers of
  // w = exp(-2 pi i j / (4 quarter)).
  struct Stage {
    int64_t quarter = 0;
    std::vector<double> re1, im1, re2, im2, re3, im3;  // w, w^2, w^3
  };

  int64_t size_ = 1;
  bool has_pairs_ = false;  // log2_size is odd: neighbours are left over for a stage of two
  std::vector<Stage> stages_;
};

}  // namespace diarflow

#endif  // DIARFLOW_AUDIO_AUGMENT_FFT_H_
