#include "audio/augment/fft.h"

#include <cmath>
#include <cstddef>
#include <utility>

namespace diarflow {
namespace {

constexpr double kPi = 3.14159265358979323846;

// A sum and a difference of neighbours: its own inverse, up to the factor 2.
void Pairs(int64_t size, double* re, double* im) {
  for (int64_t i = 0; i < size; i += 2) {
    const double a = re[i], b = re[i + 1], c = im[i], d = im[i + 1];
    re[i] = a + b, re[i + 1] = a - b, im[i] = c + d, im[i + 1] = c - d;
  }
}

}  // namespace

Fft::Fft(int log2_size) : size_(int64_t{1} << log2_size), has_pairs_(log2_size % 2 == 1) {
  for (int64_t quarter = size_ / 4; quarter >= 1; quarter /= 4) {
    Stage stage;
    stage.quarter = quarter;
    for (int64_t j = 0; j < quarter; ++j) {
      const double angle = -2 * kPi * static_cast<double>(j) / static_cast<double>(4 * quarter);
      const double re = std::cos(angle), im = std::sin(angle);
      const double re2 = re * re - im * im, im2 = 2 * re * im;
      stage.re1.push_back(re), stage.im1.push_back(im);
      stage.re2.push_back(re2), stage.im2.push_back(im2);
      stage.re3.push_back(re * re2 - im * im2), stage.im3.push_back(re * im2 + im * re2);
    }
    stages_.push_back(std::move(stage));
  }
}

void Fft::Forward(double* re, double* im) const {
  for (const Stage& stage : stages_) {
    const int64_t q = stage.quarter;
    for (int64_t first = 0; first < size_; first += 4 * q) {
      double *const ra = re + first, *const rb = ra + q, *const rc = rb + q, *const rd = rc + q;
      double *const ia = im + first, *const ib = ia + q, *const ic = ib + q, *const id = ic + q;
      for (int64_t j = 0; j < q; ++j) {
        const auto k = static_cast<size_t>(j);
        const double r0 = ra[j] + rc[j], i0 = ia[j] + ic[j], r1 = ra[j] - rc[j], i1 = ia[j] - ic[j];
        const double r2 = rb[j] + rd[j], i2 = ib[j] + id[j];
        const double r3 = ib[j] - id[j], i3 = rd[j] - rb[j];  // -i (b - d)
        const double rx = r0 - r2, ix = i0 - i2, ry = r1 + r3, iy = i1 + i3, rz = r1 - r3, iz = i1 - i3;
        ra[j] = r0 + r2, ia[j] = i0 + i2;
        rb[j] = rx * stage.re2[k] - ix * stage.im2[k], ib[j] = rx * stage.im2[k] + ix * stage.re2[k];
        rc[j] = ry * stage.re1[k] - iy * stage.im1[k], ic[j] = ry * stage.im1[k] + iy * stage.re1[k];
        rd[j] = rz * stage.re3[k] - iz * stage.im3[k], id[j] = rz * stage.im3[k] + iz * stage.re3[k];
      }
    }
  }
  if (has_pairs_) Pairs(size_, re, im);
}

void Fft::InverseTimesSize(double* re, double* im) const {
  if (has_pairs_) Pairs(size_, re, im);
  for (size_t s = stages_.size(); s-- > 0;) {
    const Stage& stage = stages_[s];
    const int64_t q = stage.quarter;
    for (int64_t first = 0; first < size_; first += 4 * q) {
      double *const ra = re + first, *const rb = ra + q, *const rc = rb + q, *const rd = rc + q;
      double *const ia = im + first, *const ib = ia + q, *const ic = ib + q, *const id = ic + q;
      for (int64_t j = 0; j < q; ++j) {
        const auto k = static_cast<size_t>(j);
        const double rx = rb[j] * stage.re2[k] + ib[j] * stage.im2[k], ix = ib[j] * stage.re2[k] - rb[j] * stage.im2[k];
        const double ry = rc[j] * stage.re1[k] + ic[j] * stage.im1[k], iy = ic[j] * stage.re1[k] - rc[j] * stage.im1[k];
        const double rz = rd[j] * stage.re3[k] + id[j] * stage.im3[k], iz = id[j] * stage.re3[k] - rd[j] * stage.im3[k];
        const double r0 = ra[j] + rx, i0 = ia[j] + ix, r2 = ra[j] - rx, i2 = ia[j] - ix;
        const double r1 = ry + rz, i1 = iy + iz;
        const double r3 = iz - iy, i3 = ry - rz;  // i (y - z)
        ra[j] = r0 + r1, ia[j] = i0 + i1, rc[j] = r0 - r1, ic[j] = i0 - i1;
        rb[j] = r2 + r3, ib[j] = i2 + i3, rd[j] = r2 - r3, id[j] = i2 - i3;
      }
    }
  }
}

}  // namespace diarflow
