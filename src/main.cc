#include "cli/command.h"

int main(int argc, char** argv) { return gatehouse::cli::main(argc, argv); }
