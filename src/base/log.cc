#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <boost/json/serialize.hpp>

#include "base/json.h"

namespace gatehouse::log {
namespace {

std::atomic<Format> format{Format::text};

std::string quoted(std::string_view text) { return boost::json::serialize(boost::json::string_view(text)); }

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
    case Level::off:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  spdlog::logger* logger = spdlog::default_logger_raw();
  if (!logger->should_log(spdlog_level(level))) return;
  std::string line;
  if (format == Format::json) {
    line = "\"event\":" + quoted(event);
    for (const auto& [name, value] : fields) line += "," + quoted(name) + ":" + quoted(value);
  } else {
    line = event;
    for (const auto& [name, value] : fields) {
      line.append(" ").append(name).append("=");
      line += value.empty() || value.find_first_of(" \"\n\t=") != std::string::npos ? quoted(value) : value;
    }
  }
  logger->log(spdlog_level(level), "{}", line);
}

}  // namespace

void set_up(Level level, Format chosen) {
  format = chosen;
  auto logger = std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_level(spdlog_level(level));
  logger->set_pattern(chosen == Format::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                                             : "%Y-%m-%dT%H:%M:%S.%eZ %^%-7l%$ %v",
                      spdlog::pattern_time_type::utc);
  spdlog::set_default_logger(std::move(logger));
}

void debug(std::string_view event, std::initializer_list<Field> fields) {
  write(Level::debug, event, fields);
}
void info(std::string_view event, std::initializer_list<Field> fields) { write(Level::info, event, fields); }
void warning(std::string_view event, std::initializer_list<Field> fields) {
  write(Level::warning, event, fields);
}
void error(std::string_view event, std::initializer_list<Field> fields) {
  write(Level::error, event, fields);
}

}  // namespace gatehouse::log
