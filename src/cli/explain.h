#pragma once

#include "cli/command.h"

namespace gatehouse::cli {

void add_explain(CLI::App& policy, Run& run);

}  // namespace gatehouse::cli
