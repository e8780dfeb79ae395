// A pickle is a program for a machine with a stack, a memo of values by number, and marks on the stack: PROTO 2, then
// opcodes of one byte with their arguments (counts little-endian, numbers of BINFLOAT big-endian), STOP at the end.
#include "models/weights/pickle.h"

#include <cstring>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "models/weights/pickle_objects.h"

namespace diarflow {
namespace {

// Some 25,000 tensors, each with some 25 values. A byte can make a value, which takes some 150.
constexpr size_t kMaxBytes = 4 << 20;
constexpr size_t kMaxValues = 1 << 20;
// Bytes of keys and shapes: each tensor has its own, and with the memo five bytes make another tensor.
constexpr size_t kMaxCopied = 64 << 20;

class Reader {
 public:
  explicit Reader(absl::string_view bytes) : bytes_(bytes) {}

  absl::StatusOr<Pickle> Run() {
    if (bytes_.size() > kMaxBytes) {
      return absl::DataLossError(absl::StrCat("the pickle of ", bytes_.size(), " bytes is longer than ", kMaxBytes));
    }
    while (true) {
      const size_t at = at_;
      absl::StatusOr<bool> done = Step();
      if (!done.ok()) return absl::DataLossError(absl::StrCat("pickle, byte ", at, ": ", done.status().message()));
      if (*done) break;
      if (pickle_.values.size() > kMaxValues) {
        return absl::DataLossError(absl::StrCat("the pickle makes more than ", kMaxValues, " values"));
      }
      if (copied_ > kMaxCopied) return absl::DataLossError("the pickle repeats its tensors too often");
    }
    if (at_ != bytes_.size()) return absl::DataLossError("the pickle goes on behind its end");
    return std::move(pickle_);
  }

 private:
  // ---- Input ----
  absl::StatusOr<absl::string_view> Take(uint64_t count) {
    if (count > bytes_.size() - at_) return absl::DataLossError("it ends inside an opcode");
    const absl::string_view taken = bytes_.substr(at_, count);
    at_ += count;
    return taken;
  }
  absl::StatusOr<uint64_t> TakeCount(size_t width) {
    ASSIGN_OR_RETURN(const absl::string_view taken, Take(width));
    uint64_t value = 0;
    for (size_t i = width; i-- > 0;) value = value << 8 | static_cast<uint8_t>(taken[i]);
    return value;
  }
  absl::StatusOr<int64_t> TakeSigned(size_t width) {
    if (width > 8) return absl::DataLossError("an integer of more than 64 bits");
    if (width == 0) return 0;
    ASSIGN_OR_RETURN(const uint64_t value, TakeCount(width));
    const size_t unused = 64 - 8 * width;
    return static_cast<int64_t>(value << unused) >> unused;
  }
  absl::StatusOr<absl::string_view> TakeLine() {
    const size_t end = bytes_.find('\n', at_);
    if (end == absl::string_view::npos) return absl::DataLossError("it ends inside a name");
    const absl::string_view line = bytes_.substr(at_, end - at_);
    at_ = end + 1;
    return line;
  }

  // ---- Stack ----
  PickleValue& ValueOf(size_t index) { return pickle_.values[index]; }
  void Push(PickleValue value) {
    stack_.push_back(pickle_.values.size());
    pickle_.values.push_back(std::move(value));
  }
  void PushKind(PickleKind kind) {
    PickleValue value;
    value.kind = kind;
    Push(std::move(value));
  }
  void PushInt(PickleKind kind, int64_t integer) {
    PickleValue value;
    value.kind = kind;
    value.integer = integer;
    Push(std::move(value));
  }
  void PushText(PickleKind kind, absl::string_view text) {
    PickleValue value;
    value.kind = kind;
    value.text = std::string(text);
    Push(std::move(value));
  }
  size_t Base() const { return marks_.empty() ? 0 : marks_.back(); }
  absl::StatusOr<size_t> Pop() {
    if (stack_.size() <= Base()) return absl::DataLossError("an opcode takes more values than there are");
    const size_t index = stack_.back();
    stack_.pop_back();
    return index;
  }
  // All above the last mark.
  absl::StatusOr<std::vector<size_t>> PopMarked() {
    if (marks_.empty()) return absl::DataLossError("an opcode needs a mark, and there is none");
    std::vector<size_t> items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
  }
  absl::StatusOr<size_t> Top(PickleKind kind, absl::string_view what) {
    if (stack_.size() <= Base() || ValueOf(stack_.back()).kind != kind) {
      return absl::DataLossError(absl::StrCat("an opcode needs ", what, " and finds something else"));
    }
    return stack_.back();
  }

  // ---- Opcodes ----
  absl::StatusOr<bool> Step();
  absl::Status Scalar(char opcode, bool* known);
  absl::Status Text(char opcode, bool* known);
  absl::Status Container(char opcode, bool* known);
  absl::Status Memo(char opcode, bool* known);
  absl::Status Object(char opcode, bool* known);

