// gatehouse policy generate
#pragma once

#include "cli/command.h"

namespace gatehouse::cli {

void add_generate(CLI::App& policy, Run& run);

}  // namespace gatehouse::cli
