#include "audio/fbank_reference.h"

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace diarflow {
namespace {

const double kPi = std::acos(-1.0);

double Mel(double hz) { return 1127.0 * std::log(1.0 + hz / 700.0); }

std::vector<double> WindowedFrame(const FbankOptions& options, const float* samples) {
  const int size = options.window;
  double mean = 0;
  for (int n = 0; n < size; ++n) mean += samples[n] / static_cast<double>(size);
  std::vector<double> frame(static_cast<size_t>(size));
  for (int n = 0; n < size; ++n) {
    const double now = samples[n] - mean;
    const double before = samples[n == 0 ? 0 : n - 1] - mean;
    const double hann = std::pow(std::sin(kPi * n / (size - 1)), 2);
    frame[static_cast<size_t>(n)] = (now - options.preemphasis * before) * std::pow(hann, 0.85);
  }
  return frame;
}

double Power(const std::vector<double>& frame, int64_t k, int64_t fft) {
  double re = 0, im = 0;
  for (size_t n = 0; n < frame.size(); ++n) {
    // The product is reduced first: the angle stays exact for long frames.
    const double angle = 2 * kPi * static_cast<double>(k * static_cast<int64_t>(n) % fft) / static_cast<double>(fft);
    re += frame[n] * std::cos(angle);
    im -= frame[n] * std::sin(angle);
  }
  return re * re + im * im;
}

double Triangle(double left, double centre, double right, double mel) {
  if (mel <= left || mel >= right) return 0;
  return mel <= centre ? (mel - left) / (centre - left) : (right - mel) / (right - centre);
}

}  // namespace

std::vector<double> ReferenceFbank(const FbankOptions& options, const FloatArray& samples) {
  int64_t fft = 1;
  while (fft < options.window) fft *= 2;
  const double high_hz = options.high_hz > 0 ? options.high_hz : options.sample_rate / 2.0 + options.high_hz;
  const double low = Mel(options.low_hz);
  const double step = (Mel(high_hz) - low) / (options.num_bins + 1);
  std::vector<double> result;
  for (int64_t begin = 0; begin + options.window <= samples.size(); begin += options.hop) {
    const std::vector<double> frame = WindowedFrame(options, samples.data() + begin);
    std::vector<double> power;
    for (int64_t k = 0; k < fft / 2; ++k) power.push_back(Power(frame, k, fft));
    for (int bin = 0; bin < options.num_bins; ++bin) {
      double energy = 0;
      for (int64_t k = 0; k < fft / 2; ++k) {
        const double mel = Mel(static_cast<double>(k) * options.sample_rate / static_cast<double>(fft));
        energy += power[static_cast<size_t>(k)] * Triangle(low + bin * step, low + (bin + 1) * step,
                                                           low + (bin + 2) * step, mel);
      }
      result.push_back(std::log(std::fmax(energy, 1.1920928955078125e-7)));
    }
  }
  return result;
}

}  // namespace diarflow