  absl::Status PushTuple(size_t count);
  absl::Status Extend(PickleKind kind, std::vector<size_t> items);
  absl::Status Remember(uint64_t slot);
  absl::Status Recall(uint64_t slot);
  absl::Status Global(absl::string_view module, absl::string_view name);
  absl::Status Reduce();

  absl::string_view bytes_;
  size_t at_ = 0;
  Pickle pickle_;
  std::vector<size_t> stack_;
  std::vector<size_t> marks_;
  // Ordered: a hostile pickle chooses the keys, and would choose those that a hash puts together.
  std::map<uint64_t, size_t> memo_;
  size_t copied_ = 0;
};

absl::StatusOr<bool> Reader::Step() {
  ASSIGN_OR_RETURN(const absl::string_view taken, Take(1));
  const char opcode = taken[0];
  if (opcode == '.') {  // STOP
    if (stack_.size() != 1 || !marks_.empty())
      return absl::DataLossError("it stops with a number of values other than 1");
    pickle_.root = stack_[0];
    return true;
  }
  if (opcode == '\x80') {  // PROTO
    ASSIGN_OR_RETURN(const uint64_t version, TakeCount(1));
    if (version > 5) return absl::DataLossError(absl::StrCat("protocol ", version, " is not known"));
    return false;
  }
  bool known = false;
  for (auto group : {&Reader::Scalar, &Reader::Text, &Reader::Container, &Reader::Memo, &Reader::Object}) {
    RETURN_IF_ERROR((this->*group)(opcode, &known));
    if (known) return false;
  }
  return absl::DataLossError(absl::StrCat("the opcode 0x", absl::Hex(static_cast<uint8_t>(opcode), absl::kZeroPad2),
                                          " is refused: tables of tensors do not need it"));
}

absl::Status Reader::Scalar(char opcode, bool* known) {
  *known = true;
  switch (opcode) {
    case 'N': PushKind(PickleKind::kNone); return absl::OkStatus();
    case '\x88': PushInt(PickleKind::kBool, 1); return absl::OkStatus();  // NEWTRUE
    case '\x89': PushInt(PickleKind::kBool, 0); return absl::OkStatus();  // NEWFALSE
    case 'J':                                                             // BININT
    case '\x8a': {                                                        // LONG1
      uint64_t width = 4;
      if (opcode != 'J') {
        ASSIGN_OR_RETURN(width, TakeCount(1));
      }
      ASSIGN_OR_RETURN(const int64_t value, TakeSigned(width));
      PushInt(PickleKind::kInt, value);
      return absl::OkStatus();
    }
    case 'K':    // BININT1
    case 'M': {  // BININT2
      ASSIGN_OR_RETURN(const uint64_t value, TakeCount(opcode == 'K' ? 1 : 2));
      PushInt(PickleKind::kInt, static_cast<int64_t>(value));
      return absl::OkStatus();
    }
    case 'G': {  // BINFLOAT
      ASSIGN_OR_RETURN(const absl::string_view taken, Take(8));
      uint64_t bits = 0;
      for (const char byte : taken) bits = bits << 8 | static_cast<uint8_t>(byte);
      PickleValue value;
      value.kind = PickleKind::kFloat;
      std::memcpy(&value.number, &bits, sizeof(bits));
      Push(std::move(value));
      return absl::OkStatus();
    }
    default: *known = false; return absl::OkStatus();
  }
}

absl::Status Reader::Text(char opcode, bool* known) {
  size_t width = 0;
  switch (opcode) {
    case 'X':                       // BINUNICODE
    case 'T':                       // BINSTRING
    case 'B': width = 4; break;     // BINBYTES
    case 'U':                       // SHORT_BINSTRING
    case 'C':                       // SHORT_BINBYTES
    case '\x8c': width = 1; break;  // SHORT_BINUNICODE
    default: return absl::OkStatus();
  }
  *known = true;
  ASSIGN_OR_RETURN(const uint64_t size, TakeCount(width));
  ASSIGN_OR_RETURN(const absl::string_view text, Take(size));
  PushText(PickleKind::kString, text);
  return absl::OkStatus();
}

absl::Status Reader::PushTuple(size_t count) {
  PickleValue tuple;
  tuple.kind = PickleKind::kTuple;
  tuple.items.resize(count);
  for (size_t i = count; i-- > 0;) {
    ASSIGN_OR_RETURN(tuple.items[i], Pop());
  }
  Push(std::move(tuple));
  return absl::OkStatus();
}

absl::Status Reader::Extend(PickleKind kind, std::vector<size_t> items) {
  if (kind == PickleKind::kDict && items.size() % 2 != 0) return absl::DataLossError("a key of a dict has no value");
  ASSIGN_OR_RETURN(const size_t target, Top(kind, kind == PickleKind::kDict ? "a dict" : "a list"));
  std::vector<size_t>& all = ValueOf(target).items;
  all.insert(all.end(), items.begin(), items.end());
  return absl::OkStatus();
}

absl::Status Reader::Container(char opcode, bool* known) {
  *known = true;
  switch (opcode) {
    case '}': PushKind(PickleKind::kDict); return absl::OkStatus();
    case ']': PushKind(PickleKind::kList); return absl::OkStatus();
    case ')': PushKind(PickleKind::kTuple); return absl::OkStatus();
    case '(': marks_.push_back(stack_.size()); return absl::OkStatus();
    case '\x85': return PushTuple(1);
    case '\x86': return PushTuple(2);
    case '\x87': return PushTuple(3);
    case 't': {  // TUPLE
      ASSIGN_OR_RETURN(std::vector<size_t> items, PopMarked());
      PushKind(PickleKind::kTuple);
      ValueOf(stack_.back()).items = std::move(items);
      return absl::OkStatus();
    }
    case 'a': {  // APPEND
      ASSIGN_OR_RETURN(const size_t item, Pop());
      return Extend(PickleKind::kList, {item});
    }
    case 's': {  // SETITEM
      ASSIGN_OR_RETURN(const size_t item, Pop());
      ASSIGN_OR_RETURN(const size_t key, Pop());
      return Extend(PickleKind::kDict, {key, item});
    }
    case 'e':    // APPENDS
    case 'u': {  // SETITEMS
      ASSIGN_OR_RETURN(std::vector<size_t> items, PopMarked());
      return Extend(opcode == 'e' ? PickleKind::kList : PickleKind::kDict, std::move(items));
    }
    default: *known = false; return absl::OkStatus();
  }
}

absl::Status Reader::Remember(uint64_t slot) {
  if (stack_.size() <= Base()) return absl::DataLossError("there is no value to remember");
  memo_[slot] = stack_.back();
  return absl::OkStatus();
}

absl::Status Reader::Recall(uint64_t slot) {
  const auto found = memo_.find(slot);
  if (found == memo_.end())
    return absl::DataLossError(absl::StrCat("value ", slot, " of the memo was never put there"));
  stack_.push_back(found->second);
  return absl::OkStatus();
}

absl::Status Reader::Memo(char opcode, bool* known) {
  const bool put = opcode == 'q' || opcode == 'r';
  if (opcode == '\x94') {  // MEMOIZE
    *known = true;
    return Remember(memo_.size());
  }
  if (!put && opcode != 'h' && opcode != 'j') return absl::OkStatus();
  *known = true;
  ASSIGN_OR_RETURN(const uint64_t slot, TakeCount(opcode == 'q' || opcode == 'h' ? 1 : 4));
  return put ? Remember(slot) : Recall(slot);
}

absl::Status Reader::Object(char opcode, bool* known) {
  *known = true;
  switch (opcode) {
    case '\x95': return Take(8).status();  // FRAME: a hint of length
    case 'c': {                            // GLOBAL
      ASSIGN_OR_RETURN(const absl::string_view module, TakeLine());
      ASSIGN_OR_RETURN(const absl::string_view name, TakeLine());
      return Global(module, name);
    }
    case '\x93': {  // STACK_GLOBAL
      ASSIGN_OR_RETURN(const size_t name, Pop());
      ASSIGN_OR_RETURN(const size_t module, Pop());
      if (ValueOf(name).kind != PickleKind::kString || ValueOf(module).kind != PickleKind::kString) {
        return absl::DataLossError("the name of a callable is not a string");
      }
      return Global(ValueOf(module).text, ValueOf(name).text);
    }
    case 'Q': {  // BINPERSID
      ASSIGN_OR_RETURN(const size_t id, Pop());
      ASSIGN_OR_RETURN(PickleValue storage, MakePickleStorage(pickle_, id));
      copied_ += storage.text.size();
      Push(std::move(storage));
      return absl::OkStatus();
    }
    case 'R': return Reduce();
    case 'b': {  // BUILD
      RETURN_IF_ERROR(Pop().status());
      return Top(PickleKind::kDict, "an OrderedDict to set attributes of").status();
    }
    default: *known = false; return absl::OkStatus();
  }
}

absl::Status Reader::Global(absl::string_view module, absl::string_view name) {
  ASSIGN_OR_RETURN(PickleValue global, MakePickleGlobal(module, name));
  Push(std::move(global));
  return absl::OkStatus();
}

absl::Status Reader::Reduce() {
  ASSIGN_OR_RETURN(const size_t arguments, Pop());
  ASSIGN_OR_RETURN(const size_t callable, Pop());
  ASSIGN_OR_RETURN(PickleValue result, CallPickleGlobal(pickle_, callable, arguments));
  copied_ += result.text.size() + (result.shape.size() + result.strides.size()) * sizeof(int64_t);
  Push(std::move(result));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Pickle> ParsePickle(absl::string_view bytes) { return Reader(bytes).Run(); }

}  // namespace diarflow
