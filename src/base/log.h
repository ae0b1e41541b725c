// Structured logs on stderr, one line an event: text for people, JSON for machines. Over spdlog.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::log {

enum class Level { debug, info, warning, error, off };
enum class Format { text, json };

// A field of an event: a name and its value already as text.
using Field = std::pair<std::string_view, std::string>;

void set_up(Level level, Format format);

// log::info("listening", {{"address", "127.0.0.1:4566"}});
void debug(std::string_view event, std::initializer_list<Field> fields = {});
void info(std::string_view event, std::initializer_list<Field> fields = {});
void warning(std::string_view event, std::initializer_list<Field> fields = {});
void error(std::string_view event, std::initializer_list<Field> fields = {});

}  // namespace gatehouse::log
