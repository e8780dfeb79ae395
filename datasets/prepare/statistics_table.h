// How much a corpus holds beside what was published about it, for people.
#ifndef DIARFLOW_DATASETS_PREPARE_STATISTICS_TABLE_H_
#define DIARFLOW_DATASETS_PREPARE_STATISTICS_TABLE_H_

#include <string>
#include <vector>

#include "datasets/corpus.h"
#include "datasets/corpus_statistics.h"

namespace diarflow {

// A row for each split, and a row "published" under it where something is; * behind a published figure says that what
// was found, rounded to as many decimals, is another. Splits in the order of `expected`, then the others as they come;
// what was published and not found has a row as well. Columns of turns only where there are some. Lines at the end say
// where the figures are from. Ends with a newline.
std::string StatisticsTable(const std::vector<SplitStatistics>& found, const std::vector<ExpectedSplit>& expected);

}  // namespace diarflow

#endif  // DIARFLOW_DATASETS_PREPARE_STATISTICS_TABLE_H_
