// What every command shares: exit codes, where the data directory is, how results and complaints are printed.
//
// Results go to stdout and everything else to stderr. Exit codes: 0 done, 1 the answer is no, 2 wrong usage
// or input, 3 a fault.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/json.h"

namespace gatehouse::cli {

enum Exit : int { kDone = 0, kNo = 1, kUsage = 2, kFault = 3 };

// --data, $GATEHOUSE_DATA, $XDG_DATA_HOME/gatehouse, ~/.local/share/gatehouse.
std::string default_data_directory();

// Adds `--data` and `--output` with their defaults.
struct Common {
  std::string data = default_data_directory();
  std::string output = "text";
  bool json() const { return output == "json"; }
};
void add_data(CLI::App& command, Common& common);
void add_output(CLI::App& command, Common& common);

// "gatehouse: MESSAGE" on stderr; returns the exit code.
int complain(const Error& error, int exit = kFault);

// A file's text, of which no more than `most` bytes are read; "-" is stdin.
Result<std::string> read_file(const std::string& path, std::size_t most = SIZE_MAX);

// Asks the server that runs on this data directory, through its administration socket.
Result<json::value> ask(const std::string& data, const std::string& method, const std::string& target,
                        const json::value& body = nullptr);

// Each command adds itself, and sets `run` if it was chosen.
using Run = std::function<int()>;
void add_serve(CLI::App& app, Run& run);
void add_env(CLI::App& app, Run& run);
void add_account(CLI::App& app, Run& run);
void add_run(CLI::App& app, Run& run);
void add_trail(CLI::App& app, Run& run);
void add_cluster(CLI::App& app, Run& run);
void add_coverage(CLI::App& app, Run& run);
void add_policy(CLI::App& app, Run& run);
void add_fsck(CLI::App& app, Run& run);

// Parses the command line and runs the command it names.
int main(int argc, char** argv);

}  // namespace gatehouse::cli
