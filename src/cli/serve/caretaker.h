// A thread that does the house's chores by the clock: each at the start, and again whenever its time has
// passed. The clock is looked at every second, so that one that jumps is noticed.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace gatehouse::cli {

struct Chore {
  std::string_view name;
  std::chrono::seconds every;
  std::function<Result<void>()> run;  // what fails is logged, and tried again the next time
};

class Caretaker {
 public:
  Caretaker(const Clock& clock, std::vector<Chore> chores);
  ~Caretaker();  // waits for the chore that runs
  Caretaker(const Caretaker&) = delete;
  Caretaker& operator=(const Caretaker&) = delete;

 private:
  struct Planned {
    Chore chore;
    Time next{};
  };
  void work();
  void look();

  const Clock& clock_;
  std::vector<Planned> planned_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace gatehouse::cli
