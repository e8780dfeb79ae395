#include <sys/resource.h>
#include <cstdio>
#include <cstdlib>
#include "models/titanet/titanet.h"
#include "models/torch_threads.h"
using namespace diarflow;
double Mb() { rusage u = {}; getrusage(RUSAGE_SELF, &u); return u.ru_maxrss / 1024.0; }
int main(int argc, char** argv) {
  SetModelThreads(1);
  auto e = *TitanetEncoder::Random(1);
  double before = Mb();
  for (int i = 1; i < argc; ++i) {
    FloatArray audio = FloatArray::Zeros({atoi(argv[i]) * 16000});
    uint32_t noise = 1; float* out = audio.mutable_data();
    for (int64_t k = 0; k < audio.size(); ++k) { noise = noise * 1664525u + 1013904223u; out[k] = (noise >> 8) * 0x1p-24f - 0.5f; }
    auto r = e->Embed({audio});
    printf("%s s: ok %d, before %.0f MB, peak %.0f MB, more %.0f MB, a frame %.1f kB\n", argv[i], r.ok(), before, Mb(), Mb() - before, 1000 * (Mb() - before) * 1.048576 / (100.0 * atoi(argv[i])));
  }
}
