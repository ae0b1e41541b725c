// gatehouse run: a command as a pod of that service account would run it.
//
// The server says what the pod identity webhook and the kubelet would give the pod; here it is put into a
// private directory, renewed before it expires as the kubelet does (a new directory, then one rename of the
// ..data link), and taken away when the command ends. The caller's own AWS credentials do not reach the
// command.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "cli/command.h"

extern char** environ;

namespace gatehouse::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  Common common;
  std::string cluster, service_account, region;
  std::vector<std::string> command;
};

// The projected volume: token -> ..data/token, ..data -> a directory that is replaced whole.
class TokenDirectory {
 public:
  static Result<TokenDirectory> make() {
    std::string pattern = (fs::temp_directory_path() / "gatehouse-pod-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      return fail("IOError", fmt::format("cannot make a directory for the token: {}", std::strerror(errno)),
                  500);
    }
    return TokenDirectory(pattern);
  }
  TokenDirectory(TokenDirectory&& other) noexcept
      : path_(std::exchange(other.path_, {})), number_(other.number_) {}
  TokenDirectory(const TokenDirectory&) = delete;
  TokenDirectory& operator=(const TokenDirectory&) = delete;
  TokenDirectory& operator=(TokenDirectory&&) = delete;
  ~TokenDirectory() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }

  std::string token_file() const { return path_ + "/token"; }

  Result<void> write(const std::string& token) {
    const std::string name = fmt::format("..{}", ++number_);
    const std::string inside = path_ + "/" + name;
    if (::mkdir(inside.c_str(), 0700) != 0) return failed("make");
    {
      std::ofstream out(inside + "/token");
      ::chmod((inside + "/token").c_str(), 0600);
      out << token;
      if (!out.flush()) return failed("write");
    }
    const std::string link = path_ + "/..data_tmp";
    if (::symlink(name.c_str(), link.c_str()) != 0) return failed("link");
    if (::rename(link.c_str(), (path_ + "/..data").c_str()) != 0) return failed("rename");
    if (number_ == 1 && ::symlink("..data/token", token_file().c_str()) != 0) return failed("link");
    std::error_code ignored;
    if (number_ > 1) fs::remove_all(path_ + fmt::format("/..{}", number_ - 1), ignored);
    return {};
  }

 private:
  explicit TokenDirectory(std::string path) : path_(std::move(path)) {}
  std::unexpected<Error> failed(std::string_view what) const {
    return fail("IOError", fmt::format("cannot {} the token in {}: {}", what, path_, std::strerror(errno)),
                500);
  }

  std::string path_;
  int number_ = 0;
};

Result<json::value> ask_pod(const Options& options) {
  const auto slash = options.service_account.find('/');
  if (slash == std::string::npos) {
    return fail("ValidationError",
                fmt::format("--service-account takes NAMESPACE/NAME, not {}", options.service_account));
  }
  json::object input{{"cluster", options.cluster},
                     {"namespace", options.service_account.substr(0, slash)},
                     {"serviceAccount", options.service_account.substr(slash + 1)}};
  if (!options.region.empty()) input["region"] = options.region;
  return ask(options.common.data, "POST", "/pods", input);
}

// The caller's environment without its own way into AWS, then what the pod gets.
std::vector<std::string> environment(const json::object& pod, const TokenDirectory& directory) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable(*entry);
    const std::string_view name = variable.substr(0, variable.find('='));
    const bool proxy =
        name == "HTTPS_PROXY" || name == "https_proxy" || name == "NO_PROXY" || name == "no_proxy";
    if (!name.starts_with("AWS_") && !proxy && name != "KUBECONFIG") out.emplace_back(variable);
  }
  const auto put = [&](std::string_view name, std::string_view value) {
    out.push_back(fmt::format("{}={}", name, value));
  };
  for (const json::value& v : pod.at("env").as_array()) {
    const json::object& variable = v.as_object();
    const std::string name = json::string_or(variable, "name", "");
    put(name, name == "AWS_WEB_IDENTITY_TOKEN_FILE" ? directory.token_file()
                                                    : json::string_or(variable, "value", ""));
  }
  // What a pod in AWS reaches by AWS's own host names, this one reaches here.
  put("AWS_ENDPOINT_URL", json::string_or(pod, "endpoint", ""));
  put("HTTPS_PROXY", json::string_or(pod, "proxy", ""));
  put("NO_PROXY", "127.0.0.1,localhost");
  put("AWS_CA_BUNDLE", json::string_or(pod, "caBundle", ""));
  put("AWS_EC2_METADATA_DISABLED", "true");
  return out;
}

Result<pid_t> spawn(const std::vector<std::string>& command, const std::vector<std::string>& environment) {
  std::vector<char*> argv, envp;
  for (const std::string& a : command) argv.push_back(const_cast<char*>(a.c_str()));
  for (const std::string& e : environment) envp.push_back(const_cast<char*>(e.c_str()));
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t child = 0;
  const int failure = ::posix_spawnp(&child, argv[0], nullptr, &attributes, argv.data(), envp.data());
  posix_spawnattr_destroy(&attributes);
  if (failure != 0)
    return fail("NotFound", fmt::format("cannot run {}: {}", command.front(), std::strerror(failure)), 404);
  return child;
}

// Renews the token at four fifths of its life, until told to stop.
class Renewal {
 public:
  Renewal(const Options& options, TokenDirectory& directory, std::int64_t lifetime)
      : thread_([this, &options, &directory, lifetime] { work(options, directory, lifetime); }) {}
  ~Renewal() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

 private:
  void work(const Options& options, TokenDirectory& directory, std::int64_t lifetime) {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, std::chrono::seconds(lifetime * 4 / 5), [this] { return stop_; })) {
      const auto pod = ask_pod(options);
      if (!pod || !directory.write(json::string_or(pod->as_object(), "token", ""))) {
        complain({"", "the pod's token could not be renewed", 500, {}});
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

std::atomic<pid_t> running{0};  // for the signal handler alone

void forward(int signal) {
  if (const pid_t child = running; child > 0) ::kill(child, signal);
}

int run_command(const Options& options) {
  const auto pod = ask_pod(options);
  if (!pod) return complain(pod.error(), pod.error().status < 500 ? kUsage : kFault);
  const json::object& facts = pod->as_object();
  auto directory = TokenDirectory::make();
  if (!directory) return complain(directory.error());
  if (auto written = directory->write(json::string_or(facts, "token", "")); !written)
    return complain(written.error());
  const auto child = spawn(options.command, environment(facts, *directory));
  if (!child) return complain(child.error(), kUsage);
  running = *child;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::signal(signal, forward);
  const Renewal renewal(options, *directory, json::int_or(facts, "expirationSeconds", 3600));
  int status = 0;
  while (::waitpid(*child, &status, 0) < 0 && errno == EINTR) {
  }
  running = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

void add_run(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("run", "Run a command as a pod of a service account would");
  command->footer(
      "Exits with the command's own code.\n"
      "Example:\n  gatehouse run --cluster lake --service-account ns1/sdc -- aws s3 ls "
      "s3://sdc-ingest-bucket");
  auto options = std::make_shared<Options>();
  add_data(*command, options->common);
  command->add_option("--cluster", options->cluster, "The EKS cluster")->required();
  command->add_option("--service-account", options->service_account, "NAMESPACE/NAME")->required();
  command->add_option("--region", options->region, "The cluster's region");
  command->add_option("command", options->command, "The command and its arguments, after --")->required();
  command->callback([options, &run] { run = [options] { return run_command(*options); }; });
}

}  // namespace gatehouse::cli
