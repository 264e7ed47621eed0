/* The entry point; everything else is in the library, where tests reach it. */
#include "cli/cli.h"

int main(int argc, char **argv)
{
	return zpm_cli_main(argc, argv);
}
